"""What makes a tuned model answer, where that is a step of its own."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from apps.providers.adapters.account import Account
from apps.providers.adapters.openai.deploy_azure import AzureDeployments, AzureResource
from apps.providers.adapters.openai.deploy_nebius import NebiusDeployments
from apps.providers.profiles import Profile
from apps.providers.types import DeploymentSnapshot, DeploymentSpec


class Deployments(Protocol):
    """One provider's way to serve a model. All calls raise ProviderError or ProviderUnavailable."""

    async def deploy(self, spec: DeploymentSpec) -> DeploymentSnapshot:
        """Serve this model. Asked twice under one name, it is served once."""
        ...

    async def check(self) -> None:
        """Raise what would keep a deployment from being made, as far as asking can tell."""
        ...

    async def get(self, deployment_id: str) -> DeploymentSnapshot: ...
    async def stop(self, deployment_id: str) -> DeploymentSnapshot: ...
    async def close(self) -> None: ...


def open_deployments(
    account: Account, profile: Profile, latest_checkpoint: Callable[[str], Awaitable[str]]
) -> Deployments | None:
    """Return the plug-in that this profile names, if any; it calls nobody until it is asked."""
    facts = profile.deployment.facts
    match facts.get("plug_in"):
        case "nebius":
            return NebiusDeployments(account.base_url, account.key, facts, latest_checkpoint)
        case "azure":
            resource = AzureResource.of(account.details, account.deploy_secret)
            return AzureDeployments(resource, facts)
        case _:
            return None
