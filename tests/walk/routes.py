"""Every route of a URL configuration, and every way to fill its parameters: ours, theirs, not there, and mixed.

A parameter is understood by its name: `household_id`, or `id` behind `households/`. One that cannot be filled fails the
walk: say its model in MODELS or its values in VALUES.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any
from uuid import UUID

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from tests.walk.worlds import World

MODELS = {"imports": "registry.Batch", "clues": "monitoring.Finding"}
VALUES: dict[str, list[str]] = {"field": ["number", "area_code"]}
ABSENT = UUID("01736000-0000-7000-8000-00000000dead")
_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")


class CannotFill(AssertionError):
    """A route has a parameter the walk does not understand."""


@dataclass(frozen=True)
class Route:
    pattern: str
    view: Any

    def paths(self, world: World) -> list[str]:
        """Addresses with every parameter ours, then each one in turn theirs or absent, then all of them."""
        found = list(_PARAMETER.finditer(self.pattern))
        if not found:
            return ["/" + self.pattern]
        values = [self._values(match, world) for match in found]
        mixed = [combination for combination in product(*values) if _at_most_one_or_all(combination, values)]
        return list(dict.fromkeys("/" + self._filled(combination) for combination in mixed))

    def _values(self, match: re.Match[str], world: World) -> list[str]:
        name = match[2]
        if name in VALUES:
            return VALUES[name]
        model = self._model(match)
        if model not in world.ours:
            raise CannotFill(f"/{self.pattern}: no rows for <{name}>; add it to tests/walk/routes.py")
        return [str(world.ours[model][0]), str(world.theirs[model][0]), str(ABSENT)]

    def _model(self, match: re.Match[str]) -> Any:
        name, before = match[2], self.pattern[: match.start()].rstrip("/").rsplit("/", 1)[-1]
        if before in MODELS and name in ("id", "pk"):
            return apps.get_model(MODELS[before])
        noun = before if name in ("id", "pk") else name.removesuffix("_id")
        wanted = {noun, noun.removesuffix("s"), re.sub("ies$", "y", noun)}
        return next((model for model in apps.get_models() if model._meta.model_name in wanted), None)

    def _filled(self, combination: tuple[str, ...]) -> str:
        values = iter(combination)
        return _PARAMETER.sub(lambda match: next(values), self.pattern)


def _at_most_one_or_all(combination: tuple[str, ...], values: list[list[str]]) -> bool:
    away = [value != known[0] for value, known in zip(combination, values, strict=True)]
    return sum(away) <= 1 or all(away)


def routes(urlconf: str | None = None) -> list[Route]:
    return list(_routes(get_resolver(urlconf).url_patterns, ""))


def _routes(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[Route]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, before + str(pattern.pattern))
        else:
            yield Route(before + str(pattern.pattern), pattern.callback)
