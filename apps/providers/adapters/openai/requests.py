"""Our dataclasses in, the fields of OpenAI's requests out; what nobody chose is left out (pure)."""

from typing import Any

from apps.providers.adapters.openai.shapes import CLIENT_KEY
from apps.providers.profiles import Profile
from apps.providers.types import ChatRequest, JobSpec


def job_fields(spec: JobSpec, profile: Profile) -> dict[str, Any]:
    """Return what starts this job."""
    optional = {
        "validation_file": spec.validation_file,
        "suffix": spec.suffix or None,
        "seed": spec.seed,
    }
    return {
        "model": spec.base_model,
        "training_file": spec.training_file,
        "metadata": {CLIENT_KEY: spec.client_key},
        **_chosen(optional),
        **profile.job_method(spec.hyperparameters),
    }


def chat_fields(request: ChatRequest, profile: Profile) -> dict[str, Any]:
    """Return what asks for this answer, streamed."""
    optional = {
        "temperature": request.temperature,
        "top_p": request.top_p,
        profile.max_tokens_parameter: request.max_tokens,
        "seed": request.seed,
    }
    return {
        "model": request.model,
        "messages": list(request.messages),
        "stream": True,
        "stream_options": {"include_usage": True},
        **_chosen(optional),
    }


def _chosen(optional: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in optional.items() if value is not None}
