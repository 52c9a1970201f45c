"""`doudi serve`: the parent of web and worker, and what it refuses."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from doudi.cli.tests.serving import DOUDI, Office, environment, until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    subprocess.run([*DOUDI, "manage", "migrate", "-v0"], env=environment(folder), check=True)
    return folder


@pytest.fixture
def office(data: Path) -> Iterator[Office]:
    """An office whose worker dies at its first job, once."""
    fuse = data / "fuse"
    fuse.touch()
    running = Office(data, DOUDI_FAILPOINT=f"jobs.taken@{fuse}")
    yield running
    if running.process.poll() is None:
        running.stop()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads /proc")
def test_a_killed_worker_is_replaced_and_its_job_resumed_while_the_web_serves(office: Office) -> None:
    until(lambda: office.status("/healthz") == 200)
    until(lambda: not (office.data / "fuse").exists())  # the worker died here, busy with its first job
    answers = []

    def done() -> bool:
        answers.append(office.status("/readyz"))
        return office.job() == ("done", 2)

    until(done)
    assert set(answers) == {200}

    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        elsewhere = f"127.0.0.1:{free.getsockname()[1]}"
    said = refused(office.data, DOUDI_BIND=elsewhere)
    assert "already runs" in said and str(office.data) in said

    web = office.children()[0]
    os.kill(web, signal.SIGKILL)
    token = (office.data / "metrics_token").read_text("ascii")
    until(lambda: web not in office.children() and len(office.children()) == 2)
    until(lambda: [office.status("/metrics", t) for t in ("", "wrong", token)] == [401, 403, 200])

    left = office.children()
    assert office.stop() == 0
    assert office.status("/healthz") == 0 and not any(Path(f"/proc/{pid}").exists() for pid in left)


def refused(data: Path, **settings: str) -> str:
    env = environment(data, **settings)
    done = subprocess.run([*DOUDI, "serve"], env=env, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    return done.stderr


@pytest.mark.parametrize("bind", ["0.0.0.0:8000", "[::]:8000"])
def test_the_demo_listens_on_this_machine_only(data: Path, bind: str) -> None:
    assert "DOUDI_DEMO" in refused(data, DOUDI_BIND=bind)


@pytest.mark.parametrize("bind", ["8000", "127.0.0.1:99999"])
def test_an_odd_address_is_named(data: Path, bind: str) -> None:
    assert "DOUDI_BIND" in refused(data, DOUDI_BIND=bind)


def test_a_port_that_is_taken_is_named_before_anything_starts(data: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        said = refused(data, DOUDI_BIND=bind)
    assert f"DOUDI_BIND={bind}" in said and "worker" not in said and "web ended" not in said


@pytest.mark.parametrize("folder", ["/proc/nope", "/dev/null/data"])
def test_a_data_folder_that_cannot_be_made_is_named(folder: str, data: Path) -> None:
    assert f"DOUDI_DATA_DIR='{folder}'" in refused(data, DOUDI_DATA_DIR=folder)


def test_a_secret_that_could_be_guessed_is_named_and_not_repeated(data: Path) -> None:
    said = refused(data, DOUDI_SECRET_KEY="changeme")
    assert "DOUDI_SECRET_KEY" in said and "32" in said and "changeme" not in said


def test_nobody_else_on_the_machine_reads_what_an_office_keeps(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    subprocess.run([*DOUDI, "manage", "migrate", "-v0"], env=environment(folder), check=True)
    subprocess.run([*DOUDI, "manage", "clock"], env=environment(folder), check=True, capture_output=True)
    kept = [folder, *folder.rglob("*")]
    assert folder / "db.sqlite3" in kept
    assert not [path for path in kept if path.stat().st_mode & 0o077]


def test_the_web_believes_no_front_end_about_the_caller() -> None:
    from django.conf import settings
    from gunicorn.config import Config

    from doudi.cli.serve import _gunicorn

    config = Config()
    parsed = config.parser().parse_args(_gunicorn(settings)[3:])
    config.set("forwarded_allow_ips", parsed.forwarded_allow_ips)
    assert config.forwarded_allow_ips == []


def test_an_office_behind_tls_trusts_its_own_names_as_https(tmp_path: Path) -> None:
    names = {"DOUDI_ALLOWED_HOSTS": "office.example.org,.county.example.org", "DOUDI_SECRET_KEY": "s" * 32}
    env = environment(tmp_path, DOUDI_DEMO="0", **names)
    code = "from doudi import settings; print(*settings.CSRF_TRUSTED_ORIGINS)"
    told = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout
    assert told.split() == ["https://office.example.org", "https://*.county.example.org"]


def test_a_database_that_is_not_migrated_is_refused(tmp_path: Path) -> None:
    assert "doudi manage migrate" in refused(tmp_path)
