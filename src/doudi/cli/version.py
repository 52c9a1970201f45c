from __future__ import annotations

import typer

from doudi import __version__


def register(app: typer.Typer) -> None:
    @app.command()
    def version() -> None:
        """Print the version."""
        typer.echo(__version__)
