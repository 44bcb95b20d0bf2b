"""The engine's addresses: /v1 as OpenAI spells it, and its health."""

from django.urls import include, path

urlpatterns = [path("", include("apps.engine.urls"))]
