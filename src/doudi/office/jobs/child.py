"""The other end of children.run_in_child(): one call, told on standard input, answered on the given descriptor."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import threading
import time
import traceback
from dataclasses import asdict
from importlib import import_module
from typing import Any

from doudi.engine.words import Refused
from doudi.office.jobs.progress import listener

_SAY_EVERY = 0.1


class _Pipe:
    def __init__(self, descriptor: int) -> None:
        self._out = os.fdopen(descriptor, "w", encoding="utf-8")
        self._said = 0.0

    def say(self, **news: Any) -> None:
        self._out.write(json.dumps(news, ensure_ascii=False) + "\n")
        self._out.flush()

    def progress(self, n: int, total: int) -> None:
        if time.monotonic() - self._said > _SAY_EVERY or n == total:
            self.say(n=n, total=total)
            self._said = time.monotonic()

    def check(self) -> None:
        """The parent kills a child that must stop."""


def _die_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGKILL)


def main(descriptor: int) -> None:
    call = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_die_with_parent, daemon=True).start()
    pipe = _Pipe(descriptor)
    listener.set(pipe)
    module, _, name = call["function"].partition(":")
    try:
        if module.startswith("doudi.office."):
            import django

            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "doudi.settings")
            django.setup()
        function = getattr(import_module(module), name)
        resource.setrlimit(resource.RLIMIT_DATA, (call["memory"], call["memory"]))
        pipe.say(result=function(**call["args"]))
    except Refused as refused:
        pipe.say(faults=[asdict(fault) for fault in refused.faults])
    except MemoryError:
        pipe.say(kind="memory", error="")
    except Exception as error:
        # As in the worker: the place, never the message, which may quote a person's data.
        sys.stderr.write("".join(traceback.format_tb(error.__traceback__)))
        pipe.say(kind="memory" if "OutOfMemory" in type(error).__name__ else "raised", error=type(error).__name__)


if __name__ == "__main__":
    main(int(sys.argv[1]))
