from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "doudi.office.reports"
    label = "reports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from doudi.office.look import rail

        roles = frozenset({"auditor", "secadmin"})
        rail.tabs.append(rail.Tab("look", _("留痕"), "shield-check", "audit", "/audit", roles, order=60))
