"""What the views of the playground share: the composer, the page around it, and its answers."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget

from apps.core.http import AuthedRequest, wants_partial
from apps.jobs.models import Job
from apps.playground import schemas, services
from apps.playground.choices import Picker
from apps.playground.data.questions import questions
from apps.playground.forms import ColumnPart, Composer
from apps.playground.models import MAX_COLUMNS, MIN_COLUMNS, Conversation
from apps.playground.parameters import EXAMPLE_OF_TOOLS
from apps.playground.services import ColumnChoice
from apps.playground.showing import sameness
from apps.playground.views.rows import for_composer

BRANCHES_SHOWN = 20


def editable(request: AuthedRequest, conversation_id: UUID) -> Conversation:
    """Return the conversation; 404 for who may only look."""
    conversations = Conversation.objects.editable_by(request.membership).select_related("job")
    return get_object_or_404(conversations, public_id=conversation_id)


def choices_of(conversation: Conversation) -> list[ColumnChoice]:
    """Return what the open columns of a saved conversation ask."""
    columns = sorted(conversation.columns.all(), key=lambda column: column.position)
    return [
        ColumnChoice(
            column.position,
            column.connection,
            column.model,
            column.values() if column.has_own_settings else None,
        )
        for column in columns
        if column.is_open
    ]


def composer_of(
    request: AuthedRequest,
    conversation: Conversation,
    choices: list[ColumnChoice],
    data: QueryDict | None = None,
) -> Composer:
    """Return all forms of the page; filled with what was posted, if anything was."""
    sent = request.POST if request.method == "POST" else None
    return Composer(
        membership=request.membership,
        conversation=conversation,
        choices=choices,
        data=data or sent,
    )


def page_of(request: AuthedRequest, composer: Composer) -> dict[str, Any]:
    """Return what the page of a conversation shows."""
    conversation = composer.conversation
    job = conversation.job
    return {
        "conversation": conversation,
        "job": job,
        "composer": composer,
        "send_url": _send_url(request, conversation),
        "columns": [
            column_of(job, column, choice)
            for column, choice in zip(composer.columns, composer.choices, strict=True)
        ],
        "branches": branches_of(conversation),
        "fewest_columns": MIN_COLUMNS,
        "most_columns": MAX_COLUMNS,
        "example_of_tools": EXAMPLE_OF_TOOLS,
        "example_of_schema": schemas.EXAMPLE,
        **for_composer(request, conversation),
        "can_edit": request.membership.can_edit,
        "can_ask": request.membership.can_edit and composer.has_connections,
        "same": sameness.in_conversation(conversation) if conversation.pk else {},
        "questions": questions(job) if request.membership.can_edit else None,
        "training_prompt": job.training_data.system_prompt if job and job.training_data else "",
    }


def branches_of(conversation: Conversation) -> list[Conversation]:
    """Return the conversations that began as a part of this one, newest first."""
    if conversation.pk is None:
        return []
    return list(conversation.branches.order_by("-created_at", "-pk")[:BRANCHES_SHOWN])


def column_of(job: Job | None, column: ColumnPart, choice: ColumnChoice) -> dict[str, Any]:
    """Return what the head of one column shows."""
    return {
        "part": column,
        "picker": Picker(column.position, choice.connection, choice.model),
        "label": services.label_for(job, choice),
    }


def _send_url(request: AuthedRequest, conversation: Conversation) -> str:
    """Return where the composer goes: a new conversation is saved by its first message."""
    if conversation.pk is None:
        return request.get_full_path()
    return reverse("playground:send", args=[conversation.public_id])


def refused(
    request: AuthedRequest, errors: list[str], *, place: str = "#send-errors"
) -> HttpResponse:
    """Say what is wrong beside the composer; what the person wrote stays where it is."""
    response = render(request, "playground/_send_errors.html", {"errors": errors}, status=422)
    return retarget(reswap(response, "innerHTML"), place)


def go_to(request: AuthedRequest, conversation: Conversation) -> HttpResponse:
    """Show the conversation, from a form or from htmx."""
    url = conversation.get_absolute_url()
    return HttpResponseClientRedirect(url) if wants_partial(request) else redirect(url)
