"""A scale of one day for the naive interpreter: brackets read one by one, as section 5 of the language says it."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from tests.generative.arithmetic import Count, is_too_large, to_multiple

Row = tuple[Fraction, Fraction]  # threshold; rate or amount


class Table:
    """least, most: what it can give whatever the value; None: no end. direction: 1 never less for more, -1 never."""

    def __init__(self, kind: str, rows: list[Row]) -> None:
        self.kind, self.rows = kind, sorted(rows)
        rates = [a for _, a in self.rows]
        reached = [Fraction(0), *(self.at(n) for n in range(len(rates)))]
        moves = rates if kind == "marginal_rate" else [b - a for a, b in pairwise(reached)]
        self.direction = 1 if all(m >= 0 for m in moves) else -1 if all(m <= 0 for m in moves) else 0
        self.least: Fraction | None = min(reached)
        self.most: Fraction | None = max(reached)
        if kind == "marginal_rate":
            self.least = Fraction(0) if self.direction == 1 else None
            self.most = Fraction(0) if self.direction == -1 else None

    def at(self, n: int) -> Fraction:
        """What a value within the n-th bracket gives, where that is an amount."""
        amounts = [a for _, a in self.rows[: n + 1]]
        return amounts[-1] if self.kind == "single_amount" else sum(amounts, Fraction(0))

    def of(self, x: Fraction, count: Count) -> Fraction | None:
        if any(t == x for t, _ in self.rows):
            count(f"scale {self.kind} on a threshold")
        if self.kind == "single_amount":
            return next((a for t, a in reversed(self.rows) if t <= x), Fraction(0))
        if self.kind == "marginal_amount":
            return sum((a for t, a in self.rows if x > t), Fraction(0))
        tops = [t for t, _ in self.rows[1:]] + [x]
        slices = [(min(x, top) - t, rate) for (t, rate), top in zip(self.rows, tops, strict=True) if x > t]
        if any(is_too_large("number", wide) for wide, _ in slices):
            return None
        return to_multiple(sum((wide * rate for wide, rate in slices), Fraction(0)), Fraction(1, 10**6), "half_up")
