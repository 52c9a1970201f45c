from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    @app.command()
    def translations(
        update: bool = typer.Option(False, help="Also bring each room's English file in line first."),
    ) -> None:
        """Compile the office's English; with --update, list the texts that still wait for it."""
        from doudi.office.look import translations as english

        missing = sum(english.update(room) for room in english.rooms()) if update else 0
        typer.echo(f"{english.compile_all()} compiled, {missing} without English")
        raise typer.Exit(1 if missing else 0)
