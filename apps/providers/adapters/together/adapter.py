"""Together AI: jobs by its own REST, chat by OpenAI's."""

from collections.abc import AsyncIterator, Sequence, Set
from dataclasses import replace
from pathlib import Path

from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.providers.adapters import checking, event_order
from apps.providers.adapters.account import Account
from apps.providers.adapters.fields import Object, objects, text
from apps.providers.adapters.openai.adapter import OpenAIProvider
from apps.providers.adapters.openai.shapes import provider_file
from apps.providers.adapters.paths import segment
from apps.providers.adapters.rest import Rest
from apps.providers.adapters.together import files, requests, shapes
from apps.providers.adapters.together.deployments import Deployments
from apps.providers.profiles import Profile
from apps.providers.types import (
    ChatChunk,
    ChatRequest,
    CheckResult,
    CompletionRequest,
    DeploymentSnapshot,
    DeploymentSpec,
    Embeddings,
    JobSnapshot,
    JobSpec,
    ModelInfo,
    ProviderCheckpoint,
    ProviderError,
    ProviderEvent,
    ProviderFile,
    not_offered,
)

EVERY = 1_000_000
JOB_ID = "ft-"  # what a job's id begins with; no model's name does


class TogetherProvider:
    """Speaks /v1/fine-tunes with time-outs and without retries. Lists there have one page."""

    def __init__(self, account: Account, profile: Profile) -> None:
        root = account.base_url.rstrip("/").removesuffix("/v1")
        self._rest = Rest(root + "/v1", secret=account.key, token=account.key)
        self._root = Rest(root, secret=account.key, token=account.key)
        self._chat = OpenAIProvider(replace(account, base_url=root + "/v1"), profile)
        self._deployments = Deployments(self._root, account.details.get("project_id", ""))

    async def close(self) -> None:
        for each in (self._rest, self._root, self._chat):
            await each.close()

    async def check(self) -> CheckResult:
        return await checking.check(self.list_models)

    async def list_models(self) -> list[ModelInfo]:
        """Return every model; this list comes bare."""
        listed = self._rest.json_in(await self._rest.reply("GET", "/models"))
        bare = listed.get("data") if isinstance(listed, dict) else listed
        if not isinstance(bare, list):
            raise self._rest.translate.garbage()
        return [model for item in objects(bare) if (model := shapes.model_info(item)).id]

    async def find_file(self, filename: str, size_bytes: int) -> str | None:
        return await files.find(self._rest, filename, size_bytes)

    async def upload_file(self, path: Path, filename: str) -> str:
        """Send the file, streamed from disk, and return its id there."""
        return await files.upload(self._rest, path, filename)

    async def file_content(self, file_id: str) -> bytes:
        return (await self._rest.reply("GET", f"/files/{segment(file_id)}/content")).content

    async def list_files(self) -> list[ProviderFile]:
        listed = objects((await self._rest.ask("GET", "/files")).get("data"))
        return [file for item in listed if (file := provider_file(item)).id]

    async def delete_file(self, file_id: str) -> None:
        await self._rest.ask("DELETE", f"/files/{segment(file_id)}")

    async def find_job(self, client_key: str) -> JobSnapshot | None:
        """Return the job whose suffix carries our key."""
        mine = (job for job in await self.list_jobs() if job.client_key == client_key)
        return next(mine, None)

    async def create_job(self, spec: JobSpec) -> JobSnapshot:
        """Start a job. Ask `find_job` first: the API has no idempotency of its own."""
        is_tuned = await self._is_tuned(spec.base_model)
        fields = requests.job_fields(spec, from_checkpoint=is_tuned)
        return self._job(await self._rest.ask("POST", "/fine-tunes", json=fields))

    async def _is_tuned(self, model: str) -> bool:
        """Say whether a job of this account made the model: those are named in another field."""
        if model.startswith(JOB_ID):
            return True
        return any(job.fine_tuned_model == model for job in await self.list_jobs())

    async def get_job(self, provider_job_id: str) -> JobSnapshot:
        return self._job(await self._rest.ask("GET", _path(provider_job_id)))

    async def cancel_job(self, provider_job_id: str) -> JobSnapshot:
        return self._job(await self._rest.ask("POST", f"{_path(provider_job_id)}/cancel"))

    async def pause_job(self, provider_job_id: str) -> JobSnapshot:
        raise not_offered()

    async def resume_job(self, provider_job_id: str) -> JobSnapshot:
        raise not_offered()

    async def delete_job(self, provider_job_id: str) -> None:
        await self._rest.ask("DELETE", _path(provider_job_id))

    async def delete_model(self, model: str) -> None:
        raise not_offered()

    async def list_jobs(self, *, limit: int = EVERY) -> list[JobSnapshot]:
        """Return the newest jobs of the account, whoever made them."""
        listed = objects((await self._rest.ask("GET", "/fine-tunes")).get("data"))
        jobs = [job for item in listed if (job := shapes.job_snapshot(item)).provider_job_id]
        newest = sorted(jobs, key=_created, reverse=True)
        return newest[:limit]

    async def list_events(
        self, provider_job_id: str, *, known_ids: Set[str] = frozenset()
    ) -> list[ProviderEvent]:
        """Return what is not known yet, oldest first: the events, and the points of the curves."""
        path = _path(provider_job_id)
        told = objects((await self._rest.ask("GET", f"{path}/events")).get("data"))
        events = sorted(map(shapes.event, told), key=lambda event: event.created_at, reverse=True)
        news = event_order.unknown(events, known_ids) + await self._points(path, known_ids)
        return event_order.oldest_first(news)

    async def _points(self, path: str, known_ids: Set[str]) -> list[ProviderEvent]:
        begin = shapes.last_step(known_ids)
        try:
            asked = {"global_step_from": begin} if begin else {}
            told = await self._rest.ask("GET", f"{path}/metrics", params=asked)
        except ProviderError:  # a job that failed early has none
            return []
        return shapes.metrics_events(told.get("metrics"), known_ids)

    async def list_checkpoints(self, provider_job_id: str) -> list[ProviderCheckpoint]:
        """Return the saved states, one for each step: weights may be there whole and as LoRA."""
        path = f"{_path(provider_job_id)}/checkpoints"
        told = objects((await self._rest.ask("GET", path)).get("data"))
        found = (shapes.checkpoint(item, provider_job_id) for item in told)
        by_step = {each.step: each for each in found if each}
        return [by_step[step] for step in sorted(by_step)]

    async def deploy(self, spec: DeploymentSpec) -> DeploymentSnapshot:
        """Serve the model that a job has made. Asked twice under one name, it is served once."""
        return await self._deployments.deploy(spec, await self._model_id(spec))

    async def get_deployment(self, provider_deployment_id: str) -> DeploymentSnapshot:
        return await self._deployments.get(provider_deployment_id)

    async def stop_deployment(self, provider_deployment_id: str) -> DeploymentSnapshot:
        return await self._deployments.stop(provider_deployment_id)

    async def _model_id(self, spec: DeploymentSpec) -> str:
        """Return the registry's id of the weights: a checkpoint's, else those at the job's end."""
        if spec.checkpoint_id and JOB_ID not in spec.checkpoint_id:
            return spec.checkpoint_id
        job = await self._rest.ask("GET", _path(spec.provider_job_id))
        found = job.get("model_object_id") or job.get("adapter_object_id")
        if not found:
            words = _("This job has no model that could be deployed.")
            raise ProviderError(Sentence(words), code="nothing_to_deploy")
        return text(found, 200)

    def stream_chat(self, request: ChatRequest) -> AsyncIterator[ChatChunk]:
        """Yield the answer as it comes, in OpenAI's format."""
        return self._chat.stream_chat(request)

    def stream_completion(self, request: CompletionRequest) -> AsyncIterator[ChatChunk]:
        return self._chat.stream_completion(request)

    async def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
        return await self._chat.embed(model, texts)

    def _job(self, answer: Object) -> JobSnapshot:
        job = shapes.job_snapshot(answer)
        if not job.provider_job_id:
            raise self._rest.translate.garbage()
        return job


def _path(job_id: str) -> str:
    return f"/fine-tunes/{segment(job_id)}"


def _created(job: JobSnapshot) -> float:
    return job.created_at.timestamp() if job.created_at else 0.0
