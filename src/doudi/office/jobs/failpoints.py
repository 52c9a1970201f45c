"""Named places where a test lets a process die, as a power cut or the out-of-memory killer would."""

from __future__ import annotations

import os
import signal
from pathlib import Path


def failpoint(name: str) -> None:
    """Kill this process at once (SIGKILL) when DOUDI_FAILPOINT says so; otherwise nothing.

    DOUDI_FAILPOINT=`name` kills every time; `name@FILE` only while FILE exists and removes it first, so that the
    process started in its place survives. Several are parted by commas.
    """
    for armed in os.environ.get("DOUDI_FAILPOINT", "").split(","):
        where, _, fuse = armed.partition("@")
        if where == name and (not fuse or _burns(Path(fuse))):
            os.kill(os.getpid(), signal.SIGKILL)


def _burns(fuse: Path) -> bool:
    try:
        fuse.unlink()
    except FileNotFoundError:
        return False
    return True
