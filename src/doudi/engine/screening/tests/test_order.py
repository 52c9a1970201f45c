"""The order in which a pack writes things says nothing: keys, conditions and files may stand as they like."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from doudi.engine.policy import plan, read_folder, shipped
from doudi.engine.policy.tests.small import SMALL, loaded

PACKS = [SMALL, shipped() / "cn", *sorted((Path(__file__).parent / "packs").glob("*"))]


def turned(text: bytes) -> bytes:
    """The same YAML with every mapping, and the lists of conditions, backwards."""
    root = yaml.compose(text.decode(), Loader=yaml.SafeLoader)
    _turn(root)
    return yaml.serialize(root, allow_unicode=True).encode()


def _turn(node: yaml.Node, is_set: bool = False) -> None:
    if isinstance(node, yaml.MappingNode):
        node.value.reverse()
        for key, value in node.value:
            _turn(value, key.value == "conditions")
    elif isinstance(node, yaml.SequenceNode):
        if is_set:
            node.value.reverse()
        for value in node.value:
            _turn(value)


@pytest.mark.slow
@pytest.mark.parametrize("folder", PACKS, ids=lambda folder: folder.name)
def test_a_pack_written_backwards_is_the_same_pack(folder: Path) -> None:
    files = read_folder(folder)
    backwards = {n: turned(t) if n.endswith(".yaml") else t for n, t in sorted(files.items(), reverse=True)}
    a, b = loaded(files), loaded(backwards)
    assert a.hash != b.hash and replace(b, hash=a.hash) == a
    day = date(2020, 7, 20)
    first, second = plan(a, day, ["341503000000"]), plan(b, day, ["341503000000"])
    assert replace(second, pack=a, order=first.order) == first and set(first.order) == set(second.order)
