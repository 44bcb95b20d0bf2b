"""Our words for their world: dataclasses in and out of an adapter, and its two errors."""

from collections.abc import AsyncIterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobStatus(models.TextChoices):
    """OpenAI's statuses, plus `pending` (ours: not yet at the provider) and `unknown`."""

    PENDING = "pending", _("Preparing")
    VALIDATING_FILES = "validating_files", _("Checking files")
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    UNKNOWN = "unknown", _("Unknown")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


TERMINAL = frozenset({JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED})

Hyperparameter = int | float | Literal["auto"]


class ProviderError(Exception):
    """The provider says no, and will say no again. `str()` is the provider's own words."""

    def __init__(self, message: str, *, code: str = "", status: int | None = None) -> None:
        super().__init__(message)
        self.words = message  # as `str()`, but a Sentence stays one
        self.code = code
        self.status = status


class ProviderUnavailable(Exception):
    """Not now: network, rate limit, server fault. `retry_after` in seconds when it was told."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.words = message  # as `str()`, but a Sentence stays one
        self.retry_after = retry_after


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
    hyperparameters: Mapping[str, Hyperparameter] = field(default_factory=dict)


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


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One chat completion. Parameters left at None are not sent."""

    model: str
    messages: Sequence[Mapping[str, Any]]
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class ChatChunk:
    """A piece of an answer. Every field may be missing; the last ones carry the totals."""

    text: str = ""
    model: str = ""
    finish_reason: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    system_fingerprint: str = ""


class Provider(Protocol):
    """What Retune asks of a provider. All calls raise ProviderError or ProviderUnavailable.

    Whatever comes out, words of errors too, can be stored: no NUL, no half characters, no NaN.
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
    async def list_jobs(self, *, limit: int = 100) -> list[JobSnapshot]: ...
    async def list_events(
        self, provider_job_id: str, *, known_ids: Set[str] = frozenset()
    ) -> list[ProviderEvent]:
        """Return events newer than any known id, oldest first."""
        ...

    async def list_checkpoints(self, provider_job_id: str) -> list[ProviderCheckpoint]: ...
    def stream_chat(self, request: ChatRequest) -> AsyncIterator[ChatChunk]: ...
    async def close(self) -> None: ...
