"""How Together serves: endpoints of a project, deployments behind them.

Read from: the together package 3.1.1 (`resources/endpoints`, `types/endpoint.py`,
`types/endpoint_deployment.py`, `types/endpoints/inference_instance_type.py`).
"""

from typing import Any

from tests.providers.scripted.http import Seen
from tests.providers.scripted.script import Script, route
from tests.providers.scripted.shelf import Shelf, Thing

PROJECT = "proj_test"
BELOW = f"/v2/projects/{PROJECT}/endpoints"
DEPLOYMENT = f"{BELOW}/([^/]+)/deployments/([^/]+)"


class TogetherServing(Script):
    """Projects, hardware, endpoints and deployments."""

    def reset(self) -> None:
        super().reset()
        self.projects: list[Thing] = [{"id": PROJECT, "name": "Test", "slug": "test"}]
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
        kind = {"id": "1xH100", "name": "1x H100", "gpuCount": 1, "priceCentsPerHour": 399}
        return 200, {"object": "list", "data": [kind], "next_cursor": None}

    @route("GET", f"/v2/projects/{PROJECT}/configs")
    def list_configs(self, seen: Seen) -> Any:
        selectors = [{"key": "gpu_type", "value": "H100"}, {"key": "gpu_count", "value": "1"}]
        config = {"id": "cr_1", "projectId": "proj_public", "selectors": selectors}
        return 200, {"data": [config], "next_cursor": None}

    @route("GET", BELOW)
    def list_endpoints(self, seen: Seen) -> Any:
        return 200, {"data": [self._endpoint(each) for each in self.endpoints]}

    @route("POST", BELOW)
    def create_endpoint(self, seen: Seen) -> Any:
        name = f"test/{seen.json()['name']}"
        if any(each["name"] == name for each in self.endpoints.values()):
            return 409, self.refusal(409, "endpoint exists")
        endpoint = {"id": f"ep_{self.next_number()}", "name": name, "trafficSplit": []}
        self.endpoints[endpoint["id"]] = endpoint | {"projectId": PROJECT, "etag": "1"}
        return 200, self._endpoint(endpoint["id"])

    @route("PATCH", f"{BELOW}/([^/]+)")
    def change_endpoint(self, seen: Seen, endpoint_id: str) -> Any:
        self.endpoints[endpoint_id].update(seen.json())
        return 200, self._endpoint(endpoint_id)

    @route("POST", f"{BELOW}/([^/]+)/deployments")
    def create_deployment(self, seen: Seen, endpoint_id: str) -> Any:
        asked = seen.json()
        deployment_id = f"dep_{self.next_number()}"
        self.deployments[deployment_id] = asked | {
            "id": deployment_id,
            "endpointId": endpoint_id,
            "projectId": PROJECT,
            "name": f"{self.endpoints[endpoint_id]['name']}/{asked['name']}",
            "hardware": "1xH100",
        }
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
