from __future__ import annotations

import typer

from doudi.cli._office import open_office


def register(app: typer.Typer) -> None:
    @app.command(
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "allow_interspersed_args": False}
    )
    def manage(context: typer.Context) -> None:
        """Administration by Django's own commands: migrate, clock, createsuperuser … (`manage help` lists all)."""
        open_office()
        from django.core.management import execute_from_command_line

        execute_from_command_line(["doudi manage", *context.args])
