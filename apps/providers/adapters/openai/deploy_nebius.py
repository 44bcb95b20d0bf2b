"""Deploys at Nebius: an adapter from a checkpoint, billed by token, below /v0/models.

Read from: nebius/token-factory-cookbook post-training/fine-tuning-1/fine_tune_llama.ipynb, with the
answers that stand in it; docs.tokenfactory.nebius.com/fine-tuning/deploy-custom-model.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.providers.adapters.openai.shapes import told
from apps.providers.adapters.rest import Object, Rest
from apps.providers.types import (
    DeploymentSnapshot,
    DeploymentSpec,
    DeploymentStatus,
    ProviderError,
)

STATUSES = {
    "validating": DeploymentStatus.STARTING,
    "pending": DeploymentStatus.STARTING,
    "unknown": DeploymentStatus.STARTING,  # what the first look gets, a moment after the request
    "active": DeploymentStatus.ACTIVE,
    "error": DeploymentStatus.FAILED,
    "deleted": DeploymentStatus.STOPPED,
}
MARK = "-LoRa:"  # {base}-LoRa:{our name}-{four characters}

LatestCheckpoint = Callable[[str], Awaitable[str]]


class NebiusDeployments:
    """Makes, reads and deletes served adapters. `facts`: `[deployment]` of the profile."""

    def __init__(
        self, base_url: str, key: str, facts: Mapping[str, Any], latest: LatestCheckpoint
    ) -> None:
        self._facts, self._latest = facts, latest
        root = base_url.rstrip("/").removesuffix("/v1")
        self._rest = Rest(root + "/v0", secret=key, token=key)

    async def close(self) -> None:
        await self._rest.close()

    async def check(self) -> None:
        """Ask nothing: the key is the one that lists the models."""

    async def deploy(self, spec: DeploymentSpec) -> DeploymentSnapshot:
        """Ask for it, unless it is there: every request makes one more under a new name."""
        if found := await self._find(spec.name):
            return found
        checkpoint = spec.checkpoint_id or await self._latest(spec.provider_job_id)
        names = self._facts.get("served_as", {})  # trained under another name than served
        body = {
            "source": f"{spec.provider_job_id}:{checkpoint}",
            "base_model": names.get(spec.base_model, spec.base_model),
            "name": spec.name,
        }
        return _snapshot(await self._rest.ask("POST", "/models", json=body))

    async def get(self, deployment_id: str) -> DeploymentSnapshot:
        try:
            return _snapshot(await self._rest.ask("GET", _path(deployment_id)), deployment_id)
        except ProviderError as refusal:
            return _gone(refusal, deployment_id)

    async def stop(self, deployment_id: str) -> DeploymentSnapshot:
        """Delete the served adapter. The checkpoint it was made of stays."""
        try:
            await self._rest.ask("DELETE", _path(deployment_id))
        except ProviderError as refusal:
            return _gone(refusal, deployment_id)
        return DeploymentSnapshot(deployment_id, DeploymentStatus.STOPPED, "deleted")

    async def _find(self, name: str) -> DeploymentSnapshot | None:
        """Return what an earlier request under this name made, where the list is answered."""
        try:
            answer = await self._rest.ask("GET", "/models")
        except ProviderError as refusal:
            if refusal.status in {404, 405}:
                return None
            raise
        listed = answer.get("data") or answer.get("models") or []
        mine = (item for item in listed if isinstance(item, dict) and _is_named(item, name))
        return next((_snapshot(item) for item in mine), None)


def _is_named(item: Object, name: str) -> bool:
    """Say whether our name stands in theirs: they put four characters behind it."""
    theirs = told(item, "name", 300).rpartition(MARK)[2]
    return theirs == name or theirs.rpartition("-")[0] == name


def _snapshot(answer: Object, deployment_id: str = "") -> DeploymentSnapshot:
    name = told(answer, "name", 300) or deployment_id
    if not name:
        raise ProviderError(Sentence(_("The server did not say what it made.")))
    state = told(answer, "status", 50)
    return DeploymentSnapshot(
        provider_deployment_id=name,
        status=STATUSES.get(state.lower(), DeploymentStatus.UNKNOWN),
        provider_status=state,
        model=name,
        error=told(answer, "status_reason", 2000),
        raw=answer,
    )


def _gone(refusal: ProviderError, deployment_id: str) -> DeploymentSnapshot:
    if refusal.status != 404:
        raise refusal
    return DeploymentSnapshot(deployment_id, DeploymentStatus.STOPPED, "not found")


def _path(deployment_id: str) -> str:
    return "/models/" + quote(deployment_id, safe="")
