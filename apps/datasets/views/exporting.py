"""Rows to take away, written as a provider wants them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from apps.core.http import AuthedRequest
from apps.datasets import exporting, trainability
from apps.datasets.models import Version
from apps.datasets.views import versions
from apps.providers.profiles.dataset_rules import all_rules, rules_named


@require_GET
def version_export(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponseBase:
    """Show what an export would change, provider by provider; with `profile`, send the rows."""
    version = versions.visible(request, dataset_id, number)
    if not version.row_count or not version.path.is_file():
        raise Http404
    if "profile" in request.GET:
        return _download(request, version)
    return _page(request, version)


def _page(request: AuthedRequest, version: Version) -> HttpResponse:
    context = {
        "version": version,
        "verdicts": [trainability.judge(version, rules) for rules in all_rules()],
        "droppable": exporting.droppable(version),
        "is_flat": exporting.is_flat(version),
        "can_edit": request.membership.can_edit,
    }
    return render(request, "datasets/export.html", context)


def _download(request: AuthedRequest, version: Version) -> StreamingHttpResponse:
    name = request.GET["profile"]
    if name == "csv" and exporting.is_flat(version):
        return _sent(exporting.table_blocks(version.path), version, "csv", "text/csv")
    rules = rules_named(name)
    if rules is None:
        raise Http404
    drop = frozenset(request.GET.getlist("drop")) & frozenset(exporting.DROPPABLE)
    plan = exporting.plan_for(version, rules, drop=drop)
    blocks = exporting.blocks(version.path, plan)
    return _sent(blocks, version, f"{rules.name}.jsonl", "application/jsonl")


def _sent(
    blocks: Iterator[bytes], version: Version, ending: str, kind: str
) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_parts(blocks), content_type=kind)
    name = f"{version.name}-{version.number}.{ending}"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""  # noqa: FBT003
    response["X-Content-Type-Options"] = "nosniff"
    return response


async def _parts(blocks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Make each block in a thread: other pages have their turn in between."""
    while block := await asyncio.to_thread(next, blocks, b""):
        yield block
