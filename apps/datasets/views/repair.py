"""The page where steps are put together, tried out, and made into the next version."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.core.http import AuthedRequest, wants_partial
from apps.core.typed import token_of, whole_of
from apps.datasets.diffs.rows import PartDiff, compare_rows
from apps.datasets.forms import recipes
from apps.datasets.forms.recipes import RecipeForm, chosen_from
from apps.datasets.models import Version
from apps.datasets.recipes import engine
from apps.datasets.rulebook import RULES
from apps.datasets.selectors import repairs
from apps.datasets.services.recipes import FormUsedBefore, make_version
from apps.datasets.views import versions

SHOWN_CHANGES = 8
PREVIEW_SECONDS = 1.0
SHOWN_BYTES = 64 * 1024
LONGEST_CODE = 80
LONGEST_LINK = 4_000  # beyond, proxies refuse the request


@require_http_methods(["GET", "POST"])
def version_repair(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Show the steps so far and what they would do; with `make`, make the next version."""
    find = versions.editable if request.method == "POST" else versions.visible
    version = find(request, dataset_id, number)
    posted = request.POST if request.method == "POST" else request.GET
    form = RecipeForm(recipes.changed([*_linked(version, posted), *recipes.sent(posted)], posted))
    preview = _preview(version, form)
    refusal = _stranger(posted)
    if "make" in posted and request.method == "POST":
        refusal = refusal or _refusal(form, preview) or _overtaken(version, posted)
        if not refusal:
            return _made(request, version, form, posted)
    return _page(request, version, form, preview, refusal)


def _linked(version: Version, posted: QueryDict) -> Any:
    """Begin with what repairs one kind of problem."""
    code = posted.get("fix")
    return chosen_from(repairs.steps_for(version, code)) if code else []


def _stranger(posted: QueryDict) -> str:
    """Say which step of a link or a form there is not; it is left out. Empty when there are all."""
    if code := recipes.unknown(posted):
        return _("There is no step “%(code)s”.") % {"code": code[:LONGEST_CODE]}
    fix = posted.get("fix", "")
    if fix and fix not in RULES:
        return _("There is no kind of problem “%(code)s”.") % {"code": fix[:LONGEST_CODE]}
    return ""


def _preview(version: Version, form: RecipeForm) -> engine.Preview | None:
    if not form.is_valid or not version.row_count or not version.is_built:
        return None
    return engine.preview(form.recipe, version.path, seconds=PREVIEW_SECONDS, most=SHOWN_CHANGES)


def _refusal(form: RecipeForm, preview: engine.Preview | None) -> str:
    """Say why no version can be made of the form; empty when it can."""
    if not form.steps:
        return _("Choose a step first.")
    if not form.is_valid:
        return _("One of the settings cannot be used; see below.")
    if preview is None:
        return _("This version has no rows that could be changed.")
    if preview.is_complete and not preview.does_anything:
        return _("These steps change nothing, so no version was made.")
    if preview.is_complete and not preview.left:
        return _("No row would be left after these steps.")
    return ""


def _overtaken(version: Version, posted: QueryDict) -> str:
    """Say once that somebody made a version since the page was shown; empty when nobody did."""
    number = version.dataset.last_number
    is_again = Version.objects.filter(public_id=token_of(posted)).exists()
    if is_again or whole_of(posted.get("next", "")) in (0, number + 1):
        return ""
    words = _(
        "Version %(number)d was made in the meantime, and yours will not have what is new there. "
        "Press again to make it all the same."
    )
    return words % {"number": number}


def _made(
    request: AuthedRequest, version: Version, form: RecipeForm, posted: QueryDict
) -> HttpResponse:
    try:
        made = make_version(
            version=version,
            membership=request.membership,
            recipe=form.recipe,
            note=posted.get("note", ""),
            token=token_of(posted),
        )
    except FormUsedBefore as exc:
        messages.error(request, str(exc))
        return redirect("datasets:repair", *version.address)
    return redirect(made)


def _page(
    request: AuthedRequest,
    version: Version,
    form: RecipeForm,
    preview: engine.Preview | None,
    refusal: str,
) -> HttpResponse:
    posted = request.POST
    context = {
        "version": version,
        "can_edit": request.membership.can_edit,
        "form": form,
        "form_token": posted.get("form_token") or uuid4(),
        "note": posted.get("note", ""),
        "refusal": refusal,
        "preview": preview,
        "changes": [_shown(change) for change in preview.changes] if preview else [],
        "steps": _steps(form, preview),
        "offered": recipes.offered(),
        "next_number": version.dataset.last_number + 1,
        "picked": "" if "pick_add" in posted else posted.get("pick", ""),
        "focus": recipes.hand(posted, len(form)),
        **_suggested(version, form),
    }
    if wants_partial(request):
        answer = render(request, "datasets/repair.html#repair-builder", context)
        answer["HX-Replace-Url"] = _address(version, form)
        return answer
    refused = 422 if request.method == "POST" else 400  # the second: a link that names no step
    status = refused if refusal else 200
    return render(request, "datasets/repair.html", context, status=status)


def _suggested(version: Version, form: RecipeForm) -> dict[str, Any]:
    """What could be done, each with the place of the step that does it already, if one does."""
    if not version.row_count:
        return {}
    found = repairs.suggestions_for(version)
    return {
        "suggestions": found,
        "repairs": [(each, form.place_of(each.steps)) for each in found.repairs],
        "preparations": [(each, form.place_of(each.steps)) for each in found.preparations],
    }


def _address(version: Version, form: RecipeForm) -> str:
    """Return where the page stands with these steps: a reload, or a colleague, finds them again."""
    here = reverse("datasets:repair", args=version.address)
    link = recipes.as_link(form.chosen)
    return f"{here}?{link}" if link and len(link) <= LONGEST_LINK else here


def _steps(form: RecipeForm, preview: engine.Preview | None) -> list[dict[str, Any]]:
    """Each step with what it does to the rows looked at."""
    outcomes = preview.outcomes if preview else [None] * len(form)
    return [
        {
            "form": step,
            "outcome": outcome,
            "found": repairs.found_words(outcome) if outcome else "",
        }
        for step, outcome in zip(form.steps, outcomes, strict=True)
    ]


def _shown(change: engine.Change) -> dict[str, Any]:
    """Put one change side by side; of very long rows only their beginnings are compared."""
    before, after = change.before, change.after
    return {
        "number": before.number if before else None,
        "is_dropped": after is None,
        "parts": _compared(before.line if before else None, after.line if after else None),
    }


def _compared(before: bytes | None, after: bytes | None) -> list[PartDiff]:
    cut = max(map(len, filter(None, (before, after))), default=0) > SHOWN_BYTES
    return [] if cut else compare_rows(before, after)
