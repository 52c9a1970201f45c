"""The coverage table: what random law and random people must have met, each cell at least so often."""

from __future__ import annotations

from collections import Counter
from typing import get_args

from doudi.engine.policy.functions import FUNCTIONS
from doudi.engine.policy.model import Expr, ScaleKind, Type

LEAST = 50
Cell = tuple[str, str]  # what was met, and whether its value was known

_TYPES = get_args(Type)
_OPERATORS = ("and", "or", "not", "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "neg", "*")
_CALLS = (
    "if", "div", "round", "floor", "abs", "min", "max", "age_years", "add_months", "add_days", "days_between",
    "months_between", "workdays_between", "scale", "first_month",
    "per_month", "in_month", "mean_months", "sum_months", "year", "month", "in_area", "same_area",
)  # fmt: skip
_MEMBERS = ("sum", "any", "all", "min", "max", "count_if")
_ENDS = ("begins", "ends")
_NEAR = ("today", "tomorrow", "yesterday")
_STATES = (
    "not_applicable", "not_eligible", "unknown_no_sign", "to_verify", "missed", "covered", "covered_to_verify",
    "covered_wrong_amount", "covered_not_eligible", "covered_elsewhere",
)  # fmt: skip


def wanted() -> list[Cell]:
    """Every cell that must be met."""
    both = [*_OPERATORS, *_CALLS, "P.eligible", "enrolled_amount of a household", "enrolled_amount of a person"]
    both += [f"{fn} over members" for fn in _MEMBERS]
    both += [f"{fn} over members who" for fn in _MEMBERS if fn != "count_if"]
    both += [f"name of a {kind} ({t})" for kind in ("fact", "variable", "parameter") for t in _TYPES]
    both.remove("name of a parameter (enum)")  # what it may hold is not declared
    both += [f"scale {kind}" for kind in get_args(ScaleKind)]
    both += ["part of a year", "variable overridden", "parameter per fact", "parameter by hukou_division"]
    known = [f"literal {t}" for t in _TYPES] + ["as_of", "is_known", "P.amount"]
    known += ["enrolled of a household", "enrolled of a person", *_HOW, *_WHERE, *_WHEN, *_ROUNDED]
    known += [f"scale {kind} on a threshold" for kind in get_args(ScaleKind)]
    known += ["difference: something", "difference: nothing", "higher: a finding at most"]
    known += ["same_need: a finding at most", "instead: a finding at most", "difference: a finding at most"]
    known += [f"once per {x}: {how}" for x in ("months", "years", "days") for how in ("barred", "again")]
    known += ["once per life: barred"]
    known += [f"state {s}" for s in _STATES] + [f"same_area {x}" for x in ("province", "city", "county", "township")]
    known += [f"outcome {o}" for o in ("eligible", "not_eligible", "needs_verification", "not_applicable")]
    known += [f"{mode}: {how}" for mode in ("instead", "higher", "difference") for how in ("wins", "does not win")]
    decided = [(f"{op} decided by bounds", how) for op in ("<", "<=", ">", ">=") for how in ("yes", "no")]
    decided += [(f"{op} decided by bounds", how) for op in ("==", "!=") for how in ("yes", "no")]
    return [*((c, s) for c in both for s in ("known", "unknown")), *((c, "known") for c in known), *decided]


_HOW = ("fact given", "fact missing", "fact said to be unknown", "fact presumed", "fact default", "fact zero")
_WHERE = (
    "parameter of the county by area", "parameter of the city by area", "parameter of the province by area",
    "parameter of the nation by area", "parameter of the nation", "parameter without a value", "figure ended",
)  # fmt: skip
_WHEN = (
    *(f"{what} {end} {day}" for what in ("programme", "condition", "exclusion", "enrolment") for end in _ENDS
      for day in _NEAR),
    *(f"{what} begins {day}" for what in ("figure", "formula") for day in ("today", "yesterday")),
    "figure begins tomorrow", *(f"variable ends {day}" for day in _NEAR), "variable without a formula",
    *(f"born on 29 February, aged on {day}" for day in ("2-28", "2-29", "3-1")), "add_months into a shorter month",
    "a day outside the calendar", "workdays where the calendar differs from the week",
    "a number too large", "div by nothing", "div by something",
)  # fmt: skip
_ROUNDED = tuple(
    f"round {mode} at the half, {side} 0" for mode in ("half_up", "up", "down") for side in ("above", "below")
)


def unnamed(cells: list[Cell]) -> list[str]:
    """Functions of the closed list and nodes of the tree that no cell stands for."""
    named = " ".join(cell for cell, _ in cells) + " date money count_if enrolled enrolled_amount"
    functions = [f for f in FUNCTIONS if f not in named.split()]
    nodes = {"Lit": "literal", "Ref": "name", "Call": "div", "Agg": "members", "Enrolled": "enrolled"}
    return functions + [n.__name__ for n in get_args(Expr) if nodes.get(n.__name__) not in named.split()]


def table(seen: Counter[Cell]) -> str:
    """The cells as lines, the rarest first."""
    rows = sorted((seen[cell], *cell) for cell in wanted())
    return "\n".join(f"{n:9,}  {what}{'' if state == 'known' else f' · {state}'}" for n, what, state in rows)


def missing(seen: Counter[Cell], least: int) -> list[str]:
    """The cells that were met more rarely."""
    return [f"{what} · {state}: {seen[what, state]}" for what, state in wanted() if seen[what, state] < least]
