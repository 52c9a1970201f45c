from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer

from doudi.cli._office import open_migrated_office
from doudi.engine.words import Fault, Refused, say


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check found: for machines, and as lines for people."""

    ok: bool
    facts: dict[str, Any]
    lines: list[str]


def _audit() -> Verdict:
    from doudi.office.audit.verify import verify_trail

    proof = verify_trail()
    facts = asdict(proof) | {"ok": proof.ok}
    facts["breaks"] = [asdict(found) | {"text": found.text()} for found in proof.breaks]
    if proof.ok:
        return Verdict(True, facts, [say("audit.whole", **{k: v for k, v in facts.items() if k != "breaks"})])
    broken = say("audit.broken", n=len(proof.breaks), counties=proof.counties)
    return Verdict(False, facts, [broken, *(found.text() for found in proof.breaks)])


def _facts() -> Verdict:
    from doudi.office.access import system_scope
    from doudi.office.jobs.clock import business_clock
    from doudi.office.registry.queries import prove_facts

    with system_scope("verify.facts"):
        proof = prove_facts(as_of=business_clock().today())
    wrong = [{"kind": kind, "id": str(id)} for kind, id in proof.differing]
    facts = {"ok": proof.ok, "subjects": proof.subjects, "differing": wrong}
    if proof.ok:
        return Verdict(True, facts, [say("facts.whole", subjects=proof.subjects)])
    lines = [say("facts.differs", kind=kind, id=id) for kind, id in proof.differing]
    return Verdict(False, facts, [say("facts.broken", n=len(wrong), subjects=proof.subjects), *lines])


# The promises of the office by name; each is proved on the live database and changes nothing.
CHECKS: dict[str, Callable[[], Verdict]] = {"audit": _audit, "facts": _facts}


def register(app: typer.Typer) -> None:
    @app.command()
    def verify(
        checks: Annotated[list[str] | None, typer.Argument(help="Promises by name; none named: all.")] = None,
        as_json: Annotated[bool, typer.Option("--json", help="One object on standard output.")] = False,
    ) -> None:
        """Prove the promises on the live database; exit 1 when one fails, naming the first bad place."""
        named = checks or list(CHECKS)
        known = ", ".join(CHECKS)
        if odd := [name for name in named if name not in CHECKS]:
            raise Refused(*(Fault("verify.unknown", {"name": name, "known": known}, file=name) for name in odd))
        open_migrated_office()
        from doudi.office.access import system_scope

        with system_scope("verify"):
            found = {name: CHECKS[name]() for name in named}
        ok = all(verdict.ok for verdict in found.values())
        if as_json:
            facts = {name: verdict.facts for name, verdict in found.items()}
            typer.echo(json.dumps({"ok": ok, "checks": facts}, ensure_ascii=False))
        else:
            for verdict in found.values():
                typer.echo("\n".join(verdict.lines))
        raise typer.Exit(0 if ok else 1)
