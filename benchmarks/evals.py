"""How many questions a run asks in a second, beside a bare loop of the `openai` SDK.

    .venv/bin/python benchmarks/evals.py [--questions 1000] [--models 6] [--at-once 32] [--wait 0.1]

A mock provider streams eight pieces per answer, `wait` seconds after the question. The baseline is
one process with the SDK, as many questions at once, that keeps the texts and does nothing else.
Retune is one worker with a throw-away PostgreSQL: it finds what is due, asks, grades by two
graders, and writes everything. Each run is measured at a quarter of its size as well: what a
question costs must not grow with their number. CPU is that of the process under test.
"""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PIECES = 8
WAIT = float(os.environ.get("BENCHMARK_WAIT", "0.1"))


@dataclass(frozen=True)
class Result:
    """One way of asking so many questions."""

    name: str
    asked: int
    wall: float
    cpu: float

    def line(self) -> str:
        rate, cost = self.asked / self.wall, self.cpu / self.asked * 1e6
        return f"{self.name:<28}{self.asked:>8}{self.wall:>9.1f}{rate:>10.0f}{cost:>12.0f}"


def measured(name: str, asked: int, work: Callable[[], object]) -> Result:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Result(name, asked, time.perf_counter() - wall, time.process_time() - cpu)


# --- the mock provider ------------------------------------------------------------------------


async def provider(scope: Any, receive: Any, send: Any) -> None:
    """Answer every question with a few words."""
    while (await receive()).get("more_body"):
        pass
    await asyncio.sleep(WAIT)
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for place in range(PIECES):
        await send({"type": "http.response.body", "body": _chunk(place), "more_body": True})
    await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})


def _chunk(place: int) -> bytes:
    is_last = place == PIECES - 1
    choice = {"index": 0, "delta": {"content": f"word{place} "}, "finish_reason": None}
    if is_last:
        choice = {"index": 0, "delta": {}, "finish_reason": "stop"}
    chunk = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "mock",
        "choices": [choice],
        "usage": {"prompt_tokens": 20, "completion_tokens": 7} if is_last else None,
    }
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


# --- both ways --------------------------------------------------------------------------------


async def ask_with_the_sdk(url: str, count: int, at_once: int) -> list[str]:
    """Ask with the SDK alone, and keep the texts."""
    import openai

    client = openai.AsyncOpenAI(api_key="unused", base_url=url, max_retries=0)
    turns = asyncio.Semaphore(at_once)

    async def ask(number: int) -> str:
        question: Any = {"role": "user", "content": f"Question {number}?"}
        async with turns:
            stream = await client.chat.completions.create(
                model="mock", messages=[question], temperature=0, stream=True
            )
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    return await asyncio.gather(*map(ask, range(count)))


def ask_with_retune(url: str, questions: int, models: int) -> list[Result]:
    """Start a run as the form does, then carry it on as a worker does."""
    from apps.evals import services
    from apps.evals.asking import running
    from apps.evals.asking.starting import ModelChoice
    from apps.evals.models import Case, Run, Suite
    from tests.factories import make_connection, make_membership

    owner = make_membership()
    connection = make_connection(workspace=owner.workspace, base_url=url)
    graders = [{"kind": "exact"}, {"kind": "contains", "texts": ["word1"]}]
    suite = Suite.objects.create(
        workspace=owner.workspace, name="Benchmark", kind="saved", graders=graders
    )
    Case.objects.bulk_create(
        Case(
            suite=suite,
            position=place,
            messages=[{"role": "user", "content": f"Question {place}?"}],
            expected=f"Answer {place}.",
        )
        for place in range(1, questions + 1)
    )
    choices = [ModelChoice(connection, f"m{place}", f"m{place}") for place in range(models)]
    runs: list[Run] = []

    def start() -> None:
        with patch("apps.core.queue.send"):  # no worker is there to take it
            run = services.start_run(
                membership=owner, suite=suite, choices=choices, temperature=0, public_id=uuid4()
            )
        runs.append(run)

    def work() -> None:
        while Run.objects.filter(pk=runs[0].pk, ended_at=None).exists():
            running.advance(runs[0].pk)

    count = questions * models
    results = [measured("Retune, starting", count, start), measured("Retune", count, work)]
    done = runs[0].answers.filter(status="done").count()
    assert done == count, f"only {done} answers"
    return results


@contextmanager
def _serving(wait: float) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "benchmarks.evals:provider", "--port", str(port)]
    command += ["--lifespan", "off", "--no-access-log", "--log-level", "warning"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "BENCHMARK_WAIT": str(wait)})
    try:
        _wait_for(f"http://127.0.0.1:{port}/")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def _wait_for(url: str) -> None:
    for _ in range(200):
        with suppress(OSError):
            urllib.request.urlopen(url, timeout=2).close()
            return
        time.sleep(0.1)
    raise SystemExit(f"{url} does not answer")


def _prepare(at_once: int) -> None:
    import django
    import uvloop
    from django.core.management import call_command

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    os.environ["ALLOW_PRIVATE_HOSTS"] = "true"
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())  # as workers have it
    django.setup()
    call_command("migrate", verbosity=0)
    from apps.evals.asking import gates

    gates.AT_FIRST = gates.MOST = at_once


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--questions", type=int, default=1_000)
    options.add_argument("--models", type=int, default=6)
    options.add_argument("--at-once", type=int, default=32)
    options.add_argument("--wait", type=float, default=WAIT)
    chosen = options.parse_args()

    from tests.services import services

    try:
        _prepare(chosen.at_once)
        with _serving(chosen.wait) as url:
            _measure(url, chosen)
    finally:
        services.stop()


def _measure(url: str, chosen: argparse.Namespace) -> None:
    print(f"{'':<28}{'asked':>8}{'seconds':>9}{'a second':>10}{'µs CPU':>12}")
    for questions in (chosen.questions // 4, chosen.questions):
        count = questions * chosen.models
        alone = ask_with_the_sdk(url, count, chosen.at_once)
        print(measured("openai SDK alone", count, partial(asyncio.run, alone)).line())
        for result in ask_with_retune(url, questions, chosen.models):
            print(result.line())


if __name__ == "__main__":
    main()
