"""Blind answers: hiding names, voting, the page for reviewers, and the result."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.core.http import AuthedRequest, wants_partial
from apps.evals import statistics
from apps.playground import blind, counting, services, voting
from apps.playground.models import Conversation, Turn


@require_POST
def blind_switch(request: AuthedRequest, conversation_id: UUID) -> HttpResponse:
    """Hide whose answers are whose, or show it again."""
    editable = Conversation.objects.editable_by(request.membership).with_columns()
    conversation = get_object_or_404(editable, public_id=conversation_id)
    is_blind = request.POST.get("is_blind") == "on"
    if is_blind and not blind.can_be_blind(conversation):
        words = _("People can vote where each model answers once. Here each answers several times.")
        messages.error(request, words)
        return redirect(conversation)
    services.hide_names(conversation=conversation, is_blind=is_blind)
    return redirect(conversation)


@require_GET
def turn_detail(request: AuthedRequest, conversation_id: UUID, position: int) -> HttpResponse:
    """Show one turn, as it is now."""
    turn = _turn(request, conversation_id, position)
    return _shown(request, turn)


@require_POST
def turn_vote(request: AuthedRequest, conversation_id: UUID, position: int) -> HttpResponse:
    """Keep the vote of anybody who can see the conversation, then tell who answered what."""
    turn = _turn(request, conversation_id, position)
    choice = voting.choice_of(turn, request.POST.get("vote", ""))
    if choice is None:
        raise Http404
    voting.vote(turn=turn, user=request.membership.user, choice=choice)
    if request.POST.get("then") == "review":
        return redirect("playground:review", conversation_id)
    if not wants_partial(request):
        return redirect(turn.conversation)
    return _shown(request, _turn(request, conversation_id, position))


@require_GET
def review(request: AuthedRequest, conversation_id: UUID) -> HttpResponse:
    """Show the next two answers that this person has yet to judge."""
    conversation = _visible(request, conversation_id)
    waiting, total = voting.to_review(conversation, request.membership.user)
    context = {
        "conversation": conversation,
        "turn": waiting[0] if waiting else None,
        "done": total - len(waiting),
        "can_take_back": voting.can_take_back(conversation, request.membership.user),
        "total": total,
        "address": request.build_absolute_uri(),
        "can_edit": request.membership.can_edit,
    }
    return render(request, "playground/review.html", context)


@require_POST
def review_undo(request: AuthedRequest, conversation_id: UUID) -> HttpResponse:
    """Take back the last vote of this person."""
    conversation = _visible(request, conversation_id)
    voting.take_back(conversation=conversation, user=request.membership.user)
    return redirect("playground:review", conversation_id)


@require_GET
def vote_result(request: AuthedRequest, conversation_id: UUID) -> HttpResponse:
    """Show what the votes say, with interval and p-value."""
    conversation = _visible(request, conversation_id)
    waiting, _total = voting.to_review(conversation, request.membership.user)
    tallies = counting.tallies(conversation)
    if not waiting:
        voting.tell(conversation=conversation, user=request.membership.user)
    context = {
        "conversation": conversation,
        "waiting": len(waiting) if conversation.is_blind else 0,
        "results": [(tally, [(pair, _verdict(pair)) for pair in tally.pairs]) for tally in tallies],
    }
    return render(request, "playground/votes.html", context)


def _verdict(pair: counting.Pair) -> str:
    return statistics.verdict(pair.comparison, names=pair.names, measure=_("people's votes"))


def _shown(request: AuthedRequest, turn: Turn) -> HttpResponse:
    voting.tell(conversation=turn.conversation, user=request.membership.user)
    context = {
        "turn": turn,
        "conversation": turn.conversation,
        "can_edit": request.membership.can_edit,
    }
    return render(request, "playground/_turn.html", context)


def _visible(request: AuthedRequest, conversation_id: UUID) -> Conversation:
    visible = Conversation.objects.visible_to(request.membership).with_columns()
    return get_object_or_404(visible, public_id=conversation_id)


def _turn(request: AuthedRequest, conversation_id: UUID, position: int) -> Turn:
    conversation = _visible(request, conversation_id)
    turns = Turn.objects.with_replies().select_related("conversation")
    return get_object_or_404(turns, conversation=conversation, position=position)
