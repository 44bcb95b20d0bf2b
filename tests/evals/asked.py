"""Suites with any graders, runs through the front door, and turns of them at any time."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Membership, Workspace
from apps.datasets.models import Version
from apps.evals import tasks
from apps.evals.models import Answer, Case, Recording, Run, Score, Suite
from apps.providers.models import Connection
from apps.providers.types import ChatRequest
from tests.factories import make_version

BASE, TUNED = "gpt-4o-mini-2024-07-18", "ft:gpt-4o-2024-08-06:harbour::1"
JUDGE = "ft:gpt-4.1-2025-04-14:harbour::2"


def make_suite(
    workspace: Workspace,
    graders: Sequence[Mapping[str, Any]],
    *,
    count: int = 3,
    data: Version | None = None,
) -> Suite:
    data = data or make_version(workspace=workspace)
    suite = Suite.objects.create(
        workspace=workspace, data=data, name="Harbour", graders=list(graders)
    )
    Case.objects.bulk_create(
        Case(
            suite=suite,
            position=place,
            row=place,
            messages=[{"role": "user", "content": f"Question {place}?"}],
            expected=f"Answer {place}.",
        )
        for place in range(1, count + 1)
    )
    return suite


def judge(connection: Connection, **fields: Any) -> dict[str, Any]:
    return {
        "kind": "judge",
        "rubric": "Is it polite?",
        "connection": str(connection.public_id),
        "model": JUDGE,
        **fields,
    }


def near(connection: Connection, **fields: Any) -> dict[str, Any]:
    return {
        "kind": "embedding",
        "connection": str(connection.public_id),
        "model": "text-embedding-3-small",
        **fields,
    }


def fields_of(connection: Connection, beside: Sequence[str] = (), **fields: Any) -> dict[str, Any]:
    return {
        "form_token": str(uuid4()),
        "baseline": f"{connection.public_id} {BASE}",
        "others": [f"{connection.public_id} {model}" for model in beside],
        "temperature": "0",
        "max_tokens": "50",
        **fields,
    }


def start(client: Client, suite: Suite, fields: Mapping[str, Any], callbacks: Any) -> Run:
    """Send the form; the first turn is over when it returns."""
    with callbacks(execute=True):
        answer = client.post(reverse("evals:run_create", args=[suite.public_id]), fields)
    assert answer.status_code == 302, answer.context["form"].errors
    return Run.objects.order_by("-pk")[0]


def tick(run: Run) -> Run:
    """Let the time come for whatever waits, then let a worker look."""
    long_ago = timezone.now() - timedelta(hours=1)
    Run.objects.filter(pk=run.pk).update(next_look_at=long_ago, lease_until=None)
    Answer.objects.filter(run=run).update(next_try_at=long_ago)
    Score.objects.filter(answer__run=run).update(next_try_at=long_ago)
    Connection.objects.update(quiet_until=None)
    tasks.advance_run(run_id=run.pk)
    run.refresh_from_db()
    return run


def make_recording(member: Membership, answers: Mapping[str, str]) -> Recording:
    from apps.evals.records.recordings import question_key

    recording = Recording.objects.create(workspace=member.workspace, name="Old model", model="old")
    for question, text in answers.items():
        messages = [{"role": "user", "content": question}]
        recording.answers.create(
            question_key=question_key(messages),
            messages=messages,
            text=text,
            facts={"completion_tokens": 3, "total_ms": 700},
        )
    return recording


def knows(request: ChatRequest) -> str:
    """Answer as the questions of `make_suite` expect it."""
    return str(request.messages[-1]["content"]).replace("Question", "Answer").replace("?", ".")


def judging(passes: Callable[[dict[str, str]], bool]) -> Callable[[ChatRequest], str]:
    """Return a judge that decides by the material that it is shown."""

    def says(request: ChatRequest) -> str:
        material = json.loads(str(request.messages[-1]["content"]))
        verdict = "pass" if passes(material) else "fail"
        return json.dumps({"reason": "So it is.", "verdict": verdict})

    return says
