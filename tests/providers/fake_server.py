"""A scripted provider over real HTTP: the wire format of OpenAI, and faults on command.

with FakeServer() as server:              # or the `fake_server` fixture of tests/providers
    server.url                            # "http://127.0.0.1:<port>/v1"
    server.add_job(status="running")      # what GET …/jobs/<id> will answer
    server.break_next("GET", "/v1/models", status=503)
    server.requests                       # everything that arrived, oldest first
"""

import asyncio
import contextlib
import itertools
import json
import re
import socket
import threading
from collections.abc import AsyncIterator
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import uvicorn

KEY = "sk-test-0000"
CREATED = 1_795_000_000


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Fault:
    """An answer to give instead of the right one; `times` counts down."""

    status: int = 500
    body: bytes | dict[str, Any] = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False  # close the connection in the middle of the answer
    hang: bool = False  # never answer
    times: int = 1


@dataclass
class FakeServer:
    """State that tests set and read; the HTTP side runs in a thread of its own."""

    key: str = KEY
    models: list[dict[str, Any]] = field(default_factory=lambda: [model("tiny-chat-1m")])
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    events: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    checkpoints: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    reply: list[str] = field(default_factory=lambda: ["Hel", "lo", "!"])
    chunks: list[Any] | None = None  # raw chat chunks to send instead of `reply`
    honours_metadata_filter: bool = True
    requests: list[Seen] = field(default_factory=list)
    hold_reply: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        self.reset()

    def start(self) -> Self:
        """Serve from a thread that ends with the process."""
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def reset(self) -> None:
        """Forget everything that tests set or sent."""
        for setting in fields(self):
            make = setting.default_factory
            setattr(self, setting.name, setting.default if make is MISSING else make())
        self.hold_reply.set()  # clear() it: the stream pauses after its first piece
        self._faults: list[tuple[str, str, Fault]] = []
        self._numbers = itertools.count(1)

    def break_next(self, method: str, path: str, **fault: Any) -> None:
        """Answer the next requests to this path (a regular expression) with a Fault."""
        self._faults.append((method, path, Fault(**fault)))

    def add_job(self, **facts: Any) -> dict[str, Any]:
        """Add a job and return the very dict that will be served; change it to make news."""
        job = _job(f"ftjob-{next(self._numbers)}") | facts
        self.jobs[job["id"]] = job
        return job

    def add_event(self, job_id: str, **facts: Any) -> dict[str, Any]:
        """Add the newest event of a job."""
        number = next(self._numbers)
        event = {
            "object": "fine_tuning.job.event",
            "id": f"ftevent-{number}",
            "created_at": CREATED + number,
            "level": "info",
            "type": "message",
            "message": f"Event {number}",
            "data": None,
        } | facts
        self.events.setdefault(job_id, []).insert(0, event)
        return event

    def add_metrics(self, job_id: str, step: int, total_steps: int, **numbers: float) -> None:
        """Add the metrics event of one step."""
        data = {"step": step, "total_steps": total_steps, "train_loss": 1.0 / step, **numbers}
        message = f"Step {step}/{total_steps}"
        self.add_event(job_id, type="metrics", message=message, data=data)

    def add_checkpoint(self, job_id: str, step: int, **facts: Any) -> None:
        checkpoint = {
            "object": "fine_tuning.job.checkpoint",
            "id": f"ftckpt_{next(self._numbers)}",
            "created_at": CREATED + step,
            "fine_tuned_model_checkpoint": f"ft:tiny-chat-1m:test::{job_id}:ckpt-step-{step}",
            "fine_tuning_job_id": job_id,
            "step_number": step,
            "metrics": {"step": step, "train_loss": 0.5},
        } | facts
        self.checkpoints.setdefault(job_id, []).insert(0, checkpoint)

    def count(self, method: str, path: str) -> int:
        """Return how many requests of this kind arrived."""
        return sum(seen.method == method and seen.path == path for seen in self.requests)

    def _serve(self) -> None:
        config = uvicorn.Config(
            self._app, interface="asgi3", lifespan="off", log_level="critical", ws="none"
        )
        asyncio.run(uvicorn.Server(config).serve(sockets=[self._socket]))

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        request = await _read(scope, receive)
        self.requests.append(request)
        with contextlib.suppress(asyncio.CancelledError):
            if fault := self._fault_for(request):
                await _send_fault(send, fault)
            elif request.headers.get("authorization") != f"Bearer {self.key}":
                words = "Incorrect API key provided."
                await _send(send, 401, error(words, code="invalid_api_key"))
            else:
                await self._route(request, send)

    def _fault_for(self, request: Seen) -> Fault | None:
        for entry in self._faults:
            method, path, fault = entry
            if method == request.method and re.fullmatch(path, request.path):
                fault.times -= 1
                if not fault.times:
                    self._faults.remove(entry)
                return fault
        return None

    async def _route(self, request: Seen, send: Any) -> None:
        if request.path == "/v1/chat/completions":
            await _send_stream(send, self._chat(request))
            return
        for method, pattern, handler in _ROUTES:
            found = re.fullmatch(pattern, request.path)
            if found and method == request.method:
                await _send(send, *handler(self, request, *found.groups()))
                return
        await _send(send, 404, error(f"Invalid URL ({request.method} {request.path})"))

    def _list_models(self, request: Seen) -> Any:
        return 200, {"object": "list", "data": self.models}

    def _list_files(self, request: Seen) -> Any:
        return 200, _page(list(self.files.values())[::-1], request)

    def _create_file(self, request: Seen) -> Any:
        filename, content = _multipart_file(request)
        file = {
            "id": f"file-{next(self._numbers)}",
            "object": "file",
            "bytes": len(content),
            "created_at": CREATED,
            "filename": filename,
            "purpose": "fine-tune",
            "status": "processed",
        }
        self.files[file["id"]], self.contents[file["id"]] = file, content
        return 200, file

    def _file_content(self, request: Seen, file_id: str) -> Any:
        found = file_id in self.contents
        return (200, self.contents[file_id]) if found else (404, error("No such File object"))

    def _list_jobs(self, request: Seen) -> Any:
        jobs = list(self.jobs.values())[::-1]
        wanted = {
            name[9:-1]: values[0]
            for name, values in request.query.items()
            if name.startswith("metadata[")
        }
        if wanted and self.honours_metadata_filter:
            jobs = [job for job in jobs if wanted.items() <= (job["metadata"] or {}).items()]
        return 200, _page(jobs, request)

    def _create_job(self, request: Seen) -> Any:
        asked = request.json()
        kept = ("model", "training_file", "validation_file", "seed", "metadata", "method")
        return 200, self.add_job(**{name: asked[name] for name in kept if name in asked})

    def _get_job(self, request: Seen, job_id: str) -> Any:
        found = job_id in self.jobs
        return (200, self.jobs[job_id]) if found else (404, error("Could not find fine tune"))

    def _cancel_job(self, request: Seen, job_id: str) -> Any:
        if job_id in self.jobs:
            self.jobs[job_id] |= {"status": "cancelled", "finished_at": CREATED + 60}
        return self._get_job(request, job_id)

    def _list_events(self, request: Seen, job_id: str) -> Any:
        return 200, _page(self.events.get(job_id, []), request)

    def _list_checkpoints(self, request: Seen, job_id: str) -> Any:
        return 200, _page(self.checkpoints.get(job_id, []), request)

    async def _chat(self, request: Seen) -> AsyncIterator[bytes]:
        chunks = self.chunks if self.chunks is not None else _chat_chunks(self.reply, request)
        for number, chunk in enumerate(chunks):
            if number:
                await asyncio.to_thread(self.hold_reply.wait, 10)
            text = chunk if isinstance(chunk, str) else json.dumps(chunk)
            yield f"data: {text}\n\n".encode()
        yield b"data: [DONE]\n\n"


