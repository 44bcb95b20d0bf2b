"""Conversations: the list, the page, sending, renaming, deleting."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget

from apps.accounts.permissions import editors_only
from apps.core.http import AuthedRequest, wants_partial
from apps.jobs.models import Job
from apps.library.models import TunedModel
from apps.playground import drafts, services
from apps.playground.choices import Picker, open_picker
from apps.playground.forms import ColumnForm, Composer, TitleForm, column_prefix
from apps.playground.models import Conversation, Turn, with_turns
from apps.playground.questions import questions
from apps.playground.services import ColumnChoice
from apps.playground.views.rows import for_composer

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
    conversation, columns = drafts.draft(
        membership=request.membership,
        job=_job(request),
        model=request.GET.get("model", ""),
        tuned=_tuned_model(request),
    )
    composer = _composer(request, conversation, columns)
    if request.method == "POST":
        if not composer.is_valid():
            return _refused(request, composer.errors)
        turn, _is_new = _send(composer)
        return _go_to(request, turn.conversation)
    context = _page(request, conversation, composer, columns)
    context["jobs"] = [] if conversation.job else drafts.comparable_jobs(request.membership)
    return render(request, "playground/conversation.html", context)


@require_GET
def conversation_detail(request: AuthedRequest, conversation_id: UUID) -> HttpResponse:
    visible = Conversation.objects.visible_to(request.membership)
    services.close_abandoned(conversation=get_object_or_404(visible, public_id=conversation_id))
    conversation = with_turns(visible).get(public_id=conversation_id)
    columns = _columns(conversation)
    composer = _composer(request, conversation, columns)
    context = _page(request, conversation, composer, columns)
    return render(request, "playground/conversation.html", context)


@require_POST
def conversation_send(request: AuthedRequest, conversation_id: UUID) -> HttpResponse:
    conversation = _editable(request, conversation_id)
    composer = _composer(request, conversation, _columns(conversation))
    if not composer.is_valid():
        return _refused(request, composer.errors)
    try:
        turn, is_new = _send(composer)
    except services.StillAnswering as exc:
        return _refused(request, [str(exc)])
    if not wants_partial(request) or not is_new:
        return _go_to(request, conversation)
    shown = Turn.objects.with_replies().get(pk=turn.pk)
    context = {"turn": shown, "conversation": conversation, "form_token": uuid4(), "can_edit": True}
    return render(request, "playground/_sent.html", context)


@require_POST
def conversation_rename(request: AuthedRequest, conversation_id: UUID) -> HttpResponse:
    conversation = _editable(request, conversation_id)
    form = TitleForm(request.POST, instance=conversation)
    if form.is_valid():
        services.rename(conversation=conversation, title=form.cleaned_data["title"])
    else:
        messages.error(request, _("A conversation needs a title of at most 120 characters."))
    return redirect(conversation)


@require_POST
def conversation_delete(request: AuthedRequest, conversation_id: UUID) -> HttpResponse:
    services.delete_conversation(conversation=_editable(request, conversation_id))
    messages.success(request, _("The conversation is deleted."))
    return redirect("playground:list")


@require_GET
@editors_only
def model_list(request: AuthedRequest, position: int) -> HttpResponse:
    """Fill a column's picker with the models of the connection that was chosen."""
    prefix = column_prefix(position)
    form = ColumnForm(request.GET, prefix=prefix, membership=request.membership)
    form.is_valid()
    connection = form.cleaned_data.get("connection")
    if connection is None:
        raise Http404
    keep = request.GET.get("kept") == str(connection.public_id)
    picker = open_picker(position, connection, form.cleaned_data["model"], keep=keep)
    return render(request, "playground/_model_picker.html", {"picker": picker})


def _job(request: AuthedRequest) -> Job | None:
    """Return the job that the address names."""
    if "job" not in request.GET:
        return None
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


def _editable(request: AuthedRequest, conversation_id: UUID) -> Conversation:
    editable = Conversation.objects.editable_by(request.membership).select_related("job")
    return get_object_or_404(editable, public_id=conversation_id)


def _columns(conversation: Conversation) -> list[ColumnChoice]:
    columns = sorted(conversation.columns.all(), key=lambda column: column.position)
    return [ColumnChoice(column.connection, column.model) for column in columns]


def _composer(
    request: AuthedRequest, conversation: Conversation, columns: list[ColumnChoice]
) -> Composer:
    return Composer(
        membership=request.membership,
        conversation=conversation,
        columns=columns,
        data=request.POST if request.method == "POST" else None,
    )


def _send(composer: Composer) -> tuple[Turn, bool]:
    return services.send(
        conversation=composer.settings.instance,
        columns=[form.choice for form in composer.columns],
        text=composer.prompt.cleaned_data["text"],
        form_token=composer.prompt.cleaned_data["form_token"],
    )


def _page(
    request: AuthedRequest,
    conversation: Conversation,
    composer: Composer,
    columns: list[ColumnChoice],
) -> dict[str, Any]:
    job = conversation.job
    return {
        "conversation": conversation,
        "composer": composer,
        "send_url": _send_url(request, conversation),
        "columns": [
            {
                "form": form,
                "picker": Picker(position, choice.connection, choice.model),
                "label": services.label_for(job, choice),
            }
            for position, (form, choice) in enumerate(zip(composer.columns, columns, strict=True))
        ],
        **for_composer(request, conversation),
        "can_edit": request.membership.can_edit,
        "questions": questions(job) if request.membership.can_edit else [],
        "training_prompt": job.training_data.system_prompt if job and job.training_data else "",
    }


def _send_url(request: AuthedRequest, conversation: Conversation) -> str:
    """Return where the composer goes: a new conversation is saved by its first message."""
    if conversation.pk is None:
        return request.get_full_path()
    return reverse("playground:send", args=[conversation.public_id])


def _refused(request: AuthedRequest, errors: list[str]) -> HttpResponse:
    """Say what is wrong beside the composer; what the person wrote stays where it is."""
    response = render(request, "playground/_send_errors.html", {"errors": errors}, status=422)
    return retarget(reswap(response, "innerHTML"), "#send-errors")


def _go_to(request: AuthedRequest, conversation: Conversation) -> HttpResponse:
    url = conversation.get_absolute_url()
    return HttpResponseClientRedirect(url) if wants_partial(request) else redirect(url)
