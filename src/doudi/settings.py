"""Settings of the office, read once from the environment (prefix DOUDI_); the table is in docs/manual/settings.md.

A missing or odd variable stops the start with its name, the accepted values and where to set it.
"""

from __future__ import annotations

import os
import secrets
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from doudi.logs import to_stderr

BASE = Path(__file__).resolve().parent
ROOT = BASE.parent.parent


def _flag(name: str) -> bool:
    value = os.environ.get(name, "0")
    if value not in ("0", "1"):
        raise ImproperlyConfigured(f"{name}={value!r}: use 0 or 1 in the environment")
    return value == "1"


def _number(name: str, default: str) -> int:
    value = os.environ.get(name, default)
    if not value.isdecimal() or not 1 <= int(value) <= 100_000:
        raise ImproperlyConfigured(f"{name}={value!r}: use a whole number from 1 in the environment")
    return int(value)


def _clock(text: str) -> str:
    try:
        if text == "real" or datetime.fromisoformat(text).tzinfo:
            return text
    except ValueError:
        pass
    raise ImproperlyConfigured(
        f"DOUDI_CLOCK={text!r}: use real, or an instant with zone (2020-07-20T09:00:00+08:00), in the environment"
    )


def _bind(text: str) -> str:
    host, _, port = text.rpartition(":")
    try:
        address = ip_address("127.0.0.1" if host == "localhost" else host.strip("[]"))
        number = int(port)
    except ValueError:
        number = -1
    if not 0 < number < 65536:
        raise ImproperlyConfigured(f"DOUDI_BIND={text!r}: use address:port like 127.0.0.1:8000 in the environment")
    if DEMO and not address.is_loopback:
        raise ImproperlyConfigured(
            f"DOUDI_DEMO=1 has accounts with known passwords and listens on this machine only; DOUDI_BIND={text!r} "
            "reaches further. Use 127.0.0.1:8000, or DOUDI_DEMO=0"
        )
    return text


DEMO = _flag("DOUDI_DEMO")
DEBUG = _flag("DOUDI_DEBUG")
DATA_DIR = Path(os.environ.get("DOUDI_DATA_DIR", ROOT / "data")).absolute()
ROOTS_DIR = Path(os.environ.get("DOUDI_ROOTS_DIR", DATA_DIR / "roots")).absolute()
KEYS_FILE = Path(os.environ.get("DOUDI_KEYS", DATA_DIR / "keys.json")).absolute()
JOB_LEASE = _number("DOUDI_JOB_LEASE", "20")
BIND = _bind(os.environ.get("DOUDI_BIND", "127.0.0.1:8000"))
WEB_PROCESSES = _number("DOUDI_WEB_PROCESSES", "2")
CLOCK_FILE = DATA_DIR / "clock"
CLOCK_INITIAL = _clock(os.environ.get("DOUDI_CLOCK", "2020-07-20T09:00:00+08:00" if DEMO else "real"))
PACKS_DIR = ROOT / "packs"


def _require_folder() -> None:
    """Makes the data folder, for this user alone; an odd one stops the start."""
    try:
        DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        usable = os.access(DATA_DIR, os.R_OK | os.W_OK | os.X_OK)
    except OSError:
        usable = False
    if not usable:
        raise ImproperlyConfigured(
            f"DOUDI_DATA_DIR={str(DATA_DIR)!r} cannot be made or written: use a folder of this user in the environment"
        )


def _secret_key() -> str:
    if key := os.environ.get("DOUDI_SECRET_KEY"):
        if len(key) < SECRET_LENGTH:
            raise ImproperlyConfigured(
                f"DOUDI_SECRET_KEY has {len(key)} characters and could be guessed: set a random text of at least "
                f"{SECRET_LENGTH} characters in the environment"
            )
        return key
    if not DEMO:
        raise ImproperlyConfigured(
            f"DOUDI_SECRET_KEY is missing: set a random text of at least {SECRET_LENGTH} characters in the environment"
        )
    return _made_once("secret_key")


