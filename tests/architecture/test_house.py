"""Habits of the house, made to fail loudly."""

from __future__ import annotations

import re
import subprocess
from importlib import import_module
from pathlib import Path

import pytest
from django import forms
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ["jobs", "look", "audit", "access", "law", "registry", "cases", "monitoring", "reports", "desk"]


def tracked(pattern: str = "") -> list[Path]:
    names = subprocess.run(["git", "ls-files", pattern or "."], cwd=ROOT, capture_output=True, text=True, check=False)
    return [path for name in names.stdout.split("\n") if name and (path := ROOT / name).is_file()]


def sources() -> list[Path]:
    return sorted((ROOT / "src").rglob("*.py"))


def test_pins_carry_no_address() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text("utf-8").splitlines():
            assert re.fullmatch(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==[^\s;:/]+", line), f"{name}: {line}"


def test_no_machine_path_or_index_address_is_tracked() -> None:
    if not (files := tracked()):
        pytest.skip("not a git checkout")
    odd = re.compile(r"/home/\w+/|/root/|--(extra-)?index-url|--find-links")
    here = Path(__file__)
    for path in files:
        if path != here and path.suffix in {".py", ".md", ".toml", ".txt", ".yaml", ".yml", ".sh", ".html", ""}:
            assert not odd.search(path.read_text("utf-8", errors="ignore")), path


def test_no_room_points_upwards_by_a_string_key() -> None:
    """import-linter cannot see `ForeignKey("upper.Model")` or a generic key."""
    for model in apps.get_models():
        room = model._meta.app_label
        if room not in FLOORS:
            continue
        for field in model._meta.get_fields():
            if not getattr(field, "concrete", False) or not field.is_relation or field.related_model is None:
                continue
            target = field.related_model._meta.app_label
            if target in FLOORS:
                assert FLOORS.index(target) <= FLOORS.index(room), f"{model.__name__}.{field.name} climbs to {target}"
    assert not any("GenericForeignKey" in path.read_text("utf-8") for path in sources())


def test_every_room_introduces_itself_in_at_most_ten_lines() -> None:
    for room in FLOORS:
        text = (ROOT / "src/doudi/office" / room / "__init__.py").read_text("utf-8")
        doc = re.match(r'"""(.*?)"""', text, re.S)
        assert doc and doc.group(1).count("\n") < 10, room


def test_no_catch_all_room() -> None:
    bad = {"utils", "common", "helpers", "core", "base", "misc"}
    allowed = {"access/sqlite/base.py", "access/postgres/base.py"}  # Django loads a database backend by this name
    assert not [
        path
        for path in sources()
        if (path.stem in bad or path.parent.name in bad) and "/".join(path.parts[-3:]) not in allowed
    ]


def test_files_stay_short() -> None:
    long = [(p, n) for p in sources() if "migrations" not in p.parts and (n := p.read_text("utf-8").count("\n")) > 400]
    assert not long


WRITTEN_BY_PROGRAMS = {"monitoring.Run.fault"}


def test_free_text_that_people_write_goes_through_one_door() -> None:
    """A number typed into a reason would stand in the database in clear text."""
    from doudi.office.audit.remarks import Remark, RemarkField

    for model in apps.get_models():
        for column in model._meta.concrete_fields if model._meta.app_label in FLOORS else ():
            name = f"{model._meta.label}.{column.name}"
            free = isinstance(column, models.TextField) and name not in WRITTEN_BY_PROGRAMS
            assert not free or isinstance(column, RemarkField), f"{name}: use RemarkField"
    for form in _forms():
        for name, field in form.base_fields.items():
            free = isinstance(field.widget, forms.Textarea)
            assert not free or isinstance(field, Remark), f"{form.__name__}.{name}: use Remark"


def _forms() -> list[type[forms.BaseForm]]:
    """Every form of the office."""
    for path in (ROOT / "src/doudi/office").glob("*/forms.py"):
        import_module(f"doudi.office.{path.parent.name}.forms")
    found, below = [], [forms.BaseForm]
    while below:
        below += (form := below.pop()).__subclasses__()
        found += [form] if form.__module__.startswith("doudi.") else []
    return found


def test_a_day_that_is_typed_stands_inside_the_calendar() -> None:
    """`9999-12-31` has no day after it: a form that takes it answers 500."""
    from doudi.office.look.forms import DayField

    for form in _forms():
        for name, field in form.base_fields.items():
            typed = isinstance(field, (forms.DateField, forms.DateTimeField))
            assert not typed or isinstance(field, DayField), f"{form.__name__}.{name}: use DayField"
