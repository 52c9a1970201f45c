"""Settings of the tests: throw-away data, fast passwords; SQLite, or PostgreSQL with DOUDI_TEST_DATABASE=postgres."""

from __future__ import annotations

import os
import tempfile

os.environ["DOUDI_DATA_DIR"] = tempfile.mkdtemp(prefix="doudi-test-")
os.environ["DOUDI_DEMO"] = "1"
os.environ["DOUDI_CLOCK"] = "2020-07-20T09:00:00+08:00"

from doudi.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
