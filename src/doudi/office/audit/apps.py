from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "doudi.office.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from doudi.office.audit.append_only import install

        post_migrate.connect(install, sender=self, dispatch_uid="audit.append_only")
