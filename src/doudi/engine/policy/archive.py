"""A pack as files: read from a folder once, kept as one canonical archive, known by its SHA-256.

The archive is a plain tar with sorted names and no times, owners or modes, so the same files are the same bytes.
"""

from __future__ import annotations

import io
import os
import re
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
    """Every file that is not hidden. Raises Refused for a link, for too many or too large files."""
    files: Files = {}
    size = 0
    for place, folders, names in os.walk(folder):
        folders[:] = [f for f in folders if not f.startswith(".") and f != "__pycache__"]
        for name in [*folders, *names]:
            path = Path(place, name)
            inside = path.relative_to(folder).as_posix()
            if path.is_symlink():
                raise Refused(Fault("policy.link", {}, inside))
            if name in folders or name.startswith(".") or not path.is_file():
                continue
            size += path.stat().st_size
            if size > MAX_BYTES or len(files) >= MAX_FILES:
                raise Refused(Fault("policy.pack_large", {"files": MAX_FILES, "bytes": MAX_BYTES}, inside))
            files[inside] = path.read_bytes()
    return files


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
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
            for member in tar:
                path = PurePosixPath(member.name)
                content = tar.extractfile(member) if member.isreg() else None
                if content is None or path.is_absolute() or ".." in path.parts:
                    raise Refused(Fault("policy.no_archive", {}, member.name))
                files[member.name] = content.read()
    except tarfile.TarError as e:
        raise Refused(Fault("policy.no_archive", {})) from e
    return files


def digest(*packs: Files) -> str:
    """SHA-256 hex of one archive; with overlays, of the digests of all in order."""
    digests = [sha256(archive(files)).hexdigest() for files in packs]
    return digests[0] if len(digests) == 1 else sha256("\n".join(digests).encode()).hexdigest()
