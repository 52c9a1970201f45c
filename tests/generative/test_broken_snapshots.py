"""Snapshots with random damage: refused with reasons, or sound after all; never a crash, never a hang."""

from __future__ import annotations

import hashlib
import json
import random
import time
from pathlib import Path

import duckdb
import pytest

from doudi.engine.policy import load
from doudi.engine.screening.snapshot import read
from doudi.engine.screening.snapshot.writing import write
from doudi.engine.words import Refused
from tests.generative.test_shipped_pack import AS_OF, random_household

PIECES = [b'"', b",", b"\n", b"\x00", b"\xff\xfe", b"unknown", b"9" * 30, b"'; DROP", b"--", b"NaN"]
SEEDS = range(24)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_damage_is_refused_and_never_crashes(seed: int, tmp_path: Path) -> None:
    rng = random.Random(f"damage {seed}")
    pack = load("cn")
    write(tmp_path, pack, AS_OF, [random_household(n, pack) for n in range(30)])
    manifest = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    if seed % 2:
        as_parquet(tmp_path, manifest)
    (entry,) = manifest["tables"][rng.choice(["person", "household", "enrolment"])]["files"]
    damaged = damage(rng, (tmp_path / entry["path"]).read_bytes())
    (tmp_path / entry["path"]).write_bytes(damaged)
    entry["sha256"] = hashlib.sha256(damaged).hexdigest()
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    started = time.monotonic()
    try:
        read(tmp_path, pack).counties()
    except Refused as refused:
        assert all(fault.text(lang) for fault in refused.faults for lang in ("zh", "en"))
    assert time.monotonic() - started < 10  # 2 s on a machine that is not busy


def as_parquet(folder: Path, manifest: dict) -> None:
    for table in manifest["tables"].values():
        for file in table["files"]:
            csv, parquet = folder / file["path"], folder / file["path"].replace(".csv", ".parquet")
            duckdb.sql(f"COPY (FROM read_csv('{csv}', all_varchar = true)) TO '{parquet}' (FORMAT parquet)")
            file |= {"path": parquet.name, "sha256": hashlib.sha256(parquet.read_bytes()).hexdigest()}


def damage(rng: random.Random, content: bytes) -> bytes:
    """A few bytes changed, lost or put in; sometimes the rest is missing."""
    data = bytearray(content)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data))
        kind = rng.random()
        if kind < 0.5:
            data[at] = rng.randrange(256)
        elif kind < 0.7:
            del data[at : at + rng.randint(1, 20)]
        elif kind < 0.9:
            data[at:at] = rng.choice(PIECES)
        else:
            del data[max(at, 1) :]
    return bytes(data)
