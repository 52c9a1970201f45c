"""Columns that begin with some letters, as a range that an index serves.

SQLite keeps no statistics of values: it takes every range to be equally wide, and between the range of a scope's area
and three ranges of a name it reads the whole county (0.35 s of 640,000 people). Where a scope is a county or wider, the
ranges therefore say that they are rare (2 to 10 ms); a village is read whole, which is as quick. PostgreSQL knows.
"""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, Q
from django.db.models.lookups import GreaterThanOrEqual, LessThan

from doudi.engine.values import AreaCode
from doudi.office.access import current_scope

_AFTER = "\U0010ffff"  # above every text with the prefix


class _Rare:
    operator: str

    def get_rhs_op(self, connection: Any, rhs: str) -> str:
        return str(connection.operators[self.operator] % rhs)

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        sql, params = super().as_sql(compiler, connection)  # type: ignore[misc]
        return f"likelihood({sql}, 0.001)", params


@CharField.register_lookup
class RareFrom(_Rare, GreaterThanOrEqual):  # type: ignore[type-arg]
    lookup_name, operator = "rare_from", "gte"


@CharField.register_lookup
class RareBelow(_Rare, LessThan):  # type: ignore[type-arg]
    lookup_name, operator = "rare_below", "lt"


def starts(column: str, prefix: str) -> Q:
    """Rows whose column begins with the prefix."""
    low, high = ("rare_from", "rare_below") if _is_wide() else ("gte", "lt")
    return Q(**{f"{column}__{low}": prefix, f"{column}__{high}": prefix + _AFTER})


def _is_wide() -> bool:
    scope = current_scope()
    return scope.is_system or any(AreaCode(low).level not in ("township", "village") for low, _ in scope.ranges)
