"""A plan meets a population: everybody in bulk (DuckDB), one household at once (generated Python).

Nouns: Household, Answers, Summary, Finding. Doors: `run(plan, snapshot, out) → Summary`,
`answer(plan, household) → Answers`.
"""
