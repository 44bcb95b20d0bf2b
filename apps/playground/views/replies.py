"""Replies: the streams that fill them, stopped and asked again."""

from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import aget_object_or_404, get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from apps.core import sse
from apps.core.http import AuthedRequest
from apps.playground import services, streaming
from apps.playground.models import Reply


@require_GET
async def reply_stream(request: AuthedRequest, reply_id: UUID) -> StreamingHttpResponse:
    membership = await request.amembership()
    visible = Reply.objects.visible_to(membership)
    details = visible.select_related("connection", "turn__conversation__job")
    reply = await aget_object_or_404(details, public_id=reply_id)
    # Asking costs money: who may only look follows what others have asked.
    can_edit = membership.can_edit
    events = streaming.answer(reply) if can_edit else streaming.follow(reply, can_edit=False)
    return sse.stream(events)


@require_POST
async def reply_stop(request: AuthedRequest, reply_id: UUID) -> HttpResponse:
    editable = Reply.objects.editable_by(await request.amembership())
    await services.stop_reply(reply=await aget_object_or_404(editable, public_id=reply_id))
    return HttpResponse(status=204)


@require_POST
def reply_again(request: AuthedRequest, reply_id: UUID) -> HttpResponse:
    """Return the waiting reply that takes the place of one that failed or was stopped."""
    editable = Reply.objects.editable_by(request.membership)
    reply = services.try_again(reply=get_object_or_404(editable, public_id=reply_id))
    context = {"reply": reply, "can_edit": True}
    return render(request, "playground/_reply.html", context)
