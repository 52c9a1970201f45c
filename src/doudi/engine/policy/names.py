"""What a name in an expression means: one flat root, and below it a namespace for each programme."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from doudi.engine.policy.model import Entity, Period, Type

Kind = Literal["fact", "variable", "parameter", "eligible", "amount"]


@dataclass(frozen=True, slots=True)
class Declared:
    """entity None: a parameter. values: of an enum, in order."""

    name: str  # qualified
    kind: Kind
    type: Type
    entity: Entity | None
    unit: str | None = None
    period: Period | None = None
    values: tuple[str, ...] = ()
    scale: str = ""  # the kind of a parameter that is a scale


@dataclass
class Names:
    """Everything declared in a pack by qualified name; programmes: name → subject (None for undecided ones).

    broken: names whose own declaration is a fault, which says enough: their uses are not faults too.
    """

    declared: dict[str, Declared] = field(default_factory=dict)
    programmes: dict[str, Entity | None] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    def find(self, text: str, programme: str | None) -> Declared | None:
        """`x` inside its programme's folder is `P.x` first; root names cannot be shadowed, so the order is harmless."""
        if programme and "." not in text and (own := self.declared.get(f"{programme}.{text}")):
            return own
        return self.declared.get(text)

    def visible(self, programme: str | None) -> Iterator[str]:
        """As one would write them there."""
        for name in self.declared:
            owner, _, short = name.rpartition(".")
            yield short if owner and owner == programme else name
