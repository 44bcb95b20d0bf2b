"""What a request may hold for one model: `[[chat]]` of the profiles (pure).

What nobody could confirm is sent, and the provider's answer is shown. `base` is the base model
where the name does not tell it: Azure's deployments have names of their own.
"""

from collections.abc import Set
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from apps.providers.profiles.parts import ChatRule
from apps.providers.profiles.prices import base_of
from apps.providers.profiles.profile import Profile
from apps.providers.types import ChatRequest, CompletionRequest

PARAMETERS = frozenset(
    {
        "temperature",
        "top_p",
        "max_tokens",
        "seed",
        "stop",
        "response_format",
        "json_schema",  # a response_format that not every model takes which takes JSON
        "tools",
        "logprobs",
    }
)
OTHERWISE = {"logprobs": "top_logprobs", "json_schema": "response_format"}
FIELDS = {name: OTHERWISE.get(name, name) for name in sorted(PARAMETERS)}
MOST_TOP_LOGPROBS = 20  # OpenAI's own limit

Request = TypeVar("Request", ChatRequest, CompletionRequest)


def taken(profile: Profile, model: str, *, base: str = "") -> frozenset[str]:
    """Return which of PARAMETERS the model takes there."""
    rule = _rule(profile, base or model)
    refused = set(rule.refuses) if rule else set()
    if not profile.capabilities.logprobs:
        refused.add("logprobs")
    if "response_format" in refused:
        refused.add("json_schema")
    return PARAMETERS - refused


def most_top_logprobs(profile: Profile, model: str, *, base: str = "") -> int:
    """Return how many alternatives of a token may be asked for; 0 where there are none."""
    if "logprobs" not in taken(profile, model, base=base):
        return 0
    rule = _rule(profile, base or model)
    return rule.most_top_logprobs if rule else MOST_TOP_LOGPROBS


def is_legacy(profile: Profile, model: str, *, base: str = "") -> bool:
    """Say whether the model only completes prompts, and knows no conversations."""
    rule = _rule(profile, base or model)
    return bool(rule and rule.is_legacy)


def max_tokens_parameter(profile: Profile, model: str) -> str:
    """Return under which name the longest answer is told."""
    rule = _rule(profile, model)
    return (rule and rule.max_tokens_parameter) or profile.max_tokens_parameter


def fitted(request: Request, profile: Profile, *, base: str = "") -> tuple[Request, list[str]]:
    """Return the request without what its model refuses, and the names of what was left out.

    More alternatives than there may be become as many as there may be; they are not named.
    """
    left_out = sorted(_asked(request) - taken(profile, request.model, base=base))
    emptied: dict[str, Any] = {FIELDS[name]: _empty(name) for name in left_out}
    if request.top_logprobs is not None and "logprobs" not in left_out:
        most = most_top_logprobs(profile, request.model, base=base)
        emptied["top_logprobs"] = min(request.top_logprobs, most)
    return replace(request, **emptied), left_out


def _asked(request: ChatRequest | CompletionRequest) -> Set[str]:
    told = {name: getattr(request, field, None) for name, field in FIELDS.items()}
    form = told["response_format"] or {}
    told["response_format" if form.get("type") == "json_schema" else "json_schema"] = None
    return {name for name, value in told.items() if value not in (None, (), [])}


def _empty(name: str) -> tuple[()] | None:
    return () if name in ("stop", "tools") else None


def _rule(profile: Profile, model: str) -> ChatRule | None:
    """Return the first rule that fits the model, or the base of a tuned one."""
    name = base_of(model).rpartition("/")[2].lower()  # gateways write openai/o3-mini
    fitting = (
        rule for rule in profile.chat if any(fnmatchcase(name, each) for each in rule.models)
    )
    return next(fitting, None)
