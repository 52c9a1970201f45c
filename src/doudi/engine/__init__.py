"""Bulk answers about social assistance, without a web framework.

policy turns a pack (the law as data) into a checked, immutable plan; screening runs the plan for everybody (DuckDB)
or for one household (generated Python); linkage finds the same person in several registers; words says every message
in the reader's language; values are the small immutable things that travel.
"""
