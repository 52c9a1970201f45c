from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "doudi.office.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from doudi.office.desk.frame import around
        from doudi.office.look import frame

        frame.providers.append(around)
