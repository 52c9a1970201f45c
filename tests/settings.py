"""Settings of the tests: throw-away data, fast passwords; SQLite, or PostgreSQL with DOUDI_TEST_DATABASE=postgres."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

os.environ["DOUDI_DATA_DIR"] = tempfile.mkdtemp(prefix="doudi-test-")
atexit.register(shutil.rmtree, os.environ["DOUDI_DATA_DIR"], ignore_errors=True)
os.environ["DOUDI_DEMO"] = "1"
os.environ["DOUDI_CLOCK"] = "2020-07-20T09:00:00+08:00"

from doudi.office.look.translations import compile_all  # noqa: E402
from doudi.settings import *  # noqa: E402, F403

STATIC_ROOT.mkdir()  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
INSTALLED_APPS = [*INSTALLED_APPS, "tests.walk.sample"]  # noqa: F405

compile_all()
