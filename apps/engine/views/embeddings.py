"""/v1/embeddings"""

import base64
from typing import Any

import numpy as np
from django.http import JsonResponse
from django.http.response import HttpResponseBase

from apps.engine import replies
from apps.engine.auth import EngineRequest
from apps.engine.requests import parameters
from apps.engine.requests.embeddings import EmbeddingRequest, read_embedding_request
from apps.engine.tiny.layers import Array
from apps.engine.views import answering


async def create_embeddings(request: EngineRequest) -> HttpResponseBase:
    """Turn texts into vectors."""
    asked = read_embedding_request(parameters.read_body(request))
    weights = await answering.find_weights(request, asked.model)
    try:
        vectors = await replies.vectors(weights, asked.texts)
    except replies.TooBusy as problem:
        raise answering.too_busy() from problem
    return JsonResponse(_told(asked, vectors))


def _told(asked: EmbeddingRequest, vectors: Array) -> dict[str, Any]:
    data = [
        {"object": "embedding", "index": index, "embedding": _encoded(vector, asked.encoding)}
        for index, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": asked.tokens, "total_tokens": asked.tokens}
    return {"object": "list", "data": data, "model": asked.model, "usage": usage}


def _encoded(vector: Array, encoding: str) -> str | list[float]:
    """Return the numbers, or as OpenAI packs them: float32, the lowest byte first."""
    if encoding == "base64":
        return base64.b64encode(vector.astype(np.dtype("<f4")).tobytes()).decode()
    numbers: list[float] = vector.tolist()
    return numbers
