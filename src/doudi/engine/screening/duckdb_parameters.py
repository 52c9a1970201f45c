"""Parameters in bulk: one row per county joined by the first six digits, or a constant where all counties agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from doudi.engine.policy.model import Parameter, Plan, Scalar
from doudi.engine.screening.emit_sql import SQL_TYPES, Sql, literal, quoted, stored, text
from doudi.engine.screening.python import zero

AREAS = "area_values"  # the temporary table
Cell = tuple[str, str | None]  # parameter, key


class Parameters:
    """The values of a plan's parameters as SQL. counties: six-digit prefixes that occur in the snapshot."""

    def __init__(self, plan: Plan, counties: Iterable[str]) -> None:
        self.plan = plan
        self.counties = sorted({c[:6] for c in counties} | plan.area_values.keys() - {""})
        self._columns: list[Cell] = []

    def value(self, name: str, place: Callable[[str], str]) -> Sql:
        """The value for a row; place gives the column of a fact, or of this parameter's county row."""
        parameter = self.plan.parameters[name]
        if parameter.per is None:
            return self._cell(parameter, None, place)
        cells = [(key, self._cell(parameter, key, place).text) for key in self._keys(parameter) if key is not None]
        kind = SQL_TYPES[parameter.type]
        cases = " ".join(f"WHEN {text(key)} THEN CAST({value} AS {kind})" for key, value in cells)
        return stored(f"(CASE {place(parameter.per)} {cases} END)", parameter.type)

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
        kinds: list[str] = [self.plan.parameters[name].type for name, _ in cells]
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

    def _cell(self, parameter: Parameter, key: str | None, place: Callable[[str], str]) -> Sql:
        cell = (parameter.name, key)
        nation = self._found("", cell)
        if parameter.by == "hukou_division":
            # A registered place may lie anywhere: outside the counties asked for, the nation's value.
            row = place(f"hukou:{cell_name(*cell)}")
            outside = self._literal(nation, parameter.type)
            here = place("hukou_division")
            asked = place("hukou:county")
            case = f"CASE WHEN {here} IS NULL THEN NULL WHEN {asked} IS NULL THEN {outside} ELSE {row} END"
            return stored(f"({case})", parameter.type)
        if self._agreed(parameter, key):
            return literal(self._found(self.counties[0] if self.counties else "", cell), parameter.type)
        return stored(place(f"area:{cell_name(*cell)}"), parameter.type)

    def _agreed(self, parameter: Parameter, key: str | None) -> bool:
        if parameter.by == "hukou_division":
            return False
        return len({self._found(county, (parameter.name, key)) for county in self.counties}) <= 1

    def _found(self, county: str, cell: Cell) -> Scalar:
        values = self.plan.area_values.get(county) or self.plan.area_values.get("", {})
        if cell in values:
            return values[cell].value
        return zero(self.plan.parameters[cell[0]].type) if self.plan.pack.missing == "default" else None

    def _literal(self, value: Scalar, kind: str) -> str:
        return f"CAST({literal(value, kind).text} AS {SQL_TYPES[kind]})"  # type: ignore[arg-type, index]


def cell_name(name: str, key: str | None) -> str:
    return name if key is None else f"{name}[{key}]"
