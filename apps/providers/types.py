"""Our words for their world: dataclasses in and out of an adapter, and its two errors."""

from collections.abc import AsyncIterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from apps.core.sentences import Sentence


class JobStatus(models.TextChoices):
    """OpenAI's statuses, plus ours: `held`, `pending` (not yet at the provider) and `unknown`."""

    HELD = "held", _("Waiting for approval")
    PENDING = "pending", _("Preparing")
    VALIDATING_FILES = "validating_files", _("Checking files")
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    PAUSING = "pausing", _("Pausing")
    PAUSED = "paused", _("Paused")
    CANCELLING = "cancelling", _("Stopping")
    UNKNOWN = "unknown", _("Unknown")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


NOT_OFFERED = "not_offered"
TERMINAL = frozenset({JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED})

Hyperparameter = int | float | bool | str  # the word "auto" leaves it to the provider


class Method(models.TextChoices):
    """How a model learns from its rows."""

    SUPERVISED = "supervised", _("Supervised")
    DPO = "dpo", _("Preference (DPO)")
    REINFORCEMENT = "reinforcement", _("Reinforcement")


class ProviderError(Exception):
    """The provider says no, and will say no again. `str()` is the provider's own words."""

    def __init__(self, message: str, *, code: str = "", status: int | None = None) -> None:
        super().__init__(message)
        self.words = message  # as `str()`, but a Sentence stays one
        self.code = code
        self.status = status


def not_offered() -> ProviderError:
    """Return the answer of an adapter whose provider has no such call."""
    return ProviderError(
        Sentence(gettext_noop("This provider does not offer this.")), code=NOT_OFFERED
    )


class ProviderUnavailable(Exception):
    """Not now: network, rate limit, server fault. `retry_after` in seconds when it was told.

    `status` 429 means that it wants fewer calls; an empty account is a ProviderError instead.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        code: str = "",
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.words = message  # as `str()`, but a Sentence stays one
        self.retry_after = retry_after
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What *Test connection* shows."""

    ok: bool
    message: str
    model_count: int = 0


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One model as the provider lists it. `can_tune` is None when the provider does not say."""

    id: str
    owned_by: str = ""
    can_tune: bool | None = None
    shutdown_date: str | None = None


@dataclass(frozen=True, slots=True)
class JobSpec:
    """What a provider needs to start a job. `client_key` travels in its metadata."""

    client_key: str
    base_model: str
    training_file: str
    validation_file: str | None = None
    suffix: str = ""
    seed: int | None = None
    method: Method = Method.SUPERVISED
    hyperparameters: Mapping[str, Hyperparameter] = field(default_factory=dict)
    grader: Mapping[str, Any] | None = None  # reinforcement only, in OpenAI's shape
    metadata: Mapping[str, str] = field(default_factory=dict)
    integrations: Sequence[Mapping[str, Any]] = ()  # in OpenAI's shape: wandb


@dataclass(frozen=True, slots=True)
class JobSnapshot:
    """A job as the provider sees it now; `raw` is its answer, whole."""

    provider_job_id: str
    status: JobStatus
    provider_status: str
    fine_tuned_model: str = ""
    trained_tokens: int | None = None
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    estimated_finish_at: datetime | None = None
    finished_at: datetime | None = None
    result_files: Sequence[str] = ()
    error: str = ""
    error_code: str = ""
    client_key: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)
    base_model: str = ""
    method: Method | None = None  # None where the provider does not say
    suffix: str = ""
    training_file: str = ""
    validation_file: str = ""
    created_at: datetime | None = None
    step: int | None = None  # where the provider tells it beside the events
    total_steps: int | None = None
    usd: Decimal | None = None  # what it has cost until now, where the provider says so


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """One event of a job. `data` is whatever the provider attached, for metrics the numbers."""

    provider_event_id: str
    created_at: datetime
    level: str
    type: str
    message: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProviderCheckpoint:
    provider_checkpoint_id: str
    model: str
    step: int
    created_at: datetime
    metrics: Mapping[str, float] = field(default_factory=dict)
    files: Sequence[str] = ()  # ids of files that can be downloaded, where the provider has them


@dataclass(frozen=True, slots=True)
class ProviderFile:
    """A file in the provider's storage."""

    id: str
    filename: str
    size_bytes: int | None
    purpose: str
    created_at: datetime | None


class DeploymentStatus(models.TextChoices):
    PENDING = "pending", _("Preparing")
    STARTING = "starting", _("Starting")
    ACTIVE = "active", pgettext_lazy("state of a deployment", "Answers")
    STOPPING = "stopping", _("Stopping")
    STOPPED = "stopped", _("Stopped")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("Unknown")


