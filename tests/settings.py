"""Settings of the tests: throw-away data, fast passwords; SQLite, or PostgreSQL with DOUDI_TEST_DATABASE=postgres."""

from __future__ import annotations

import os
import tempfile

_run = os.environ.get("PYTEST_XDIST_WORKER", "main")
if os.environ.get("DOUDI_TEST_RUN") != _run:  # a child process of a test works in the folder and database of the test
    os.environ["DOUDI_TEST_RUN"] = _run
    os.environ["DOUDI_DATA_DIR"] = tempfile.mkdtemp(prefix="doudi-test-")
    os.environ["DOUDI_DEMO"] = "1"
    os.environ["DOUDI_CLOCK"] = "2020-07-20T09:00:00+08:00"
    if os.environ.get("DOUDI_TEST_DATABASE", "sqlite") == "postgres":
        from tests import postgres

        os.environ.update(postgres.urls())

from doudi.office.look.translations import compile_all  # noqa: E402
from doudi.settings import *  # noqa: E402, F403

STATIC_ROOT.mkdir(exist_ok=True)  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
INSTALLED_APPS = [*INSTALLED_APPS, "tests.walk.sample"]  # noqa: F405
for _database in DATABASES.values():  # noqa: F405
    if "init_command" in _database.get("OPTIONS", {}):
        _database["OPTIONS"]["init_command"] = (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=OFF"  # a test survives no crash
        )

compile_all()
