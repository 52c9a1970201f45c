"""From the text of an expression in a pack to a typed tree."""

from __future__ import annotations

from doudi.engine.policy import grammar
from doudi.engine.policy.check import Checker, Setting
from doudi.engine.policy.functions import FUNCTIONS, round_mode, round_step
from doudi.engine.policy.grammar import BadExpression, Term
from doudi.engine.policy.item import Item
from doudi.engine.policy.model import Expr, Lit, Type


def check(item: Item, setting: Setting, want: Type, unit: str | None = None) -> Expr:
    """The typed tree; after a fault (kept at the item) an unknown literal, so that reading goes on."""
    term = _parsed(item)
    if term is None:
        return Lit(None, want)
    checker = Checker(item, setting, FUNCTIONS)
    typed = checker.want(checker.term(term), want, "=")
    if unit and typed.unit and unit != typed.unit:
        checker.fault("policy.units", where="=", left=unit, right=typed.unit)
    return typed.expr or Lit(None, want)


def check_rounding(item: Item, setting: Setting) -> tuple[Expr, Expr]:
    """`{to, mode}` of an amount; both may name a parameter."""
    fields = item.record("to mode", "to mode")
    found: list[Expr] = []
    for key, reader in (("to", round_step), ("mode", round_mode)):
        if (part := fields.get(key)) and (term := _parsed(part)):
            typed = reader(Checker(part, setting, FUNCTIONS), term, key)
            found.append(typed.expr or Lit(None, "number"))
        else:
            found.append(Lit(None, "number"))
    return found[0], found[1]


def _parsed(item: Item) -> Term | None:
    node = item.node
    if isinstance(node.value, dict | list) or node.value is None:
        item.fault("policy.expected_expr", got=item.shown())
        return None
    item.faults.spend("expressions", 1, node.file, node.line)
    item.faults.spend("characters", min(len(node.text), grammar.MAX_CHARACTERS), node.file, node.line)
    try:
        return grammar.parse(node.text)
    except BadExpression as e:
        item.fault(e.code, **e.fields)
        return None
