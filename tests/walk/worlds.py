"""A world is a database with rows of our county and of another one. Two twins differ in the other county alone: its
words, its ids, its counts. Whatever a page says to ours must then be the same in both, byte for byte.

Every scoped table gets rows by itself, so that a new room is walked without anybody remembering it; what a plain row
does not satisfy is said in RECIPES.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from graphlib import TopologicalSorter
from typing import Any

from django.apps import apps
from django.db import models, transaction

from doudi.engine.values import AreaCode
from doudi.office.access import sealing, system_scope
from doudi.office.access.models import Post, User
from doudi.office.access.roles import Role
from doudi.office.access.walls import scoped_models
from doudi.office.law.actions import activate, install
from doudi.office.law.models import PackEdition
from doudi.office.law.queries import pack_of
from tests.walk.frozen import NOW, frozen

Model = type[models.Model]
OURS, THEIRS = "341503203204", "520502001001"
OUR_COUNTY, THEIR_COUNTY = "341503000000", "520502000000"
NUMBERS = {OURS: "341599194001010018", THEIRS: "520599194001010024"}

# Values of a column wherever it occurs: what pages of our own county must be able to read.
COLUMNS: dict[str, Any] = {
    "county": lambda area, word: AreaCode(area).at("county").code,
    "county_code": lambda area, word: AreaCode(area).at("county").code,
    "period": lambda area, word: "2020-06",
    "programme": lambda area, word: "dibao",
    "role": lambda area, word: "head",
    "initials": lambda area, word: word.lower(),
    "ends_on": lambda area, word: None,
    "dissolved_on": lambda area, word: None,
}
# Values of a table's columns; None leaves a key to another table empty.
RECIPES: dict[str, dict[str, Any]] = {
    "registry.Observation": {"household": None},
    "registry.ListedFact": {"household": None},
    "registry.RegisterKey": {"household": None},
    "registry.Person": {
        "number": lambda row: sealing.seal_text("registry_person", "number", row.pk, NUMBERS[row.area_code]),
        "number_index": lambda row: sealing.blind_index("registry_person.number", NUMBERS[row.area_code]),
        "last_four_index": lambda row: sealing.last_four_index("registry_person.number", NUMBERS[row.area_code]),
    },
    "sample.Card": {
        "number": lambda row: sealing.seal_text("sample_card", "number", row.pk, NUMBERS[row.area_code]),
    },
    "sample.House": {"number": lambda row: f"{row.name}number"},
    "monitoring.Run": {"state": "done"},  # one of an area may wait, and pages count only what is done
    "audit.Entry": {"subject_kind": "registry.household", "by_kind": "user", "act": "access.opened", "outcome": "done"},
}


@dataclass
class World:
    """ours, theirs: ids of each table's rows. canaries: words that stand in the other county's rows only.

    searched: words of theirs to ask for; a page may repeat them.
    """

    ours: dict[Model, list[Any]] = field(default_factory=lambda: defaultdict(list))
    theirs: dict[Model, list[Any]] = field(default_factory=lambda: defaultdict(list))
    canaries: list[str] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)


def build(twin: int) -> World:
    """Twin 0 and twin 1 hold the same of ours; of theirs other ids, words and counts."""
    world = World()
    with system_scope("world"), transaction.atomic():
        with frozen(seed=1):
            _users()
            edition = install("cn", by="walk", at=NOW)
            activate(edition, pack_of(edition), areas=[AreaCode(OUR_COUNTY)], since=date(2020, 1, 1), by="walk", at=NOW)
            _fill(OURS, lambda n: f"ours{n}", world.ours, rows=2)
        with frozen(seed=100 + twin):
            _fill(
                THEIRS, lambda n: world.canaries.append(f"zqv{twin}c{n}z") or world.canaries[-1], world.theirs, 2 + twin
            )
        person = models.QuerySet(apps.get_model("registry.Person")).filter(area_code=THEIRS).order_by("pk")[0]
        house = models.QuerySet(apps.get_model("sample.House")).filter(area_code=THEIRS).order_by("pk")[0]
        world.searched = [person.name, house.number]
    world.canaries = [word for word in world.canaries if not any(word in asked for asked in world.searched)]
    return world


def _users() -> None:
    for role in Role:
        _user(f"our_{role}", role, OURS if role == Role.VILLAGE else OUR_COUNTY)
    _user("our_two_areas", Role.TOWNSHIP, "341503203000", "341503108000")
    _user("their_county", Role.COUNTY, THEIR_COUNTY)
    _user("their_auditor", Role.AUDITOR, THEIR_COUNTY)


def _user(name: str, role: Role, *areas: str) -> None:
    user = User.objects.create_user(name, None, full_name=name)
    for area in areas:
        Post.objects.create(user=user, role=role, area_code=area, starts_on=date(2020, 1, 1))


def _fill(area: str, word: Callable[[int], str], made: dict[Model, list[Any]], rows: int) -> None:
    count, shared = iter(range(10_000)), dict[Model, Any]()
    for _ in range(rows):
        latest: dict[Model, Any] = {}
        for model in _parents_first():
            row = _row(model, area, lambda: word(next(count)), latest, shared)
            models.QuerySet(model).bulk_create([row])
            latest[model] = row
            made[model].append(row.pk)


def _parents_first() -> list[Model]:
    """Tables to fill, each after those its keys lead to; where they go in a circle an optional key gives way."""
    known = sorted({*scoped_models(), *_forgotten_children()}, key=lambda model: model._meta.label)
    before: dict[Model, set[Model]] = {model: set() for model in known}
    keys = [(model, f) for model in known for f in model._meta.concrete_fields if f.remote_field]
    for model, key in sorted(keys, key=lambda pair: pair[1].null):
        parent = key.remote_field.model
        if parent in before and parent is not model and model not in _all_before(parent, before):
            before[model].add(parent)
    return list(TopologicalSorter(before).static_order())


def _forgotten_children() -> Iterator[Model]:
    """Tables without a scope of their own whose rows hang on scoped ones: the walls do not guard them."""
    scoped = scoped_models()
    for model in apps.get_models():
        if model not in scoped and any(f.remote_field and f.remote_field.model in scoped for f in model._meta.fields):
            yield model


def _all_before(model: Model, before: dict[Model, set[Model]]) -> set[Model]:
    return before[model].union(*(_all_before(parent, before) for parent in before[model]))


def _row(
    model: Model, area: str, word: Callable[[], str], latest: dict[Model, Any], shared: dict[Model, Any]
) -> models.Model:
    row, recipe = model(), RECIPES.get(model._meta.label, {})
    for column in model._meta.concrete_fields:
        if column.primary_key or column.generated:
            continue
        if column.name == getattr(model, "scope_column", ""):
            value = area
        elif column.name in recipe:
            value = recipe[column.name](row) if callable(recipe[column.name]) else recipe[column.name]
        elif column.remote_field:
            value = _parent(column, latest, shared, word)
        else:
            value = _value(column, area, word)
        setattr(row, column.name, value)
    return row


def _parent(column: Any, latest: dict[Model, Any], shared: dict[Model, Any], word: Callable[[], str]) -> Any:
    parent = column.remote_field.model
    if parent in latest:
        return latest[parent]
    if column.null:
        return None
    if parent is User:
        return User.objects.first()
    return _unscoped(parent, shared, word)


def _unscoped(model: Model, shared: dict[Model, Any], word: Callable[[], str]) -> Any:
    """A row that no scope holds (a source, an edition): one for all; an identity for each person."""
    if model is PackEdition:
        return PackEdition.objects.get()
    if model in shared and model._meta.model_name != "identity":
        return shared[model]
    row = model()
    for column in model._meta.concrete_fields:
        if not column.primary_key and not column.null and not column.remote_field:
            setattr(row, column.name, _value(column, OURS, word))
    row.save()
    shared[model] = row
    return row


def _value(column: Any, area: str, word: Callable[[], str]) -> Any:
    if column.name in COLUMNS:
        return COLUMNS[column.name](area, word())
    if column.choices:
        return column.choices[0][0]
    if column.has_default() or (column.null and not isinstance(column, models.CharField)):
        return column.get_default()
    match column.get_internal_type():
        case "CharField" | "TextField":
            return word()[-column.max_length :] if column.max_length else word()
        case "DateField":
            return NOW.date()
        case "DateTimeField":
            return NOW
        case "BooleanField":
            return False
        case "JSONField":
            return {}
        case "BinaryField":
            return b""
        case _:
            return 1
