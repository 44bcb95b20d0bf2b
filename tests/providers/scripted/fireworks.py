"""Fireworks' own shapes: resources of one account, in camelCase.

Read from: the fireworks-ai package 1.2.30, `types/`: supervised_fine_tuning_job.py, dpo_job.py,
dataset.py, model.py, deployment.py, account.py, shared/status.py; `resources/datasets.py` for the
upload; docs.fireworks.ai/api-reference. Refusals are gRPC's: `code`, `message`, `details`.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from tests.providers.scripted.bodies import multipart
from tests.providers.scripted.chat import Talking
from tests.providers.scripted.http import Seen
from tests.providers.scripted.script import CREATED, route
from tests.providers.scripted.shelf import Thing

ACCOUNT = "accounts/test"
BELOW = f"/v1/{ACCOUNT}"
KINDS = {
    "supervisedFineTuningJobs": "supervisedFineTuningJobId",
    "dpoJobs": "dpoJobId",
    "reinforcementFineTuningJobs": "reinforcementFineTuningJobId",
}
JOBS = f"{BELOW}/({'|'.join(KINDS)})"
OVER = frozenset({"COMPLETED", "FAILED", "CANCELLED", "EARLY_STOPPED", "EXPIRED"})
NEXT = {"CREATING": "VALIDATING", "VALIDATING": "PENDING", "PENDING": "RUNNING"}
GRPC = {400: 3, 401: 16, 403: 7, 404: 5, 409: 6, 429: 8, 500: 13, 503: 14}
ID = re.compile("[a-z][a-z0-9-]{0,62}")


class FireworksScript(Talking):
    """Datasets, jobs of three kinds, models, deployments and chat as Fireworks has them."""

    PREFIX = "/inference/v1"
    EMBEDS_AT_ONCE = 8

    def reset(self) -> None:
        super().reset()
        self.accounts: list[Thing] = [
            {"name": ACCOUNT, "displayName": "Test", "email": "somebody@example.com"}
        ]
        self.models: list[Thing] = [model("accounts/fireworks/models/llama-v3p1-8b-instruct")]

    def is_let_in(self, seen: Seen) -> bool:
        if seen.path.startswith("/storage/"):  # not ours: the key must not come here
            return "authorization" not in seen.headers
        return super().is_let_in(seen)

    def refusal(self, status: int, words: str, code: str | None = None) -> Any:
        return {"code": GRPC.get(status, 2), "message": words, "details": []}

    def add_job(self, *, kind: str = "supervisedFineTuningJobs", **facts: Any) -> Thing:
        """Add a job and return the very dict that will be served; change it to make news."""
        number = self.next_number()
        job = _job(f"{ACCOUNT}/{kind}/job-{number}", moment(number)) | facts
        self.jobs[job["name"]] = job
        self.on_new_job(job["name"])
        return job

    def add_file(self, filename: str, content: bytes, **facts: Any) -> Thing:
        """Put a dataset into the storage."""
        name = f"{ACCOUNT}/datasets/ds-{self.next_number()}"
        told = {"name": name, "displayName": filename, "createTime": moment(0), "state": "READY"}
        self.files[name], self.contents[name] = told | facts, content
        return self.files[name]

    def move_on(self, job: Thing, steps: int, *, fails: bool = False) -> bool:
        """Let the job do its next step; False when that was its last."""
        state = job["state"].removeprefix("JOB_STATE_")
        percent = job["jobProgress"]["percent"]
        if state in NEXT:
            job["state"] = f"JOB_STATE_{NEXT[state]}"
        elif fails:
            job.update(state="JOB_STATE_FAILED", status=status("INTERNAL", "A machine was lost."))
        elif percent < 100:
            job["jobProgress"]["percent"] = min(100, percent + max(1, 100 // steps))
        else:
            job.update(state="JOB_STATE_COMPLETED", completedTime=moment(steps))
        return job["state"].removeprefix("JOB_STATE_") not in OVER

    def summary(self, job_id: str) -> Thing:
        """Return what a recount of this job needs."""
        job = self.jobs[job_id]
        return {
            "status": job["state"],
            "name": job["name"],
            "percent": job["jobProgress"]["percent"],
        }

    @route("GET", "/v1/accounts")
    def list_accounts(self, seen: Seen) -> Any:
        return 200, {"accounts": self.accounts}

    @route("GET", "/v1/(accounts/[^/]+)/models")
    def list_models(self, seen: Seen, account: str) -> Any:
        mine = [
            each
            for each in self.models
            if str(each.get("name", account + "/")).startswith(f"{account}/")
        ]
        return 200, page("models", mine, seen)

    @route("GET", "/v1/(accounts/[^/]+/models/[^/]+)")
    def get_model(self, seen: Seen, name: str) -> Any:
        found = next((each for each in self.models if each.get("name") == name), None)
        return (200, found) if found else self.unknown("model not found")

    @route("DELETE", "/v1/(accounts/[^/]+/models/[^/]+)")
    def delete_model(self, seen: Seen, name: str) -> Any:
        kept = [each for each in self.models if each.get("name") != name]
        if len(kept) == len(self.models):
            return self.unknown("model not found")
        self.models = kept
        return 200, {}

    @route("GET", f"{BELOW}/datasets")
    def list_datasets(self, seen: Seen) -> Any:
        return 200, page("datasets", self.files.newest_first(), seen)

    @route("POST", f"{BELOW}/datasets")
    def create_dataset(self, seen: Seen) -> Any:
        asked = seen.json()
        name = f"{ACCOUNT}/datasets/{asked['datasetId']}"
        if not ID.fullmatch(asked["datasetId"]):
            return 400, self.refusal(400, f"invalid id: {asked['datasetId']}")
        if name in self.files:
            return 409, self.refusal(409, "dataset already exists")
        told = {"name": name, "state": "UPLOADING", "createTime": moment(0)}
        self.files[name] = told | asked["dataset"]
        return 200, self.files[name]

    @route("GET", f"/v1/({ACCOUNT}/datasets/[^/:]+)")
    def get_dataset(self, seen: Seen, name: str) -> Any:
        found = self.files.get(name)
        return (200, found) if found else self.unknown("dataset not found")

    @route("DELETE", f"/v1/({ACCOUNT}/datasets/[^/:]+)")
    def delete_dataset(self, seen: Seen, name: str) -> Any:
        known = self.files.pop(name, None)
        return (200, {}) if known else self.unknown("dataset not found")

    @route("POST", f"/v1/({ACCOUNT}/datasets/[^/:]+):upload")
    def upload(self, seen: Seen, name: str) -> Any:
        _fields, (filename, content) = multipart(seen)
        self.contents[name] = content
        told = {"id": name, "object": "file", "bytes": len(content), "created_at": CREATED}
        return 200, told | {"filename": filename, "purpose": "fine-tune"}

    @route("POST", f"/v1/({ACCOUNT}/datasets/[^/:]+):getUploadEndpoint")
    def upload_endpoint(self, seen: Seen, name: str) -> Any:
        root = self.url.removesuffix(self.PREFIX)
        asked = seen.json()["filenameToSize"]
        return 200, {"filenameToSignedUrls": dict.fromkeys(asked, f"{root}/storage/{name}")}

    @route("PUT", "/storage/(.+)")
    def store(self, seen: Seen, name: str) -> Any:
        self.contents[name] = seen.body
        return 200, b""

    @route("POST", f"/v1/({ACCOUNT}/datasets/[^/:]+):validateUpload")
    def validate(self, seen: Seen, name: str) -> Any:
        if name not in self.contents:
            return 400, self.refusal(400, "nothing was uploaded")
        self.files[name]["state"] = "READY"
        return 200, {}

    @route("GET", JOBS)
    def list_jobs(self, seen: Seen, kind: str) -> Any:
        mine = (job for job in self.jobs.newest_first() if f"/{kind}/" in job["name"])
        return 200, page(kind, mine, seen)

    @route("POST", JOBS)
    def create_job(self, seen: Seen, kind: str) -> Any:
        resource_id = seen.asked(KINDS[kind])
        name = f"{ACCOUNT}/{kind}/{resource_id}"
        if not ID.fullmatch(resource_id):
            return 400, self.refusal(400, f"invalid id: {resource_id}")
        if name in self.jobs:
            return 409, self.refusal(409, "job already exists")
        return 200, self.add_job(kind=kind, **seen.json(), name=name)

    @route("GET", f"{JOBS}/([^/:]+)")
    def get_job(self, seen: Seen, kind: str, resource_id: str) -> Any:
        found = self.jobs.get(f"{ACCOUNT}/{kind}/{resource_id}")
        return (200, found) if found else self.unknown("job not found")

    @route("DELETE", f"{JOBS}/([^/:]+)")
    def delete_job(self, seen: Seen, kind: str, resource_id: str) -> Any:
        known = self.jobs.pop(f"{ACCOUNT}/{kind}/{resource_id}", None)
        return (200, {}) if known else self.unknown("job not found")

    @route("POST", f"{JOBS}/([^/:]+):(cancel|resume)")
    def steer_job(self, seen: Seen, kind: str, resource_id: str, verb: str) -> Any:
        job = self.jobs.get(f"{ACCOUNT}/{kind}/{resource_id}")
        if job is None:
            return self.unknown("job not found")
        if job["state"].removeprefix("JOB_STATE_") in OVER:
            return 400, self.refusal(400, "job is over")
        job["state"] = "JOB_STATE_CANCELLING" if verb == "cancel" else "JOB_STATE_PENDING"
        return 200, {}

    @route("POST", f"{BELOW}/deployments")
    def create_deployment(self, seen: Seen) -> Any:
        name = f"{ACCOUNT}/deployments/{seen.asked('deploymentId')}"
        if name in self.deployments:
            return 409, self.refusal(409, "deployment already exists")
        told = {"name": name, "state": "CREATING", "createTime": moment(0)}
        self.deployments[name] = told | seen.json()
        return 200, self.deployments[name]

    @route("GET", f"/v1/({ACCOUNT}/deployments/[^/]+)")
    def get_deployment(self, seen: Seen, name: str) -> Any:
        found = self.deployments.get(name)
        return (200, found) if found else self.unknown("deployment not found")

    @route("DELETE", f"/v1/({ACCOUNT}/deployments/[^/]+)")
    def delete_deployment(self, seen: Seen, name: str) -> Any:
        if name not in self.deployments:
            return self.unknown("deployment not found")
        self.deployments[name]["state"] = "DELETING"
        return 200, {}


def page(name: str, items: Iterable[Thing], seen: Seen) -> Thing:
    """Return one page; the token is the place where the next one begins."""
    size, begin = int(seen.asked("pageSize", "50")), int(seen.asked("pageToken", "0"))
    every = list(items)
    rest = {"nextPageToken": str(begin + size)} if begin + size < len(every) else {}
    return {name: every[begin : begin + size], "totalSize": len(every), **rest}


def model(name: str, **fields: Any) -> Thing:
    return {"name": name, "kind": "HF_BASE_MODEL", "state": "READY", "tunable": True} | fields


def status(code: str, words: str) -> Thing:
    return {"code": code, "message": words}


def moment(seconds: int) -> str:
    """Return a time as Fireworks writes it."""
    return datetime.fromtimestamp(CREATED + seconds, UTC).isoformat().replace("+00:00", "Z")


def _job(name: str, created: str) -> Thing:
    return {
        "name": name,
        "createTime": created,
        "updateTime": created,
        "completedTime": None,
        "createdBy": "somebody@example.com",
        "state": "JOB_STATE_CREATING",
        "status": {"code": "OK", "message": ""},
        "dataset": f"{ACCOUNT}/datasets/ds-1",
        "baseModel": "accounts/fireworks/models/llama-v3p1-8b-instruct",
        "outputModel": "",
        "epochs": 1,
        "learningRate": 0.0001,
        "loraRank": 8,
        "jobProgress": {"percent": 0, "epoch": 0},
    }