def _made_once(name: str) -> str:
    """A random text kept in the demo's data folder."""
    file = DATA_DIR / name
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(50), "ascii")
    return file.read_text("ascii")


def _database(url: str, *, walled: bool = False) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "doudi.office.access.sqlite" if walled else "django.db.backends.sqlite3",
            "NAME": unquote(parts.path),
            "CONN_MAX_AGE": 600,  # a new connection builds its wall anew
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;",
            },
        }
    if parts.scheme == "postgres":
        query = dict(pair.split("=", 1) for pair in parts.query.split("&") if pair)
        return {
            "ENGINE": "doudi.office.access.postgres" if walled else "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "CONN_MAX_AGE": 600,
            "CONN_HEALTH_CHECKS": True,
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(query.get("host", parts.hostname or "")),
            "PORT": str(parts.port or ""),
        }
    raise ImproperlyConfigured("DOUDI_DATABASE_URL: use sqlite:////path/to/file or postgres://user:pass@host/name")


_url = os.environ.get("DOUDI_DATABASE_URL", f"sqlite:///{DATA_DIR / 'db.sqlite3'}")
_system_url = os.environ.get("DOUDI_SYSTEM_DATABASE_URL", _url)
# Aliases of one database: `default` stands behind the walls, `system` serves named system jobs, `owner` migrations.
DATABASES = {
    "default": _database(_url, walled=True),
    "system": _database(_system_url),
    "owner": _database(os.environ.get("DOUDI_OWNER_DATABASE_URL", _system_url)),
}

_require_folder()
SECRET_LENGTH = 32  # as many bytes as the digest that signs sessions
SECRET_KEY = _secret_key()
# Without a token nobody reads /metrics.
METRICS_TOKEN = os.environ.get("DOUDI_METRICS_TOKEN") or (_made_once("metrics_token") if DEMO else "")
ALLOWED_HOSTS = os.environ.get("DOUDI_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",")

INSTALLED_APPS = [
    "doudi.office.desk",
    "doudi.office.reports",
    "doudi.office.monitoring",
    "doudi.office.cases",
    "doudi.office.registry",
    "doudi.office.law",
    "doudi.office.access",
    "doudi.office.audit",
    "doudi.office.jobs",
    "doudi.office.look",
    "django_htmx",
    "csp",
    "axes",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
]
MIDDLEWARE = [
    "doudi.office.look.middleware.HeadWithoutBody",
    "doudi.office.access.demo_guard.DemoGuard",
    "django.middleware.security.SecurityMiddleware",
    "doudi.office.audit.middleware.TrailMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "doudi.office.access.headers.PrivatePages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "doudi.office.look.middleware.AddressLength",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "doudi.office.access.sessions.SessionEnds",
    "doudi.office.access.middleware.ScopeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "doudi.urls"
WSGI_APPLICATION = "doudi.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "doudi.office.look.frame.frame",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

LOGGING = to_stderr(debug=DEBUG)

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not (DEMO or DEBUG)
if SESSION_COOKIE_SECURE:  # TLS ends in front of us, and nothing in front is believed: the names themselves say https
    CSRF_TRUSTED_ORIGINS = [
        f"https://{'*' if name.startswith('.') else ''}{name}" for name in ALLOWED_HOSTS if name != "*"
    ]
AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
# Of one account from one address: counted by account alone, five wrong passwords of anybody would keep the officer out.
# Behind a front end all callers have its address (no header of it is believed), so there an account is locked for all.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "doudi.office.access.attempts.counted_as"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True  # the trail has it
AXES_VERBOSE = False
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/today"
LOGOUT_REDIRECT_URL = "/login"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# W002: the login page says itself that an account is locked. W006: a lock by address would shut out a whole office.
SILENCED_SYSTEM_CHECKS = ["axes.W002", "axes.W006"]
