from django.urls import path

from doudi.office.monitoring import views

urlpatterns = [
    path("findings", views.findings, name="findings"),
    path("households/<uuid:id>/why", views.why, name="household-why"),
    path("findings/compare", views.compare, name="findings-compare"),
    path("findings/<uuid:id>/settle", views.settle, name="finding-settle"),
]
