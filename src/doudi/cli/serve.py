from __future__ import annotations

import signal
import sys
import threading
from typing import Any

import typer

from doudi.cli._office import open_migrated_office, refuse


def register(app: typer.Typer) -> None:
    @app.command()
    def serve() -> None:
        """Run the office: web and worker, each started again when it ends; SIGTERM or Ctrl-C stops both."""
        _open_durable_office()
        from django.conf import settings

        from doudi.cli._children import Child, keep_alive

        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        typer.echo(f"http://{settings.BIND}")
        # The web stops first: what it did last is then sealed by the worker.
        keep_alive([Child("web", _gunicorn(settings)), Child("worker", [sys.executable, "-m", "doudi", "worker"])])

    @app.command()
    def worker() -> None:
        """Do the work that waits, and seal the trail. `serve` runs one; PostgreSQL takes more of them."""
        _open_durable_office()
        raise typer.Exit(_work())


def _open_durable_office() -> None:
    open_migrated_office()
    from django.db import connection, connections

    from doudi.office.jobs.durability import NotDurable, require_durable

    try:
        require_durable(connection)
    except NotDurable as wrong:
        refuse(f"DOUDI_DATABASE_URL: the database may lose what it acknowledged: {wrong}")
    connections.close_all()


def _gunicorn(settings: Any) -> list[str]:
    """SQLite has one writer, so one process; its threads wait for one another, not for a locked file."""
    sqlite = settings.DATABASES["default"]["ENGINE"].endswith(("sqlite3", "sqlite"))
    return [
        *(sys.executable, "-m", "gunicorn", "doudi.wsgi:application"),
        *("--bind", settings.BIND, "--workers", "1" if sqlite else str(settings.WEB_PROCESSES), "--threads", "8"),
        *("--graceful-timeout", "20", "--timeout", "60", "--no-control-socket", "--log-level", "warning"),
    ]


def _work() -> int:
    """The worker's loop in the main thread, the sealer beside it; the sealer's last round comes after the last job."""
    from doudi.office.access import system_scope
    from doudi.office.audit.sealing import Sealer
    from doudi.office.jobs.worker import run

    stop, no_more_acts, failed = threading.Event(), threading.Event(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, frame: stop.set())

    def seal() -> None:
        try:
            with system_scope("audit.sealer"):
                Sealer().run(no_more_acts)
        except BaseException:
            failed.set()
            stop.set()  # an office without a sealer must not go on: the parent starts both again
            raise

    sealer = threading.Thread(target=seal, name="sealer")
    sealer.start()
    try:
        run(stop)
    finally:
        no_more_acts.set()
        sealer.join()
    return 1 if failed.is_set() else 0
