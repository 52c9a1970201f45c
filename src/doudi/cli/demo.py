from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from doudi.cli._office import open_office, refuse
from doudi.engine.words import say


def register(app: typer.Typer) -> None:
    @app.command()
    def demo(
        persons: Annotated[int, typer.Option("--persons", min=1, help="size of the made-up county")] = 30_000,
        seed: Annotated[int, typer.Option("--seed")] = 1,
        build_only: Annotated[bool, typer.Option("--build-only", help="build, do not serve")] = False,
    ) -> None:
        """Build the demonstration once, screen it, and serve it. Interrupted, it goes on where it stood."""
        if os.environ.get("DOUDI_DEMO") != "1":
            refuse(say("demo.needs_flag"))
        _build(persons, seed)
        if not build_only:
            sys.stdout.flush()
            os.execv(sys.executable, [sys.executable, "-m", "doudi", "serve"])


def _build(persons: int, seed: int) -> None:
    open_office()
    from django.conf import settings
    from django.core.management import call_command

    from doudi.demo import office
    from doudi.office.access.demo import PASSWORD, accounts
    from doudi.office.jobs.progress import listener
    from doudi.office.look.translations import compile_all

    compile_all()
    call_command("migrate", verbosity=0, interactive=False, database="owner")
    if office.is_built():
        typer.echo(say("demo.there_already", folder=settings.DATA_DIR))
    else:
        listener.set(_Terminal())
        office.build(persons, seed, typer.echo)
    typer.echo(say("demo.accounts", password=PASSWORD, names=" ".join(a.username for a in accounts())))


class _Terminal:
    """How far the present step is, on the last line of a terminal; nothing in a pipe."""

    def progress(self, n: int, total: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{n:,} / {total:,} " if n < total else "\r\x1b[K")
            sys.stderr.flush()

    def check(self) -> None:
        """Ctrl-C ends a build; it goes on where it stood."""
