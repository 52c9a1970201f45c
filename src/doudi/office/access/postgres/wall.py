"""Row-level security, forced on the owner too. Three roles: the owner migrates, the web role stands behind the wall,
the system role serves named jobs and sees every row by a policy of its own.

The web role's policy reads the scope from settings of the session: an outer bound, which the area index serves, and,
when the scope has more than one range, any of them. (EXISTS alone was 400 times slower.) Sub-selects run once a query.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings

from doudi.office.access.scopes import Range, Scope
from doudi.office.access.walls import Guarded, WallDown, append_only_tables, guarded

Cursor = Any  # a cursor of psycopg or of Django: the wall is raised with the one and installed with the other
NOWHERE: tuple[Range, ...] = (("", ""),)


def refuse_the_powerful(cursor: Cursor) -> None:
    """Row-level security binds neither a superuser nor a BYPASSRLS role, and an owner can lift it. Raises WallDown."""
    cursor.execute(
        "SELECT rolname, rolsuper, rolbypassrls, EXISTS (SELECT 1 FROM pg_class WHERE relkind = 'r' "
        "AND relnamespace = 'public'::regnamespace AND pg_has_role(current_user, relowner, 'USAGE')) "
        "FROM pg_roles WHERE rolname = current_user"
    )
    name, is_super, bypasses, owns = cursor.fetchone()
    if is_super or bypasses or owns:
        why = "a superuser" if is_super else "free of row security" if bypasses else "an owner of tables"
        raise WallDown(f"DOUDI_DATABASE_URL: {name} is {why}; give the web role that docs/manual/settings.md describes")


def is_whole(cursor: Cursor) -> bool:
    """Whether every scoped table is there and guarded. Raises WallDown when one is there and is not."""
    cursor.execute(
        "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class "
        "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    tables = dict(cursor.fetchall())
    scoped = [t.table for t in guarded()]
    if bare := [name for name in scoped if tables.get(name) is False]:
        raise WallDown(f"no forced row security on {', '.join(bare)}; run: doudi manage migrate")
    return all(name in tables for name in scoped)


def stand_in(cursor: Cursor, scope: Scope | None) -> None:
    """Tell the session whose rows it may see; without a scope none.

    A system job gets here only inside a test (scopes.system_scope): it then takes the system role, a step that no
    cluster in use grants to the web role.
    """
    is_system = scope is not None and scope.is_system
    ranges = NOWHERE if scope is None or not scope.ranges else scope.ranges
    cursor.execute(
        "SELECT set_config('role', %s, false), set_config('doudi.low', %s, false), "
        "set_config('doudi.high', %s, false), set_config('doudi.ranges', %s, false)",
        [
            settings.DATABASES["system"]["USER"] if is_system else "none",
            ranges[0][0],
            ranges[-1][1],
            ",".join(f"{low}-{high}" for low, high in ranges) if len(ranges) > 1 else "",
        ],
    )


def install(cursor: Cursor) -> None:
    """Grants, policies, indexes and triggers, as the owner, after migrations. Safe to repeat."""
    web, system = (settings.DATABASES[alias]["USER"] for alias in ("default", "system"))
    both = f"{_quoted(web)}, {_quoted(system)}"
    statements = [
        f"GRANT USAGE ON SCHEMA public TO {both}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {both}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {both}",
        f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {both}",
        *(f"REVOKE UPDATE, DELETE ON {_quoted(table)} FROM {both}" for table in append_only_tables()),
    ]
    for table in guarded():
        statements += [*_policies(table, web), *_parents(table)]
    cursor.execute(";\n".join(statements))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _policies(t: Guarded, web: str) -> Iterator[str]:
    table, area = _quoted(t.table), f'{_quoted(t.area)} COLLATE "C"'
    inside = _inside(area)
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    for name in ("wall_web", "wall_web_adds", "wall_unbound"):
        yield f"DROP POLICY IF EXISTS {name} ON {table}"
    reads = "FOR SELECT " if t.anybody_adds else ""
    yield f"CREATE POLICY wall_web ON {table} {reads}TO {_quoted(web)} USING ({inside})"
    if t.anybody_adds:
        yield f"CREATE POLICY wall_web_adds ON {table} FOR INSERT TO {_quoted(web)} WITH CHECK (true)"
    others = {settings.DATABASES["system"]["USER"], settings.DATABASES["owner"]["USER"]} - {web}
    yield f"CREATE POLICY wall_unbound ON {table} TO {', '.join(map(_quoted, sorted(others)))} USING (true)"
    yield f"CREATE INDEX IF NOT EXISTS {_quoted(t.table + '_area_scope')} ON {table} ({area})"


def _inside(area: str) -> str:
    many = "(SELECT string_to_array(nullif(current_setting('doudi.ranges', true), ''), ','))"
    any_of = f"{area} >= split_part(r, '-', 1) AND {area} < split_part(r, '-', 2)"
    return (
        f"{area} >= (SELECT current_setting('doudi.low', true)) "
        f"AND {area} < (SELECT current_setting('doudi.high', true)) "
        f"AND ((SELECT current_setting('doudi.ranges', true) = '') "
        f"OR EXISTS (SELECT 1 FROM unnest({many}) r WHERE {any_of}))"
    )


def _parents(t: Guarded) -> Iterator[str]:
    """A trigger instead of a policy: a policy that reads its own table (a row that came from another) would recurse."""
    table, name = _quoted(t.table), _quoted(f"wall_parents_{t.table}")
    yield f"DROP TRIGGER IF EXISTS wall_parents ON {table}"
    if not t.parents or t.anybody_adds:
        return
    unseen = " OR ".join(_unseen(t, *parent) for parent in t.parents)
    yield (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $wall$ BEGIN IF {unseen} THEN "
        f"RAISE insufficient_privilege USING MESSAGE = 'outside the scope'; END IF; RETURN NEW; END $wall$"
    )
    yield f"CREATE TRIGGER wall_parents BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"


def _unseen(t: Guarded, column: str, table: str, key: str) -> str:
    value, same = f"NEW.{_quoted(column)}", ""
    if t.same_area and t.same_area[0] == column:
        same = f" AND p.{_quoted(t.same_area[3])} = NEW.{_quoted(t.area)}"
    # As on SQLite, an update answers only for what it changes: a village's row may belong to a run of the whole county.
    old, area = f"OLD.{_quoted(column)}", _quoted(t.area)
    changed = f"(TG_OP = 'INSERT' OR {value} IS DISTINCT FROM {old} OR NEW.{area} IS DISTINCT FROM OLD.{area})"
    return (
        f"({changed} AND {value} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM public.{_quoted(table)} p "
        f"WHERE p.{_quoted(key)} = {value}{same}))"
    )
