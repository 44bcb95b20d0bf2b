"""The wire shapes in one vocabulary: what the contract of all adapters is said in.

A dialect knows how its scripted provider is told things, where its calls go, and what comes back.
"""

from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from apps.providers.adapters.account import Account
from apps.providers.profiles import Profile, profile_for
from apps.providers.registry import adapter_for
from apps.providers.types import (
    NOT_OFFERED,
    DeploymentSpec,
    JobSpec,
    JobStatus,
    Method,
    Provider,
    ProviderError,
)
from tests.providers.scripted import (
    KEY,
    FireworksScript,
    OpenAIScript,
    Script,
    TogetherScript,
    fresh,
)
from tests.providers.scripted.fireworks import ACCOUNT
from tests.providers.scripted.fireworks import status as grpc_status
from tests.providers.scripted.shelf import Thing
from tests.providers.serving import RESOURCE, SECRET, AzureScript, NebiusScript

ROWS = b'{"messages": []}\n'
CLIENT_KEY = "6f1c0f5e-3d1b-4c55-9a63-0a7b3f1d2c4e"


@dataclass(frozen=True)
class Dialect:
    """OpenAI's shape; the others change what is theirs."""

    name: str  # of the profile
    shape: type[Script] = OpenAIScript

    STATUSES: ClassVar[Mapping[str, JobStatus]] = {
        "validating_files": JobStatus.VALIDATING_FILES,
        "queued": JobStatus.QUEUED,
        "running": JobStatus.RUNNING,
        "pausing": JobStatus.PAUSING,
        "paused": JobStatus.PAUSED,
        "cancelling": JobStatus.CANCELLING,
        "succeeded": JobStatus.SUCCEEDED,
        "failed": JobStatus.FAILED,
        "cancelled": JobStatus.CANCELLED,
        "canceled": JobStatus.CANCELLED,
    }
    STATUS: ClassVar[str] = "status"
    RUNNING: ClassVar[str] = "running"
    JOBS: ClassVar[str] = "/v1/fine_tuning/jobs"
    JOB: ClassVar[str] = "/v1/fine_tuning/jobs/[^/]+"
    EVENTS: ClassVar[str] = "/v1/fine_tuning/jobs/[^/]+/events"
    UPLOADS: ClassVar[str] = "/v1/files"
    NO_CREDIT: ClassVar[tuple[int, str]] = (429, "insufficient_quota")

    def script(self) -> Any:
        """Return the provider, running and empty."""
        return fresh(self.shape)

    def profile(self, script: Any) -> Profile:
        return profile_for(self.name)

    def account(self, script: Any, key: str = KEY) -> Account:
        return Account(script.url, key)

    def adapter(self, script: Any, key: str = KEY) -> Provider:
        return adapter_for(self.account(script, key), self.profile(script))

    def spec(self, **facts: Any) -> JobSpec:
        """Return what this provider can be asked for."""
        return replace(JobSpec(CLIENT_KEY, "tiny-chat-1m", "file-1"), **facts)

    def add_job(self, script: Any, **facts: Any) -> str:
        """Add a job and return its id as the adapter gives it."""
        return str(script.add_job(**facts)["id"])

    def tell(self, script: Any, job_id: str, **facts: Any) -> None:
        """Change what is said about a job."""
        self.raw(script, job_id).update(facts)

    def raw(self, script: Any, job_id: str) -> Thing:
        return script.jobs[job_id]

    def failure(self, words: str, code: str) -> Mapping[str, Any]:
        """Return the facts of a job that failed for this reason."""
        return {"status": "failed", "error": {"message": words, "code": code, "param": None}}

    def success(self, model: str) -> Mapping[str, Any]:
        """Return the facts of a job that made this model."""
        return {"status": "succeeded", "fine_tuned_model": model}

    def refusal(self, script: Any, status: int, words: str, code: str | None) -> Any:
        return script.refusal(status, words, code)

    def deployment(self, job_id: str) -> DeploymentSpec:
        """Return what serves the model of this job."""
        return DeploymentSpec("retune-1", "tuned", "base", job_id, "ck-1")

    def let_serve(self, script: Any, deployment_id: str) -> None:
        """Let a deployment answer."""


