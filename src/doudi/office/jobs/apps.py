from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "doudi.office.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from doudi.office.jobs.writes import watch

        connection_created.connect(watch, dispatch_uid="jobs.writes")
        autodiscover_modules("tasks")
