"""How every page looks: base templates, tokens, icons, template tags; no models.

Doors: the template tags `icon`, `amount`, `clock`, `chip`, `bottom_line`; the dataclasses Panel and TimelineEntry.
"""
