"""The right answer to a question, on its way into the next version of a dataset."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.core.http import AuthedRequest, wants_partial
from apps.core.typed import uuid_of
from apps.datasets.editing import changes, corrections
from apps.datasets.models import Dataset, Version
from apps.datasets.services.edits import TooMuchToSave, save_as_version
from apps.playground.data import fixing, subjects
from apps.playground.data.subjects import Subject
from apps.playground.forms.fixing import CorrectionForm

PAGE = "playground/correct.html"


@require_http_methods(["GET", "POST"])
def correct_reply(request: AuthedRequest, reply_id: UUID) -> HttpResponse:
    """Write the right answer in the place of a reply of the playground."""
    return _correct(request, subjects.of_reply(request.membership, reply_id, to_edit=True))


@require_http_methods(["GET", "POST"])
def correct_answer(request: AuthedRequest, answer_id: int) -> HttpResponse:
    """Write the right answer in the place of an answer of an eval."""
    return _correct(request, subjects.of_answer(request.membership, answer_id, to_edit=True))


def _correct(request: AuthedRequest, subject: Subject) -> HttpResponse:
    if request.method == "POST":
        return _keep(request, subject)
    if "kept" in request.GET:
        return _kept(request, subject)
    if wants_partial(request):  # another dataset was chosen
        form = CorrectionForm(request.GET, membership=request.membership)
        context = {"subject": subject, "form": form, "place": _place(request, form, subject)}
        return render(request, f"{PAGE}#correction-place", context)
    dataset = fixing.default_dataset(subject)
    initial = {
        "answer": subject.text if subject.tools else subject.expected or subject.text,
        "dataset": dataset.public_id if dataset else None,
    }
    form = CorrectionForm(initial=initial, membership=request.membership)
    place = fixing.place_in(dataset, subject, request.membership) if dataset else None
    return render(request, PAGE, {"subject": subject, "form": form, "place": place})


def _keep(request: AuthedRequest, subject: Subject) -> HttpResponse:
    form = CorrectionForm(request.POST, membership=request.membership)
    place = _place(request, form, subject)
    if form.is_valid() and place is None:
        form.add_error("dataset", _("This dataset has no version that can be read."))
    if form.is_valid() and place is not None:
        data = form.cleaned_data
        try:
            fixing.keep(
                place=place,
                subject=subject,
                membership=request.membership,
                answer=data["answer"],
                replaces=data["where"] != CorrectionForm.ADD,
                with_own_prompt=data["own_prompt"],
            )
        except (corrections.CannotCorrect, changes.TooMuchToKeep) as exc:
            form.add_error("dataset", str(exc))
        else:
            return _go_on(request, place.version)
    context = {"subject": subject, "form": form, "place": place}
    return render(request, PAGE, context, status=422)


def _go_on(request: AuthedRequest, version: Version) -> HttpResponse:
    """Go to what was kept; or make the version now, with everything that waits for it."""
    if request.POST.get("do") == "version":
        try:
            made = save_as_version(version=version, membership=request.membership)
        except TooMuchToSave as exc:
            messages.error(request, str(exc))
        else:
            return redirect(made or version)
    return redirect(f"{request.path}?kept={version.public_id}")


def _kept(request: AuthedRequest, subject: Subject) -> HttpResponse:
    """Say what waits to become the next version, and offer to make it."""
    version = _version(request)
    context = {
        "subject": subject,
        "version": version,
        "pending": changes.pending(version, request.membership),
    }
    return render(request, "playground/corrected.html", context)


def _version(request: AuthedRequest) -> Version:
    mine = Version.objects.editable_by(request.membership).select_related("dataset")
    return get_object_or_404(mine, public_id=uuid_of(request.GET["kept"]))


def _place(request: AuthedRequest, form: CorrectionForm, subject: Subject) -> Any:
    form.is_valid()
    dataset: Dataset | None = form.cleaned_data.get("dataset")
    return fixing.place_in(dataset, subject, request.membership) if dataset else None
