"""Through the application nobody changes the trail (SQLite: triggers; PostgreSQL: privileges, tested in access)."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import DatabaseError, connection, connections, transaction

from doudi.office.audit import append_only
from doudi.office.audit.models import Entry, Seal
from doudi.office.audit.sealing import Sealer
from doudi.office.audit.tests.conftest import Acts

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite only"),
]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE main.audit_entry SET outcome = 'x'",
        "DELETE FROM main.audit_entry",
        "REPLACE INTO main.audit_entry SELECT * FROM main.audit_entry",
        "UPDATE main.audit_seal SET hash = 'x'",
        "DELETE FROM main.audit_seal WHERE seq = (SELECT MAX(seq) FROM main.audit_seal)",
        "REPLACE INTO main.audit_seal SELECT * FROM main.audit_seal",
        "INSERT INTO main.audit_seal (entry_id, county, seq, digest, hash, sealed_at) "
        "VALUES ('00', '341503000000', 4, '', '', '2020-01-01')",
    ],
)
def test_changing_the_trail_is_refused(acts: Acts, roots_dir: Path, statement: str) -> None:
    acts(2)
    Sealer().seal()
    with (
        pytest.raises(DatabaseError, match=r"append-only|no gaps"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert (Entry.objects.count(), Seal.objects.count()) == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_the_triggers_come_back_with_the_next_migrate() -> None:
    def standing() -> int:
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_%'")
            return int(cursor.fetchone()[0])

    assert standing() == len(append_only.triggers())
    append_only.remove("owner")
    assert standing() == 0
    append_only.install(using="owner")
    assert standing() == len(append_only.triggers())
