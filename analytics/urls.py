from django.urls import path

from . import views

app_name = "analytics"
urlpatterns = [
    path("isu/use/", views.use_report, name="use_report"),
    path("isu/use.csv", views.use_report_csv, name="use_report_csv"),
    path("isu/figures/<slug:iso3>/", views.state_figures_page, name="state_figures"),
    path("isu/figures/<slug:iso3>.csv", views.state_figures_csv, name="state_figures_csv"),
    path("desk/figures/", views.own_figures, name="own_figures"),
    path("desk/figures.csv", views.own_figures_csv, name="own_figures_csv"),
]
