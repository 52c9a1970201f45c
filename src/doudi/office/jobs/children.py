"""Heavy work in a process of its own: its memory and time end there, and a crash takes nothing else down."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any, Literal

from doudi.engine.words import Fault, Refused
from doudi.office.jobs.progress import check, progress

_LOOK_EVERY = 0.2


class ChildFailed(Exception):
    """kind: memory, time (over its limit), raised (an error; `error` names its type), died (killed or crashed)."""

    def __init__(self, function: str, kind: Literal["memory", "time", "raised", "died"], error: str = "") -> None:
        self.function, self.kind, self.error = function, kind, error
        super().__init__(f"{function}: {kind} {error}".rstrip())


def run_in_child(function: str, args: dict[str, Any], *, memory: int, seconds: float) -> Any:
    """Call `package.module:function` with keyword arguments in a child process and return what it returns.

    args and the result are JSON values. memory: bytes of its own data; seconds: of wall time. Its progress() is heard
    here. Django is set up in the child only for functions of the office.
    Raises ChildFailed; Refused with all faults when the function raised it; Stopping or LeaseLost, after killing it.
    """
    ours, theirs = os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-m", "doudi.office.jobs.child", str(theirs)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        pass_fds=[theirs],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        start_new_session=True,
    )
    os.close(theirs)
    try:
        return _listen(child, ours, function, args, memory, time.monotonic() + seconds)
    finally:
        child.kill()
        child.wait()
        assert child.stdin
        with suppress(BrokenPipeError):
            child.stdin.close()
        os.close(ours)


def _listen(
    child: subprocess.Popen[bytes], pipe: int, function: str, args: dict[str, Any], memory: int, until: float
) -> Any:
    assert child.stdin
    # The pipe stays open: when this process dies the child reads its end and dies too.
    with suppress(BrokenPipeError):  # it died at once; its end of the other pipe says so
        child.stdin.write(json.dumps({"function": function, "args": args, "memory": memory}).encode() + b"\n")
        child.stdin.flush()
    heard = b""
    while time.monotonic() < until:
        check()
        if not select.select([pipe], [], [], _LOOK_EVERY)[0]:
            continue
        chunk = os.read(pipe, 1 << 16)
        if not chunk:
            raise ChildFailed(function, "died", str(child.wait()))
        *lines, heard = (heard + chunk).split(b"\n")
        for line in lines:
            news = json.loads(line)
            if "n" in news:
                progress(news["n"], news["total"])
            elif "result" in news:
                return news["result"]
            elif "faults" in news:
                raise Refused(*(Fault(**fault) for fault in news["faults"]))
            else:
                raise ChildFailed(function, news["kind"], news["error"])
    raise ChildFailed(function, "time")
