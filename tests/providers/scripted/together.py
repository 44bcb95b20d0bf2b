"""Together's own shapes.

Read from: the together package 3.1.1 (`types/finetune_response.py`, `types/finetune_event.py`,
`types/fine_tuning_list_checkpoints_response.py`, `types/file_response.py`, `types/project.py`,
`lib/resources/files.py` for the upload) and docs.together.ai/reference/get-fine-tunes-id-metrics.
"""

import hashlib
from datetime import UTC, datetime
from typing import Any

from tests.providers.scripted.bodies import multipart
from tests.providers.scripted.http import Answer, Seen
from tests.providers.scripted.script import CREATED, route
from tests.providers.scripted.shelf import Thing
from tests.providers.scripted.together_serving import TogetherServing

OVER = frozenset({"completed", "cancelled", "error", "user_error"})
NEXT = {"pending": "queued", "queued": "running"}
JOB = "/v1/fine-tunes/([^/]+)"


class TogetherScript(TogetherServing):
    """Files, jobs, events, metrics, checkpoints, endpoints and chat as Together has them."""

    LOGPROBS = "together"

    def reset(self) -> None:
        super().reset()
        self.models: list[Thing] = [model("meta-llama/Llama-3.1-8B-Instruct")]
        self.metrics: dict[str, list[Thing]] = {}
        self._by_checksum: dict[str, str] = {}

    def is_let_in(self, seen: Seen) -> bool:
        if seen.path.startswith("/storage/"):  # not ours: the key must not come here
            return "authorization" not in seen.headers
        return super().is_let_in(seen)

    def add_job(self, **facts: Any) -> Thing:
        """Add a job and return the very dict that will be served; change it to make news."""
        number = self.next_number()
        job = _job(f"ft-{number}", moment(number)) | facts
        self.jobs[job["id"]] = job
        self.on_new_job(job["id"])
        return job

    def add_event(self, job_id: str, **facts: Any) -> Thing:
        """Add the newest event of a job."""
        number = self.next_number()
        event = {
            "object": "fine-tune-event",
            "created_at": moment(number),
            "level": "info",
            "message": f"Event {number}",
            "type": "job_start",
            "hash": f"{number:016x}",
        } | facts
        self.events.setdefault(job_id, []).append(event)
        return event

    def add_metrics(self, job_id: str, step: int, total_steps: int, **numbers: float) -> None:
        """Add the point of one step; names are as they come: `train_loss` is `train/loss`."""
        told = {"train_loss": 1.0 / step, "train_learning_rate": 1e-5, **numbers}
        point = {name.replace("_", "/", 1): value for name, value in told.items()}
        self.metrics.setdefault(job_id, []).append({**point, "train/global_step": step})
        if job := self.jobs.get(job_id):
            job.update(steps_completed=step, total_steps=total_steps)

    def add_checkpoint(self, job_id: str, step: int, **facts: Any) -> None:
        for kind in ("model", "adapter"):
            checkpoint = {
                "checkpoint_type": f"Intermediate (step {step})",
                "created_at": moment(step),
                "path": f"s3://test/{job_id}/{kind}/{step}",
                "step": step,
                "checkpoint": kind,
                "object_id": f"ml_{job_id}_{kind}_{step}",
                "object_name": f"test/{job_id}-{step}",
            } | facts
            self.checkpoints.setdefault(job_id, []).insert(0, checkpoint)

    def add_file(self, filename: str, content: bytes, purpose: str = "fine-tune") -> Thing:
        """Put a file into the storage."""
        file = {
            "id": f"file-{self.next_number()}",
            "object": "file",
            "bytes": len(content),
            "created_at": CREATED,
            "filename": filename,
            "FileType": "jsonl",
            "purpose": purpose,
            "processing_status": "COMPLETED",
        }
        self.files[file["id"]], self.contents[file["id"]] = file, content
        return file

    def move_on(self, job: Thing, steps: int, *, fails: bool = False) -> bool:
        """Let the job do its next step; False when that was its last."""
        done = len(self.metrics.get(job["id"], []))
        if job["status"] in NEXT:
            job["status"] = NEXT[job["status"]]
        elif fails:
            self.add_event(
                job["id"], type="job_error", level="error", message="A machine was lost."
            )
            job.update(status="error", events=self.events[job["id"]])
        elif done < steps:
            self.add_metrics(job["id"], done + 1, steps)
        else:
            self.add_checkpoint(job["id"], steps)
            name = f"test/{job['model'].rpartition('/')[2]}-{job['suffix']}-{job['id']}"
            job.update(status="completed", model_output_name=name, token_count=steps * 100)
            job.update(model_object_id=f"ml_{job['id']}", updated_at=moment(steps))
        return job["status"] not in OVER

    def summary(self, job_id: str) -> Thing:
        """Return what a recount of this job needs."""
        job, steps = self.jobs[job_id], len(self.metrics.get(job_id, []))
        counts = {"events": len(self.events.get(job_id, [])), "steps": steps}
        return {"status": job["status"], "suffix": job["suffix"], **counts}

    @route("GET", "/v1/models")
    def list_models(self, seen: Seen) -> Any:
        return 200, self.models  # bare: not in an object

    @route("GET", "/v1/files")
    def list_files(self, seen: Seen) -> Any:
        return 200, {"data": list(self.files.newest_first())}

    @route("POST", "/v1/files")
    def create_file(self, seen: Seen) -> Any:
        fields, _no_file = multipart(seen)
        known = self._by_checksum.get(fields["checksum"])
        if known in self.files:
            return 409, self.refusal(409, "File already exists.") | {"file_id": known}
        file = self.add_file(fields["file_name"], b"", fields["purpose"])
        file["processing_status"] = "PENDING"
        place = f"{self.url.removesuffix('/v1')}/storage/{file['id']}/{fields['checksum']}"
        return Answer(302, b"", {"Location": place, "X-Together-File-Id": file["id"]})

    @route("PUT", "/storage/([^/]+)/([^/]+)")
    def store(self, seen: Seen, file_id: str, checksum: str) -> Any:
        if hashlib.sha256(seen.body).hexdigest() != checksum or file_id not in self.files:
            return 400, b"<Error><Code>BadDigest</Code></Error>"
        self.contents[file_id] = seen.body
        self.files[file_id]["bytes"] = len(seen.body)
        self._by_checksum[checksum] = file_id
        return 200, b""

    @route("POST", "/v1/files/([^/]+)/preprocess")
    def preprocess(self, seen: Seen, file_id: str) -> Any:
        if file_id not in self.files:
            return self.unknown("File not found")
        self.files[file_id]["processing_status"] = "COMPLETED"
        return 200, self.files[file_id]

    @route("GET", "/v1/files/([^/]+)/content")
    def file_content(self, seen: Seen, file_id: str) -> Any:
        known = file_id in self.contents
        return (200, self.contents[file_id]) if known else self.unknown("File not found")

    @route("DELETE", "/v1/files/([^/]+)")
    def delete_file(self, seen: Seen, file_id: str) -> Any:
        if self.files.pop(file_id, None) is None:
            return self.unknown("File not found")
        return 200, {"id": file_id, "deleted": True}

    @route("GET", "/v1/fine-tunes")
    def list_jobs(self, seen: Seen) -> Any:
        return 200, {"data": list(self.jobs.newest_first())}

    @route("POST", "/v1/fine-tunes")
    def create_job(self, seen: Seen) -> Any:
        asked = seen.json()
        if len(asked.get("suffix", "")) > 40:
            return 400, self.refusal(400, "suffix must have at most 40 characters")
        return 200, self.add_job(**asked)

    @route("GET", JOB)
    def get_job(self, seen: Seen, job_id: str) -> Any:
        found = self.jobs.get(job_id)
        return (200, found) if found else self.unknown("Job not found")

    @route("DELETE", JOB)
    def delete_job(self, seen: Seen, job_id: str) -> Any:
        if self.jobs.pop(job_id, None) is None:
            return self.unknown("Job not found")
        return 200, {"message": "Fine-tune job deleted"}

    @route("POST", f"{JOB}/cancel")
    def cancel_job(self, seen: Seen, job_id: str) -> Any:
        job = self.jobs.get(job_id)
        if job and job["status"] in OVER:
            return 400, self.refusal(400, "Job is not running")
        if job:
            job["status"] = "cancel_requested"
        return self.get_job(seen, job_id)

    @route("GET", f"{JOB}/events")
    def list_events(self, seen: Seen, job_id: str) -> Any:
        return 200, {"data": self.as_told(self.events.get(job_id, []))}

    @route("GET", f"{JOB}/metrics")
    def list_metrics(self, seen: Seen, job_id: str) -> Any:
        begin = int(seen.asked("global_step_from", "0"))
        points = self.metrics.get(job_id, [])
        told = [each for each in points if _step(each) >= begin]
        return 200, {"metrics": self.as_told(told)}

    @route("GET", f"{JOB}/checkpoints")
    def list_checkpoints(self, seen: Seen, job_id: str) -> Any:
        return 200, {"data": self.checkpoints.get(job_id, [])}


