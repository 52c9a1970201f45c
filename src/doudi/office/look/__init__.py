"""How every page looks: base templates, tokens, icons, template tags; no models.

Nouns: Panel, Mark, TimelineEntry, Tab, Task and the parts of a page (`parts`). Doors: the tags of `{% load look %}`;
the lists upper rooms add to in their `apps.py`: `panels.panels`, `.timelines`, `.marks`, `rail.tabs`, `work.sources`,
`frame.providers`; `translations` for the English of each room.
"""
