"""Replies: the streams that fill them, stopped and asked again."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import aget_object_or_404, get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from apps.core import sse
from apps.core.http import AuthedRequest
from apps.core.statements import Statement
from apps.playground import services
from apps.playground.asking import claiming, store, streaming
from apps.playground.models import Reply, Turn


@require_GET
def turn_stream(
    request: AuthedRequest, conversation_id: UUID, position: int
) -> StreamingHttpResponse:
    """All replies of one prompt: a page needs one line to the server, however many it shows."""
    wanted = {"conversation": conversation_id, "position": position}
    return _stream(request, claiming.OF_TURN, wanted)


@require_GET
def reply_stream(request: AuthedRequest, reply_id: UUID) -> StreamingHttpResponse:
    """One reply alone, asked again while the stream of its turn may still run."""
    return _stream(request, claiming.ONE, {"reply": reply_id})


def _stream(
    request: AuthedRequest, statement: Statement, wanted: Mapping[str, Any]
) -> StreamingHttpResponse:
    """Find and claim the replies in one go of one thread; the event loop only makes the events."""
    membership = request.membership
    found = claiming.claim(statement, membership, wanted, at=timezone.now())
    if not found:
        raise Http404
    replies = [each.reply for each in found]
    if membership.can_edit:
        return sse.stream(streaming.answer(replies, store.requests_for(found)))
    # Asking costs money: who may only look follows what others have asked.
    return sse.stream(streaming.follow(replies, can_edit=False))


@require_POST
async def reply_stop(request: AuthedRequest, reply_id: UUID) -> HttpResponse:
    editable = Reply.objects.editable_by(await request.amembership())
    await services.stop_reply(reply=await aget_object_or_404(editable, public_id=reply_id))
    return HttpResponse(status=204)


@require_POST
def reply_again(request: AuthedRequest, reply_id: UUID) -> HttpResponse:
    """Return the column's answers, a new one beside the others or in a failed one's place."""
    editable = Reply.objects.editable_by(request.membership)
    try:
        reply = services.try_again(reply=get_object_or_404(editable, public_id=reply_id))
    except services.EnoughSamples as exc:
        return HttpResponse(str(exc), status=409, content_type="text/plain")
    turn = Turn.objects.with_replies().get(pk=reply.turn_id)
    stack = [each for each in turn.replies.all() if each.column_id == reply.column_id]
    context = {"stack": stack, "can_edit": True, "is_alone": True}
    return render(request, "playground/_stack.html", context)
