from __future__ import annotations

import fcntl
import signal
import socket
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import IO, Any

import typer

from doudi.cli._office import open_migrated_office, refuse


def register(app: typer.Typer) -> None:
    @app.command()
    def serve() -> None:
        """Run the office: web and worker, each started again when it ends; SIGTERM or Ctrl-C stops both."""
        _open_durable_office()
        from django.conf import settings

        from doudi.cli._children import Child, keep_alive

        _require_free(settings.BIND)
        alone = _require_alone(settings.DATA_DIR)
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        typer.echo(f"http://{settings.BIND}")
        # The web stops first: what it did last is then sealed by the worker.
        with alone:
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


def _require_free(bind: str) -> None:
    """Ends with exit 2 when the web could not listen there: started, it would only end again and again."""
    host, _, port = bind.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the web does: a port just left is free
        try:
            probe.bind((host, int(port)))
        except OSError as taken:
            refuse(
                f"DOUDI_BIND={bind}: nothing can listen there ({taken.strerror}). Stop what does, or set another "
                "address:port like 127.0.0.1:8001 in the environment"
            )


def _require_alone(folder: Path) -> IO[str]:
    """The lock of a data folder, held until it is closed or the process dies; exit 2 when another office holds it.

    Two offices on one folder would seal its trail and read its clock side by side, each believing to be the only one.
    """
    lock = (folder / "serve.lock").open("w", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        refuse(
            f"DOUDI_DATA_DIR={str(folder)!r}: an office already runs on this data folder. Stop it, or set another "
            "folder in the environment"
        )
    return lock


def _gunicorn(settings: Any) -> list[str]:
    """SQLite has one writer, so one process; its threads wait for one another, not for a locked file.

    No front end is believed what it says of the caller (gunicorn's default believes every process of this machine).
    """
    sqlite = settings.DATABASES["default"]["ENGINE"].endswith(("sqlite3", "sqlite"))
    return [
        *(sys.executable, "-m", "gunicorn", "doudi.wsgi:application"),
        *("--bind", settings.BIND, "--workers", "1" if sqlite else str(settings.WEB_PROCESSES), "--threads", "8"),
        *("--graceful-timeout", "20", "--timeout", "60", "--no-control-socket", "--log-level", "warning"),
        *("--forwarded-allow-ips", "", "--limit-request-line", "8190"),
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
