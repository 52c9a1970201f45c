"""A pack as files: read from a folder once, kept as one canonical archive, known by its SHA-256.

The archive is a plain tar with sorted names and no times, owners or modes, so the same files are the same bytes.
"""

from __future__ import annotations

import io
import os
import re
import stat
import tarfile
from hashlib import sha256
from pathlib import Path, PurePosixPath

import doudi
from doudi.engine.words import Fault, Refused

MAX_FILES = 10_000
MAX_BYTES = 32_000_000

Files = dict[str, bytes]  # path inside the pack, with `/`


def shipped() -> Path:
    """The folder of the packs that come with the programme: beside `src` in a checkout, inside the wheel else."""
    package = Path(doudi.__file__).parent
    beside = package.parents[1] / "packs"
    return beside if beside.is_dir() else package / "packs"


def locate(path: Path | str) -> Path:
    """A folder, or the bare name of a shipped pack. Raises Refused, naming the shipped ones."""
    text = str(path)
    if re.fullmatch(r"[a-z][a-z0-9_-]*", text) and (shipped() / text / "pack.yaml").is_file():
        return shipped() / text
    folder = Path(path)
    if not folder.is_dir():
        raise Refused(Fault("policy.no_pack", {"path": text, "shipped": ", ".join(shipped_names()) or "-"}, text))
    return folder


def shipped_names() -> list[str]:
    return sorted(p.parent.name for p in shipped().glob("*/pack.yaml"))


def read_folder(folder: Path) -> Files:
    """Every file that is not hidden. Raises Refused with everything in it that is no plain, readable file."""
    files, faults = gather(folder)
    if faults:
        raise Refused(*faults)
    return files


def gather(folder: Path) -> tuple[Files, list[Fault]]:
    """The files that can be read, and why the others cannot. Nothing outside the folder is opened, nothing waits."""
    files: Files = {}
    faults: list[Fault] = []
    room, entries = MAX_BYTES, 0

    def place_of(path: Path | str) -> str:
        return Path(path).relative_to(folder).as_posix()

    def refuse(path: Path | str, code: str, **fields: object) -> None:
        faults.append(Fault(code, fields, place_of(path)))

    def unreadable(error: OSError) -> None:
        refuse(error.filename, "policy.unreadable", why=error.strerror)

    for at, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f != "__pycache__")
        for name in [*folders, *sorted(n for n in names if not n.startswith("."))]:
            path, entries = Path(at, name), entries + 1
            try:
                content = _content(path, room)
            except _NotPlain as e:
                refuse(path, e.code)
            except OSError as e:
                refuse(path, "policy.unreadable", why=e.strerror)
            else:
                room -= len(content or b"")
                if room < 0 or entries > MAX_FILES:
                    refuse(path, "policy.pack_large", files=MAX_FILES, bytes=MAX_BYTES)
                    return files, faults
                if content is not None:
                    files[place_of(path)] = content
    return files, faults


class _NotPlain(Exception):
    def __init__(self, code: str) -> None:
        self.code = code


def _content(path: Path, most: int) -> bytes | None:
    """At most one byte more than `most`; None for a folder. Raises _NotPlain, OSError."""
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        raise _NotPlain("policy.link")
    if stat.S_ISDIR(mode):
        if path.suffix in (".yaml", ".csv"):
            raise _NotPlain("policy.folder_as_file")
        return None
    if not stat.S_ISREG(mode):
        raise _NotPlain("policy.no_plain_file")
    # What was a file a moment ago may be a link or a pipe by now.
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise _NotPlain("policy.no_plain_file")
        return file.read(most + 1)


def archive(files: Files) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name in sorted(files):
            member = tarfile.TarInfo(name)
            member.size = len(files[name])
            tar.addfile(member, io.BytesIO(files[name]))
    return out.getvalue()


def unpack(data: bytes) -> Files:
    """The files of an archive made by `archive`; raises Refused for anything else."""
    files: Files = {}
    room = MAX_BYTES
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
            for member in tar:
                path = PurePosixPath(member.name)
                plain = member.isreg() and not member.issparse() and member.name not in files
                room -= member.size
                if not plain or path.is_absolute() or ".." in path.parts or room < 0 or len(files) >= MAX_FILES:
                    raise Refused(Fault("policy.no_archive", {}, member.name))
                content = tar.extractfile(member)
                files[member.name] = content.read() if content else b""
    except (tarfile.TarError, ValueError, OSError) as e:
        raise Refused(Fault("policy.no_archive", {})) from e
    return files


def digest(*packs: Files) -> str:
    """SHA-256 hex of one archive; with overlays, of the digests of all in order."""
    digests = [sha256(archive(files)).hexdigest() for files in packs]
    return digests[0] if len(digests) == 1 else sha256("\n".join(digests).encode()).hexdigest()
