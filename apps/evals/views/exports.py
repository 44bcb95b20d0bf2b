"""A run as a file."""

from uuid import UUID

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from apps.core.http import AuthedRequest
from apps.evals.models import Run
from apps.evals.results import exporting
from apps.evals.views.runs import visible_run


@require_GET
def run_csv(request: AuthedRequest, run_id: UUID) -> StreamingHttpResponse:
    """Send every answer as a line, while they are read from the database."""
    run = visible_run(request, run_id)
    lines = exporting.csv_lines(run)
    return _named(StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8"), run, "csv")


@require_GET
def run_labels_csv(request: AuthedRequest, run_id: UUID) -> StreamingHttpResponse:
    """Send the figures of every label, also of those that the page adds up."""
    run = visible_run(request, run_id)
    lines = exporting.label_lines(run)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    return _named(response, run, "labels.csv")


@require_GET
def run_json(request: AuthedRequest, run_id: UUID) -> StreamingHttpResponse:
    """Send the verdicts and every answer for programs; `positive` names the label that counts."""
    run = visible_run(request, run_id)
    parts = exporting.json_parts(run, positive=request.GET.get("positive"))
    return _named(StreamingHttpResponse(parts, content_type="application/json"), run, "json")


def _named(response: StreamingHttpResponse, run: Run, kind: str) -> StreamingHttpResponse:
    name = f"run-{run.suite.name[:60]}-{run.created_at:%Y-%m-%d}.{kind}"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""  # noqa: FBT003
    return response
