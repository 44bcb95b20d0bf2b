"""The first adapter: OpenAI and every server that speaks its API. Nobody else imports the SDK."""

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence, Set
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx2
import openai
from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.providers.adapters import answers, checking, event_order
from apps.providers.adapters.account import Account
from apps.providers.adapters.fields import Object
from apps.providers.adapters.http import UPLOAD
from apps.providers.adapters.openai import requests, shapes, uploads
from apps.providers.adapters.openai.answering import Answering
from apps.providers.adapters.openai.client import make_client, make_reader
from apps.providers.adapters.openai.deploying import Deployments, open_deployments
from apps.providers.adapters.openai.errors import SDKTranslator
from apps.providers.adapters.paths import segment
from apps.providers.adapters.reader import Answer
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
    ProviderUnavailable,
    not_offered,
)

CONTROL_SECONDS = 30  # for a whole answer; the client's own time-outs are per phase
PAGE = 100  # more is undocumented
MAX_PAGES = 200  # a list that never ends is left here

JOBS = ("fine_tuning", "jobs")
Fetch = Callable[..., Awaitable[Any]]


class OpenAIProvider:
    """Speaks OpenAI's API with time-outs, without retries, and lets no SDK exception out."""

    def __init__(self, account: Account, profile: Profile) -> None:
        self._account = account
        self._translate = SDKTranslator(account.origin, account.key)
        self._profile = profile
        self._deployments = open_deployments(account, profile, self._latest_checkpoint)
        with self._translate.errors():
            self._reader = make_reader(account)
        self._answering = Answering(lambda: self._client, self._reader, self._translate, profile)

    @cached_property
    def _client(self) -> openai.AsyncOpenAI:
        """Made when it is needed: an answer that streams needs the reader alone."""
        with self._translate.errors():
            return make_client(self._account)

    async def close(self) -> None:
        if "_client" in self.__dict__:
            await self._client.close()
        await self._reader.close()
        if self._deployments:
            await self._deployments.close()

    async def check(self) -> CheckResult:
        """Ask for the models, and whether we may deploy. Never raises."""
        result = await checking.check(self.list_models)
        if not result.ok or self._deployments is None:
            return result
        try:
            await self._deployments.check()
        except (ProviderError, ProviderUnavailable) as exc:
            words = Sentence(_("The key works. Deploying does not: %(words)s"), words=exc.words)
            return CheckResult(ok=False, message=words, model_count=result.model_count)
        return result

    async def list_models(self) -> list[ModelInfo]:
        """Return every model of the account; `can_tune` is the profile's business."""
        page = await self._object(self._client.models.with_raw_response.list)
        return [model for item in shapes.objects(page) if (model := shapes.model_info(item)).id]

    async def find_file(self, filename: str, size_bytes: int) -> str | None:
        """Return the id of a file that was uploaded under this name with this size, if any."""
        fetch = self._client.files.with_raw_response.list
        async for file in self._items(fetch, purpose="fine-tune", order="desc"):
            facts = file.get("filename"), file.get("bytes"), file.get("status") == "error"
            if facts == (filename, size_bytes, False) and file.get("id"):
                return str(file["id"])
        return None

    async def upload_file(self, path: Path, filename: str) -> str:
        """Send the file, streamed from disk, and return its id there. Large ones go in parts."""
        parts = self._profile.uploads
        if parts and uploads.is_large(path, parts):
            client = uploads.client_for(self._client, parts)
            return await uploads.send(client, self._object, path, filename, parts)
        create = self._client.files.with_raw_response.create
        with path.open("rb") as content, self._translate.errors():
            answer = await create(
                file=(filename, content, "application/jsonl"), purpose="fine-tune", timeout=UPLOAD
            )
            return str(self._with_id(answers.read(answer.content))["id"])

    async def file_content(self, file_id: str) -> bytes:
        """Return a result file; OpenAI sends it as base64 text, others send it plain."""
        with self._translate.errors():
            async with asyncio.timeout(CONTROL_SECONDS):
                content = (await self._client.files.content(file_id)).content
        try:
            return base64.b64decode(b"".join(content.split()), validate=True)
        except binascii.Error:
            return content

    async def find_job(self, client_key: str) -> JobSnapshot | None:
        """Return the job that carries our key, also where the metadata filter is ignored."""
        fetch = self._client.fine_tuning.jobs.with_raw_response.list
        async for item in self._items(fetch, metadata={shapes.CLIENT_KEY: client_key}):
            job = shapes.job_snapshot(item)
            if job.client_key == client_key:
                return job
        return None

    async def create_job(self, spec: JobSpec) -> JobSnapshot:
        """Start a job. Ask `find_job` first: the API has no idempotency of its own."""
        create = self._client.fine_tuning.jobs.with_raw_response.create
        return await self._job(create, **requests.job_fields(spec, self._profile))

    async def get_job(self, provider_job_id: str) -> JobSnapshot:
        return await self._job(self._read(*JOBS, provider_job_id))

    async def cancel_job(self, provider_job_id: str) -> JobSnapshot:
        self._need("cancel")
        jobs = self._client.fine_tuning.jobs.with_raw_response
        return await self._job(jobs.cancel, fine_tuning_job_id=provider_job_id)

    async def pause_job(self, provider_job_id: str) -> JobSnapshot:
        self._need("pause")
        jobs = self._client.fine_tuning.jobs.with_raw_response
        return await self._job(jobs.pause, fine_tuning_job_id=provider_job_id)

    async def resume_job(self, provider_job_id: str) -> JobSnapshot:
        self._need("resume")
        jobs = self._client.fine_tuning.jobs.with_raw_response
        return await self._job(jobs.resume, fine_tuning_job_id=provider_job_id)

    async def delete_job(self, provider_job_id: str) -> None:
        """Delete a job. OpenAI has no such call; some that follow its API do."""
        self._need("delete_job")
        path = f"/fine_tuning/jobs/{segment(provider_job_id)}"
        with self._translate.errors():
            async with asyncio.timeout(CONTROL_SECONDS):
                await self._client.delete(path, cast_to=httpx2.Response)

    async def delete_model(self, model: str) -> None:
        """Delete a tuned model for good. OpenAI asks for the Owner role."""
        self._need("delete_model")
        await self._object(self._client.models.with_raw_response.delete, model=model)

    async def list_files(self) -> list[ProviderFile]:
        """Return every file of the account, whoever sent it."""
        fetch = self._client.files.with_raw_response.list
        return [shapes.provider_file(item) async for item in self._items(fetch, order="desc")]

    async def delete_file(self, file_id: str) -> None:
        self._need("delete_file")
        await self._object(self._client.files.with_raw_response.delete, file_id=file_id)

    async def deploy(self, spec: DeploymentSpec) -> DeploymentSnapshot:
        """OpenAI serves its tuned models without being asked; others have a plug-in for it."""
        return await self._serving().deploy(spec)

    async def get_deployment(self, provider_deployment_id: str) -> DeploymentSnapshot:
        return await self._serving().get(provider_deployment_id)

    async def stop_deployment(self, provider_deployment_id: str) -> DeploymentSnapshot:
        return await self._serving().stop(provider_deployment_id)

    async def list_jobs(self, *, limit: int = 100) -> list[JobSnapshot]:
        """Return the newest jobs of the account, whoever made them."""
        found: list[JobSnapshot] = []
        async for item in self._items(self._read(*JOBS)):
            if len(found) == limit:
                break
            found.append(shapes.job_snapshot(item))
        return found

    async def list_events(
        self, provider_job_id: str, *, known_ids: Set[str] = frozenset()
    ) -> list[ProviderEvent]:
        """Return events newer than any known id, oldest first. The provider lists newest first."""
        fetch = self._read(*JOBS, provider_job_id, "events")
        news: list[ProviderEvent] = []
        async for page in self._pages(fetch):  # each whole: one may be in any order
            events = [shapes.event(item) for item in page]
            news += event_order.unknown(events, known_ids)
            if not known_ids.isdisjoint(event.provider_event_id for event in events):
                break
        return event_order.oldest_first(event_order.unknown(news, frozenset()))

    async def list_checkpoints(self, provider_job_id: str) -> list[ProviderCheckpoint]:
        """Return the saved states that can be chatted with, in the order of their steps."""
        fetch = self._read(*JOBS, provider_job_id, "checkpoints")
        found = [
            checkpoint
            async for item in self._items(fetch)
            if (checkpoint := shapes.checkpoint(item)).model or self._profile.needs_deployment
        ]
        return sorted(found, key=lambda checkpoint: checkpoint.step)

    def stream_chat(self, request: ChatRequest) -> AsyncIterator[ChatChunk]:
        """Yield the answer as it comes; closing the generator closes the request."""
        return self._answering.stream_chat(request)

    def stream_completion(self, request: CompletionRequest) -> AsyncIterator[ChatChunk]:
        """Yield what follows a prompt, for models that know no conversations."""
        return self._answering.stream_completion(request)

    async def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
        return await self._answering.embed(model, texts)

    async def _latest_checkpoint(self, provider_job_id: str) -> str:
        """Return the id of a job's last checkpoint, which is what some providers deploy."""
        found = await self.list_checkpoints(provider_job_id)
        if not found:
            raise ProviderError(Sentence(_("This job has no checkpoint that could be deployed.")))
        return found[-1].provider_checkpoint_id

    def _read(self, *path: str) -> Fetch:
        """Return a GET that costs little: for what is asked thousands of times."""

        async def fetch(**query: Any) -> Answer:
            answer = await self._reader.get(*path, **query)
            if not 200 <= answer.status < 300:
                told = answers.read_or_text(answer.content)
                raise self._translate.refused(answer.status, told, answer.headers)
            return answer

        return fetch

    async def _job(self, call: Fetch, **fields: Any) -> JobSnapshot:
        return shapes.job_snapshot(self._with_id(await self._object(call, **fields)))

    async def _items(self, fetch: Fetch, **fields: Any) -> AsyncIterator[Object]:
        """Yield the objects of a cursor list one by one."""
        async for page in self._pages(fetch, **fields):
            for item in page:
                yield item

    async def _pages(self, fetch: Fetch, **fields: Any) -> AsyncIterator[list[Object]]:
        """Yield the pages of a cursor list; stop when the cursor stands still."""
        after: dict[str, Any] = {}
        for _page in range(MAX_PAGES):
            page = await self._object(fetch, limit=PAGE, **after, **fields)
            items = shapes.objects(page)
            yield items
            last = str(items[-1].get("id") or "") if items else ""
            if not page.get("has_more") or not last or last == after.get("after"):
                return
            after = {"after": last}

    async def _object(self, call: Fetch, *, within: float | None = None, **fields: Any) -> Object:
        """Make one call and return its JSON object as it came."""
        with self._translate.errors():
            async with asyncio.timeout(within or CONTROL_SECONDS):
                answer = await call(**fields)
            payload = answers.read(answer.content)
        if not isinstance(payload, dict):
            raise self._translate.garbage()
        return payload

    def _serving(self) -> Deployments:
        if self._deployments is None:
            raise not_offered()
        return self._deployments

    def _need(self, capability: str) -> None:
        if not self._profile.capabilities.offers(capability):
            raise not_offered()

    def _with_id(self, payload: Any) -> Object:
        if not isinstance(payload, dict) or not payload.get("id"):
            raise self._translate.garbage()
        return payload
