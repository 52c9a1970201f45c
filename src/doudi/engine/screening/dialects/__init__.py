"""The plan's statements for other databases: Spark SQL and PostgreSQL (decision 0009).

One plan, one emitter: the DuckDB text is the source, and what means something else elsewhere is rewritten node by node
before sqlglot writes the text. `portable` gives the statements over plain tables, `translated` one of them.
"""