def _step(point: Thing) -> int:
    return point.get("train/global_step", point.get("eval/global_step", 0))


def model(model_id: str, **fields: Any) -> Thing:
    return {"id": model_id, "object": "model", "created": CREATED, "organization": "Meta"} | fields


def moment(seconds: int) -> str:
    """Return a time as Together writes it."""
    return datetime.fromtimestamp(CREATED + seconds, UTC).isoformat().replace("+00:00", "Z")


def _job(job_id: str, created: str) -> Thing:
    return {
        "id": job_id,
        "status": "pending",
        "user_id": "user-test",
        "created_at": created,
        "updated_at": created,
        "started_at": None,
        "model": "meta-llama/Llama-3.1-8B-Instruct",
        "model_output_name": None,
        "suffix": "",
        "training_file": "file-1",
        "validation_file": "",
        "n_epochs": 1,
        "n_checkpoints": 1,
        "n_evals": 0,
        "batch_size": 8,
        "learning_rate": 1e-05,
        "training_method": {"method": "sft", "train_on_inputs": "auto"},
        "training_type": {"type": "Lora", "lora_r": 8, "lora_alpha": 16},
        "random_seed": 42,
        "token_count": 0,
        "total_price": 0,
        "events": [],
        "progress": {"estimate_available": False, "seconds_remaining": 0},
    }