@dataclass(frozen=True)
class AzureDialect(Dialect):
    shape: type[Script] = AzureScript

    def account(self, script: Any, key: str = KEY) -> Account:
        return replace(super().account(script, key), details=RESOURCE, deploy_secret=SECRET)

    def profile(self, script: Any) -> Profile:
        profile = super().profile(script)
        here = {"login_url": script.origin, "management_url": script.origin}
        facts = {**profile.deployment.facts, **here}
        return replace(profile, deployment=replace(profile.deployment, facts=facts))

    def let_serve(self, script: Any, deployment_id: str) -> None:
        script.states = ["Succeeded"]


@dataclass(frozen=True)
class NebiusDialect(Dialect):
    shape: type[Script] = NebiusScript

    def let_serve(self, script: Any, deployment_id: str) -> None:
        script.deployments[deployment_id]["status"] = "active"


@dataclass(frozen=True)
class TogetherDialect(Dialect):
    shape: type[Script] = TogetherScript

    STATUSES: ClassVar[Mapping[str, JobStatus]] = {
        "pending": JobStatus.QUEUED,
        "queued": JobStatus.QUEUED,
        "running": JobStatus.RUNNING,
        "compressing": JobStatus.RUNNING,
        "uploading": JobStatus.RUNNING,
        "cancel_requested": JobStatus.CANCELLING,
        "cancelled": JobStatus.CANCELLED,
        "error": JobStatus.FAILED,
        "user_error": JobStatus.FAILED,
        "completed": JobStatus.SUCCEEDED,
    }
    JOBS: ClassVar[str] = "/v1/fine-tunes"
    JOB: ClassVar[str] = "/v1/fine-tunes/[^/]+"
    EVENTS: ClassVar[str] = "/v1/fine-tunes/[^/]+/(events|metrics)"

    def failure(self, words: str, code: str) -> Mapping[str, Any]:
        event = {"object": "fine-tune-event", "level": "error", "type": code, "message": words}
        return {"status": "error", "events": [event]}

    def success(self, model: str) -> Mapping[str, Any]:
        return {"status": "completed", "model_output_name": model, "model_object_id": "ml_1"}

    def deployment(self, job_id: str) -> DeploymentSpec:
        return DeploymentSpec("retune-1", "tuned", "base", job_id)

    def let_serve(self, script: Any, deployment_id: str) -> None:
        script.tell_deployment(deployment_id.partition("/")[2], "DEPLOYMENT_STATE_READY")


@dataclass(frozen=True)
class FireworksDialect(Dialect):
    shape: type[Script] = FireworksScript

    STATUSES: ClassVar[Mapping[str, JobStatus]] = {
        "JOB_STATE_CREATING": JobStatus.QUEUED,
        "JOB_STATE_PENDING": JobStatus.QUEUED,
        "JOB_STATE_RE_QUEUEING": JobStatus.QUEUED,
        "JOB_STATE_VALIDATING": JobStatus.VALIDATING_FILES,
        "JOB_STATE_CREATING_INPUT_DATASET": JobStatus.VALIDATING_FILES,
        "JOB_STATE_RUNNING": JobStatus.RUNNING,
        "JOB_STATE_WRITING_RESULTS": JobStatus.RUNNING,
        "JOB_STATE_PAUSED": JobStatus.PAUSED,
        "JOB_STATE_IDLE": JobStatus.PAUSED,
        "JOB_STATE_CANCELLING": JobStatus.CANCELLING,
        "JOB_STATE_COMPLETED": JobStatus.SUCCEEDED,
        "JOB_STATE_EARLY_STOPPED": JobStatus.SUCCEEDED,
        "JOB_STATE_FAILED": JobStatus.FAILED,
        "JOB_STATE_EXPIRED": JobStatus.FAILED,
        "JOB_STATE_CANCELLED": JobStatus.CANCELLED,
        "JOB_STATE_DELETING": JobStatus.CANCELLED,
        "JOB_STATE_DELETING_CLEANING_UP": JobStatus.CANCELLED,
        "JOB_STATE_UNSPECIFIED": JobStatus.UNKNOWN,
    }
    STATUS: ClassVar[str] = "state"
    RUNNING: ClassVar[str] = "JOB_STATE_RUNNING"
    JOBS: ClassVar[str] = "/v1/accounts/test/[a-zA-Z]+Jobs"
    JOB: ClassVar[str] = "/v1/accounts/test/[a-zA-Z]+Jobs/[^/]+"
    UPLOADS: ClassVar[str] = "/v1/accounts/test/datasets"
    NO_CREDIT: ClassVar[tuple[int, str]] = (402, "")  # gRPC has one word for both kinds of 429

    def spec(self, **facts: Any) -> JobSpec:
        base = "accounts/fireworks/models/llama-v3p1-8b-instruct"
        return replace(super().spec(base_model=base), **facts)

    def add_job(self, script: Any, **facts: Any) -> str:
        return str(script.add_job(**facts)["name"]).removeprefix(f"{ACCOUNT}/")

    def raw(self, script: Any, job_id: str) -> Thing:
        return script.jobs[f"{ACCOUNT}/{job_id}"]

    def failure(self, words: str, code: str) -> Mapping[str, Any]:
        return {"state": "JOB_STATE_FAILED", "status": grpc_status(code, words)}

    def success(self, model: str) -> Mapping[str, Any]:
        return {"state": "JOB_STATE_COMPLETED", "outputModel": model}

    def let_serve(self, script: Any, deployment_id: str) -> None:
        script.deployments[f"{ACCOUNT}/deployments/{deployment_id}"]["state"] = "READY"


