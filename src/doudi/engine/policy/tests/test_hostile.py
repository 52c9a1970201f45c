"""A pack comes from anybody: attacks on its reader are faults with place, reason and remedy, told all at once.

The table is `hostile.yaml`; what hangs on the file system stands here.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tarfile
import time
from io import BytesIO
from pathlib import Path

import pytest
import yaml

from doudi.engine.policy import archive, load, load_archive
from doudi.engine.policy.tests.small import BASIC, SMALL, changed, faults_by_variable, faults_of
from doudi.engine.words import Fault, Refused

ATTACKS = yaml.safe_load((Path(__file__).parent / "hostile.yaml").read_text("utf-8"))


def is_told_in_full(fault: Fault) -> bool:
    """Place, reason and remedy in both languages, and nothing that a terminal would obey."""
    told = [fault.to_json(lang) for lang in ("zh", "en")]
    return all(t["file"] and t["reason"] and t["remedy"] for t in told) and all(
        fault.text(lang).isprintable() for lang in ("zh", "en")
    )


@pytest.fixture(scope="module")
def expressions() -> dict[str, list[Fault]]:
    """All of them in one pack, each a variable of its own."""
    return faults_by_variable([text for text, _ in ATTACKS["expressions"]])


def test_there_are_enough_of_them() -> None:
    assert len({text for text, _ in ATTACKS["expressions"]}) >= 60 and len(ATTACKS["files"]) >= 60


@pytest.mark.parametrize("n", range(len(ATTACKS["expressions"])))
def test_an_expression_reaches_nothing_and_says_where_it_stands(n: int, expressions: dict[str, list[Fault]]) -> None:
    faults = expressions.get(f"variables.bad_{n}.expr", [])
    assert f"policy.{ATTACKS['expressions'][n][1]}" in {f.code for f in faults}, ATTACKS["expressions"][n]
    assert all(is_told_in_full(f) for f in faults)


@pytest.mark.parametrize("attack", ATTACKS["files"], ids=[f"{c}: {new[:30]!r}" for _, _, new, c, _ in ATTACKS["files"]])
def test_a_file_is_refused_where_it_is_wrong(attack: tuple[str, str, str, str, str]) -> None:
    file, old, new, code, path = attack
    started = time.process_time()
    faults = faults_of(changed(file, old, new))
    assert time.process_time() - started < 2
    found = [f for f in faults if f.code == f"policy.{code}"]
    assert found and path in {f.path for f in found} | {""}, [(f.code, f.path) for f in faults]
    assert all(is_told_in_full(f) for f in faults)
    assert all(f.line for f in found if f.code != "policy.unknown_file")


ENCODINGS = {
    "UTF-16": "person: {}".encode("utf-16"),
    "GB18030": "a: 中文".encode("gb18030"),
    "NUL": b"person: {}\nhousehold: {\0}\n",
    "binary": bytes(range(256)) * 100,
    "compressed": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    "a mark of order in the middle": b"person: {}\n\xef\xbb\xbfhousehold: {}\n",
    "a surrogate": b"person: {\xed\xa0\x80: 1}\n",
}


@pytest.mark.parametrize("what", ENCODINGS)
def test_what_is_no_text_is_told_with_its_line(what: str) -> None:
    files = changed("facts.yaml", "", "")
    files["facts.yaml"] = ENCODINGS[what]
    faults = [f for f in faults_of(files) if f.file == "facts.yaml"]
    assert faults and all(f.line and is_told_in_full(f) for f in faults)


def test_a_mark_of_order_at_the_beginning_is_what_windows_writes() -> None:
    files = changed("facts.yaml", "", "")
    files["facts.yaml"] = b"\xef\xbb\xbf" + files["facts.yaml"]
    assert faults_of(files) == []


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A pack in whose folder nearly nothing is what it is called."""
    folder = Path(shutil.copytree(SMALL, tmp_path / "trap"))
    (tmp_path / "secret.yaml").write_text("id: SECRET\ntitle: secret\n")
    (folder / "sources" / "LINK.yaml").symlink_to(tmp_path / "secret.yaml")
    (folder / "sources" / "NOWHERE.yaml").symlink_to(tmp_path / "nowhere.yaml")
    (folder / "programmes" / "outside").symlink_to(tmp_path)
    (folder / "self").symlink_to(folder)
    os.mkfifo(folder / "signs" / "pipe.yaml")
    (folder / "signs" / "folder.yaml").mkdir()
    (folder / "programmes" / "disabled" / "table.csv").mkdir()
    with socket.socket(socket.AF_UNIX) as made, _in(folder):
        made.bind("socket.yaml")
    (folder / "sources" / "\x1b[2J\n.yaml").write_text("id: x\ntitle: x\n")
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xff.yaml"))).write_text("a: 1\n")
    rules = folder / BASIC
    rules.write_text(rules.read_text("utf-8").replace("income < need", "read_text('secret.yaml')"), "utf-8")
    return folder


