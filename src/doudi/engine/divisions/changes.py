"""What changed among counties between the yearly lists.

The lists carry days of publication, not of decrees: a code holds to the day before the first list without it, and its
successor from the day of that list, so that every day has exactly one of them.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from doudi.engine.divisions.listing import DATA, LISTED_ON

_FILE = DATA / "county_code_changes_2019-2023.csv"


class Change(NamedTuple):
    """A county's part in the changes: its names by day (ascending; the first from ever), first and last day."""

    names: tuple[tuple[date | None, str], ...]
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str | None = None


@cache
def changes() -> dict[str, Change]:
    """By 12-digit county code; a county that is not here never changed in these years."""
    found: dict[str, Change] = {}
    with _FILE.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            code, on = row["county_code"] + "000000", date.fromisoformat(row["to_date"])
            known = found.get(code, Change(()))
            if row["change"] == "renamed":
                old, new = row["name"].split(" -> ")
                found[code] = known._replace(names=((None, old), (on, new)))
            elif row["change"] == "added":
                found[code] = known._replace(names=((None, row["name"]),), valid_from=on)
            else:
                related = row["related_codes_by_township_name_overlap"].split()
                found[code] = known._replace(
                    names=known.names or ((None, row["name"]),),
                    valid_to=on - timedelta(days=1),
                    successor=related[0] + "000000" if len(related) == 1 else None,
                )
    return found


def name_on(change: Change, on: date | None) -> str:
    """The county's name that day (None: the day of the list)."""
    day = on or LISTED_ON
    return [name for since, name in change.names if since is None or since <= day][-1]
