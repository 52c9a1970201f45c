from __future__ import annotations

from django.apps import apps

from doudi.office.access.walls import is_scoped

# Every table of the office stands behind the walls, or here with the reason why not.
UNSCOPED = {
    "access.User": "accounts; shown to administrators only",
    "access.Post": "where a scope comes from",
    "audit.Seal": "hashes and an entry's id",
    "jobs.Job": "a task's name and an id",
    "law.Activation": "public: which law counts where",
    "law.PackEdition": "public: the law",
    "registry.Area": "public: the list of divisions",
    "registry.Identity": "a blind index and nothing readable; on no page",
    "registry.Source": "names of registers",
}


def test_a_table_outside_the_walls_says_why() -> None:
    """A new table derives from `Scoped` and carries its own area; if it holds nothing of anybody, name it above."""
    rooms = {app.label for app in apps.get_app_configs() if app.name.startswith("doudi.office.")}
    found = {m._meta.label for m in apps.get_models() if m._meta.app_label in rooms and not is_scoped(m)}
    assert found == UNSCOPED.keys()
