from __future__ import annotations

import re
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from doudi.office.jobs.queries import business_clock

_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


class Command(BaseCommand):
    help = "Show the business clock; in the demo, move it forward."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--advance", metavar="3d", help="days, hours or minutes: 3d, 12h, 30m (demo only)")

    def run_from_argv(self, argv: list[str]) -> None:
        """`--advance -3d` is answered in our words; argparse would take `-3d` for an option."""
        if "--advance" in argv[:-1]:
            at = argv.index("--advance")
            argv = [*argv[:at], f"--advance={argv[at + 1]}", *argv[at + 2 :]]
        super().run_from_argv(argv)

    def handle(self, *args: Any, advance: str | None, **options: Any) -> None:
        clock = business_clock()
        if advance is not None:
            if not settings.DEMO:
                raise CommandError("the business clock moves only with DOUDI_DEMO=1", returncode=2)
            clock = clock.advanced(_span(advance))
            clock.write(settings.CLOCK_FILE)
        self.stdout.write(clock.now().isoformat(timespec="seconds"))


def _span(text: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,5})([dhm])", text)
    if not match:
        raise CommandError(
            f"--advance {text!r}: the clock only moves forward; use a whole number with d, h or m, like 3d",
            returncode=2,
        )
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
