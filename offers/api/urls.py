from django.urls import path, re_path

from . import views

app_name = "api"
urlpatterns = [
    path("", views.index, name="index"),
    path("openapi.json", views.description, name="openapi"),
    path("offers/", views.offers, name="offers"),
    path("offers/<slug:reference>/", views.offer, name="offer"),
    path("resources/", views.resources, name="resources"),
    path("states/", views.states, name="states"),
    path("states/<slug:iso3>/", views.state, name="state"),
    path("bodies/", views.bodies, name="bodies"),
    path("contacts/", views.contacts, name="contacts"),
    path("areas/", views.areas, name="areas"),
    path("forms/", views.forms, name="forms"),
    # An address without its last stroke is led to the one with it, so only the latter can be unknown.
    re_path(r"\A[\s\S]*/\Z", views.not_found, name="not_found"),
]
