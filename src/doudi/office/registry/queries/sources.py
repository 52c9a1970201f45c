from __future__ import annotations

from doudi.office.access.once import once
from doudi.office.registry.models import Source


@once
def source_labels() -> dict[str, dict[str, str]]:
    """Source name → its label in zh and en."""
    rows = Source.objects.values_list("name", "label_zh", "label_en")
    return {name: {"zh": zh, "en": en} for name, zh, en in rows}
