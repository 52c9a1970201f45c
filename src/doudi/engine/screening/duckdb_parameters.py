"""Parameters in bulk: a constant where all counties of a chunk agree, else joined by the first six digits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from doudi.engine.policy.model import Parameter, Plan, Scalar
from doudi.engine.screening.python import zero
from doudi.engine.screening.sql import Sql, literal, narrowest, quoted, text, type_of

AREAS = "area_values"  # the temporary table
Cell = tuple[str, str | None]  # parameter, key


class Parameters:
    """The values of a plan's parameters as SQL.

    counties: six-digit prefixes that occur in the snapshot; here: those that rows of this chunk can stand in.
    """

    def __init__(self, plan: Plan, counties: Iterable[str], here: Iterable[str] | None = None) -> None:
        self.plan = plan
        self.counties = sorted({c[:6] for c in counties} | plan.area_values.keys() - {""})
        self.here = self.counties if here is None else sorted(here)
        self._kinds: dict[str, Sql] = {}

    def constant(self, name: str) -> tuple[bool, Scalar]:
        """Whether a parameter is the same in every row of the snapshot, and then its value."""
        parameter = self.plan.parameters[name]
        if parameter.per is not None or not self._agreed(parameter, None):
            return False, None
        return True, self._found(self.here[0] if self.here else "", (name, None))

    def value(self, name: str, place: Callable[[str], str]) -> Sql:
        """The value for a row; place gives the column of a fact, or of this parameter's county row."""
        parameter, kind = self.plan.parameters[name], self._kind(name)
        if parameter.per is None:
            return replace(kind, text=self._cell(parameter, None, place))
        keys = [key for key in self._keys(parameter) if key is not None]
        cases = " ".join(f"WHEN {text(key)} THEN {self._cell(parameter, key, place)}" for key in keys)
        return replace(kind, text=f"(CASE {place(parameter.per)} {cases} END)")

    def joined(self, names: Iterable[str]) -> list[Cell]:
        """Cells of these parameters that need the county's row."""
        return [
            (name, key)
            for name in sorted(names)
            for key in self._keys(self.plan.parameters[name])
            if not self._agreed(self.plan.parameters[name], key)
        ]

    def table(self) -> str:
        """CREATE of the county table with every parameter on which counties differ."""
        cells = self.joined(self.plan.parameters)
        names = ["county", *(cell_name(*cell) for cell in cells)]
        kinds = [self._kind(name) for name, _ in cells]
        rows = []
        for county in self.counties:
            values = [self._literal(self._found(county, cell), kind) for cell, kind in zip(cells, kinds, strict=True)]
            rows.append(f"({', '.join([text(county), *values])})")
        if not rows:
            rows = ["(" + ", ".join(["NULL::VARCHAR", *(self._literal(None, kind) for kind in kinds)]) + ")"]
        columns = ", ".join(quoted(n) for n in names)
        return f"CREATE OR REPLACE TEMP TABLE {AREAS} AS SELECT * FROM (VALUES {', '.join(rows)}) t({columns})"

    def _keys(self, parameter: Parameter) -> list[str | None]:
        if parameter.per is None:
            return [None]
        return list(self.plan.facts[parameter.per].values)

    def _cell(self, parameter: Parameter, key: str | None, place: Callable[[str], str]) -> str:
        cell, kind = (parameter.name, key), self._kind(parameter.name)
        if parameter.by == "hukou_division":
            # A registered place may lie anywhere: outside the counties asked for, the nation's value.
            row, here = place(f"hukou:{cell_name(*cell)}"), place("hukou_division")
            outside = self._literal(self._found("", cell), kind)
            asked = place("hukou:county")
            return f"(CASE WHEN {here} IS NULL THEN NULL WHEN {asked} IS NULL THEN {outside} ELSE {row} END)"
        if self._agreed(parameter, key):
            return self._literal(self._found(self.here[0] if self.here else "", cell), kind)
        return place(f"area:{cell_name(*cell)}")

    def _kind(self, name: str) -> Sql:
        """The narrowest type for every value a parameter has anywhere: products then stay in 64 bits."""
        if name not in self._kinds:
            self._kinds[name] = self._narrowest(name)
        return self._kinds[name]

    def _narrowest(self, name: str) -> Sql:
        values = [r.value for found in self.plan.area_values.values() for (n, _), r in found.items() if n == name]
        return narrowest(values, self.plan.parameters[name].type)

    def _agreed(self, parameter: Parameter, key: str | None) -> bool:
        if parameter.by == "hukou_division":
            return False
        return len({self._found(county, (parameter.name, key)) for county in self.here}) <= 1

    def _found(self, county: str, cell: Cell) -> Scalar:
        values = self.plan.area_values.get(county) or self.plan.area_values.get("", {})
        if cell in values:
            return values[cell].value
        return zero(self.plan.parameters[cell[0]].type) if self.plan.pack.missing == "default" else None

    def _literal(self, value: Scalar, kind: Sql) -> str:
        return f"CAST({literal(value, kind.type).text} AS {type_of(kind)})"


def cell_name(name: str, key: str | None) -> str:
    return name if key is None else f"{name}[{key}]"
