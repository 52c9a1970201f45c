"""A plan made by hand, past every check of the language: its names, texts and data are names, texts and data.

Two walls. Quoting: whatever a name or a cell holds, both backends give the right answer, so nothing of it was read as
SQL or Python. Behind it the engine's connection: even a statement written by an enemy reaches no file outside, no other
database, no extension and no setting.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from doudi.engine.policy.model import (
    Agg,
    Call,
    Condition,
    Definition,
    Enrolled,
    Lit,
    Pack,
    Parameter,
    Plan,
    PlannedProgramme,
    PriorityPart,
    Ref,
    Resolved,
    Words,
)
from doudi.engine.screening import emit_sql
from doudi.engine.screening.duckdb_input import connect
from doudi.engine.screening.explain import answer
from doudi.engine.screening.household import Enrolment, Household, Person
from doudi.engine.screening.python import evaluate
from doudi.engine.screening.run import run
from doudi.engine.screening.snapshot import read
from doudi.engine.screening.snapshot.writing import write
from doudi.engine.screening.sql import Sql
from doudi.engine.screening.tests.plans import AS_OF, HERE, fact
from doudi.engine.words import Refused

HOSTILE = [
    "x'; ATTACH '/tmp/doudi-evil' AS evil; --",
    "x\" FROM read_text('/etc/passwd'); --",
    "x\"), (SELECT content FROM read_text('/etc/passwd')) AS \"y",
    "' OR '1'='1",
    '" OR "1"="1',
    "'; SET enable_external_access=true; --",
    "'; INSTALL httpfs; --",
    "/* x */ -- y",
    "\\'; \\\"",
    "''",
    '""',
    "{0} {amount[__class__]} {{}} %s %(x)s",
    "$1 ? ?1 :x @y #given",
    "'] or open('/tmp/doudi-evil', 'w') or ['",
    "`$(touch /tmp/doudi-evil)`",
    "*",
    "person_id, *",
    "select",
    "household:x",
    "CAST(NULL AS VARCHAR)",
]
YES, NO = "yes", "no"


def hostile_plan(n: str) -> Plan:
    """A household is eligible when its cell says `n`; everything that can carry a name is called `n`."""
    words = Words(n, n)
    facts = {
        f.name: f
        for f in (
            fact(n, "household", "enum", values=(n, "other"), zh=n, en=n, question=words),
            fact("p" + n, "person", "text", zh=n, en=n),
        )
    }
    cell, theirs = Ref(n, "fact", "enum", "household"), Ref("p" + n, "fact", "text", "person")
    names = {
        "v" + n: Call("in", (cell, Lit(n, "enum"), Lit(n + n, "enum")), "bool", "household"),
        "w" + n: Call("==", (theirs, Lit(n, "text")), "bool", "person"),
    }
    says_so = Ref("v" + n, "variable", "bool", "household")
    everybody = Agg("all", Ref("w" + n, "variable", "bool", "person"), None, "bool")
    same = Call("==", (cell, Ref("s" + n, "parameter", "text", None)), "bool", "household")
    parameter = Parameter("s" + n, "text", words, by="area", per=n, question=words)
    value = Resolved(n, "341503000000", date(2020, 1, 1), n, n, "demo")
    programme = PlannedProgramme(
        name="q" + n,
        subject="household",
        period="month",
        label=words,
        in_force=True,
        conditions=(
            Condition(n, 0, says_so, None, words, words, words),
            Condition("c" + n, 1, Call("and", (everybody, same), "bool", "household"), None, words),
        ),
        applies_when=None,
        amount=Lit(Decimal("10.00"), "money"),
        tolerance=None,
        ask_when=Enrolled(n, "bool", "household"),
        priority=(PriorityPart(n, 40, says_so, words),),
        excludes=(),
    )
    pack = Pack(n, n, n, "unknown", (n,), facts, {}, {parameter.name: parameter}, {}, {}, ("q" + n, n))
    return Plan(
        pack=pack,
        as_of=AS_OF,
        facts=facts,
        definitions={
            name: Definition(name, "household" if name[0] == "v" else "person", "bool", expr, words)
            for name, expr in names.items()
        },
        programmes={programme.name: programme},
        order=(*names, programme.name),
        parameters={parameter.name: parameter},
        area_values={"": {}, "341503": {(parameter.name, n): value, (parameter.name, "other"): value}},
    )


def together(plans: list[Plan]) -> Plan:
    """One plan of several, which share no name."""
    first = plans[0]
    pack = replace(
        first.pack,
        roles=tuple(r for p in plans for r in p.pack.roles),
        facts={n: f for p in plans for n, f in p.facts.items()},
        parameters={n: x for p in plans for n, x in p.parameters.items()},
        other_programmes=tuple(o for p in plans for o in p.pack.other_programmes),
    )
    return replace(
        first,
        pack=pack,
        facts=pack.facts,
        parameters=pack.parameters,
        definitions={n: d for p in plans for n, d in p.definitions.items()},
        programmes={n: x for p in plans for n, x in p.programmes.items()},
        order=tuple(n for p in plans for n in p.order),
        area_values={c: {k: v for p in plans for k, v in p.area_values[c].items()} for c in ("", "341503")},
    )


def household(kind: str, names: list[str]) -> Household:
    """Whoever is of the kind YES says in every cell what the cell is called."""
    id = f"{kind} {names[0]}"[:64]
    facts = {n: n if kind == YES else "other" for n in names}
    person = Person(id, names[0], HERE, {"p" + n: n for n in names})
    return Household(id, HERE, facts, (person,), tuple(Enrolment("household", id, n, Decimal("1.00")) for n in names))


def screened(plan: Plan, given: list[Household], folder: Path) -> Path:
    (folder / "snapshot").mkdir()
    write(folder / "snapshot", plan.pack, AS_OF, given)
    run(plan, read(folder / "snapshot", plan.pack), folder / "out", threads=1)
    return folder / "out"


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    yield
    assert not Path("/tmp/doudi-evil").exists()


@pytest.mark.slow
def test_names_texts_and_cells_are_what_they_are_for_both_backends(tmp_path: Path) -> None:
    plan = together([hostile_plan(n) for n in HOSTILE])
    given = [household(YES, HOSTILE), household(NO, HOSTILE)]
    out = screened(plan, given, tmp_path)
    for h, expected in zip(given, (("eligible", Decimal("10.00"), 0, 0), ("not_eligible", None, 0b11, 0)), strict=True):
        for n in HOSTILE:
            columns = ", ".join(
                '"' + f"q{n}__{c}".replace('"', '""') + '"' for c in ("outcome", "amount", "failed", "unknown")
            )
            files = str(out / "outcomes_household" / "*.parquet")
            query = f"SELECT {columns} FROM read_parquet(?) WHERE household_id = ?"
            assert duckdb.execute(query, [files, h.id]).fetchall() == [expected], n
            verdict = evaluate(plan, h).verdicts["q" + n, h.id]
            assert (verdict.outcome, verdict.amount, verdict.failed, verdict.unknown) == expected, n
    findings = duckdb.execute(
        "SELECT subject_id, programme, priority_parts[1] FROM read_parquet(?)", [str(out / "findings.parquet")]
    ).fetchall()
    assert sorted(findings) == sorted((given[0].id, "q" + n, n) for n in HOSTILE)
    told = answer(plan, given[1]).answers
    assert all(any(n in step.text for step in a.steps) for a, n in zip(told, HOSTILE, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize(
    "wrong",
    [
        Call("read_text", (Lit("/etc/passwd", "text"),), "bool", None),
        Call("system", (Lit("ls", "text"),), "bool", None),
        Call("==) OR (1=1", (Lit(1, "int"), Lit(1, "int")), "bool", None),
    ],
)
def test_an_operator_that_is_none_is_refused_by_both_backends(wrong: Call, tmp_path: Path) -> None:
    plan = hostile_plan("x")
    programme = replace(plan.programmes["qx"], conditions=(Condition("x", 0, wrong, None),))
    plan = replace(plan, programmes={"qx": programme})
    with pytest.raises(Refused):
        screened(plan, [household(YES, ["x"])], tmp_path)
    with pytest.raises(Refused):
        evaluate(plan, household(YES, ["x"]))


STATEMENTS = [
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_blob('/proc/self/environ')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd.csv'",
    "SELECT * FROM read_text('{inside}/../secret.txt')",
    "SELECT * FROM read_text('{outside}/secret.txt')",
    "SELECT * FROM 'https://example.org/x.csv'",
    "COPY (SELECT 1) TO '{outside}/evil.csv'",
    "COPY (SELECT 1) TO '{inside}/../evil.csv'",
    "EXPORT DATABASE '{outside}/evil'",
    "IMPORT DATABASE '{outside}'",
    "ATTACH '{outside}/evil.db'",
    "INSTALL httpfs",
    "FORCE INSTALL json FROM '{outside}'",
    "LOAD '{outside}/evil.duckdb_extension'",
    "CREATE SECRET (TYPE S3)",
    "SET enable_external_access = true",
    "SET allowed_directories = ['/']",
    "SET allowed_paths = ['/etc/passwd']",
    "SET temp_directory = '{outside}'",
    "SET lock_configuration = false",
    "RESET lock_configuration",
    "SET memory_limit = '100GB'",
    "SET autoload_known_extensions = true",
    "SET allow_unsigned_extensions = true",
    "SET profile_output = '{outside}/evil.json'",
    "PRAGMA enable_profiling",
    "CALL enable_logging(storage_path = '{outside}')",
    "SELECT getenv('HOME')",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_engine_s_connection_reaches_nothing_outside_and_changes_no_setting(statement: str, tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    con = connect((str(tmp_path / "inside"),), tmp_path / "inside" / "spill", 2**27)
    with pytest.raises(duckdb.Error) as refused:
        con.execute(statement.format(inside=tmp_path / "inside", outside=tmp_path)).fetchall()
    assert "secret" not in str(refused.value).replace("secret.txt", "").replace("stored_secrets", "")
    assert {p.name for p in tmp_path.iterdir()} == {"inside", "secret.txt"}


def test_what_the_engine_may_read_it_reads(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("a\n1\n")
    con = connect((str(tmp_path),), tmp_path / "spill", 2**27)
    assert con.execute(f"SELECT a FROM '{tmp_path}/own.csv'").fetchall() == [(1,)]


@pytest.mark.slow
def test_a_text_smuggled_past_quoting_is_stopped_by_the_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were a quote forgotten: the run stops and leaves nothing."""
    secret = tmp_path / "secret"
    secret.write_text("secret words")
    n = f"(SELECT content FROM read_text('{secret}'))"
    quoting = emit_sql.literal
    forgetful = lambda value, kind: Sql(value, kind) if value == n else quoting(value, kind)  # noqa: E731
    monkeypatch.setattr(emit_sql, "literal", forgetful)
    with pytest.raises(duckdb.PermissionException) as refused:
        screened(hostile_plan(n), [household(YES, [n])], tmp_path)
    assert "secret words" not in str(refused.value)
    assert not (tmp_path / "out").exists()
