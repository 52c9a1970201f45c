from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from doudi.cli._office import open_office, refuse


def register(app: typer.Typer) -> None:
    @app.command()
    def demo(
        persons: Annotated[int, typer.Option("--persons", help="size of the made-up county")] = 30_000,
        seed: Annotated[int, typer.Option("--seed")] = 1,
        build_only: Annotated[bool, typer.Option("--build-only", help="build, do not serve")] = False,
    ) -> None:
        """Build the demonstration once, screen it, and serve it."""
        if os.environ.get("DOUDI_DEMO") != "1":
            refuse("DOUDI_DEMO=1 在环境变量里设置后才有演示 / set DOUDI_DEMO=1 in the environment")
        _build(persons, seed)
        if not build_only:
            sys.stdout.flush()
            os.execv(sys.executable, [sys.executable, "-m", "doudi", "serve"])


def _build(persons: int, seed: int) -> None:
    open_office()
    from django.core.management import call_command

    from doudi.demo import office
    from doudi.office.access.demo import PASSWORD, accounts
    from doudi.office.look.translations import compile_all

    compile_all()
    call_command("migrate", verbosity=0, interactive=False, database="system")
    if not office.is_built():
        office.build(persons, seed, typer.echo)
    typer.echo(f"账号（密码都是 {PASSWORD}）：{' '.join(a.username for a in accounts())}")
