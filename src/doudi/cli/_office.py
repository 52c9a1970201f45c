"""Opens the office (Django) for the commands that need it. Engine commands never do: they start ten times faster."""

from __future__ import annotations

import os
import sys

import typer


def open_office() -> None:
    """Set Django up. Missing or odd settings end the command with exit 2, named on stderr."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "doudi.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as odd:
        refuse(str(odd))


def refuse(text: str) -> None:
    """End the command with exit 2 and a reason on stderr."""
    sys.stderr.write(text + "\n")
    raise typer.Exit(2)