DIALECTS = (
    Dialect("openai"),
    Dialect("generic"),
    Dialect("engine"),
    AzureDialect("azure"),
    NebiusDialect("nebius"),
    Dialect("crusoe"),
    TogetherDialect("together"),
    FireworksDialect("fireworks"),
)
SHAPES = tuple(each for each in DIALECTS if each.name in ("openai", "together", "fireworks"))


@dataclass
class Spoken:
    """A dialect, its provider, and the adapter that speaks with it."""

    dialect: Dialect
    script: Any
    adapter: Provider

    @property
    def profile(self) -> Profile:
        return self.dialect.profile(self.script)

    def offers(self, name: str) -> bool:
        return self.profile.capabilities.offers(name)

    def add_job(self, **facts: Any) -> str:
        return self.dialect.add_job(self.script, **facts)

    def running_job(self) -> str:
        return self.add_job(**{self.dialect.STATUS: self.dialect.RUNNING})

    def methods(self) -> tuple[Method, ...]:
        return self.profile.capabilities.methods


@asynccontextmanager
async def speaking(dialect: Dialect) -> AsyncIterator[Spoken]:
    """Yield the dialect with its provider, running and empty, and an adapter for it."""
    script = dialect.script()
    adapter = dialect.adapter(script)
    try:
        yield Spoken(dialect, script, adapter)
    finally:
        await adapter.close()


async def refuses(call: Awaitable[Any]) -> None:
    """Assert that the adapter says that its provider has no such call."""
    with pytest.raises(ProviderError) as caught:
        await call
    assert caught.value.code == NOT_OFFERED


def every_call(spoken: Spoken, path: Path, job_id: str) -> dict[str, Any]:
    """Return every call of the Provider protocol but closing and chat, ready to be made."""
    adapter, dialect = spoken.adapter, spoken.dialect
    return {
        "check": adapter.check,
        "list_models": adapter.list_models,
        "find_file": lambda: adapter.find_file("a.jsonl", 3),
        "upload_file": lambda: adapter.upload_file(path, "a.jsonl"),
        "file_content": lambda: adapter.file_content("file-1"),
        "list_files": adapter.list_files,
        "delete_file": lambda: adapter.delete_file("file-1"),
        "find_job": lambda: adapter.find_job(CLIENT_KEY),
        "create_job": lambda: adapter.create_job(dialect.spec()),
        "get_job": lambda: adapter.get_job(job_id),
        "list_jobs": lambda: adapter.list_jobs(limit=5),
        "list_events": lambda: adapter.list_events(job_id),
        "list_checkpoints": lambda: adapter.list_checkpoints(job_id),
        "cancel_job": lambda: adapter.cancel_job(job_id),
        "pause_job": lambda: adapter.pause_job(job_id),
        "resume_job": lambda: adapter.resume_job(job_id),
        "delete_model": lambda: adapter.delete_model("accounts/test/models/x"),
        "deploy": lambda: adapter.deploy(dialect.deployment(job_id)),
        "get_deployment": lambda: adapter.get_deployment("retune-1/x"),
        "stop_deployment": lambda: adapter.stop_deployment("retune-1/x"),
        "delete_job": lambda: adapter.delete_job(job_id),
        "embed": lambda: adapter.embed("any", ["a", "b"]),
    }
