from __future__ import annotations

from django import template

from doudi.office.desk.facts import said
from doudi.office.desk.words import PageWords
from doudi.office.look.panels import Panel

register = template.Library()


@register.simple_tag(takes_context=True)
def room_panel(context: template.Context, panel: Panel) -> str:
    """A room's own block, drawn from its own template and context."""
    drawn = context.template.engine.get_template(panel.template)  # type: ignore[union-attr]
    with context.push(**panel.context):
        return drawn.render(context)


@register.filter
def role_word(role: str, words: PageWords) -> str:
    """The pack's word for a role in the household."""
    return said(words.labels.get("roles", {}).get(role), role)
