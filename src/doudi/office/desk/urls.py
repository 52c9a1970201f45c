from __future__ import annotations

from django.urls import path

from doudi.office.desk import views

urlpatterns = [
    path("", views.front, name="front"),
    path("today", views.today, name="today"),
    path("search", views.search, name="search"),
    path("households/<uuid:id>", views.household, name="household"),
    path("households/<uuid:id>/persons/<uuid:person_id>/<str:field>", views.reveal, name="reveal"),
]
