"""The rows of training data that are nearest to an answer, and the way to change them."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.core.http import AuthedRequest, wants_partial
from apps.core.typed import whole_of
from apps.datasets.editing import changes, corrections
from apps.datasets.models import Version
from apps.datasets.rows.nearest import Ranked
from apps.playground.data import nearest, rows, subjects
from apps.playground.data.nearest import CannotRank, Nearest
from apps.playground.data.subjects import Subject
from apps.providers.models import Connection

PAGE = "playground/nearest.html"
LONGEST_NAME = 300


@require_http_methods(["GET", "POST"])
def nearest_to_reply(request: AuthedRequest, reply_id: UUID) -> HttpResponse:
    """Show the rows that are nearest to a reply of the playground and its question."""
    is_asking = request.method == "POST"
    return _nearest(request, subjects.of_reply(request.membership, reply_id, to_edit=is_asking))


@require_http_methods(["GET", "POST"])
def nearest_to_answer(request: AuthedRequest, answer_id: int) -> HttpResponse:
    """Show the rows that are nearest to an answer of an eval and its question."""
    is_asking = request.method == "POST"
    return _nearest(request, subjects.of_answer(request.membership, answer_id, to_edit=is_asking))


def _nearest(request: AuthedRequest, subject: Subject) -> HttpResponse:
    """Look for a moment; the page asks for the next step until all rows were looked at.

    By meaning is asked for with a button: what a model makes of texts may cost something.
    """
    version = _version(request, subject)
    context: dict[str, Any] = {"subject": subject, "version": version, "wanted": _wanted(request)}
    status = 200
    if version is not None:
        found, error = _found(request, subject, version)
        context |= {"found": found, "error": error, **_around(request, version)}
        status = 422 if error else 200
    context["versions"] = _versions(request, subject)
    template = f"{PAGE}#nearest-rows" if wants_partial(request) else PAGE
    return render(request, template, context, status=status)


def _found(request: AuthedRequest, subject: Subject, version: Version) -> tuple[Nearest, str]:
    asked = request.POST if request.method == "POST" else request.GET
    total = version.row_count or 0
    so_far = Ranked(
        nearest.read(asked.get("question", ""), total),
        nearest.read(asked.get("answer", ""), total),
        min(whole_of(asked.get("after", "")), total),
        total,
    )
    if request.method != "POST":
        return nearest.look(version, subject, so_far), ""
    try:
        return _by_meaning(request, subject, version, so_far), ""
    except CannotRank as exc:
        return nearest.look(version, subject, so_far), str(exc)


def _by_meaning(
    request: AuthedRequest, subject: Subject, version: Version, so_far: Ranked
) -> Nearest:
    connection = _connections(request).get(request.POST.get("connection", ""))
    if connection is None:
        raise CannotRank(_("Choose a connection."))
    wanted = request.POST.get("model", "").replace("\0", "")[:LONGEST_NAME]
    model = nearest.embedding_model(connection, wanted)
    if not model:
        raise CannotRank(_("Name the model that makes vectors, such as text-embedding-3-small."))
    return nearest.by_meaning(version, subject, so_far, connection=connection, model=model)


def _wanted(request: AuthedRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in ("connection", "model")}


def _around(request: AuthedRequest, version: Version) -> dict[str, Any]:
    """Return what the page says of the version, and what its member may do there."""
    newest = corrections.target(version.dataset)
    can_edit = request.membership.can_edit
    return {
        "newest": newest if newest and newest.number > version.number else None,
        "can_edit": can_edit,
        "pending": changes.pending(version, request.membership) if can_edit else None,
        "connections": list(_connections(request).values()) if can_edit else [],
        "is_by_meaning": request.method == "POST",
    }


def _connections(request: AuthedRequest) -> dict[str, Connection]:
    """Return the connections that make vectors of texts, the local engine first."""
    mine = Connection.objects.visible_to(request.membership).order_by("name", "pk")
    able = [each for each in mine if nearest.can_embed(each)]
    able.sort(key=lambda each: each.profile != Connection.Profile.ENGINE)
    return {str(each.public_id): each for each in able}


def _versions(request: AuthedRequest, subject: Subject) -> list[Version]:
    """Return the versions to look into: first what the model has learned from."""
    first = {version.pk: version for version in subject.learned_from}
    others = rows.choices(request.membership, None)
    return [*first.values(), *(each for each in others if each.pk not in first)]


def _version(request: AuthedRequest, subject: Subject) -> Version | None:
    if "data" not in request.GET:
        return subject.learned_from[0] if subject.learned_from else None
    if version := rows.version_named(request.membership, request.GET["data"]):
        return version
    raise Http404
