"""The business clock at the edge of the office; knows no model, so that rooms can ask while Django is starting."""

from __future__ import annotations

from django.conf import settings

from doudi.engine.values import Clock


def business_clock() -> Clock:
    """The clock users live by. A view, task or command reads it once and passes `now()` on; rules never read it.

    Read from the file each time, so that an advanced clock holds at once for every process.
    """
    return Clock.read(settings.CLOCK_FILE, settings.CLOCK_INITIAL)
