"""Text of an expression to an untyped term. SQLGlot is only the parser, and it stays behind this file.

Its tokenizer and parser are stripped to our operators: no keyword of SQL survives, so `select` is an ordinary (unknown)
name and every function is a plain call. Limits are checked on the tokens, before anything recursive runs.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from threading import Lock
from typing import Any, ClassVar

from sqlglot import exp, parser, tokens
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokens import Token, TokenType

MAX_CHARACTERS = 2_000
MAX_NODES = 500
MAX_DEPTH = 50
WHOLE_DIGITS, FRACTION_DIGITS = 12, 6  # of a number in an expression, as of any decimal

_ROOM = Lock()
_NUMBER = re.compile(r"(0|[1-9]\d{0,17})(\.\d{1,6})?")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class BadExpression(Exception):
    """One reason why a text is no expression: a code of the catalogue with its fields."""

    def __init__(self, code: str, **fields: object) -> None:
        self.code, self.fields = code, fields
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Name:
    text: str  # `income` or `dibao.income`


@dataclass(frozen=True, slots=True)
class Literal:
    value: bool | int | Decimal | str


@dataclass(frozen=True, slots=True)
class Apply:
    """An operator or a function; `call` tells `min(a, b)` from an operator. args of `in`: the value, then literals."""

    op: str
    args: tuple[Term, ...]
    call: bool = False


Term = Name | Literal | Apply


class Expressions(Dialect):
    """Only what section 3 of the language knows."""

    class Tokenizer(tokens.Tokenizer):
        KEYWORDS = {
            "AND": TokenType.AND,
            "OR": TokenType.OR,
            "NOT": TokenType.NOT,
            "IN": TokenType.IN,
            "TRUE": TokenType.TRUE,
            "FALSE": TokenType.FALSE,
            "==": TokenType.EQ,
            "!=": TokenType.NEQ,
            "<>": TokenType.NEQ,
            "<=": TokenType.LTE,
            ">=": TokenType.GTE,
        }
        COMMENTS = ["--", ("/*", "*/"), "#"]

    class Parser(parser.Parser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {}
        NO_PAREN_FUNCTIONS: ClassVar[dict[TokenType, Any]] = {}
        NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {}


_TOKENS: dict[TokenType, tuple[str, ...]] = {
    TokenType.AND: ("and",),
    TokenType.OR: ("or",),
    TokenType.NOT: ("not",),
    TokenType.IN: ("in",),
    TokenType.TRUE: ("true",),
    TokenType.FALSE: ("false",),
    TokenType.EQ: ("==",),
    TokenType.NEQ: ("!=",),
    TokenType.LT: ("<",),
    TokenType.LTE: ("<=",),
    TokenType.GT: (">",),
    TokenType.GTE: (">=",),
    TokenType.PLUS: ("+",),
    TokenType.DASH: ("-",),
    TokenType.STAR: ("*",),
    TokenType.SLASH: ("/",),  # passed on, to be refused with its own reason
    TokenType.L_PAREN: ("(",),
    TokenType.R_PAREN: (")",),
    TokenType.COMMA: (",",),
    TokenType.DOT: (".",),
}
_ENDS_OPERAND = (
    TokenType.VAR, TokenType.NUMBER, TokenType.STRING, TokenType.R_PAREN, TokenType.TRUE, TokenType.FALSE,
)  # fmt: skip
_BINARY: dict[type[exp.Expr], str] = {
    exp.And: "and",
    exp.Or: "or",
    exp.EQ: "==",
    exp.NEQ: "!=",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
}
OPERATORS = ("and", "or", "not", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "in")
COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})


def parse(text: str) -> Term:
    """Raises BadExpression; never anything else, whatever the text."""
    if len(text) > MAX_CHARACTERS:
        raise BadExpression("policy.expression_long", n=len(text), limit=MAX_CHARACTERS)
    dialect = Expressions()
    try:
        found = dialect.tokenize(text)
    except TokenError as e:
        raise BadExpression("policy.expression_syntax", near=_excerpt(text)) from e
    _check_tokens(found)
    try:
        with _deep_enough():
            parsed = dialect.parser().parse_into(exp.Condition, found, text)
    except (ParseError, RecursionError, TypeError, AttributeError) as e:  # odd token orders trip the parser's insides
        raise BadExpression("policy.expression_syntax", near=_syntax_place(e, text)) from e
    if len(parsed) != 1 or parsed[0] is None:
        raise BadExpression("policy.expression_syntax", near=_excerpt(text))
    term = _term(parsed[0])
    nodes, depth = _measure(term)
    if nodes > MAX_NODES:
        raise BadExpression("policy.expression_nodes", n=nodes, limit=MAX_NODES)
    if depth > MAX_DEPTH:
        raise BadExpression("policy.expression_depth", n=depth, limit=MAX_DEPTH)
    return term


@contextmanager
def _deep_enough() -> Iterator[None]:
    """The parser takes some 25 frames for one level; MAX_DEPTH levels (checked on the tokens) do not fit into 1,000.

    The limit is the process's: one thread at a time, else one would take away the room another stands in.
    """
    with _ROOM:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(50 * MAX_DEPTH + limit)
        try:
            yield
        finally:
            sys.setrecursionlimit(limit)


def _check_tokens(tokens: list[Token]) -> None:
    if not tokens:
        raise BadExpression("policy.expression_empty")
    if len(tokens) > 3 * MAX_NODES:
        raise BadExpression("policy.expression_nodes", n=len(tokens), limit=MAX_NODES)
    nested = prefixes = 0
    for before, token, after in zip([None, *tokens[:-1]], tokens, [*tokens[1:], None], strict=True):
        _check_token(before, token, after)
        nested += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        is_prefix = token.token_type in (TokenType.NOT, TokenType.DASH)
        prefixes = prefixes + 1 if is_prefix else 0
        if nested + prefixes > MAX_DEPTH:
            raise BadExpression("policy.expression_depth", n=nested + prefixes, limit=MAX_DEPTH)


def _check_token(before: Token | None, token: Token, after: Token | None) -> None:
    if token.comments:
        raise BadExpression("policy.expression_comment", text=_excerpt(token.comments[0].strip()))
    kind, text = token.token_type, token.text
    if kind is TokenType.STRING:
        if not text.isprintable():
            raise BadExpression("policy.foreign_syntax", text=_excerpt(repr(text)))
        return
    if kind is TokenType.NUMBER:
        if not _NUMBER.fullmatch(text):
            raise BadExpression("policy.number_form", text=_excerpt(text))
        whole, _, fraction = text.partition(".")
        if len(whole) > WHOLE_DIGITS or len(fraction) > FRACTION_DIGITS:
            fields = {"whole": WHOLE_DIGITS, "fraction": FRACTION_DIGITS}
            raise BadExpression("policy.number_large", got=_excerpt(text), **fields)
    elif kind is TokenType.VAR:
        if not _NAME.fullmatch(text):
            raise BadExpression("policy.name_form", name=_excerpt(text))
    elif kind is TokenType.EQ and text == "=":
        raise BadExpression("policy.other_spelling", text="=", right="==")
    elif kind is TokenType.NEQ and text != "!=":
        raise BadExpression("policy.other_spelling", text=text, right="!=")
    elif kind is TokenType.PLUS and not _ends_operand(before):
        raise BadExpression("policy.expression_syntax", near="+")
    elif kind is TokenType.COMMA and not (
        _ends_operand(before) and after and after.token_type is not TokenType.R_PAREN
    ):
        raise BadExpression("policy.expression_syntax", near=",")
    elif kind is TokenType.DOT:
        if not (before and after and before.token_type is after.token_type is TokenType.VAR):
            raise BadExpression("policy.number_form", text=".")
    elif text.lower() in _TOKENS.get(kind, ()) and text != text.lower():
        raise BadExpression("policy.other_spelling", text=text, right=text.lower())
    elif text not in _TOKENS.get(kind, ()):
        raise BadExpression("policy.foreign_syntax", text=_excerpt(text))


def _ends_operand(token: Token | None) -> bool:
    return token is not None and token.token_type in _ENDS_OPERAND


def _term(node: exp.Expr) -> Term:
    """Exact classes only: whatever the parser may invent besides is refused."""
    kind = type(node)
    if kind is exp.Paren:
        inner = node.this
        return _term(inner)
    if kind in (exp.And, exp.Or):
        return Apply(_BINARY[kind], tuple(_term(n) for n in _flat(node)))
    if kind in _BINARY:
        left, right = node.this, node.expression
        if _BINARY[kind] in COMPARISONS and any(_BINARY.get(type(n)) in COMPARISONS for n in (left, right)):
            raise BadExpression("policy.chained_comparison")
        return Apply(_BINARY[kind], (_term(left), _term(right)))
    if kind is exp.Not:
        return Apply("not", (_term(node.this),))
    if kind is exp.Neg:
        return _negative(_term(node.this))
    if kind is exp.In and not (node.args.keys() - {"this", "expressions"}):
        return Apply("in", (_term(node.this), *(_term(n) for n in node.expressions)))
    if kind is exp.Column:
        return _column(node)
    if kind is exp.Boolean:
        return Literal(bool(node.this))
    if kind is exp.Literal:
        return _literal(node)
    if kind is exp.Anonymous and isinstance(node.this, str):
        return Apply(node.this, tuple(_term(n) for n in node.expressions), call=True)
    if kind is exp.Div:
        raise BadExpression("policy.slash")
    raise BadExpression("policy.foreign_syntax", text=_excerpt(node.key))


def _flat(node: exp.Expr) -> list[exp.Expr]:
    """`a and b and c` is parsed leaning to the left; we hold one node with three arguments."""
    parts: list[exp.Expr] = []
    kind = type(node)
    while type(node) is kind:
        parts.append(node.expression)
        node = node.this
    return [node, *reversed(parts)]


def _negative(term: Term) -> Term:
    if isinstance(term, Literal) and isinstance(term.value, int | Decimal) and not isinstance(term.value, bool):
        return Literal(-term.value)
    return Apply("neg", (term,))


def _column(node: exp.Expr) -> Name:
    parts = [part.this for part in node.parts if type(part) is exp.Identifier]  # type: ignore[attr-defined]
    if len(parts) > 2 or len(parts) != len(node.parts):  # type: ignore[attr-defined]
        raise BadExpression("policy.name_form", name=_excerpt(".".join(parts)))
    return Name(".".join(parts))


def _literal(node: exp.Expr) -> Literal:
    text = str(node.this)
    if node.is_string:
        return Literal(text)
    return Literal(Decimal(text) if "." in text else int(text))


def _measure(term: Term) -> tuple[int, int]:
    nodes = deepest = 0
    waiting = [(term, 1)]
    while waiting:
        t, depth = waiting.pop()
        nodes += 1
        deepest = max(deepest, depth)
        if isinstance(t, Apply):
            waiting.extend((a, depth + 1) for a in t.args)
    return nodes, deepest


def _syntax_place(error: Exception, text: str) -> str:
    if isinstance(error, ParseError) and error.errors:
        where = error.errors[0]
        return _excerpt(f"{where.get('highlight') or ''}{where.get('end_context') or ''}") or _excerpt(text)
    return _excerpt(text)


def _excerpt(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 40 else text[:39] + "…"
