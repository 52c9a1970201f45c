from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "doudi.office.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from doudi.office.cases import rosters, shown
        from doudi.office.look import panels

        rosters.bring()
        panels.panels.append(shown.money_panel)
        panels.timelines.append(shown.timeline)
        panels.marks.append(shown.marks)
