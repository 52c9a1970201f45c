"""What watches the office from outside: is it alive, is it ready, how is it doing. No personal data in any of it."""

from __future__ import annotations

import hmac
import os

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse

from doudi import __version__
from doudi.office.access import system_scope
from doudi.office.audit.queries import seal_lag
from doudi.office.jobs import writes
from doudi.office.jobs.queries import load


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """The office can work: the database answers and the data folder takes files. Otherwise 503 with what is missing."""
    missing = []
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        missing.append("database")
    if not os.access(settings.DATA_DIR, os.W_OK):
        missing.append("data folder")
    return HttpResponse(", ".join(missing) or "ok", status=503 if missing else 200, content_type="text/plain")


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text format, for the bearer of DOUDI_METRICS_TOKEN: 401 without a token, 403 with another."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    if not settings.METRICS_TOKEN or not hmac.compare_digest(token.encode(), settings.METRICS_TOKEN.encode()):
        return HttpResponse(status=403)
    with system_scope("metrics"):
        lines = [f"{name} {value}" for name, value in _figures().items()]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")


def _figures() -> dict[str, float]:
    jobs, held = load(), writes.process_total()
    figures: dict[str, float] = {f'doudi_info{{version="{__version__}"}}': 1}
    figures |= {f'doudi_jobs{{state="{state}"}}': n for state, n in jobs.by_state.items()}
    figures["doudi_job_oldest_waiting_seconds"] = round(jobs.oldest_waiting, 3)
    figures["doudi_seal_lag_seconds"] = round(seal_lag(), 3)
    figures["doudi_write_transactions_total"] = held.n
    figures["doudi_write_transactions_too_long_total"] = held.too_long
    figures["doudi_write_transaction_longest_seconds"] = round(held.longest, 4)
    return figures
