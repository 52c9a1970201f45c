from __future__ import annotations

import itertools
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from doudi.engine import values
from doudi.engine.values import SHANGHAI, Clock

NOW = datetime(2020, 7, 20, 9, tzinfo=SHANGHAI)


class _Meta(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, datetime)


class _Frozen(datetime, metaclass=_Meta):
    """Stands in for `datetime` where the office reads a clock, and takes every real instant for its own."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return NOW.astimezone(tz) if tz else NOW.replace(tzinfo=None)


@contextmanager
def frozen(seed: int) -> Iterator[None]:
    """Ids, random bytes and both clocks come out the same for the same seed."""
    rng, ticks = random.Random(seed), itertools.count(1_595_206_800_000_000_000, 1_000_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.urandom", rng.randbytes)
        patch.setattr("time.time_ns", lambda: next(ticks))
        patch.setattr("time.time", NOW.timestamp)
        patch.setattr(Clock, "now", lambda clock: NOW)
        patch.setattr("django.utils.timezone.now", lambda: NOW.astimezone(UTC))
        for name, module in list(sys.modules.items()):
            if name.startswith("doudi.") and module is not values and getattr(module, "datetime", None) is datetime:
                patch.setattr(module, "datetime", _Frozen)
        yield
