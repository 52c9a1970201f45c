"""What became of an import: its lines by state, and each line that did not simply go in, with reason and remedy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from doudi.engine.words import Language, say
from doudi.office.access import OutOfScope
from doudi.office.access.sealing import open_text
from doudi.office.registry.importing.registers import Register, registers_of
from doudi.office.registry.meanings import pack_for
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


def register_of(of: Batch) -> Register:
    """The register of the pack that the batch was read as."""
    return registers_of(pack_for(of.area_code, of.observed_on))[of.kind.removeprefix("register:")]


def report(of: Batch, lang: Language) -> Iterator[ReportLine]:
    """Doubtful and refused lines in the order of the file. The reason quotes the cell: for whoever sent it only."""
    for row in BatchRow.objects.filter(batch=of).order_by("sheet", "row", "id").iterator():
        fields = _content(row)["fields"]
        yield ReportLine(
            row.sheet,
            row.row,
            row.column,
            row.state,
            say(row.reason, lang, **fields),
            say(f"{row.reason}.remedy", lang, **fields).strip(),
            tuple(row.candidates),
        )


def _content(row: BatchRow) -> dict[str, Any]:
    """{cells, fields} of a parked line."""
    return json.loads(open_text("registry_batchrow", "content", row.pk, row.content)) if row.content else {"fields": {}}
