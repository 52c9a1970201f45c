from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "doudi.office.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from doudi.office.desk.frame import AT_WORK, CLERKS, around, n_in_hand
        from doudi.office.look import frame, rail

        frame.providers.append(around)
        rail.tabs.append(
            rail.Tab("work", _("今天"), "list-checks", "today", "/today", frozenset(AT_WORK), 10, n_in_hand)
        )
        rail.tabs.append(rail.Tab("work", _("找人、找户"), "search", "search", "/search", frozenset(CLERKS), order=30))