class _in:
    def __init__(self, folder: Path) -> None:
        self.folder, self.before = folder, Path.cwd()

    def __enter__(self) -> None:
        os.chdir(self.folder)  # the name of a socket has room for a hundred characters only

    def __exit__(self, *_: object) -> None:
        os.chdir(self.before)


def test_links_pipes_sockets_and_folders_are_not_opened_and_all_told_with_the_other_faults(trap: Path) -> None:
    started = time.process_time()
    with pytest.raises(Refused) as refused:
        load(trap)
    assert time.process_time() - started < 2
    found = {(f.code.removeprefix("policy."), f.file) for f in refused.value.faults}
    assert found >= {
        ("link", "sources/LINK.yaml"),
        ("link", "sources/NOWHERE.yaml"),
        ("link", "programmes/outside"),
        ("link", "self"),
        ("no_plain_file", "signs/pipe.yaml"),
        ("no_plain_file", "socket.yaml"),
        ("folder_as_file", "signs/folder.yaml"),
        ("folder_as_file", "programmes/disabled/table.csv"),
        ("unknown_function", BASIC),
    }
    assert all(is_told_in_full(f) for f in refused.value.faults)
    assert "secret" not in {f.fields.get("name") for f in refused.value.faults}


def test_a_file_of_a_terabyte_takes_no_time(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SMALL, tmp_path / "huge"))
    with (folder / "facts.yaml").open("r+b") as file:
        file.truncate(2**40)
    with pytest.raises(Refused) as refused:
        load(folder)
    assert "policy.pack_large" in {f.code for f in refused.value.faults}


def test_too_many_files_end_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(shutil.copytree(SMALL, tmp_path / "many"))
    monkeypatch.setattr(sys.modules["doudi.engine.policy.archive"], "MAX_FILES", 8)
    with pytest.raises(Refused) as refused:
        load(folder)
    assert "policy.pack_large" in {f.code for f in refused.value.faults}


def test_what_may_not_be_read_is_told_beside_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(shutil.copytree(SMALL, tmp_path / "closed"))
    opened = os.open

    def closed(path: object, *more: object) -> int:  # root may read everything, so the wall is built here
        if str(path).endswith("variables.yaml"):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", closed)
    with pytest.raises(Refused) as refused:
        load(folder)
    assert ("policy.unreadable", "variables.yaml") in {(f.code, f.file) for f in refused.value.faults}
    assert "policy.unknown_name" not in {f.code for f in refused.value.faults}  # what it would have declared


def test_a_file_that_becomes_a_pipe_after_it_was_looked_at_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(SMALL, tmp_path / "race"))
    opened = os.open

    def swapped(path: object, *more: object) -> int:
        if str(path).endswith("variables.yaml"):
            Path(str(path)).unlink()
            os.mkfifo(str(path))
        return opened(path, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", swapped)
    with pytest.raises(Refused) as refused:
        load(folder)
    assert ("policy.no_plain_file", "variables.yaml") in {(f.code, f.file) for f in refused.value.faults}


def tar_of(*members: tarfile.TarInfo) -> bytes:
    out = BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for member in members:
            tar.addfile(member, BytesIO(b"a: 1\n"[: member.size]))
    return out.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", size: int = 5) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.size = kind, target, size if kind == tarfile.REGTYPE else 0
    return made


@pytest.mark.parametrize(
    "data",
    [
        tar_of(member("../pack.yaml")),
        tar_of(member("/etc/pack.yaml")),
        tar_of(member("a/../../pack.yaml")),
        tar_of(member("pack.yaml", tarfile.SYMTYPE, "/etc/passwd")),
        tar_of(member("pack.yaml", tarfile.LNKTYPE, "/etc/passwd")),
        tar_of(member("pack.yaml", tarfile.FIFOTYPE)),
        tar_of(member("pack.yaml", tarfile.CHRTYPE)),
        tar_of(member("pack.yaml"), member("pack.yaml")),
        tar_of(member("pack.yaml"))[:600],
        b"PK\x03\x04",
        b"\x1f\x8b\x08",
        b"x" * 5_000,
    ],
)
def test_an_archive_that_we_did_not_make_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        load_archive(data)
    assert {f.code for f in refused.value.faults} <= {"policy.no_archive", "policy.no_file"}


def test_an_archive_of_holes_is_not_unfolded() -> None:
    hole = tarfile.TarInfo("pack.yaml")
    hole.size = 0
    raw = bytearray(hole.tobuf(tarfile.GNU_FORMAT))
    raw[156:157] = tarfile.GNUTYPE_SPARSE
    raw[386:410] = b"%011o\0%011o\0" % (2**33 - 1, 0)  # one hole of eight gigabytes
    raw[483:495] = b"%011o\0" % (2**33 - 1)
    raw[148:156] = b" " * 8
    raw[148:156] = b"%06o\0 " % sum(raw[:512])
    with pytest.raises(Refused) as refused:
        load_archive(bytes(raw) + bytes(1_024))
    assert refused.value.faults[0].code == "policy.no_archive"


def test_the_archive_of_a_pack_is_read_again() -> None:
    assert load_archive(archive(changed("pack.yaml", "", ""))).id == "small"
