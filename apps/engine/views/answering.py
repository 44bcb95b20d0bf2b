"""What answering a conversation and completing a prompt have in common."""

import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from http import HTTPStatus
from pathlib import Path

from django.http import JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from apps.engine import replies
from apps.engine.auth import EngineRequest
from apps.engine.errors import Refusal, fault
from apps.engine.replies import LiveReply
from apps.engine.tiny.generation import ChatModel, Reply
from apps.engine.tiny.tokens import PromptTooLong, UnreadableConversation
from apps.engine.tiny.weights import BASE_MODEL, BASE_WEIGHTS
from apps.engine.views.models import find_model
from apps.engine.wire.chat import DONE, Completion, server_sent

logger = logging.getLogger(__name__)

STREAM_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


async def find_weights(request: EngineRequest, name: str) -> Path:
    """Return the file of the base model or of one of the workspace."""
    if name == BASE_MODEL:
        return BASE_WEIGHTS
    return (await find_model(request, name)).weights_path


async def begin(
    weights: Path, ask: Callable[[ChatModel], Sequence[Reply]], *, param: str
) -> list[LiveReply]:
    """Begin to answer, or refuse in OpenAI's words; `param` is what holds the question."""
    try:
        return await replies.begin(weights, ask)
    except UnreadableConversation as problem:
        raise Refusal(str(problem), param=param, code="invalid_value") from problem
    except PromptTooLong as problem:
        raise Refusal(str(problem), param=param, code="context_length_exceeded") from problem
    except replies.TooBusy as problem:
        raise too_busy() from problem


def too_busy() -> Refusal:
    return Refusal(
        "This server is writing as many answers as it can. Please try again in a moment.",
        status=HTTPStatus.TOO_MANY_REQUESTS,
        code="rate_limit_exceeded",
        kind="requests",
    )


async def whole(lives: Sequence[LiveReply], completion: Completion) -> HttpResponseBase:
    """Answer with one object when everything is written."""
    try:
        texts = ["".join([piece async for piece in live]) for live in lives]
    finally:
        _close(lives)
    return JsonResponse(completion.whole(texts))


def streamed(
    lives: Sequence[LiveReply], completion: Completion, *, wants_usage: bool
) -> HttpResponseBase:
    """Answer with pieces as they are written."""
    return StreamingHttpResponse(
        _stream(lives, completion, wants_usage=wants_usage),
        content_type="text/event-stream; charset=utf-8",
        headers=STREAM_HEADERS,
    )


async def _stream(
    lives: Sequence[LiveReply], completion: Completion, *, wants_usage: bool
) -> AsyncIterator[str]:
    """Send one answer after the other; a reader who leaves stops the writing of all."""
    no_usage = {"usage": None} if wants_usage else {}
    try:
        for index, live in enumerate(lives):
            for first in completion.begin(index):
                yield server_sent(first | no_usage)
            async for piece in live:
                yield server_sent(completion.piece(index, piece) | no_usage)
            yield server_sent(completion.end(index) | no_usage)
        if wants_usage:
            yield server_sent(completion.usage_chunk())
        yield DONE
    except Exception:
        logger.exception("Answer %s broke off", completion.id)
        yield server_sent(fault().body())
    finally:
        _close(lives)


def _close(lives: Sequence[LiveReply]) -> None:
    for live in lives:
        live.close()


def fingerprint(weights: Path) -> str:
    """Name the weights that answer: another file, another fingerprint."""
    name = "/".join(weights.parts[-2:])
    return f"fp_{hashlib.sha256(name.encode()).hexdigest()[:10]}"
