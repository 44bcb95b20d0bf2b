"""Fireworks AI: datasets, jobs, models and deployments of one account; chat by OpenAI's API.

Every id is chosen by us, so asking twice makes one; what is there already answers 409.
"""

from collections.abc import AsyncIterator, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.providers.adapters import checking
from apps.providers.adapters.account import Account
from apps.providers.adapters.fields import Object, objects, text
from apps.providers.adapters.fireworks import files, names, requests, shapes
from apps.providers.adapters.openai.adapter import OpenAIProvider
from apps.providers.adapters.paths import segments, unknown_name
from apps.providers.adapters.rest import Rest
from apps.providers.profiles import Profile
from apps.providers.types import (
    ChatChunk,
    ChatRequest,
    CheckResult,
    CompletionRequest,
    DeploymentSnapshot,
    DeploymentSpec,
    DeploymentStatus,
    Embeddings,
    JobSnapshot,
    JobSpec,
    Method,
    ModelInfo,
    ProviderCheckpoint,
    ProviderError,
    ProviderEvent,
    ProviderFile,
    not_offered,
)

PAGE = 200  # the most there is
MAX_PAGES = 200
THERE_ALREADY = 409
PUBLIC = "fireworks"  # the account whose models everybody can train
ADDONS = frozenset({"HF_PEFT_ADDON", "HF_TEFT_ADDON"})