_JOB = "/v1/fine_tuning/jobs/([^/]+)"
_ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "/v1/models", FakeServer._list_models),
    ("GET", "/v1/files", FakeServer._list_files),
    ("POST", "/v1/files", FakeServer._create_file),
    ("GET", "/v1/files/([^/]+)/content", FakeServer._file_content),
    ("GET", "/v1/fine_tuning/jobs", FakeServer._list_jobs),
    ("POST", "/v1/fine_tuning/jobs", FakeServer._create_job),
    ("GET", _JOB, FakeServer._get_job),
    ("POST", f"{_JOB}/cancel", FakeServer._cancel_job),
    ("GET", f"{_JOB}/events", FakeServer._list_events),
    ("GET", f"{_JOB}/checkpoints", FakeServer._list_checkpoints),
]


def model(model_id: str, **fields: Any) -> dict[str, Any]:
    return {"id": model_id, "object": "model", "created": CREATED, "owned_by": "test"} | fields


def error(message: str, *, code: str | None = None, kind: str = "invalid_request_error") -> Any:
    """Return OpenAI's error body."""
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def chat_chunk(text: str = "", **fields: Any) -> dict[str, Any]:
    """Return one chunk of a streamed answer."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None, "logprobs": None}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": "tiny-chat-1m",
        "system_fingerprint": "fp_test",
        "choices": [choice],
        "usage": None,
    } | fields


def _chat_chunks(reply: list[str], request: Seen) -> list[dict[str, Any]]:
    asked = request.json()["model"]
    chunks = [chat_chunk(text, model=asked) for text in reply]
    end = {"index": 0, "delta": {}, "finish_reason": "stop", "logprobs": None}
    usage = {"prompt_tokens": 7, "completion_tokens": len(reply), "total_tokens": 7 + len(reply)}
    last = chat_chunk(model=asked, choices=[end])
    return [*chunks, last, chat_chunk(model=asked, choices=[], usage=usage)]


def _job(job_id: str) -> dict[str, Any]:
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


def _page(items: list[dict[str, Any]], request: Seen) -> dict[str, Any]:
    limit = int(request.query.get("limit", ["20"])[0])
    after = request.query.get("after", [None])[0]
    start = next((n + 1 for n, item in enumerate(items) if item["id"] == after), 0)
    page = items[start : start + limit]
    return {"object": "list", "data": page, "has_more": start + limit < len(items)}


def _multipart_file(request: Seen) -> tuple[str, bytes]:
    boundary = request.headers["content-type"].split("boundary=")[1].encode()
    for part in request.body.split(b"--" + boundary):
        head, _, content = part.partition(b"\r\n\r\n")
        if name := re.search(rb'filename="([^"]*)"', head):
            return name[1].decode(), content.removesuffix(b"\r\n")
    raise ValueError("no file in the upload")


async def _read(scope: Any, receive: Any) -> Seen:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    query = parse_qs(urlsplit("?" + scope["query_string"].decode()).query)
    return Seen(scope["method"], scope["path"], query, headers, body)


async def _send(send: Any, status: int, body: Any, headers: Any = ()) -> None:
    is_json = not isinstance(body, bytes)
    content = json.dumps(body).encode() if is_json else body
    kind = b"application/json" if is_json else b"application/octet-stream"
    await send(_start(status, [(b"content-type", kind), *headers]))
    await send({"type": "http.response.body", "body": content})


async def _send_stream(send: Any, pieces: AsyncIterator[bytes]) -> None:
    await send(_start(200, [(b"content-type", b"text/event-stream")]))
    async for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _send_fault(send: Any, fault: Fault) -> None:
    if fault.hang:
        await asyncio.sleep(3600)
    headers = [(name.lower().encode(), text.encode()) for name, text in fault.headers.items()]
    if not fault.cut:
        await _send(send, fault.status, fault.body, headers)
        return
    await send(_start(200, [(b"content-type", b"text/event-stream"), *headers]))
    body = fault.body if isinstance(fault.body, bytes) else json.dumps(fault.body).encode()
    await send({"type": "http.response.body", "body": body, "more_body": True})
    raise ConnectionAbortedError  # uvicorn drops the connection: the answer stays unfinished


def _start(status: int, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": headers}


def fresh_server() -> FakeServer:
    """Return the fake provider of this process, running and empty."""
    server = _server()
    server.reset()
    return server


@cache
def _server() -> FakeServer:
    return FakeServer().start()
