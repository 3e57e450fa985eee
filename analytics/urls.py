from django.urls import path

from .views import states, use

app_name = "analytics"
urlpatterns = [
    path("isu/use/", use.use_report, name="use_report"),
    path("isu/use.csv", use.use_report_csv, name="use_report_csv"),
    path("isu/figures/<slug:iso3>/", states.state_figures_page, name="state_figures"),
    path("isu/figures/<slug:iso3>.csv", states.state_figures_csv, name="state_figures_csv"),
    path("desk/figures/", states.own_figures, name="own_figures"),
    path("desk/figures.csv", states.own_figures_csv, name="own_figures_csv"),
]
