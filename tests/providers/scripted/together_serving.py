"""How Together serves: endpoints of a project, deployments behind them.

Read from: the together package 3.1.1 (`resources/endpoints`, `types/endpoint.py`,
`types/endpoint_deployment.py`, `types/endpoints/inference_instance_type.py`).
"""

from typing import Any

from tests.providers.scripted.chat import Talking
from tests.providers.scripted.http import Seen
from tests.providers.scripted.script import route
from tests.providers.scripted.shelf import Shelf, Thing

PROJECT = "proj_test"
BELOW = f"/v2/projects/{PROJECT}/endpoints"
DEPLOYMENT = f"{BELOW}/([^/]+)/deployments/([^/]+)"


TIMES = {"createdAt": "2026-11-18T10:00:00Z", "updatedAt": "2026-11-18T10:00:00Z"}
HARDWARE = {
    "id": "1xH100",
    "name": "1x H100",
    "description": "One H100",
    "gpuCount": 1,
    "gpuMemoryGib": 80,
    "gpuType": "H100",
    "priceCentsPerHour": 399,
    "regions": [],
}
CONFIG = {
    "id": "cr_1",
    "projectId": "proj_public",
    "certifications": [],
    "referenceModel": "projects/proj_public/models/ml_base",
    "referenceModelId": "ml_base",
    "selectors": [{"key": "gpu_type", "value": "H100"}, {"key": "gpu_count", "value": "1"}],
}
NEW_ENDPOINT: Thing = {
    **TIMES,
    "projectId": PROJECT,
    "trafficSplit": [],
    "endpointType": "ENDPOINT_TYPE_DEDICATED",
    "etag": "1",
    "visibility": "VISIBILITY_PRIVATE",
}
NEW_DEPLOYMENT: Thing = {
    **TIMES,
    "projectId": PROJECT,
    "config": "projects/proj_public/configs/cr_1",
    "configId": "cr_1",
    "etag": "1",
    "hardware": "1xH100",
    "modelId": "ml_1",
    "modelRevisionId": "rv_1",
    "trafficMode": "TRAFFIC_MODE_LIVE",
    "estimatedEffectiveTrafficShare": 1.0,
}


def project(project_id: str) -> Thing:
    owner = {"organization_id": "org_test", "organization_name": "Test"}
    return {"id": project_id, "name": "Test", "slug": "test", **owner}


class TogetherServing(Talking):
    """Projects, hardware, endpoints and deployments."""

    def reset(self) -> None:
        super().reset()
        self.projects: list[Thing] = [project(PROJECT)]
        self.endpoints = Shelf()

    def refusal(self, status: int, words: str, code: str | None = None) -> Any:
        error = {"message": words, "type": "invalid_request_error", "param": None, "code": code}
        return {"id": "req-1", "error": error}

    def tell_deployment(self, deployment_id: str, state: str, **status: Any) -> None:
        """Let a deployment have this state."""
        told = {"state": state, "message": f"It is {state}.", "readyReplicas": 0}
        self.deployments[deployment_id]["status"] = told | status

    @route("GET", "/v1/projects")
    def list_projects(self, seen: Seen) -> Any:
        return 200, {"data": self.projects, "next_cursor": None}

    @route("GET", "/v2/public/inference-instance-types")
    def list_hardware(self, seen: Seen) -> Any:
        return 200, {"object": "list", "data": [HARDWARE], "next_cursor": None}

    @route("GET", f"/v2/projects/{PROJECT}/configs")
    def list_configs(self, seen: Seen) -> Any:
        return 200, {"data": [CONFIG], "next_cursor": None}

    @route("GET", BELOW)
    def list_endpoints(self, seen: Seen) -> Any:
        return 200, {"data": [self._endpoint(each) for each in self.endpoints]}

    @route("POST", BELOW)
    def create_endpoint(self, seen: Seen) -> Any:
        name = f"test/{seen.json()['name']}"
        if any(each["name"] == name for each in self.endpoints.values()):
            return 409, self.refusal(409, "endpoint exists")
        endpoint_id = f"ep_{self.next_number()}"
        self.endpoints[endpoint_id] = {"id": endpoint_id, "name": name, **NEW_ENDPOINT}
        return 200, self._endpoint(endpoint_id)

    @route("PATCH", f"{BELOW}/([^/]+)")
    def change_endpoint(self, seen: Seen, endpoint_id: str) -> Any:
        self.endpoints[endpoint_id].update(seen.json())
        return 200, self._endpoint(endpoint_id)

    @route("POST", f"{BELOW}/([^/]+)/deployments")
    def create_deployment(self, seen: Seen, endpoint_id: str) -> Any:
        asked = seen.json()
        deployment_id = f"dep_{self.next_number()}"
        name = f"{self.endpoints[endpoint_id]['name']}/{asked['name']}"
        told = {"id": deployment_id, "endpointId": endpoint_id, "name": name}
        self.deployments[deployment_id] = {**NEW_DEPLOYMENT, **asked, **told}
        self.tell_deployment(deployment_id, "DEPLOYMENT_STATE_PROVISIONING")
        return 200, self.deployments[deployment_id]

    @route("GET", DEPLOYMENT)
    def get_deployment(self, seen: Seen, endpoint_id: str, deployment_id: str) -> Any:
        found = self.deployments.get(deployment_id)
        return (200, found) if found else self.unknown("deployment not found")

    @route("PATCH", DEPLOYMENT)
    def change_deployment(self, seen: Seen, endpoint_id: str, deployment_id: str) -> Any:
        if deployment_id not in self.deployments:
            return self.unknown("deployment not found")
        self.deployments[deployment_id].update(seen.json())
        if seen.json().get("autoscaling", {}).get("maxReplicas") == 0:
            self.tell_deployment(deployment_id, "DEPLOYMENT_STATE_STOPPING")
        return 200, self.deployments[deployment_id]

    def _endpoint(self, endpoint_id: str) -> Thing:
        behind = (each for each in self.deployments.values() if each["endpointId"] == endpoint_id)
        summaries = [{**each, "state": each["status"]["state"]} for each in behind]
        return self.endpoints[endpoint_id] | {"deployments": summaries}
