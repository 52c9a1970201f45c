from __future__ import annotations

from django.urls import path

from doudi.office.reports import views

urlpatterns = [path("audit", views.audit, name="audit")]
