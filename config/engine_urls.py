"""The engine's addresses: /v1 as OpenAI spells it, and its health."""

from django.urls import include, path

urlpatterns = [path("", include("apps.engine.urls"))]

handler400 = "apps.engine.errors.bad_request"
handler404 = "apps.engine.errors.unknown_url"
handler500 = "apps.engine.errors.server_error"
