"""Hashes of the trail against published values and the definition of the tree."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.hashes import SM3, Hash

from doudi.office.audit.chain import START, Tree, digest_of, link, sm3


def plain(data: bytes) -> bytes:
    state = Hash(SM3())
    state.update(data)
    return state.finalize()


def test_sm3_is_the_published_one() -> None:
    assert plain(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_parts_do_not_run_into_each_other() -> None:
    assert sm3(b"1", b"11") != sm3(b"11", b"1") != sm3(b"111")


def test_the_digest_does_not_depend_on_the_order_of_keys_but_on_every_value() -> None:
    assert digest_of({"a": 1, "b": [1, "一"]}) == digest_of({"b": [1, "一"], "a": 1})
    assert digest_of({"a": 1}) != digest_of({"a": "1"})


def test_a_link_binds_place_county_and_what_was_before() -> None:
    of = link(START, "341503000000", 1, "aa")
    changed = [link("1" * 64, "341503000000", 1, "aa"), link(START, "520522000000", 1, "aa")]
    changed += [link(START, "341503000000", 2, "aa"), link(START, "341503000000", 1, "ab")]
    assert len({of, *changed}) == 5


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if not leaves:
        return plain(b"")
    if len(leaves) == 1:
        return plain(b"\x00" + leaves[0])
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return plain(b"\x01" + by_definition(leaves[:k]) + by_definition(leaves[k:]))


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 9, 33])
def test_the_growing_tree_has_the_root_of_the_definition(size: int) -> None:
    leaves = [f"{n:064x}" for n in range(size)]
    tree = Tree()
    for leaf in leaves:
        tree = Tree(tree.size, tree.peaks)  # as after a restart
        tree.add(leaf)
    assert tree.root == by_definition([leaf.encode() for leaf in leaves]).hex()
