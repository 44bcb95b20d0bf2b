"""Conversations as files."""

import json
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from apps.core.http import AuthedRequest
from apps.playground.models import Conversation, Reply, with_turns
from apps.playground.showing import exports


@require_GET
def conversation_export(request: AuthedRequest, conversation_id: UUID, form: str) -> HttpResponse:
    """Return a conversation as an attachment: `json`, or `md` for Markdown."""
    visible = with_turns(Conversation.objects.visible_to(request.membership))
    conversation = get_object_or_404(visible, public_id=conversation_id)
    if form == "json":
        _load_probabilities(conversation)
        data = exports.as_data(conversation, request.user)
        text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    elif form == "md":
        text = exports.as_markdown(conversation, request.user)
    else:
        raise Http404
    kind = {"json": "application/json", "md": "text/markdown; charset=utf-8"}[form]
    name = slugify(conversation.title)[:60] or "conversation"
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return HttpResponse(text, content_type=kind, headers=headers)


def _load_probabilities(conversation: Conversation) -> None:
    """Read at once what pages leave out."""
    mine = Reply.objects.filter(turn__conversation=conversation, logprobs__isnull=False)
    told = dict(mine.values_list("pk", "logprobs"))
    for turn in conversation.turns.all():
        for reply in turn.replies.all():
            reply.logprobs = told.get(reply.pk)
