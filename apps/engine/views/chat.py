"""/v1/chat/completions"""

import hashlib
import logging
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path

from django.http import JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from apps.engine import parameters, replies
from apps.engine.auth import EngineRequest
from apps.engine.chat_request import ChatRequest, read_chat_request
from apps.engine.chat_wire import DONE, ROLE, Completion, server_sent
from apps.engine.errors import Refusal, fault
from apps.engine.replies import LiveReply
from apps.engine.tiny.tokens import PromptTooLong, UnreadableConversation
from apps.engine.tiny.weights import BASE_MODEL, BASE_WEIGHTS
from apps.engine.views.models import find_model

logger = logging.getLogger(__name__)

STREAM_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


async def create_completion(request: EngineRequest) -> HttpResponseBase:
    """Answer a conversation, at once or as a stream."""
    asked = read_chat_request(parameters.read_body(request))
    weights = await _find_weights(request, asked.model)
    live = await _begin(asked, weights)
    completion = Completion(asked.model, _fingerprint(weights), live.reply)
    if asked.is_stream:
        return StreamingHttpResponse(
            _stream(live, completion, wants_usage=asked.wants_usage),
            content_type="text/event-stream; charset=utf-8",
            headers=STREAM_HEADERS,
        )
    try:
        text = "".join([piece async for piece in live])
    finally:
        live.close()
    return JsonResponse(completion.whole(text))


async def _find_weights(request: EngineRequest, name: str) -> Path:
    if name == BASE_MODEL:
        return BASE_WEIGHTS
    return (await find_model(request, name)).weights_path


async def _begin(asked: ChatRequest, weights: Path) -> LiveReply:
    try:
        return await replies.begin(weights, asked.messages, asked.sampling)
    except UnreadableConversation as problem:
        raise Refusal(str(problem), param="messages", code="invalid_value") from problem
    except PromptTooLong as problem:
        raise Refusal(str(problem), param="messages", code="context_length_exceeded") from problem
    except replies.TooBusy as problem:
        raise Refusal(
            "This server is writing as many answers as it can. Please try again in a moment.",
            status=HTTPStatus.TOO_MANY_REQUESTS,
            code="rate_limit_exceeded",
            kind="requests",
        ) from problem


async def _stream(
    live: LiveReply, completion: Completion, *, wants_usage: bool
) -> AsyncIterator[str]:
    """Send the answer as it is written; a reader who leaves stops the writing."""
    no_usage = {"usage": None} if wants_usage else {}
    try:
        yield server_sent(completion.chunk(ROLE) | no_usage)
        async for piece in live:
            yield server_sent(completion.chunk({"content": piece}) | no_usage)
        reason = live.reply.finish_reason
        yield server_sent(completion.chunk({}, finish_reason=reason) | no_usage)
        if wants_usage:
            yield server_sent(completion.usage_chunk())
        yield DONE
    except Exception:
        logger.exception("Answer %s broke off", completion.id)
        yield server_sent(fault().body())
    finally:
        live.close()


def _fingerprint(weights: Path) -> str:
    """Name the weights that answer: another file, another fingerprint."""
    name = "/".join(weights.parts[-2:])
    return f"fp_{hashlib.sha256(name.encode()).hexdigest()[:10]}"
