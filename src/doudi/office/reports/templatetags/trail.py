from __future__ import annotations

from django import template

from doudi.office.access import Role
from doudi.office.reports import acts

register = template.Library()


@register.filter
def act_word(code: str) -> str:
    return acts.word(acts.ACTS, code)


@register.filter
def field_word(name: str) -> str:
    """The word for a sealed field of a person: 证件号码."""
    return acts.word(acts.FIELDS, name)


@register.filter
def subject_word(kind: str) -> str:
    return acts.word(acts.SUBJECTS, kind)


@register.filter
def purpose_word(code: str) -> str:
    return acts.word(acts.PURPOSES, code)


@register.filter
def outcome_word(code: str) -> str:
    return acts.word(acts.OUTCOMES, code)


@register.filter
def post_word(role: str) -> str:
    """The word for a role of the office: 县级经办."""
    return str(Role(role).label) if role in Role.values else role
