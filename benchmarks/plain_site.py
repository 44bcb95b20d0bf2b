"""What a page costs at the least in Django: 50 jobs as a table, for anybody.

The same uvicorn, the same rows by the same ORM, a template of a few lines; no session, no person,
no navigation, no form, no translated word.
"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402
from django.core.handlers.asgi import ASGIHandler  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.template import Context, Engine  # noqa: E402
from django.urls import path  # noqa: E402

from apps.jobs.models import Job  # noqa: E402
from apps.jobs.selectors import LISTED  # noqa: E402

WORKSPACE = 1  # the first and only one

PAGE = Engine().from_string(
    """<!doctype html><title>Jobs</title><table>{% for job in jobs %}<tr>
    <td><a href="/jobs/{{ job.public_id }}/">{{ job.name }}</a> {{ job.base_model }}</td>
    <td>{{ job.connection.name }}</td><td>{{ job.status }}</td>
    <td>{{ job.step }} / {{ job.total_steps }}</td><td>{{ job.training_data.dataset.name }}</td>
    <td>{{ job.created_at|date:"Y-m-d H:i" }}</td></tr>{% endfor %}</table>"""
)


def jobs(request: HttpRequest) -> HttpResponse:
    found = Job.objects.select_related("training_data__dataset", "connection").only(*LISTED)
    newest = found.filter(workspace=WORKSPACE).order_by("-created_at", "-pk")[:50]
    return HttpResponse(PAGE.render(Context({"jobs": newest})))


urlpatterns = [path("", jobs)]
settings.MIDDLEWARE, settings.ROOT_URLCONF = [], __name__
application = ASGIHandler()
