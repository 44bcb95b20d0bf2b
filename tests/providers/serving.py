"""Scripted providers that serve a model only after it was deployed: Azure's and Nebius's shapes.

Read from: the reference of Microsoft.CognitiveServices/accounts/deployments (2024-10-01) and of
Entra's client credentials; nebius/token-factory-cookbook fine_tune_llama.ipynb, with its answers.
"""

from typing import Any
from urllib.parse import parse_qs

from tests.providers.scripted import CREATED, Answer, OpenAIScript, Seen
from tests.providers.scripted.script import route

SECRET = "client-secret-0000"
TOKEN = "entra-token-0000"
RESOURCE = {
    "tenant": "our-tenant",
    "client_id": "our-app",
    "subscription": "sub-1",
    "resource_group": "group-1",
    "account": "account-1",
}
DEPLOYMENT = (
    "/subscriptions/sub-1/resourceGroups/group-1/providers/Microsoft.CognitiveServices"
    "/accounts/account-1/deployments/([^/]+)"
)


class AzureScript(OpenAIScript):
    """Azure's v1 API, its management API and Entra, all on one port."""

    def reset(self) -> None:
        super().reset()
        self.states = ["Creating", "Succeeded"]  # of the next looks at a deployment

    def answer(self, seen: Seen) -> Answer:
        """Have the Uploads API beside /v1, for those who name a version and send the key twice."""
        beside = seen.target.startswith("/uploads")
        if seen.path.startswith("/v1/uploads"):
            return Answer(404, {"error": {"code": "404", "message": "Resource not found"}})
        if beside and seen.headers.get("api-key") == self.key and seen.asked("api-version"):
            seen.target = "/v1" + seen.target
            seen.__dict__.pop("path", None)
        return super().answer(seen)

    @property
    def origin(self) -> str:
        return self.url.removesuffix("/v1")

    def is_let_in(self, seen: Seen) -> bool:
        if seen.path.startswith("/subscriptions/"):
            return seen.headers.get("authorization") == f"Bearer {TOKEN}"
        return seen.path.endswith("/token") or super().is_let_in(seen)

    @route("POST", "/our-tenant/oauth2/v2.0/token")
    def give_token(self, seen: Seen) -> Any:
        asked = {name: values[0] for name, values in parse_qs(seen.body.decode()).items()}
        wanted = {"client_id": "our-app", "client_secret": SECRET}
        if not wanted.items() <= asked.items() or asked["grant_type"] != "client_credentials":
            words = f"AADSTS7000215: Invalid client secret '{asked.get('client_secret')}'."
            return 401, {"error": "invalid_client", "error_description": words}
        return 200, {"token_type": "Bearer", "expires_in": 3599, "access_token": TOKEN}

    @route("GET", DEPLOYMENT.removesuffix("/([^/]+)"))
    def list_deployments(self, seen: Seen) -> Any:
        return 200, {"value": list(self.deployments.values())}

    @route("PUT", DEPLOYMENT)
    def put_deployment(self, seen: Seen, name: str) -> Any:
        body = seen.json()
        if body["properties"]["model"]["format"] == "OpenAI" and "llama" in seen.body.decode():
            return Answer(500, b"")
        known = name in self.deployments
        self.deployments[name] = body | {"name": name}
        return (200 if known else 201), self._told(name, "Accepted")

    @route("GET", DEPLOYMENT)
    def get_deployment(self, seen: Seen, name: str) -> Any:
        if name not in self.deployments:
            return self._missing()
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return 200, self._told(name, state)

    @route("DELETE", DEPLOYMENT)
    def delete_deployment(self, seen: Seen, name: str) -> Any:
        return self._missing() if self.deployments.pop(name, None) is None else Answer(202, b"")

    def _told(self, name: str, state: str) -> Any:
        kept = self.deployments[name]
        properties = kept["properties"] | {"provisioningState": state}
        created = {"createdAt": "2026-11-21T10:00:00.5Z", "createdBy": "our-app"}
        return {**kept, "properties": properties, "systemData": created}

    def _missing(self) -> Any:
        error = {"code": "DeploymentNotFound", "message": "The deployment does not exist."}
        return 404, {"error": error}


class NebiusScript(OpenAIScript):
    """Nebius: OpenAI's API below /v1, served adapters below /v0."""

    def reset(self) -> None:
        super().reset()
        self.lists_adapters = True

    @route("GET", "/v0/models")
    def list_adapters(self, seen: Seen) -> Any:
        if not self.lists_adapters:
            return 405, {"detail": "Method Not Allowed"}
        return 200, {"data": list(self.deployments.values())}

    @route("POST", "/v0/models")
    def create_adapter(self, seen: Seen) -> Any:
        asked = seen.json()
        name = f"{asked['base_model']}-LoRa:{asked['name']}-Ab{self.next_number():02}"
        self.deployments[name] = {**asked, "name": name, "created_at": CREATED}
        self.deployments[name]["status"] = "validating"
        return 200, self.deployments[name]

    @route("GET", "/v0/models/(.+)")
    def get_adapter(self, seen: Seen, name: str) -> Any:
        found = self.deployments.get(name)
        return (200, found) if found else (404, {"detail": "Model not found"})

    @route("DELETE", "/v0/models/(.+)")
    def delete_adapter(self, seen: Seen, name: str) -> Any:
        gone = self.deployments.pop(name, None)
        return (200, {"name": name}) if gone else (404, {"detail": "Model not found"})
