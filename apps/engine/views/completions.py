"""/v1/completions"""

from django.http.response import HttpResponseBase

from apps.engine.auth import EngineRequest
from apps.engine.requests import parameters
from apps.engine.requests.completions import CompletionRequest, read_completion_request
from apps.engine.tiny.generation import ChatModel, Reply
from apps.engine.views import answering
from apps.engine.wire.completions import PromptCompletion


async def create_completion(request: EngineRequest) -> HttpResponseBase:
    """Go on with prompts, at once or as a stream."""
    asked = read_completion_request(parameters.read_body(request))
    weights = await answering.find_weights(request, asked.model)
    lives = await answering.begin(weights, lambda model: _replies(model, asked), param="prompt")
    completion = PromptCompletion(
        asked.model,
        answering.fingerprint(weights),
        [live.reply for live in lives],
        with_logprobs=asked.samplings[0].alternatives is not None,
        prompts=asked.prompts,
    )
    if asked.is_stream:
        return answering.streamed(lives, completion, wants_usage=asked.wants_usage)
    return await answering.whole(lives, completion)


def _replies(model: ChatModel, asked: CompletionRequest) -> list[Reply]:
    wanted = zip(asked.prompts, asked.samplings, strict=True)
    return [model.complete(prompt, sampling) for prompt, sampling in wanted]
