"""A provider in memory that counts what it is asked, and fails on demand."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from asgiref.sync import sync_to_async

from apps.providers.models import Connection
from apps.providers.types import (
    DeploymentSnapshot,
    DeploymentSpec,
    DeploymentStatus,
    JobSnapshot,
    JobSpec,
    JobStatus,
    ModelInfo,
    ProviderCheckpoint,
    ProviderError,
    ProviderEvent,
)

BEGINNING = datetime(2026, 11, 1, 12, tzinfo=UTC)


@dataclass
class FakeProvider:
    """Holds files, jobs, events and checkpoints; `fail(call, error)` breaks one kind of call."""

    files: dict[tuple[str, int], str] = field(default_factory=dict)
    jobs: dict[str, JobSnapshot] = field(default_factory=dict)
    events: dict[str, list[ProviderEvent]] = field(default_factory=dict)
    checkpoints: dict[str, list[ProviderCheckpoint]] = field(default_factory=dict)
    models: list[str] = field(default_factory=lambda: ["tiny-chat-1m"])
    specs: list[JobSpec] = field(default_factory=list)
    deployments: dict[str, DeploymentSnapshot] = field(default_factory=dict)
    deployment_specs: list[DeploymentSpec] = field(default_factory=list)
    file_ids: list[str] = field(default_factory=list)  # those that can be deleted
    deleted: list[str] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    failures: dict[str, BaseException] = field(default_factory=dict)
    before: Callable[[str], None] = lambda _call: None

    def fail(self, call: str, error: BaseException) -> None:
        self.failures[call] = error

    def tell(self, job_id: str, **changes: Any) -> None:
        """Change what the provider says about a job."""
        self.jobs[job_id] = replace(self.jobs[job_id], **changes)

    def add_job(self, job_id: str, **fields: Any) -> JobSnapshot:
        status = fields.pop("status", JobStatus.RUNNING)
        self.jobs[job_id] = JobSnapshot(job_id, status, str(status), **fields)
        return self.jobs[job_id]

    def add_event(self, job_id: str, number: int, **fields: Any) -> ProviderEvent:
        defaults = {"level": "info", "type": "message", "message": f"Event {number}"}
        event = ProviderEvent(
            provider_event_id=f"ftevent-{number}",
            created_at=BEGINNING + timedelta(seconds=number),
            **{**defaults, **fields},
        )
        self.events.setdefault(job_id, []).append(event)
        return event

    def add_step(self, job_id: str, step: int, *, total: int = 100, **numbers: float) -> None:
        data = {"step": step, "total_steps": total, **numbers}
        self.add_event(job_id, step, type="metrics", message=f"Step {step}/{total}", data=data)

    async def _called(self, call: str) -> None:
        self.calls[call] += 1
        await sync_to_async(self.before)(call)
        if call in self.failures:
            raise self.failures[call]

    async def list_models(self) -> list[ModelInfo]:
        await self._called("list_models")
        return [ModelInfo(name) for name in self.models]

    async def find_file(self, filename: str, size_bytes: int) -> str | None:
        await self._called("find_file")
        return self.files.get((filename, size_bytes))

    async def upload_file(self, path: Path, filename: str) -> str:
        await self._called("upload_file")
        key = (filename, len(path.read_bytes()))  # noqa: ASYNC240
        self.files[key] = f"file-{len(self.files) + 1}"
        return self.files[key]

    async def find_job(self, client_key: str) -> JobSnapshot | None:
        await self._called("find_job")
        mine = (job for job in self.jobs.values() if job.client_key == client_key)
        return next(mine, None)

    async def create_job(self, spec: JobSpec) -> JobSnapshot:
        await self._called("create_job")
        self.specs.append(spec)
        job_id = f"ftjob-{len(self.specs)}"
        return self.add_job(job_id, status=JobStatus.QUEUED, client_key=spec.client_key)

    async def get_job(self, provider_job_id: str) -> JobSnapshot:
        await self._called("get_job")
        if provider_job_id not in self.jobs:
            raise ProviderError("No such fine-tuning job", status=404)
        return self.jobs[provider_job_id]

    async def cancel_job(self, provider_job_id: str) -> JobSnapshot:
        await self._called("cancel_job")
        self.tell(provider_job_id, status=JobStatus.CANCELLED, provider_status="cancelled")
        return self.jobs[provider_job_id]

    async def pause_job(self, provider_job_id: str) -> JobSnapshot:
        await self._called("pause_job")
        self.tell(provider_job_id, status=JobStatus.PAUSED, provider_status="paused")
        return self.jobs[provider_job_id]

    async def resume_job(self, provider_job_id: str) -> JobSnapshot:
        await self._called("resume_job")
        self.tell(provider_job_id, status=JobStatus.QUEUED, provider_status="queued")
        return self.jobs[provider_job_id]

    async def delete_job(self, provider_job_id: str) -> None:
        await self._called("delete_job")
        if self.jobs.pop(provider_job_id, None) is None:
            raise ProviderError("No such fine-tuning job", status=404)

    async def list_jobs(self, *, limit: int = 100) -> list[JobSnapshot]:
        await self._called("list_jobs")
        return list(self.jobs.values())[::-1][:limit]

    async def list_events(
        self, provider_job_id: str, *, known_ids: Set[str] = frozenset()
    ) -> list[ProviderEvent]:
        await self._called("list_events")
        news: list[ProviderEvent] = []
        for event in reversed(self.events.get(provider_job_id, [])):
            if event.provider_event_id in known_ids:
                break
            news.append(event)
        return news[::-1]

    async def list_checkpoints(self, provider_job_id: str) -> list[ProviderCheckpoint]:
        await self._called("list_checkpoints")
        return self.checkpoints.get(provider_job_id, [])

    async def deploy(self, spec: DeploymentSpec) -> DeploymentSnapshot:
        """Serve it once, however often it is asked for under this name."""
        await self._called("deploy")
        self.deployment_specs.append(spec)
        starting = DeploymentSnapshot(spec.name, DeploymentStatus.STARTING, "creating")
        return self.deployments.setdefault(spec.name, starting)

    async def get_deployment(self, provider_deployment_id: str) -> DeploymentSnapshot:
        await self._called("get_deployment")
        return self._deployment(provider_deployment_id)

    async def stop_deployment(self, provider_deployment_id: str) -> DeploymentSnapshot:
        await self._called("stop_deployment")
        self._deployment(provider_deployment_id)
        self.tell_deployment(provider_deployment_id, status=DeploymentStatus.STOPPED)
        return self.deployments[provider_deployment_id]

    def tell_deployment(self, name: str, **changes: Any) -> None:
        """Change what the provider says about a deployment."""
        self.deployments[name] = replace(self.deployments[name], **changes)

    def _deployment(self, name: str) -> DeploymentSnapshot:
        if name not in self.deployments:
            raise ProviderError("No such deployment", status=404)
        return self.deployments[name]

    async def delete_model(self, model: str) -> None:
        await self._called("delete_model")
        self._delete(model, self.models)

    async def delete_file(self, file_id: str) -> None:
        await self._called("delete_file")
        self._delete(file_id, self.file_ids)

    def _delete(self, name: str, present: list[str]) -> None:
        if name not in present:
            raise ProviderError("No such thing", status=404)
        present.remove(name)
        self.deleted.append(name)


class Providers:
    """One fake provider per connection, in place of the registry's network."""

    def __init__(self) -> None:
        self.by_connection: dict[int, FakeProvider] = {}

    def of(self, connection: Connection) -> FakeProvider:
        return self.by_connection.setdefault(connection.pk, FakeProvider())

    @asynccontextmanager
    async def open(self, connection: Connection) -> AsyncIterator[FakeProvider]:
        yield self.of(connection)
