from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MonitoringConfig(AppConfig):
    name = "doudi.office.monitoring"
    label = "monitoring"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from doudi.office.look import panels, rail, work
        from doudi.office.monitoring import shown, tasks, waiting  # noqa: F401

        roles = frozenset({"county", "reviewer", "township", "village"})
        rail.tabs.append(rail.Tab("work", _("核查线索"), "scan-search", "findings", "/findings", roles, 20, shown.tab))
        panels.panels += [shown.clues_panel, shown.explanation_panel]
        panels.timelines.append(shown.timeline)
        panels.marks.append(shown.marks)
        panels.members.append(shown.member_words)
        work.sources.append(waiting.Clues())