class FireworksProvider:
    """Speaks /v1/accounts/{account} with time-outs and without retries."""

    def __init__(self, account: Account, profile: Profile) -> None:
        root = account.base_url.rstrip("/").removesuffix("/v1").removesuffix("/inference")
        self._rest = Rest(root, secret=account.key, token=account.key)
        self._chat = OpenAIProvider(replace(account, base_url=f"{root}/inference/v1"), profile)
        self._account = account.details.get("account", "")

    async def close(self) -> None:
        await self._rest.close()
        await self._chat.close()

    async def check(self) -> CheckResult:
        return await checking.check(self.list_models)

    async def list_models(self) -> list[ModelInfo]:
        """Return the account's own models and those that everybody can train."""
        mine = [item async for item in self._pages(await self._below("models"), "models")]
        public = f"/v1/accounts/{PUBLIC}/models"
        shared = [item async for item in self._pages(public, "models")]
        return [model for item in mine + shared if (model := shapes.model_info(item)).id]

    async def find_file(self, filename: str, size_bytes: int) -> str | None:
        return await files.find(self._rest, await self._below("datasets"), filename, size_bytes)

    async def upload_file(self, path: Path, filename: str) -> str:
        """Send the file, streamed from disk, and return its id there."""
        return await files.upload(self._rest, await self._below("datasets"), path, filename)

    async def file_content(self, file_id: str) -> bytes:
        """There are no files of results; datasets are read on the provider's pages."""
        raise not_offered()

    async def list_files(self) -> list[ProviderFile]:
        found = self._pages(await self._below("datasets"), "datasets")
        return [file async for item in found if (file := shapes.provider_file(item)).id]

    async def delete_file(self, file_id: str) -> None:
        await self._rest.ask("DELETE", await self._below("datasets", file_id))

    async def find_job(self, client_key: str) -> JobSnapshot | None:
        """Return the job of our name; which method it has is not known, so all are asked."""
        for collection in names.METHODS:
            try:
                return await self.get_job(f"{collection}/{names.job_id(client_key)}")
            except ProviderError as refusal:
                if refusal.status != 404:
                    raise
        return None

    async def create_job(self, spec: JobSpec) -> JobSnapshot:
        """Start a job under our own id: the same one again is found, not made."""
        collection, resource_id = names.COLLECTIONS[spec.method], names.job_id(spec.client_key)
        if spec.method == Method.REINFORCEMENT:  # its graders are made on the provider's pages
            raise not_offered()
        is_tuned = await self._is_tuned(spec.base_model)
        fields = requests.job_fields(spec, await self._account_id(), warm_start=is_tuned)
        answer = await self._rest.reply(
            "POST",
            await self._below(collection),
            params={names.ID_PARAMETERS[spec.method]: resource_id},
            json=fields,
            also={THERE_ALREADY},
        )
        if answer.status_code == THERE_ALREADY:
            return await self.get_job(f"{collection}/{resource_id}")
        return self._job(self._rest.object_in(answer), collection)

    async def _is_tuned(self, model: str) -> bool:
        """Say whether the model is a LoRA adapter: those are named in another field."""
        if model.startswith(f"accounts/{PUBLIC}/") or not model.startswith("accounts/"):
            return False
        found = await self._rest.ask("GET", f"/v1/{segments(*model.split('/'))}")
        return found.get("kind") in ADDONS

    async def get_job(self, provider_job_id: str) -> JobSnapshot:
        return await self._ask_job("GET", provider_job_id)

    async def cancel_job(self, provider_job_id: str) -> JobSnapshot:
        await self._rest.ask("POST", f"{await self._path(provider_job_id)}:cancel", json={})
        return await self.get_job(provider_job_id)

    async def pause_job(self, provider_job_id: str) -> JobSnapshot:
        """Only the provider itself pauses jobs there."""
        raise not_offered()

    async def resume_job(self, provider_job_id: str) -> JobSnapshot:
        """Let a job go on that the provider has paused."""
        await self._rest.ask("POST", f"{await self._path(provider_job_id)}:resume", json={})
        return await self.get_job(provider_job_id)

    async def delete_job(self, provider_job_id: str) -> None:
        await self._rest.ask("DELETE", await self._path(provider_job_id))

    async def delete_model(self, model: str) -> None:
        """Delete one of the account's own models for good."""
        mine, _slash, name = model.rpartition("/")
        if f"/v1/{mine}" != await self._below("models"):
            raise unknown_name()
        await self._rest.ask("DELETE", await self._below("models", name))

    async def list_jobs(self, *, limit: int = 100) -> list[JobSnapshot]:
        """Return the newest jobs of the account, of every method, whoever made them."""
        found: list[JobSnapshot] = []
        for collection in names.METHODS:
            found += await self._newest(collection, limit)
        return sorted(found, key=_created, reverse=True)[:limit]

    async def _newest(self, collection: str, limit: int) -> list[JobSnapshot]:
        found: list[JobSnapshot] = []
        pages = self._pages(await self._below(collection), collection, orderBy="create_time desc")
        async for item in pages:
            if len(found) == limit:
                break
            found.append(shapes.job_snapshot(item, collection))
        return [job for job in found if job.provider_job_id]

    async def list_events(
        self, provider_job_id: str, *, known_ids: Set[str] = frozenset()
    ) -> list[ProviderEvent]:
        raise not_offered()

    async def list_checkpoints(self, provider_job_id: str) -> list[ProviderCheckpoint]:
        raise not_offered()

    async def deploy(self, spec: DeploymentSpec) -> DeploymentSnapshot:
        """Serve a tuned model on hardware of its own, merged into its base."""
        await self._rest.reply(
            "POST",
            await self._below("deployments"),
            params={"deploymentId": names.slug(spec.name)[: names.LONGEST]},
            json=requests.deployment_fields(spec),
            also={THERE_ALREADY},
        )
        return await self.get_deployment(names.slug(spec.name)[: names.LONGEST])

    async def get_deployment(self, provider_deployment_id: str) -> DeploymentSnapshot:
        path = await self._below("deployments", provider_deployment_id)
        found = await self._rest.ask("GET", path)
        return shapes.deployment(found, provider_deployment_id, text(found.get("baseModel"), 300))

    async def stop_deployment(self, provider_deployment_id: str) -> DeploymentSnapshot:
        """Delete it, in use or not: it costs money as long as it is there. The model stays."""
        path = await self._below("deployments", provider_deployment_id)
        try:
            await self._rest.ask("DELETE", path, params={"ignoreChecks": "true"})
            return await self.get_deployment(provider_deployment_id)
        except ProviderError as refusal:
            return _gone(refusal, provider_deployment_id)

    def stream_chat(self, request: ChatRequest) -> AsyncIterator[ChatChunk]:
        """Yield the answer as it comes, in OpenAI's format."""
        return self._chat.stream_chat(request)

    def stream_completion(self, request: CompletionRequest) -> AsyncIterator[ChatChunk]:
        return self._chat.stream_completion(request)

    async def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
        return await self._chat.embed(model, texts)

    async def _ask_job(self, method: str, provider_job_id: str) -> JobSnapshot:
        answer = await self._rest.ask(method, await self._path(provider_job_id))
        return self._job(answer, provider_job_id.partition("/")[0])

    def _job(self, answer: Object, collection: str) -> JobSnapshot:
        job = shapes.job_snapshot(answer, collection)
        if not job.provider_job_id:
            raise self._rest.translate.garbage()
        return job

    async def _pages(self, path: str, name: str, **asked: Any) -> AsyncIterator[Object]:
        """Yield the objects of a list, page by page; stop when the token stands still."""
        token = ""
        for _page in range(MAX_PAGES):
            at = {"pageToken": token} if token else {}
            page = await self._rest.ask("GET", path, params={"pageSize": PAGE, **asked, **at})
            for item in objects(page.get(name)):
                yield item
            last, token = token, text(page.get("nextPageToken"), 2000)
            if not token or token == last:
                return

    async def _path(self, provider_job_id: str) -> str:
        collection, _slash, resource_id = provider_job_id.partition("/")
        if collection not in names.METHODS:  # the account holds more than jobs
            raise unknown_name()
        return await self._below(collection, resource_id)

    async def _below(self, *parts: str) -> str:
        return f"/v1/accounts/{segments(await self._account_id(), *parts)}"

    async def _account_id(self) -> str:
        """Return the account of the connection, or the only one that the key can see."""
        if not self._account:
            listed = objects((await self._rest.ask("GET", "/v1/accounts")).get("accounts"))
            found = [names.last(text(each.get("name"), 200)) for each in listed]
            if len(found) != 1 or not found[0]:
                words = _("This key sees several accounts. Enter in the connection which one.")
                raise ProviderError(Sentence(words), code="account_unclear")
            self._account = found[0]
        return self._account


def _gone(refusal: ProviderError, deployment_id: str) -> DeploymentSnapshot:
    if refusal.status != 404:
        raise refusal
    return DeploymentSnapshot(deployment_id, DeploymentStatus.STOPPED, "not found")


def _created(job: JobSnapshot) -> float:
    return job.created_at.timestamp() if job.created_at else 0.0
