"""What a reader must know of a whole screening beside its numbers: on stderr, in summary.json, in report.html."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from doudi.engine.policy.model import Pack, Plan, PlannedProgramme, Words
from doudi.engine.screening.duckdb_input import Input
from doudi.engine.screening.snapshot import Snapshot
from doudi.engine.words import Language, Said, language, say

_HEAD = "head"


@dataclass(frozen=True, slots=True)
class Note:
    """One note in both languages; programme: the one it concerns, if it is one."""

    code: str
    zh: str
    en: str
    programme: str = ""

    def text(self, lang: Language | None = None) -> str:
        return self.zh if (lang or language()) == "zh" else self.en


def beforehand(plan: Plan, snapshot: Snapshot, programmes: Iterable[PlannedProgramme]) -> Iterator[Note]:
    """What is known before anybody is screened: another pack or day, nobody enrolled, programmes not in force."""
    if snapshot.pack_id != plan.pack.id:
        yield _note("screening.other_pack", snapshot=snapshot.pack_id, pack=plan.pack.id)
    if snapshot.as_of != plan.as_of:
        yield _note("screening.other_day", snapshot=snapshot.as_of, as_of=plan.as_of)
    if "enrolment" not in snapshot.tables:
        yield _note("screening.nobody_enrolled")
    for p in programmes:
        if not p.in_force:
            said = {lang: out_of_force(plan, p, lang) for lang in ("zh", "en")}
            yield _note("screening.not_in_force", p.name, label=p.label, what=Words(said["zh"], said["en"]))


def out_of_force(plan: Plan, programme: PlannedProgramme, lang: Language) -> str:
    """Why nobody was judged in a programme that is not in force on the day of the plan."""
    declared = plan.pack.programmes.get(programme.name)
    first, last = declared.in_force if declared else (None, None)
    kind = {(True, False): "from", (False, True): "until", (True, True): "span"}.get((bool(first), bool(last)), "")
    span = say(f"screening.in_force.{kind}", lang, first=first, last=last) if kind else ""
    return say("screening.out_of_force", lang, as_of=plan.as_of, span=span)


def after_reading(con: duckdb.DuckDBPyConnection, source: Input, pack: Pack) -> Iterator[Note]:
    """Households without a head or with several; members whose responsible county is not their household's."""
    if _HEAD in pack.roles:
        heads = f"GROUP BY household_id HAVING count(*) FILTER (WHERE role = '{_HEAD}') <> 1"
        if n := con.execute(f"SELECT count(*) FROM (SELECT 1 FROM {source.person} {heads})").fetchall()[0][0]:
            yield _note("screening.heads", n=f"{n:,}")
    if source.together:
        return
    elsewhere = f"SELECT count(*) FROM {source.person} WHERE left(division, 6) <> left({source.division}, 6)"
    if n := con.execute(elsewhere).fetchall()[0][0]:
        yield _note("screening.elsewhere", n=f"{n:,}")


def of_everybody(reasons: Iterable[Said]) -> Iterator[Note]:
    """Why a screening since an earlier one screened everybody."""
    for reason in reasons:
        yield _note("since.everybody", reason=reason)


def of_delta(delta: dict[str, Any], households: int) -> Note:
    """What a delta holds, and that it is not the whole. households: of the whole snapshot."""
    counts = {f"n_{why}": f"{n:,}" for why, n in delta["households"].items()}
    recomputed = f"{delta['recomputed']['households']:,}"
    return _note("since.delta", recomputed=recomputed, households=f"{households:,}", **counts)


def _note(code: str, programme: str = "", **fields: Any) -> Note:
    zh = {k: v.zh if isinstance(v, Words) else v for k, v in fields.items()}
    en = {k: v.en if isinstance(v, Words) else v for k, v in fields.items()}
    return Note(code, say(code, "zh", **zh), say(code, "en", **en), programme)
