"""Branches: an earlier prompt asked in other words, or a conversation that goes on twice."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.core.http import AuthedRequest
from apps.core.typed import token_of
from apps.playground import services
from apps.playground.models import Conversation, Turn
from apps.playground.views.pages import choices_of, composer_of, editable, go_to, refused


@require_GET
def prompt_edit(request: AuthedRequest, conversation_id: UUID, position: int) -> HttpResponse:
    """Return the form in which an earlier prompt is asked in other words."""
    turn = _turn(editable(request, conversation_id), position)
    context = {"turn": turn, "form_token": uuid4()}
    return render(request, "playground/_prompt_edit.html", context)


@require_GET
def prompt_show(request: AuthedRequest, conversation_id: UUID, position: int) -> HttpResponse:
    """Return a prompt as it was sent, after all."""
    turn = _turn(editable(request, conversation_id), position)
    return render(request, "playground/_prompt.html", {"turn": turn, "can_edit": True})


@require_POST
def branch_with(request: AuthedRequest, conversation_id: UUID, position: int) -> HttpResponse:
    """Ask another prompt in the place of this one, in a new conversation."""
    conversation = editable(request, conversation_id)
    turn = _turn(conversation, position)
    data = request.POST.copy()
    data["text"], data["form_token"] = data.get("edited_text", ""), data.get("edited_token", "")
    composer = composer_of(request, conversation, choices_of(conversation), data)
    place = f"#edit-errors-{position}"
    if not composer.is_valid():
        return refused(request, composer.errors, place=place)
    try:
        branch = services.branch_with(
            turn=turn, user_id=request.membership.user_id, prompt=composer.sent
        )
    except services.StillAnswering as exc:
        return refused(request, [str(exc)], place=place)
    return go_to(request, branch)


@require_POST
def branch_from(request: AuthedRequest, conversation_id: UUID, position: int) -> HttpResponse:
    """Go on from this turn in a new conversation."""
    conversation = editable(request, conversation_id)
    try:
        branch = services.branch_from(
            turn=_turn(conversation, position),
            user_id=request.membership.user_id,
            form_token=token_of(request.POST),
        )
    except services.StillAnswering as exc:
        messages.error(request, str(exc))
        return redirect(conversation)
    return redirect(branch)


def _turn(conversation: Conversation, position: int) -> Turn:
    turns = Turn.objects.select_related("conversation__job", "data")
    return get_object_or_404(turns, conversation=conversation, position=position)
