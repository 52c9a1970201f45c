"""Opens the office (Django) for the commands that need it. Engine commands never do: they start ten times faster."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import typer


def open_office() -> None:
    """Set Django up. Missing or odd settings end the command with exit 2, named on stderr.

    What the command makes (database, registers, roots) nobody else on the machine may read.
    """
    os.umask(0o077)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "doudi.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as odd:
        refuse(str(odd))


def open_migrated_office() -> None:
    """As open_office(); exit 2 too when the database is missing or older than the program."""
    open_office()
    from django.db import DatabaseError, connections
    from django.db.migrations.executor import MigrationExecutor

    connection = connections["default"]
    try:
        executor = MigrationExecutor(connection)
        behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        refuse(f"DOUDI_DATABASE_URL: the database does not answer ({error})")
    if behind:
        refuse("the database is older than this program: run `doudi manage migrate` first")


def refuse(text: str) -> NoReturn:
    """End the command with exit 2 and a reason on stderr."""
    sys.stderr.write(text + "\n")
    raise typer.Exit(2)
