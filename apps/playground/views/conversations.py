"""Conversations: the list, the page, sending, renaming, deleting."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.permissions import editors_only
from apps.core.http import AuthedRequest, wants_partial
from apps.core.typed import whole_of
from apps.jobs.models import Job
from apps.library.models import TunedModel
from apps.playground import drafts, services, voting
from apps.playground.forms import TitleForm
from apps.playground.models import Conversation, Turn, with_turns
from apps.playground.showing import sameness
from apps.playground.views.pages import (
    choices_of,
    composer_of,
    editable,
    go_to,
    page_of,
    refused,
)
from apps.playground.views.rows import job_of_row

PAGE_SIZE = 50


@require_GET
def conversation_list(request: AuthedRequest) -> HttpResponse:
    mine = Conversation.objects.visible_to(request.membership).select_related("job", "created_by")
    mine = mine.with_columns().order_by("-updated_at", "-pk")
    page = Paginator(mine, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "playground/list.html", {"page_obj": page})


@require_http_methods(["GET", "POST"])
@editors_only
def conversation_create(request: AuthedRequest) -> HttpResponse:
    """Show an unsaved conversation; its first message saves it."""
    conversation, choices = drafts.draft(
        membership=request.membership,
        job=_job(request),
        model=request.GET.get("model", ""),
        tuned=_tuned_model(request),
        named=_named(request),
    )
    composer = composer_of(request, conversation, choices)
    if request.method == "POST":
        if not composer.is_valid():
            return refused(request, composer.errors)
        turn, _is_new = services.send(conversation=conversation, prompt=composer.sent)
        return go_to(request, turn.conversation)
    context = page_of(request, composer)
    context["jobs"] = [] if conversation.job else drafts.comparable_jobs(request.membership)
    return render(request, "playground/conversation.html", context)


@require_GET
def conversation_detail(request: AuthedRequest, conversation_id: UUID) -> HttpResponse:
    """Show the newest turns, and all since the one that the address names."""
    visible = Conversation.objects.visible_to(request.membership)
    conversation = get_object_or_404(visible, public_id=conversation_id)
    services.close_abandoned(conversation=conversation)
    since = conversation.turns.first_shown()
    if "turn" in request.GET:
        since = min(since, whole_of(request.GET["turn"]))
    conversation = with_turns(visible, since=since).get(public_id=conversation_id)
    if conversation.is_blind:
        voting.tell(conversation=conversation, user=request.membership.user)
    composer = composer_of(request, conversation, choices_of(conversation))
    context = page_of(request, composer)
    return render(request, "playground/conversation.html", context)


@require_GET
def turns_earlier(request: AuthedRequest, conversation_id: UUID, position: int) -> HttpResponse:
    """Show the turns before this one: as many as a page shows at once."""
    visible = Conversation.objects.visible_to(request.membership)
    conversation = get_object_or_404(visible, public_id=conversation_id)
    if conversation.is_blind:
        voting.tell(conversation=conversation, user=request.membership.user)
    before = conversation.turns.filter(position__lt=position)
    turns = before.filter(position__gte=before.first_shown()).with_replies()
    context = {
        "conversation": conversation,
        "turns": turns.select_related("conversation"),
        "same": sameness.in_conversation(conversation),
        "can_edit": request.membership.can_edit,
    }
    return render(request, "playground/_turns.html", context)


@require_POST
def conversation_send(request: AuthedRequest, conversation_id: UUID) -> HttpResponse:
    conversation = editable(request, conversation_id)
    composer = composer_of(request, conversation, choices_of(conversation))
    if not composer.is_valid():
        return refused(request, composer.errors)
    try:
        turn, is_new = services.send(conversation=conversation, prompt=composer.sent)
    except services.StillAnswering as exc:
        return refused(request, [str(exc)])
    if not wants_partial(request) or not is_new:
        return go_to(request, conversation)
    shown = Turn.objects.with_replies().get(pk=turn.pk)
    context = {"turn": shown, "conversation": conversation, "form_token": uuid4(), "can_edit": True}
    return render(request, "playground/_sent.html", context)


@require_POST
def conversation_rename(request: AuthedRequest, conversation_id: UUID) -> HttpResponse:
    conversation = editable(request, conversation_id)
    form = TitleForm(request.POST, instance=conversation)
    if form.is_valid():
        services.rename(conversation=conversation, title=form.cleaned_data["title"])
    else:
        messages.error(request, _("A conversation needs a title of at most 120 characters."))
    return redirect(conversation)


@require_POST
def conversation_delete(request: AuthedRequest, conversation_id: UUID) -> HttpResponse:
    services.delete_conversation(conversation=editable(request, conversation_id))
    messages.success(request, _("The conversation is deleted."))
    return redirect("playground:list")


def _named(request: AuthedRequest) -> list[tuple[str, str]]:
    """Return the connections that the address names, each with its model."""
    connections, models = request.GET.getlist("connection"), request.GET.getlist("model")
    return list(zip(connections, models, strict=False))


def _job(request: AuthedRequest) -> Job | None:
    """Return the job that the address names, or that a named row was made for."""
    if "job" not in request.GET:
        return job_of_row(request)
    jobs = Job.objects.visible_to(request.membership).with_details()
    try:
        return get_object_or_404(jobs, public_id=request.GET["job"])
    except ValidationError:  # not a UUID
        raise Http404 from None


def _tuned_model(request: AuthedRequest) -> TunedModel | None:
    """Return the tuned model that the address names, where no job here explains it."""
    if "tuned" not in request.GET:
        return None
    models = TunedModel.objects.visible_to(request.membership).select_related("connection")
    try:
        return get_object_or_404(models, public_id=request.GET["tuned"])
    except ValidationError:  # not a UUID
        raise Http404 from None
