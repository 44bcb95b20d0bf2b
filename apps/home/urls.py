"""The first page, and what belongs to no other app."""

from django.urls import path

from apps.home import setup_views, views

app_name = "home"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("healthz", views.health, name="health"),
    path("setup/<str:link>/", setup_views.setup, name="setup"),
    path("theme/", views.choose_theme, name="theme"),
]
