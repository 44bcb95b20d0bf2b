"""Deploys at Azure: through its management API, with a token of Entra for an application.

Read from: MicrosoftDocs/azure-ai-docs (fine-tuning-deploy), microsoft/azure-skills (deployment.md),
the reference of Microsoft.CognitiveServices/accounts/deployments, api-version 2024-10-01.
"""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Any, Self
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
    "accepted": DeploymentStatus.STARTING,
    "creating": DeploymentStatus.STARTING,
    "moving": DeploymentStatus.STARTING,
    "updating": DeploymentStatus.STARTING,
    "succeeded": DeploymentStatus.ACTIVE,
    "deleting": DeploymentStatus.STOPPING,
    "canceled": DeploymentStatus.STOPPED,
    "disabled": DeploymentStatus.STOPPED,
    "failed": DeploymentStatus.FAILED,
}
VERSION = "1"  # of a tuned model, always
STOPPED = DeploymentStatus.STOPPED


@dataclass(frozen=True, slots=True)
class AzureResource:
    """Which account deploys, and as whom Retune speaks for it."""

    tenant: str
    client_id: str
    subscription: str
    resource_group: str
    account: str
    client_secret: str

    @classmethod
    def of(cls, details: Mapping[str, str], secret: str) -> Self:
        """Take the names from a connection's details; what is not there is empty."""
        names = ("tenant", "client_id", "subscription", "resource_group", "account")
        return cls(**{name: details.get(name, "") for name in names}, client_secret=secret)

    @property
    def is_complete(self) -> bool:
        return all(astuple(self))

    @property
    def path(self) -> str:
        names = (self.subscription, self.resource_group, self.account)
        subscription, group, account = (quote(name, safe="") for name in names)
        return (
            f"/subscriptions/{subscription}/resourceGroups/{group}"
            f"/providers/Microsoft.CognitiveServices/accounts/{account}/deployments"
        )


class AzureDeployments:
    """Deployments of one account. `facts`: `[deployment]` of the profile."""

    def __init__(self, resource: AzureResource, facts: Mapping[str, Any]) -> None:
        self._resource, self._facts = resource, facts
        self._login = Rest(facts["login_url"], secret=resource.client_secret)
        self._management: Rest | None = None  # once there is a token

    async def close(self) -> None:
        await self._login.close()
        if self._management:
            await self._management.close()

    async def check(self) -> None:
        """List the deployments, if somebody said as whom. Reading needs less than deploying."""
        if self._resource.is_complete:
            await self._ask("GET")

    async def deploy(self, spec: DeploymentSpec) -> DeploymentSnapshot:
        """Put the deployment: the same name and model again is the same deployment."""
        body = _body(spec, self._facts)
        return self._snapshot(await self._ask("PUT", spec.name, json=body), spec.name)

    async def get(self, deployment_id: str) -> DeploymentSnapshot:
        try:
            return self._snapshot(await self._ask("GET", deployment_id), deployment_id)
        except ProviderError as refusal:
            return _gone(refusal, deployment_id)

    async def stop(self, deployment_id: str) -> DeploymentSnapshot:
        """Delete it: it costs money as long as it is there. The tuned model stays."""
        try:
            await self._ask("DELETE", deployment_id)
        except ProviderError as refusal:
            return _gone(refusal, deployment_id)
        return DeploymentSnapshot(deployment_id, DeploymentStatus.STOPPING, "Deleting")

    async def _ask(self, method: str, name: str = "", **fields: Any) -> Object:
        management = await self._open()
        path = f"{self._resource.path}/{quote(name, safe='')}".rstrip("/")
        version = {"api-version": self._facts["api_version"]}
        return await management.ask(method, path, params=version, **fields)

    async def _open(self) -> Rest:
        if self._management is None:
            token = await self._token()
            self._management = Rest(self._facts["management_url"], secret=token, token=token)
        return self._management

    async def _token(self) -> str:
        """Return a token for the management API; it lasts an hour, longer than we do."""
        if not self._resource.is_complete:
            words = _("Enter in the connection which Azure account deploys, and as whom.")
            raise ProviderError(Sentence(words), code="deploy_details_missing")
        path = f"/{quote(self._resource.tenant, safe='')}/oauth2/v2.0/token"
        form = {
            "grant_type": "client_credentials",
            "client_id": self._resource.client_id,
            "client_secret": self._resource.client_secret,
            "scope": self._facts["scope"],
        }
        answer = await self._login.ask("POST", path, data=form)
        return told(answer, "access_token", 10_000)

    def _snapshot(self, answer: Object, name: str) -> DeploymentSnapshot:
        properties, sku = _part(answer, "properties"), _part(answer, "sku")
        state = told(properties, "provisioningState", 50)
        return DeploymentSnapshot(
            provider_deployment_id=name,
            status=STATUSES.get(state.lower(), DeploymentStatus.UNKNOWN),
            provider_status=state,
            model=name,  # Azure is asked by the name of the deployment
            error=told(_part(answer, "error"), "message", 2000),
            expires_at=self._end(told(sku, "name", 50), _part(answer, "systemData")),
            raw=answer,
        )

    def _end(self, sku: str, system: Object) -> datetime | None:
        """Return when the deployment is deleted by itself: some kinds live a day only."""
        hours = {name.lower(): n for name, n in self._facts.get("expires_hours", {}).items()}
        begun = _moment(told(system, "createdAt", 50))
        lives = hours.get(sku.lower())
        return begun + timedelta(hours=lives) if begun and lives else None


def _body(spec: DeploymentSpec, facts: Mapping[str, Any]) -> Object:
    """Return the deployment as the management API wants it: the format differs per family."""
    family = _family(spec, facts)
    form = family["format"] or spec.options.get("model_format") or facts["model_format"]
    sku = spec.options.get("sku") or family["sku"]
    capacity = spec.options.get("capacity") or facts["capacity"]
    model = {"format": form, "name": spec.model, "version": VERSION}
    return {"sku": {"name": sku, "capacity": capacity}, "properties": {"model": model}}


def _family(spec: DeploymentSpec, facts: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the first family that the model's name speaks of; the last one is for all others."""
    names = f"{spec.base_model} {spec.model}".lower()
    families = facts["families"]
    return next((each for each in families if any(w in names for w in each["words"])), families[-1])


def _gone(refusal: ProviderError, name: str) -> DeploymentSnapshot:
    """Return what a 404 says: there is no such deployment (any more)."""
    if refusal.status != 404:
        raise refusal
    return DeploymentSnapshot(name, STOPPED, "NotFound", model=name)


def _part(answer: Object, name: str) -> Object:
    part = answer.get(name)
    return part if isinstance(part, dict) else {}


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
