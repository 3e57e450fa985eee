from django.urls import path

from . import views

app_name = "contacts"
urlpatterns = [
    path("contacts/", views.Directory.as_view(), name="directory"),
    path("contacts.csv", views.directory_csv, name="directory_csv"),
    path("kept/<int:pk>/", views.kept, name="kept"),
    path("kept/<int:pk>/discard/", views.discard_kept, name="discard_kept"),
]
