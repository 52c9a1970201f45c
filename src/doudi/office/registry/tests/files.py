"""Ugly lists, made line by line for the sentence under test."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from doudi.engine import policy
from doudi.engine.values import AreaCode
from doudi.office.law.models import Activation, PackEdition
from doudi.office.registry.actions import accept, import_batch
from doudi.office.registry.models import Batch, BatchRow

COUNTY = AreaCode("341503000000")
AT = datetime(2020, 7, 20, 1, tzinfo=UTC)
JULY = date(2020, 7, 20)
HEAD = ("姓名", "身份证号", "村", "与户主关系", "户编号")
COUPLE = [
    ("梅长贵", "341599193603051176", "郝集村", "户主", "6"),
    ("梅桂英", "341599193704121188", "郝集村", "妻", "6"),
]
SHOUTIAN = ("贾守田", "341599196503121011", "江店村", "户主", "1")
ROSTER = [
    ("户主", "身份证号", "村", "成员姓名", "成员身份证号", "与户主关系"),
    ("梅长贵", COUPLE[0][1], "郝集村", "梅长贵", COUPLE[0][1], "户主"),
    ("", "", "", "梅桂英", COUPLE[1][1], "妻"),
]


@cache
def _archived() -> tuple[str, bytes]:
    folder = policy.locate("cn")
    return policy.load(folder).hash, policy.archive(policy.read_folder(folder))


def use_pack() -> None:
    """The pack of the repository, in use in the demo county; checked once per process."""
    digest, kept = _archived()
    edition = PackEdition.objects.create(
        hash=digest, pack="cn", edition="test", archive=kept, installed_at=AT, installed_by="test"
    )
    since = date(2020, 1, 1)
    Activation.objects.create(edition=edition, area=COUNTY.code, since=since, activated_at=AT, activated_by="test")


def csv_file(folder: Path, *lines: Sequence[str], name: str = "list.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes("\r\n".join(",".join(line) for line in lines).encode(encoding))
    return path


def received(kind: str, path: Path, observed_on: date = date(2020, 6, 30), at: datetime = AT) -> Batch:
    return import_batch(kind, path, area=COUNTY, observed_on=observed_on, by="test", at=at)


def imported(kind: str, path: Path, observed_on: date = date(2020, 6, 30), at: datetime = AT) -> Batch:
    """Received and accepted; the sum of its states is checked on the way."""
    batch = accept(received(kind, path, observed_on, at), by="test", at=at)
    assert sum(batch.counts.values()) == batch.rows == batch.mark
    return batch


def counts(batch: Batch) -> dict[str, int]:
    return {state: n for state, n in batch.counts.items() if n}


def parked(batch: Batch) -> list[tuple[int, str, str]]:
    return list(BatchRow.objects.filter(batch=batch).order_by("row").values_list("row", "state", "reason"))
