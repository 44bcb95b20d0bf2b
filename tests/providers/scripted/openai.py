"""OpenAI's own shapes, and what the services that speak its API do differently.

Read from: openai-python 3.52.0 `types/fine_tuning`, `types/file_object.py`, `types/upload.py`;
OpenAI's API reference (jobs, events newest first, checkpoints, files, uploads, models).
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from tests.providers.scripted.bodies import multipart
from tests.providers.scripted.chat import Talking
from tests.providers.scripted.http import Seen
from tests.providers.scripted.script import CREATED, route
from tests.providers.scripted.shelf import Shelf, Thing

OVER = frozenset({"succeeded", "failed", "cancelled"})
NEXT = {"validating_files": "queued", "queued": "running"}
JOB = "/v1/fine_tuning/jobs/([^/]+)"


class OpenAIScript(Talking):
    """Files, uploads, models, jobs, events, checkpoints and chat as OpenAI has them."""

    def reset(self) -> None:
        super().reset()
        self.models: list[Thing] = [model("tiny-chat-1m")]
        self.uploads = Shelf()
        self.honours_metadata_filter = True
        self._by_metadata: dict[tuple[str, str], list[str]] = {}

    def refusal(self, status: int, words: str, code: str | None = None) -> Any:
        return error(words, code=code)

    # --- what tests say

    def add_job(self, **facts: Any) -> Thing:
        """Add a job and return the very dict that will be served; change it to make news."""
        job = _job(f"ftjob-{self.next_number()}") | facts
        self.jobs[job["id"]] = job
        for pair in (job["metadata"] or {}).items():
            self._by_metadata.setdefault(pair, []).append(job["id"])
        self.on_new_job(job["id"])
        return job

    def move_on(self, job: Thing, steps: int, *, fails: bool = False) -> bool:
        """Let the job do its next step; False when that was its last."""
        status, done = job["status"], len(self.events.get(job["id"], []))
        if status in NEXT:
            job["status"] = NEXT[status]
        elif status == "running" and fails:
            why = {"code": "server_error", "message": "A machine was lost.", "param": None}
            job.update(status="failed", finished_at=CREATED + done, error=why)
        elif status == "running" and done < steps:
            self.add_metrics(job["id"], done + 1, steps)
        elif status == "running":
            self._succeed(job, steps)
        return job["status"] not in OVER

    def _succeed(self, job: Thing, steps: int) -> None:
        self.add_checkpoint(job["id"], steps)
        name = f"ft:{job['model']}:test::{job['id']}"
        job.update(status="succeeded", fine_tuned_model=name, trained_tokens=steps * 100)
        job["finished_at"] = CREATED + steps

    def summary(self, job_id: str) -> Thing:
        """Return what a recount of this job needs."""
        job, events = self.jobs[job_id], self.events.get(job_id, [])
        steps = sum(event["type"] == "metrics" for event in events)
        made = len(self.checkpoints.get(job_id, []))
        counts = {"events": len(events), "steps": steps, "checkpoints": made}
        return {"status": job["status"], "metadata": job["metadata"], **counts}

    def add_event(self, job_id: str, **facts: Any) -> Thing:
        """Add the newest event of a job."""
        number = self.next_number()
        event = {
            "object": "fine_tuning.job.event",
            "id": f"ftevent-{number}",
            "created_at": CREATED + number,
            "level": "info",
            "type": "message",
            "message": f"Event {number}",
            "data": None,
        } | facts
        self.events.setdefault(job_id, []).append(event)
        return event

    def add_metrics(self, job_id: str, step: int, total_steps: int, **numbers: float) -> None:
        """Add the metrics event of one step."""
        data = {"step": step, "total_steps": total_steps, "train_loss": 1.0 / step, **numbers}
        message = f"Step {step}/{total_steps}"
        self.add_event(job_id, type="metrics", message=message, data=data)

    def add_checkpoint(self, job_id: str, step: int, **facts: Any) -> None:
        checkpoint = {
            "object": "fine_tuning.job.checkpoint",
            "id": f"ftckpt_{self.next_number()}",
            "created_at": CREATED + step,
            "fine_tuned_model_checkpoint": f"ft:tiny-chat-1m:test::{job_id}:ckpt-step-{step}",
            "fine_tuning_job_id": job_id,
            "step_number": step,
            "metrics": {"step": step, "train_loss": 0.5},
        } | facts
        self.checkpoints.setdefault(job_id, []).append(checkpoint)

    def add_file(self, filename: str, content: bytes, purpose: str = "fine-tune") -> Thing:
        """Put a file into the storage."""
        file = {
            "id": f"file-{self.next_number()}",
            "object": "file",
            "bytes": len(content),
            "created_at": CREATED,
            "filename": filename,
            "purpose": purpose,
            "status": "processed",
        }
        self.files[file["id"]], self.contents[file["id"]] = file, content
        return file

    # --- what clients ask

    @route("GET", "/v1/models")
    def list_models(self, seen: Seen) -> Any:
        return 200, {"object": "list", "data": self.models}

    @route("DELETE", "/v1/models/(.+)")
    def delete_model(self, seen: Seen, name: str) -> Any:
        kept = [model for model in self.models if model["id"] != name]
        if len(kept) == len(self.models):
            return self.unknown(f"The model '{name}' does not exist")
        self.models = kept
        return 200, {"id": name, "object": "model", "deleted": True}

    @route("GET", "/v1/files")
    def list_files(self, seen: Seen) -> Any:
        purpose, after = seen.asked("purpose"), seen.asked("after")
        is_rising = seen.asked("order", "desc") == "asc"
        files = self.files.oldest_first(after) if is_rising else self.files.newest_first(after)
        wanted = (file for file in files if not purpose or file["purpose"] == purpose)
        return 200, page(wanted, seen)

    @route("POST", "/v1/files")
    def create_file(self, seen: Seen) -> Any:
        fields, (filename, content) = multipart(seen)
        return 200, self.add_file(filename, content, fields.get("purpose", "fine-tune"))

    @route("GET", "/v1/files/([^/]+)/content")
    def file_content(self, seen: Seen, file_id: str) -> Any:
        if file_id not in self.contents:
            return self.unknown("No such File object")
        return 200, self.contents[file_id]

    @route("DELETE", "/v1/files/([^/]+)")
    def delete_file(self, seen: Seen, file_id: str) -> Any:
        if self.files.pop(file_id, None) is None:
            return self.unknown("No such File object")
        self.contents.pop(file_id, None)
        return 200, {"id": file_id, "object": "file", "deleted": True}

    @route("POST", "/v1/uploads")
    def create_upload(self, seen: Seen) -> Any:
        number = self.next_number()
        upload = {"id": f"upload_{number}", "object": "upload", "status": "pending", "file": None}
        upload |= {"created_at": CREATED, "expires_at": CREATED + 3600} | seen.json()
        self.uploads[f"upload_{number}"] = upload
        return 200, upload

    @route("POST", "/v1/uploads/([^/]+)/parts")
    def create_part(self, seen: Seen, upload_id: str) -> Any:
        if upload_id not in self.uploads:
            return self.unknown("No such Upload object")
        part_id = f"part_{self.next_number()}"
        self.contents[part_id] = multipart(seen)[1][1]
        part = {"id": part_id, "object": "upload.part", "created_at": CREATED}
        return 200, part | {"upload_id": upload_id}

    @route("POST", "/v1/uploads/([^/]+)/complete")
    def complete_upload(self, seen: Seen, upload_id: str) -> Any:
        upload = self.uploads.get(upload_id)
        if upload is None:
            return self.unknown("No such Upload object")
        content = b"".join(self.contents.pop(name, b"") for name in seen.json()["part_ids"])
        if len(content) != upload["bytes"]:
            return 400, error("The parts do not have as many bytes as were announced.")
        file = self.add_file(upload["filename"], content, upload["purpose"])
        upload |= {"status": "completed", "file": file}
        return 200, upload

    @route("POST", "/v1/uploads/([^/]+)/cancel")
    def cancel_upload(self, seen: Seen, upload_id: str) -> Any:
        if upload_id not in self.uploads:
            return self.unknown("No such Upload object")
        self.uploads[upload_id]["status"] = "cancelled"
        return 200, self.uploads[upload_id]

    @route("GET", "/v1/fine_tuning/jobs")
    def list_jobs(self, seen: Seen) -> Any:
        return 200, page(self._wanted_jobs(seen), seen)

    def _wanted_jobs(self, seen: Seen) -> Iterator[Thing]:
        pairs = [
            (name[9:-1], values[0])
            for name, values in seen.query.items()
            if name.startswith("metadata[")
        ]
        if not pairs or not self.honours_metadata_filter:
            return self.jobs.newest_first(seen.asked("after"))
        found = (self.jobs.get(job_id) for job_id in self._by_metadata.get(pairs[0], [])[::-1])
        return (job for job in found if job and set(pairs) <= (job["metadata"] or {}).items())

    @route("POST", "/v1/fine_tuning/jobs")
    def create_job(self, seen: Seen) -> Any:
        asked = seen.json()
        kept = ("model", "training_file", "validation_file", "seed", "metadata", "method")
        facts = {name: asked[name] for name in (*kept, "integrations") if name in asked}
        if chosen := asked.get("hyperparameters"):
            method = {"type": "supervised", "supervised": {"hyperparameters": chosen}}
            facts |= {"hyperparameters": chosen, "method": method}
        return 200, self.add_job(**facts, user_provided_suffix=asked.get("suffix"))

    @route("GET", JOB)
    def get_job(self, seen: Seen, job_id: str) -> Any:
        found = self.jobs.get(job_id)
        return (200, found) if found else self.unknown("Could not find fine tune: " + job_id)

    @route("DELETE", JOB)  # not OpenAI's own: servers that follow its API may have it
    def delete_job(self, seen: Seen, job_id: str) -> Any:
        if self.jobs.pop(job_id, None) is None:
            return self.unknown("Could not find fine tune: " + job_id)
        return 200, {"id": job_id, "object": "fine_tuning.job", "deleted": True}

    @route("POST", f"{JOB}/cancel")
    def cancel_job(self, seen: Seen, job_id: str) -> Any:
        return self._change(seen, job_id, status="cancelled", finished_at=CREATED + 60)

    @route("POST", f"{JOB}/pause")
    def pause_job(self, seen: Seen, job_id: str) -> Any:
        return self._change(seen, job_id, status="paused")

    @route("POST", f"{JOB}/resume")
    def resume_job(self, seen: Seen, job_id: str) -> Any:
        return self._change(seen, job_id, status="queued")

    def _change(self, seen: Seen, job_id: str, **facts: Any) -> Any:
        job = self.jobs.get(job_id)
        if job and job["status"] in OVER:
            return 400, error(f"The job has already ended: {job['status']}")
        if job:
            job.update(facts)
        return self.get_job(seen, job_id)

    @route("GET", f"{JOB}/events")
    def list_events(self, seen: Seen, job_id: str) -> Any:
        told = page(behind_cursor(self.events.get(job_id, [])[::-1], seen), seen)
        return 200, told | {"data": self.as_told(told["data"])}

    @route("GET", f"{JOB}/checkpoints")
    def list_checkpoints(self, seen: Seen, job_id: str) -> Any:
        return 200, page(behind_cursor(self.checkpoints.get(job_id, [])[::-1], seen), seen)


def page(items: Iterable[Thing], seen: Seen) -> Thing:
    """Return one page of a list that begins behind the cursor."""
    limit = int(seen.asked("limit", "20"))
    data = list(itertools.islice(items, limit + 1))
    return {"object": "list", "data": data[:limit], "has_more": len(data) > limit}


def behind_cursor(items: list[Thing], seen: Seen) -> Iterator[Thing]:
    """Yield what comes after the cursor; everything when it names nothing here."""
    after = seen.asked("after")
    start = next((place for place, item in enumerate(items, 1) if item["id"] == after), 0)
    return itertools.islice(items, start, None)


def model(model_id: str, **fields: Any) -> Thing:
    return {"id": model_id, "object": "model", "created": CREATED, "owned_by": "test"} | fields


def error(words: str, *, code: str | None = None, kind: str = "invalid_request_error") -> Any:
    """Return OpenAI's error body."""
    return {"error": {"message": words, "type": kind, "param": None, "code": code}}


def _job(job_id: str) -> Thing:
    return {
        "object": "fine_tuning.job",
        "id": job_id,
        "created_at": CREATED,
        "finished_at": None,
        "estimated_finish": None,
        "model": "tiny-chat-1m",
        "fine_tuned_model": None,
        "organization_id": "org-test",
        "status": "validating_files",
        "training_file": "file-1",
        "validation_file": None,
        "result_files": [],
        "trained_tokens": None,
        "hyperparameters": None,
        "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": "auto"}}},
        "seed": 7,
        "metadata": None,
        "integrations": [],
        "error": {"code": None, "message": None, "param": None},
    }
