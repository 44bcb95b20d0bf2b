"""The evidence for one model: a page, a file that needs nothing else, and JSON."""

from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.http import content_disposition_header
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from apps.core.http import AuthedRequest
from apps.evals.evidence import drawing, evidence_of
from apps.library.models import TunedModel

STYLES = Path(__file__).resolve().parent.parent / "evidence" / "file.css"


@require_GET
def evidence_page(request: AuthedRequest, model_id: UUID) -> HttpResponse:
    """Show everything that speaks for or against a model."""
    return render(request, "evals/evidence.html", _context(request, _model(request, model_id)))


@require_GET
def evidence_html(request: AuthedRequest, model_id: UUID) -> HttpResponse:
    """Send the same as one file that needs nothing else."""
    model = _model(request, model_id)
    # The style sheet is ours, and stands in the file itself: a file has no policy of its own.
    styles = mark_safe(f"<style>{STYLES.read_text()}</style>")  # noqa: S308
    context = {**_context(request, model), "styles": styles}
    page = render_to_string("evals/evidence_file.html", context, request)
    return _file(page.encode(), model, "html", "text/html; charset=utf-8")


@require_GET
def evidence_json(request: AuthedRequest, model_id: UUID) -> HttpResponse:
    """Send the same for programs."""
    model = _model(request, model_id)
    told = orjson.dumps(evidence_of(model, request.membership), option=orjson.OPT_INDENT_2)
    return _file(told, model, "json", "application/json")


def _context(request: AuthedRequest, model: TunedModel) -> dict[str, Any]:
    evidence = evidence_of(model, request.membership)
    return {
        "model": model,
        "evidence": evidence,
        "drawings": drawing.drawings(evidence["curves"]),
    }


def _model(request: AuthedRequest, model_id: UUID) -> TunedModel:
    models = TunedModel.objects.visible_to(request.membership)
    related = (
        "connection",
        "job__connection",
        "job__training_data__dataset",
        "job__validation_data__dataset",
    )
    return get_object_or_404(models.select_related(*related), public_id=model_id)


def _file(content: bytes, model: TunedModel, kind: str, content_type: str) -> HttpResponse:
    name = f"evidence-{str(model)[:60]}.{kind}"
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or ""  # noqa: FBT003
    return response
