"""/v1/chat/completions"""

from django.http.response import HttpResponseBase

from apps.engine.auth import EngineRequest
from apps.engine.requests import parameters
from apps.engine.requests.chat import ChatRequest, read_chat_request
from apps.engine.tiny.generation import ChatModel, Reply
from apps.engine.views import answering
from apps.engine.wire.chat import Completion


async def create_completion(request: EngineRequest) -> HttpResponseBase:
    """Answer a conversation, at once or as a stream."""
    asked = read_chat_request(parameters.read_body(request))
    weights = await answering.find_weights(request, asked.model)
    lives = await answering.begin(weights, lambda model: _replies(model, asked), param="messages")
    completion = Completion(
        asked.model,
        answering.fingerprint(weights),
        [live.reply for live in lives],
        with_logprobs=asked.samplings[0].alternatives is not None,
    )
    if asked.is_stream:
        return answering.streamed(lives, completion, wants_usage=asked.wants_usage)
    return await answering.whole(lives, completion)


def _replies(model: ChatModel, asked: ChatRequest) -> list[Reply]:
    return [model.reply(asked.messages, sampling) for sampling in asked.samplings]
