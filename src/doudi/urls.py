"""All addresses, put together here and only here."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from doudi.health import healthz, metrics, readyz
from doudi.office.access import EVERYBODY, PUBLIC, access
from doudi.office.look.views import kit, preference

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", access(PUBLIC, "health")(healthz)),
    path("readyz", access(PUBLIC, "health")(readyz)),
    path("metrics", access(PUBLIC, "metrics")(metrics)),
    path("language", access(PUBLIC, "preference")(set_language), name="language"),
    path("preference", access(PUBLIC, "preference")(preference), name="preference"),
    path("kit", access(EVERYBODY, "kit")(kit), name="kit"),
    path("", include("doudi.office.access.urls")),
    path("", include("doudi.office.desk.urls")),
    path("", include("doudi.office.monitoring.urls")),
    path("", include("doudi.office.reports.urls")),
]
