from django.urls import path

from . import views

app_name = "analytics"
urlpatterns = [
    path("isu/use/", views.use_report, name="use_report"),
    path("isu/use.csv", views.use_report_csv, name="use_report_csv"),
]
