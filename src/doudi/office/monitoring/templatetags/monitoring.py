"""How clues are written on a page."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from doudi.engine.divisions import find
from doudi.engine.policy.model import Words
from doudi.engine.values import Money
from doudi.office.look.parts import ChipTone
from doudi.office.look.places import spoken, steps
from doudi.office.look.templatetags.look import chip, money
from doudi.office.monitoring.models import Finding

register = template.Library()

TONES: dict[str, tuple[ChipTone, str]] = {
    "missed": ("warn", "user-plus"),
    "no_longer_eligible": ("info", "user-minus"),
    "amount": ("info", "banknote"),
    "to_verify": ("unknown", ""),
    "overlap": ("warn", "copy"),
    "risk": ("warn", ""),
}


@register.simple_tag
def finding_chip(finding: Finding) -> SafeString:
    tone, mark = TONES[finding.kind]
    return chip(tone, finding.get_kind_display(), mark)


@register.filter
def programme_name(programme: str, names: dict[str, Words]) -> str:
    return word(names[programme]) if programme in names else programme


@register.filter
def priority_label(part: str, labels: dict[str, Words]) -> str:
    return word(labels[part]) if part in labels else part


@register.filter
def yuan(fen: int) -> str:
    return money(Money(fen).yuan)


@register.filter
def area_name(code: str) -> str:
    area = find(code)
    return spoken(area) if area else code


@register.filter
def area_path(code: str) -> str:
    """裕安区 › 西河口乡 › 江店村."""
    return " › ".join(steps(code))


def titled(finding: Finding, programme: str) -> str:
    """待核实 最低生活保障; To be verified: minimum living allowance."""
    kind = str(finding.get_kind_display())
    return _("%(kind)s %(programme)s") % {"kind": kind, "programme": programme} if programme else kind


def word(words: Words | Any) -> str:
    return words.en if (get_language() or "").startswith("en") else words.zh
