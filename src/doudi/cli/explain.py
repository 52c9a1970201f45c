"""`doudi explain`: one household, all steps, in words with law."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from doudi.engine.policy import load, plan
from doudi.engine.policy.model import Plan, Words
from doudi.engine.screening.answers import Answer, Answers
from doudi.engine.screening.explain import answer
from doudi.engine.screening.snapshot import pack_of, read
from doudi.engine.words import Fault, Refused, language, say
from doudi.engine.words.near import hint


def register(app: typer.Typer) -> None:
    @app.command()
    def explain(
        snapshot: Annotated[Path, typer.Argument(help="folder of a snapshot")],
        person: Annotated[str | None, typer.Option(help="id of a person: their household is explained")] = None,
        household: Annotated[str | None, typer.Option(help="id of a household")] = None,
        pack: Annotated[str | None, typer.Option(help="folder or name; else the snapshot's own")] = None,
        overlay: Annotated[list[Path] | None, typer.Option(help="laid over the pack; may be given again")] = None,
        programme: Annotated[list[str] | None, typer.Option(help="only this one; may be given again")] = None,
        as_of: Annotated[str | None, typer.Option("--as-of", help="a day (2020-07-20); else the snapshot's")] = None,
        as_json: Annotated[bool, typer.Option("--json", help="one object on stdout")] = False,
    ) -> None:
        """Explain one household: what it should get, why, and what would change that."""
        if (person is None) == (household is None):
            raise Refused(Fault("explain.which_subject", file=str(snapshot)))
        day = _day(as_of)
        law = load(pack or pack_of(snapshot), overlay or ())
        _check_programmes(programme or [], list(law.programmes))
        population = read(snapshot, law)
        if population.pack_id != law.id:
            typer.echo(say("screening.other_pack", snapshot=population.pack_id, pack=law.id), err=True)
        planned = plan(law, day or population.as_of, population.counties())
        if planned.as_of != population.as_of:
            fields = {"snapshot": population.as_of.isoformat(), "as_of": planned.as_of.isoformat()}
            typer.echo(say("explain.other_day", **fields), err=True)
        id = household if household is not None else population.household_of(person or "")
        answers = answer(planned, population.household(id), programmes=tuple(programme or ()))
        if as_json:
            typer.echo(json.dumps(answers.to_json(), ensure_ascii=False, indent=1))
        else:
            for line in _lines(answers, planned):
                typer.echo(line)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused(Fault("explain.bad_date", {"text": text}, file="--as-of")) from None


def _check_programmes(wanted: list[str], known: list[str]) -> None:
    faults = []
    for name in wanted:
        if name not in known:
            faults.append(Fault("explain.no_programme", {"name": name, "near": hint(name, known)}, file="--programme"))
    if faults:
        raise Refused(*faults)


# ---- the page ------------------------------------------------------------------------------------------------------
def _lines(answers: Answers, planned: Plan) -> Iterator[str]:
    fields = {"pack": answers.pack["id"], "edition": answers.pack["edition"]}
    yield say("explain.head.title", household=answers.household_id, as_of=answers.as_of.isoformat(), **fields)
    for each in answers.answers:
        yield ""
        yield from _answer(each, planned)


def _answer(a: Answer, planned: Plan) -> Iterator[str]:
    programme = planned.programmes[a.programme]
    amount = ""
    if a.amount is not None:
        money = say("explain.unit.yuan", n=f"{a.amount:,.2f}")
        amount = say("explain.head.amount", amount=money, period=say(f"explain.period.{programme.period}"))
    yield say(
        "explain.head.answer" if a.subject_type == "household" else "explain.head.of_person",
        programme=_word(programme.label),
        subject=a.subject_id,
        outcome=say(f"explain.verdict.{a.outcome}"),
        amount=amount,
        state=say(f"explain.state.{a.state}"),
    )
    if a.reason:
        yield f"  {a.reason}"
    kinds = {kind: [s for s in a.steps if s.kind == kind] for kind in ("condition", "variable", "amount")}
    yield from _section("conditions", [f"{n}. {s.text}" for n, s in enumerate(kinds["condition"], 1)])
    yield from _section("variables", [s.text for s in (*kinds["variable"], *kinds["amount"])])
    yield from _section("questions", list(dict.fromkeys(s.question for s in a.steps if s.question)))
    yield from _section("changes", [str(c["text"]) for c in a.changes])


def _section(code: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield say(f"explain.head.{code}")
        yield from (f"  {line}" for line in lines)


def _word(words: Words) -> str:
    return words.zh if language() == "zh" else words.en
