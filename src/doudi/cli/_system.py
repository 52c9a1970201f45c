"""What the system refused while a command read or wrote, as a fault: where, why, what to do."""

from __future__ import annotations

import errno

import duckdb

from doudi.engine.words import Fault

_CODES = {
    errno.EACCES: "system.not_allowed",
    errno.EPERM: "system.not_allowed",
    errno.EROFS: "system.read_only",
    errno.ENOSPC: "system.full",
    errno.EDQUOT: "system.full",
    errno.ENOENT: "system.not_there",
    errno.ENOTDIR: "system.not_folder",
    errno.EISDIR: "system.not_file",
    errno.EEXIST: "system.exists",
    errno.ENOTEMPTY: "system.exists",
    errno.ENAMETOOLONG: "system.long_name",
}


def fault_of(error: OSError | duckdb.IOException | duckdb.OutOfMemoryException) -> Fault:
    """The system's own words stand in brackets; the file is named where the system names one."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return Fault("system.memory", {"detail": str(error).split("\n")[0][:200]}, "doudi")
    if isinstance(error, duckdb.IOException):
        detail = str(error).split("\n")[0][:300]
        return Fault("system.full" if "No space left" in detail else "system.other", {"detail": detail}, "doudi")
    place = error.filename2 or error.filename or "doudi"
    detail = error.strerror or str(error) or type(error).__name__
    return Fault(_CODES.get(error.errno or 0, "system.other"), {"detail": detail}, str(place))
