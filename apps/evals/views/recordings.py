"""Recordings: the list, one of them, files sent, and the answers of a run kept."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Q, Subquery, TextField
from django.db.models.functions import Cast
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.permissions import editors_only
from apps.core.http import AuthedRequest, wants_partial
from apps.evals.forms.recordings import RecordingForm
from apps.evals.models import RecordedAnswer, Recording, Run
from apps.evals.records import keeping
from apps.evals.services import Refused
from apps.evals.views.runs import editable_run

PER_PAGE = 50
ANSWERS_PER_PAGE = 20


@require_GET
def recording_list(request: AuthedRequest) -> HttpResponse:
    """Show the recordings, newest first."""
    mine = Recording.objects.visible_to(request.membership)
    # A count of its own for each row: only those of this page are counted.
    answers = RecordedAnswer.objects.filter(recording=OuterRef("pk")).order_by()
    count = Subquery(answers.values("recording").annotate(count=Count("pk")).values("count"))
    counted = mine.annotate(answer_count=count).order_by("-created_at", "-pk")
    context = {
        "page_obj": Paginator(counted, PER_PAGE).get_page(request.GET.get("page", 1)),
        "can_edit": request.membership.can_edit,
    }
    return render(request, "evals/recordings.html", context)


@editors_only
@require_http_methods(["GET", "POST"])
def recording_create(request: AuthedRequest) -> HttpResponse:
    """Take files with answers; to a page that has its files still, only what is wrong."""
    form = RecordingForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        recording = keeping.keep_files(
            membership=request.membership,
            name=form.cleaned_data["name"],
            model=form.cleaned_data["model"],
            transcript=form.transcript,
            public_id=form.cleaned_data["form_token"],
        )
        if count := form.transcript.bad_count:
            messages.warning(request, _left_out(count))
        return redirect(recording)
    context = {"form": form, "transcript": form.transcript}
    template = "evals/recording_create.html"
    part = f"{template}#recording-form" if wants_partial(request) else template
    return render(request, part, context, status=422 if form.errors else 200)


@require_GET
def recording_detail(request: AuthedRequest, recording_id: UUID) -> HttpResponse:
    """Show what was answered, question by question, and the runs that compare with it."""
    recording = _visible(request, recording_id)
    words = request.GET.get("q", "").replace("\0", "").strip()[:200]
    answers = recording.answers.order_by("pk")
    if words:
        said = answers.annotate(said=Cast("messages", TextField()))
        answers = said.filter(Q(text__icontains=words) | Q(said__icontains=words))
    pages = Paginator(answers, ANSWERS_PER_PAGE)
    runs = Run.objects.filter(candidates__recording=recording).select_related("suite")
    context = {
        "recording": recording,
        "page_obj": pages.get_page(request.GET.get("page", 1)),
        "words": words,
        "answer_count": recording.answers.count(),
        "question_count": recording.answers.values("question_key").distinct().count(),
        "runs": runs.order_by("-created_at", "-pk")[:PER_PAGE],
        "can_edit": request.membership.can_edit,
    }
    return render(request, "evals/recording.html", context)


@require_POST
def recording_delete(request: AuthedRequest, recording_id: UUID) -> HttpResponse:
    """Delete a recording, unless a run stands on it."""
    mine = Recording.objects.editable_by(request.membership)
    recording = get_object_or_404(mine, public_id=recording_id)
    try:
        keeping.delete(recording=recording)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(recording)
    messages.success(request, _("“%(name)s” is deleted.") % {"name": recording.name})
    return redirect("evals:recordings")


@require_POST
def answers_keep(request: AuthedRequest, run_id: UUID, position: int) -> HttpResponse:
    """Keep the answers of one model of a run."""
    run = editable_run(request, run_id)
    candidates = run.candidates.select_related("connection", "run__suite")
    candidate = get_object_or_404(candidates, position=position)
    try:
        recording = keeping.keep_candidate(membership=request.membership, candidate=candidate)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(run)
    return redirect(recording)


def _visible(request: AuthedRequest, recording_id: UUID) -> Recording:
    mine = Recording.objects.visible_to(request.membership)
    return get_object_or_404(mine, public_id=recording_id)


def _left_out(count: int) -> str:
    words = ngettext("%(count)d line was left out.", "%(count)d lines were left out.", count)
    return words % {"count": count}
