"""Our dataclasses in, the fields of OpenAI's requests out; what nobody chose is left out (pure)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.providers.adapters.openai.shapes import CLIENT_KEY
from apps.providers.adapters.suffix_keys import suffix_with_key
from apps.providers.profiles import Profile
from apps.providers.profiles.chat_parameters import max_tokens_parameter
from apps.providers.types import (
    ChatRequest,
    CompletionRequest,
    Hyperparameter,
    JobSpec,
    Method,
    ProviderError,
)


def job_fields(spec: JobSpec, profile: Profile) -> dict[str, Any]:
    """Return what starts this job. Raises ProviderError for what this provider would misread."""
    _refuse_unknown(spec, profile)
    optional = {
        "validation_file": spec.validation_file,
        "suffix": _suffix(spec, profile) or None,
        "seed": spec.seed,
        "integrations": list(spec.integrations) or None,
        "extra_body": _beside(spec, profile) or None,
    }
    return {
        "model": spec.base_model,
        "training_file": spec.training_file,
        "metadata": {**spec.metadata, CLIENT_KEY: spec.client_key},
        **_chosen(optional),
        **_method(spec, profile),
    }


def chat_fields(request: ChatRequest, profile: Profile) -> dict[str, Any]:
    """Return what asks for this answer, streamed."""
    limit = max_tokens_parameter(profile, request.model)
    return {
        "messages": list(request.messages),
        **_asked(request),
        **_chosen({limit: request.max_tokens, "response_format": request.response_format}),
        **({"tools": list(request.tools)} if request.tools else {}),
        **_chat_logprobs(request.top_logprobs, profile),
    }


def completion_fields(request: CompletionRequest) -> dict[str, Any]:
    """Return what asks for what follows this prompt, streamed."""
    optional = {"max_tokens": request.max_tokens, "logprobs": request.top_logprobs}
    return {"prompt": request.prompt, **_asked(request), **_chosen(optional)}


def _asked(request: ChatRequest | CompletionRequest) -> dict[str, Any]:
    """Return what both kinds of requests hold."""
    optional = {
        "temperature": request.temperature,
        "top_p": request.top_p,
        "seed": request.seed,
        "stop": list(request.stop) or None,
    }
    streamed = {"stream": True, "stream_options": {"include_usage": True}}
    return {"model": request.model, **streamed, **_chosen(optional)}


def _chat_logprobs(most: int | None, profile: Profile) -> dict[str, Any]:
    if most is None:
        return {}
    if profile.logprobs_as == "count":
        return {"logprobs": max(1, most)}
    return {"logprobs": True, "top_logprobs": most}


def _refuse_unknown(spec: JobSpec, profile: Profile) -> None:
    """Send no setting that the provider does not have: it may mean something else there."""
    known = {field.name for field in profile.hyperparameters_for(spec.method)}
    if unknown := sorted(spec.hyperparameters.keys() - known):
        words = _("%(provider)s has no setting “%(name)s”.")
        sentence = Sentence(words, provider=str(profile.label), name=unknown[0])
        raise ProviderError(sentence, code="unknown_setting")


def _suffix(spec: JobSpec, profile: Profile) -> str:
    """Return what was typed; with our key where nobody knows whether metadata comes back."""
    if profile.request.key_in_suffix:
        return suffix_with_key(spec.suffix, spec.client_key)
    return spec.suffix


def _beside(spec: JobSpec, profile: Profile) -> dict[str, Hyperparameter]:
    """Return the settings that OpenAI's API does not have, under the provider's names."""
    names = profile.request.beside
    told = {**profile.request.needed_by(spec.base_model), **spec.hyperparameters}
    return {names[name]: value for name, value in told.items() if name in names}


def _method(spec: JobSpec, profile: Profile) -> dict[str, Any]:
    """Return the fields that carry the method and its settings, where this provider reads them."""
    apart = profile.request.beside
    chosen = {name: value for name, value in spec.hyperparameters.items() if name not in apart}
    if profile.hyperparameters_in == "top" and spec.method == Method.SUPERVISED:
        return {"hyperparameters": chosen} if chosen else {}
    grader = {"grader": spec.grader} if spec.grader else {}
    named: Mapping[str, Any] = {"hyperparameters": chosen, **grader}
    return {"method": {"type": spec.method.value, spec.method.value: named}}


def _chosen(optional: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in optional.items() if value is not None}
