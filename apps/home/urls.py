"""The first page, its live part, and what belongs to no other app."""

from django.urls import path

from apps.home import views

app_name = "home"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("theme/", views.choose_theme, name="theme"),
]
