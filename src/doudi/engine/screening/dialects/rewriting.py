"""A DuckDB statement of a chunk in the words of another database: parse, rewrite by rules, write.

A rule replaces one kind of node; nodes are visited from the leaves, so a rule sees arguments already rewritten. What is
neither rewritten nor known to mean the same everywhere is refused by name, never passed on in hope.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import sqlglot
from sqlglot import exp

from doudi.engine.words import Fault, Refused

Rule = Callable[[exp.Expr], exp.Expr]
Rules = Mapping[type[exp.Expr], Rule]


@dataclass(frozen=True, slots=True)
class Dialect:
    """Another database's SQL.

    name: sqlglot's; rules: by kind of node; functions: names (lower case) that sqlglot has no class for and that the
    rules put in; before: statements that a session needs once; create: the text that keeps a query's rows as a table.
    """

    name: str
    rules: Rules
    functions: frozenset[str]
    create: Callable[[str, str], str]
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """A query, and the table that keeps its rows (empty: they are the answer)."""

    table: str
    query: str


def translated(statement: str, dialect: Dialect) -> Statement:
    """One statement of a chunk (a SELECT, or CREATE … AS SELECT); raises Refused for what has no translation."""
    tree = sqlglot.parse_one(statement, dialect="duckdb")
    table = ""
    if isinstance(tree, exp.Create):
        table, tree = tree.this.name, tree.expression
    tree = _without_prints(tree)
    for node in reversed(list(tree.walk(bfs=False))):
        rule = dialect.rules.get(type(node))
        new = rule(node) if rule else node
        if new is not node:
            node.replace(new)
    _refuse_unknown(tree, dialect)
    return Statement(table, tree.sql(dialect=dialect.name))


def _without_prints(tree: exp.Expr) -> exp.Expr:
    """Without fingerprints: they are hashes of DuckDB, and no outcome reads them."""
    for node in list(tree.find_all(exp.Anonymous)):
        column = node.find_ancestor(exp.Alias) if node.name == "hash" else None
        if column is not None and isinstance(column.parent, exp.Select):
            column.pop()
    return tree


def _refuse_unknown(tree: exp.Expr, dialect: Dialect) -> None:
    for node in tree.walk():
        is_call = isinstance(node, exp.Anonymous)
        name = node.name.lower() if is_call else type(node).__name__
        if not (name in dialect.functions if is_call else type(node) in _EVERYWHERE):
            raise Refused(Fault("screening.dialect_missing", {"name": name, "dialect": dialect.name}))


# ---- what rules are made of ------------------------------------------------------------------------------------------
def made(template: str, **parts: exp.Expr) -> exp.Expr:
    """The expression of a template (in DuckDB's words) with other ones in the place of its columns a, b, …"""
    tree = _parsed(template).copy()
    for column in list(tree.find_all(exp.Column)):
        if column.name in parts:
            column.replace(closed(parts[column.name].copy()))
    return tree


@cache
def _parsed(template: str) -> exp.Expr:
    return sqlglot.parse_one(template, dialect="duckdb")


def call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """A function by the name that it has over there."""
    return exp.Anonymous(this=name, expressions=[a.copy() for a in arguments])


def closed(part: exp.Expr) -> exp.Expr:
    """In parentheses where another operator beside it could take it apart."""
    return exp.Paren(this=part) if isinstance(part, exp.Binary | exp.Unary | exp.Between | exp.In) else part


def kind_of(node: exp.Expr) -> str:
    """The type that a cast names: `decimal`, `utinyint`, `outcome`, …"""
    to = node.args["to"]
    kind = to.args.get("kind") or to.this.value
    return str(kind if isinstance(kind, str) else kind.name).lower()


def digits_of(node: exp.Expr) -> list[int]:
    """Width and scale that a cast to DECIMAL names."""
    return [int(p.name) for p in node.args["to"].expressions]


UNSIGNED = frozenset(("utinyint", "usmallint", "uint", "uinteger", "ubigint"))
ENUMS = frozenset(("outcome", "state"))

# Kinds of node that mean the same in DuckDB, Spark (ANSI) and PostgreSQL, or that sqlglot writes in each one's words.
_EVERYWHERE: frozenset[type[exp.Expr]] = frozenset((
    exp.Select, exp.From, exp.Subquery, exp.Table, exp.TableAlias, exp.Identifier, exp.Column, exp.Alias, exp.Star,
    exp.Join, exp.Where, exp.Group, exp.Values, exp.Tuple, exp.Order, exp.Ordered, exp.Literal, exp.Boolean, exp.Null,
    exp.Cast, exp.TryCast, exp.DataType, exp.DataTypeParam, exp.Paren, exp.Case, exp.If, exp.Coalesce, exp.Nullif,
    exp.And, exp.Or, exp.Not, exp.Is, exp.NullSafeEQ, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In,
    exp.Between, exp.Add, exp.Sub, exp.Mul, exp.Mod, exp.Neg, exp.BitwiseOr, exp.Count, exp.Min, exp.Max, exp.Sum,
    exp.Filter, exp.LogicalOr, exp.LogicalAnd, exp.Abs, exp.Floor, exp.Greatest, exp.Least, exp.Left, exp.Array,
    exp.Extract, exp.Var, exp.Dot, exp.Any, exp.ArrayContains, exp.Flatten, exp.ArrayAgg, exp.IntDiv, exp.Sign,
    exp.Bracket, exp.StartsWith,
))  # fmt: skip
