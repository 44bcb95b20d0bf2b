"""Serves a tuned model at Together: an endpoint of our name, and one deployment behind it.

Read from: the together package 3.1.1 (`resources/endpoints`, `types/endpoint.py`,
`types/endpoint_deployment.py`); docs.together.ai/docs/dedicated-endpoints/concepts.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.providers.adapters.fields import Object, count, object_in, objects, text
from apps.providers.adapters.paths import segments
from apps.providers.adapters.rest import Rest
from apps.providers.types import (
    DeploymentSnapshot,
    DeploymentSpec,
    DeploymentStatus,
    ProviderError,
)

STATUSES = {
    "DEPLOYMENT_STATE_PROVISIONING": DeploymentStatus.STARTING,
    "DEPLOYMENT_STATE_SCALING": DeploymentStatus.STARTING,  # ACTIVE where a replica is ready
    "DEPLOYMENT_STATE_READY": DeploymentStatus.ACTIVE,
    "DEPLOYMENT_STATE_DEGRADED": DeploymentStatus.ACTIVE,
    "DEPLOYMENT_STATE_STOPPING": DeploymentStatus.STOPPING,
    "DEPLOYMENT_STATE_STOPPED": DeploymentStatus.STOPPED,
    "DEPLOYMENT_STATE_FAILED": DeploymentStatus.FAILED,
}
NAME = "retune"  # of the one deployment behind each of our endpoints
NONE = {"minReplicas": 0, "maxReplicas": 0}  # costs nothing, and can be started again
PAGES = 50


class Deployments:
    """The endpoints of one project. An id here is `endpoint/deployment`."""

    def __init__(self, rest: Rest, project: str) -> None:
        self._rest, self._project = rest, project

    async def deploy(self, spec: DeploymentSpec, model_id: str) -> DeploymentSnapshot:
        """Make what is missing of endpoint, deployment and traffic; what is there stays."""
        endpoint = await self._endpoint(spec.name)
        path = await self._path("endpoints", _id(endpoint))
        behind = next(iter(objects(endpoint.get("deployments"))), None)
        if behind is None:
            model = f"projects/{await self._project_id()}/models/{model_id}"
            body = _body(spec, model, await self._config(model, spec.options.get("hardware")))
            behind = await self._rest.ask("POST", f"{path}/deployments", json=body)
        if not objects(endpoint.get("trafficSplit")):
            split = {"trafficSplit": [{"deploymentId": _id(behind), "weight": 1}]}
            await self._rest.ask("PATCH", path, json=split)
        return await self.get(f"{_id(endpoint)}/{_id(behind)}")

    async def get(self, deployment_id: str) -> DeploymentSnapshot:
        found = await self._rest.ask("GET", await self._deployment_path(deployment_id))
        return _snapshot(found, deployment_id, await self._price(found))

    async def stop(self, deployment_id: str) -> DeploymentSnapshot:
        """Take all replicas away. The tuned model stays."""
        path = await self._deployment_path(deployment_id)
        try:
            await self._rest.ask("PATCH", path, json={"autoscaling": NONE})
            return await self.get(deployment_id)
        except ProviderError as refusal:
            return _gone(refusal, deployment_id)

    async def _endpoint(self, name: str) -> Object:
        """Return our endpoint, made now if an earlier try did not make it."""
        path, after = await self._path("endpoints"), ""
        for _page in range(PAGES):
            asked = {"limit": 100} | ({"after": after} if after else {})
            page = await self._rest.ask("GET", path, params=asked)
            for found in objects(page.get("data")):
                if text(found.get("name"), 300).rpartition("/")[2] == name:
                    return dict(found)
            after = text(page.get("next_cursor"), 500)
            if not after:
                break
        return await self._rest.ask("POST", path, json={"name": name})

    async def _config(self, model: str, hardware: Any) -> str:
        """Return the config that runs this model on that hardware; "" leaves it to the service."""
        asked = {"referenceModel": model}
        listed = await self._rest.ask("GET", await self._path("configs"), params=asked)
        for config in objects(listed.get("data")):
            if _runs_on(config, text(hardware, 100).lower()):
                return f"projects/{text(config.get('projectId'), 200)}/configs/{_id(config)}"
        return ""

    async def _price(self, deployment: Object) -> Decimal | None:
        """Return the price of an hour, where the list of the hardware names this one."""
        hardware = deployment.get("hardware")
        try:
            listed = await self._rest.ask("GET", "/v2/public/inference-instance-types")
        except ProviderError:  # the price is missing then, nothing else
            return None
        for kind in objects(listed.get("data")):
            cents = count(kind.get("priceCentsPerHour"))
            if cents and hardware and hardware in (kind.get("id"), kind.get("name")):
                return Decimal(cents) / 100
        return None

    async def _deployment_path(self, deployment_id: str) -> str:
        endpoint, _slash, deployment = deployment_id.partition("/")
        return await self._path("endpoints", endpoint, "deployments", deployment)

    async def _path(self, *parts: str) -> str:
        return f"/v2/projects/{segments(await self._project_id(), *parts)}"

    async def _project_id(self) -> str:
        """Return the project of the connection, or the only one that the key can see."""
        if not self._project:
            listed = objects((await self._rest.ask("GET", "/v1/projects")).get("data"))
            if len(listed) != 1:
                words = _("This key sees several projects. Enter in the connection which one.")
                raise ProviderError(Sentence(words), code="project_unclear")
            self._project = _id(listed[0])
        return self._project


def _body(spec: DeploymentSpec, model: str, config: str) -> dict[str, Any]:
    """Return one deployment, with as many copies as were chosen."""
    least = spec.options.get("min_replicas", 1)
    most = max(least, spec.options.get("max_replicas", 1))
    scaling = {"minReplicas": least, "maxReplicas": most}
    optional = {"config": config, "inactiveTimeout": spec.options.get("inactive_timeout")}
    chosen = {name: value for name, value in optional.items() if value}
    return {"name": NAME, "model": model, "autoscaling": scaling, **chosen}


def _runs_on(config: Object, hardware: str) -> bool:
    """Say whether all that a config asks of the GPU stands in the name of the hardware."""
    asked = [
        text(each.get("value"), 100).lower()
        for each in objects(config.get("selectors"))
        if "gpu" in text(each.get("key"), 100).lower()
    ]
    return bool(asked and hardware) and all(value in hardware for value in asked)


def _snapshot(found: Object, deployment_id: str, hourly: Decimal | None) -> DeploymentSnapshot:
    told = object_in(found.get("status"))
    state = text(told.get("state"), 50)
    status = STATUSES.get(state, DeploymentStatus.UNKNOWN)
    if status == DeploymentStatus.STARTING and count(told.get("readyReplicas")):
        status = DeploymentStatus.ACTIVE
    has_failed = status == DeploymentStatus.FAILED
    return DeploymentSnapshot(
        provider_deployment_id=deployment_id,
        status=status,
        provider_status=state,
        model=text(found.get("name"), 300).rpartition("/")[0],  # the endpoint's: with the traffic
        error=text(told.get("message"), 2000) if has_failed else "",
        hourly_usd=hourly,
        raw=found,
    )


def _gone(refusal: ProviderError, deployment_id: str) -> DeploymentSnapshot:
    if refusal.status != 404:
        raise refusal
    return DeploymentSnapshot(deployment_id, DeploymentStatus.STOPPED, "not found")


def _id(thing: Mapping[str, Any]) -> str:
    found = text(thing.get("id"), 200)
    if not found:
        raise ProviderError(Sentence(_("The server did not say what it made.")))
    return found
