"""A plan meets a population: everybody in bulk (DuckDB), one household at once (generated Python).

Nouns: Household, Answers, Summary, Finding. Doors: `run(plan, snapshot, out) → Summary`,
`answer(plan, household) → Answers`, `snapshot.read(path, pack) → Snapshot`.
"""

from __future__ import annotations

from doudi.engine.screening.explain import answer

__all__ = ["answer"]
