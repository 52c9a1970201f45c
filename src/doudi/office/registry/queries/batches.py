"""What became of an import: its lines by state, and each line that did not simply go in, with reason and remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from doudi.engine.words import Language, say
from doudi.office.access import OutOfScope
from doudi.office.registry.models import Batch, BatchRow


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One line of the sender's file that waits or was refused. column: the header complained of, or empty."""

    sheet: str
    row: int
    column: str
    state: str
    reason: str
    remedy: str
    candidates: tuple[str, ...] = ()


def batch(id: UUID | str) -> Batch:
    """The batch, when it is there and yours. Raises OutOfScope."""
    found = Batch.objects.filter(pk=id).first()
    if found is None:
        raise OutOfScope("import")
    return found


def report(of: Batch, lang: Language) -> Iterator[ReportLine]:
    """Doubtful and refused lines in the order of the file. The reason quotes the cell: for whoever sent it only."""
    for row in BatchRow.objects.filter(batch=of).order_by("sheet", "row", "id").iterator():
        yield ReportLine(
            row.sheet,
            row.row,
            row.column,
            row.state,
            _said(row.reason, lang, row.fields),
            _said(f"{row.reason}.remedy", lang, row.fields).strip(),
            tuple(row.candidates),
        )


def _said(code: str, lang: Language, fields: Mapping[str, Any]) -> str:
    return say(code, lang, **fields)