@dataclass(frozen=True, slots=True)
class DeploymentSpec:
    """What to serve. `name` carries our own id: asking twice under it must not serve twice."""

    name: str
    model: str  # the tuned model, or `job:checkpoint` where a provider names it so
    base_model: str
    provider_job_id: str = ""
    checkpoint_id: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)  # sku, capacity, hardware, …


@dataclass(frozen=True, slots=True)
class DeploymentSnapshot:
    """A served model as the provider sees it now; `model` is the word to chat with."""

    provider_deployment_id: str
    status: DeploymentStatus
    provider_status: str
    model: str = ""
    error: str = ""
    hourly_usd: Decimal | None = None
    expires_at: datetime | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One chat completion. Parameters left at None or empty are not sent."""

    model: str
    messages: Sequence[Mapping[str, Any]]
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: Sequence[str] = ()
    response_format: Mapping[str, Any] | None = None  # in OpenAI's shape: {"type": "json_object"}
    tools: Sequence[Mapping[str, Any]] = ()  # in OpenAI's shape
    top_logprobs: int | None = None  # how many alternatives; 0 asks for the chosen tokens alone


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """One completion of the older kind, of a prompt. Parameters left at None are not sent."""

    model: str
    prompt: str
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: Sequence[str] = ()
    top_logprobs: int | None = None


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """One token of an answer, its natural log-probability, and what else it could have been."""

    token: str
    logprob: float
    top: Sequence[tuple[str, float]] = ()  # likeliest first; the chosen one is among them


@dataclass(frozen=True, slots=True)
class ToolCallPiece:
    """A part of a call. The first of an `index` has id and name, the others more arguments."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class ChatChunk:
    """A piece of an answer. Every field may be missing; the last ones carry the totals."""

    text: str = ""
    model: str = ""
    finish_reason: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    system_fingerprint: str = ""
    reasoning: str = ""  # what the model thinks before it answers, where it is told
    reasoning_tokens: int | None = None  # among those of the completion
    tool_calls: Sequence[ToolCallPiece] = ()
    logprobs: Sequence[TokenLogprob] = ()


@dataclass(frozen=True, slots=True)
class Embeddings:
    """One vector per text, in their order, and what asking for them has cost."""

    vectors: Sequence[Sequence[float]]
    prompt_tokens: int | None = None


class Provider(Protocol):
    """What Retune asks of a provider. All calls raise ProviderError or ProviderUnavailable.

    Whatever comes out, words of errors too, can be stored: no NUL, no half characters, no NaN.
    What a provider cannot do (`profile.capabilities`) raises ProviderError with code `not_offered`.
    """

    async def check(self) -> CheckResult: ...
    async def list_models(self) -> list[ModelInfo]: ...
    async def find_file(self, filename: str, size_bytes: int) -> str | None: ...
    async def upload_file(self, path: Path, filename: str) -> str: ...
    async def file_content(self, file_id: str) -> bytes: ...
    async def find_job(self, client_key: str) -> JobSnapshot | None: ...
    async def create_job(self, spec: JobSpec) -> JobSnapshot: ...
    async def get_job(self, provider_job_id: str) -> JobSnapshot: ...
    async def cancel_job(self, provider_job_id: str) -> JobSnapshot: ...
    async def pause_job(self, provider_job_id: str) -> JobSnapshot: ...
    async def resume_job(self, provider_job_id: str) -> JobSnapshot: ...
    async def delete_job(self, provider_job_id: str) -> None: ...
    async def delete_model(self, model: str) -> None: ...
    async def list_files(self) -> list[ProviderFile]: ...
    async def delete_file(self, file_id: str) -> None: ...
    async def deploy(self, spec: DeploymentSpec) -> DeploymentSnapshot: ...
    async def get_deployment(self, provider_deployment_id: str) -> DeploymentSnapshot: ...
    async def stop_deployment(self, provider_deployment_id: str) -> DeploymentSnapshot: ...
    async def list_jobs(self, *, limit: int = 100) -> list[JobSnapshot]: ...
    async def list_events(
        self, provider_job_id: str, *, known_ids: Set[str] = frozenset()
    ) -> list[ProviderEvent]:
        """Return events newer than any known id, oldest first."""
        ...

    async def list_checkpoints(self, provider_job_id: str) -> list[ProviderCheckpoint]: ...
    def stream_chat(self, request: ChatRequest) -> AsyncIterator[ChatChunk]: ...
    def stream_completion(self, request: CompletionRequest) -> AsyncIterator[ChatChunk]: ...
    async def embed(self, model: str, texts: Sequence[str]) -> Embeddings: ...
    async def close(self) -> None: ...
