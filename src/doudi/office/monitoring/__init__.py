"""Who should be helped and isn't: screening runs and their clues.

Nouns: Run, Finding. Doors: `run_screening()`, `settle_finding()`, `explain()`.
"""
