"""One maker per model, with sensible defaults and no randomness."""

import hashlib
import itertools
import json
import struct
from typing import Any
from uuid import uuid4

from django.utils import timezone

from apps.accounts.models import Membership, Role, User, Workspace
from apps.datasets.lifecycle import versioning
from apps.datasets.models import Dataset, Version
from apps.evals.models import Answer, Candidate, Case, Recording, Run, SavedCase, Score, Suite
from apps.evals.records.recordings import question_key
from apps.jobs.models import Job
from apps.library.models import TunedModel
from apps.providers import keys
from apps.providers.models import Connection
from apps.sweeps.models import Sweep, Trial

_numbers = itertools.count(1)


def make_user(**fields: Any) -> User:
    number = next(_numbers)
    return User.objects.create_user(
        **{"username": f"person-{number}", "password": "correct horse", **fields}
    )


def make_workspace(**fields: Any) -> Workspace:
    return Workspace.objects.create(**{"name": f"Workspace {next(_numbers)}", **fields})


def make_membership(*, role: Role = Role.OWNER, **fields: Any) -> Membership:
    workspace = fields.pop("workspace", None) or make_workspace()
    user = fields.pop("user", None) or make_user()
    return Membership.objects.create(workspace=workspace, user=user, role=role)


def make_connection(
    *, workspace: Workspace, key: str = "sk-test-0000", **fields: Any
) -> Connection:
    base_url = fields.pop("base_url", "http://provider.test/v1")
    defaults = {
        "name": f"Connection {next(_numbers)}",
        "profile": Connection.Profile.GENERIC,
        "encrypted_key": keys.encrypt(key, base_url=base_url),
        "key_last_four": key[-4:],
    }
    return Connection.objects.create(
        workspace=workspace, base_url=base_url, **{**defaults, **fields}
    )


def chat_row(question: str = "Hi", answer: str = "Hello") -> dict[str, Any]:
    """Return one well-formed training example."""
    return {
        "messages": [
            {"role": "system", "content": "You are kind."},
            {"role": "user", "content": question},
            {"role": "assistant", "content": answer},
        ]
    }


def chat_file(count: int = 12) -> bytes:
    """Return a JSONL file of distinct well-formed examples."""
    rows = (chat_row(f"Question {n}?", f"Answer {n}.") for n in range(count))
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def make_version(*, workspace: Workspace, content: bytes | None = None, **fields: Any) -> Version:
    """Create a checked, ready version whose file is on disk; the first of its dataset."""
    content = chat_file() if content is None else content
    rows = content.count(b"\n")
    counted = {"total": 240, "min": 20, "median": 20, "p95": 20, "max": 20, "over_limit": 0}
    dataset = fields.pop("dataset", None) or Dataset.objects.create(
        workspace=workspace, name=fields.pop("name", f"Dataset {next(_numbers)}")
    )
    defaults = {
        "filename": "train.jsonl",
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "format": Version.Format.CHAT,
        "status": Version.Status.READY,
        "row_count": rows,
        "rows_checked": rows,
        "bytes_checked": len(content),
        "system_prompt": "You are kind.",
        "statistics": {"rows": rows, "tokens": {"o200k_base": counted, "bytes": counted}},
    }
    version = versioning.append(dataset=dataset, **{**defaults, **fields})
    version.path.parent.mkdir(parents=True, exist_ok=True)
    version.path.write_bytes(content)
    version.index_path.write_bytes(_offsets(content))
    return version


def _offsets(content: bytes) -> bytes:
    """Where each row begins, and where the last one ends, as the check writes it."""
    lengths = (len(line) for line in content.splitlines(keepends=True))
    return b"".join(struct.pack("<Q", place) for place in itertools.accumulate(lengths, initial=0))


def make_job(*, workspace: Workspace, **fields: Any) -> Job:
    """Create a job that has not reached its provider yet."""
    connection = fields.pop("connection", None) or make_connection(workspace=workspace)
    training_data = fields.pop("training_data", None) or make_version(workspace=workspace)
    defaults = {"name": f"Job {next(_numbers)}", "base_model": "tiny-chat-1m"}
    return Job.objects.create(
        workspace=workspace,
        connection=connection,
        training_data=training_data,
        **{**defaults, **fields},
    )


def make_tuned_model(*, workspace: Workspace, **fields: Any) -> TunedModel:
    """Create a model that no job here made, unless one is given."""
    connection = fields.pop("connection", None) or make_connection(workspace=workspace)
    number = next(_numbers)
    defaults = {
        "name": f"ft:tiny-chat-1m:harbour-team::{number:06d}",
        "base_model": "tiny-chat-1m",
        "made_at": timezone.now(),
    }
    return TunedModel.objects.create(
        workspace=workspace, connection=connection, **{**defaults, **fields}
    )


def make_sweep(*, workspace: Workspace, **fields: Any) -> Sweep:
    """Create a sweep of two trials, of which none has begun."""
    connection = fields.pop("connection", None) or make_connection(workspace=workspace)
    training_data = fields.pop("training_data", None) or make_version(workspace=workspace)
    defaults = {"name": f"Sweep {next(_numbers)}", "base_model": "tiny-chat-1m"}
    sweep = Sweep.objects.create(
        workspace=workspace,
        connection=connection,
        training_data=training_data,
        grid={"n_epochs": [1, 2]},
        **{**defaults, **fields},
    )
    for position, epochs in enumerate((1, 2), 1):
        Trial.objects.create(sweep=sweep, position=position, settings={"n_epochs": epochs})
    return sweep


def make_run(*, workspace: Workspace, connection: Connection, data: Version) -> tuple[Run, Score]:
    """Create a run of one question to two models, of which one was right; return a score too."""
    suite = Suite.objects.create(
        workspace=workspace, name="Harbour", data=data, graders=[{"kind": "exact"}]
    )
    question = [{"role": "user", "content": "Who steers?"}]
    case = Case.objects.create(
        suite=suite, position=1, row=1, messages=question, expected="The captain."
    )
    run = Run.objects.create(workspace=workspace, suite=suite, temperature=0)
    for position, text in enumerate(("Nobody.", "The captain.")):
        candidate = Candidate.objects.create(
            run=run, position=position, connection=connection, model=f"m{position}", label="Model"
        )
        answer = Answer.objects.create(
            run=run, candidate=candidate, case=case, status="done", text=text, total_ms=1200
        )
        score = Score.objects.create(answer=answer, grader=0, passed=bool(position))
    return run, score


def make_saved_case(*, workspace: Workspace, **fields: Any) -> SavedCase:
    """Create a question that somebody wants asked again."""
    messages = [{"role": "user", "content": "Where is the harbour?"}]
    known = {
        "collection": "Harbour",
        "messages": messages,
        "expected": "Behind the tide.",
        "content_key": uuid4().hex,
    }
    return SavedCase.objects.create(workspace=workspace, **known | fields)


def make_recording(*, workspace: Workspace, **fields: Any) -> Recording:
    """Create a recording of one answer."""
    recording = Recording.objects.create(
        workspace=workspace, **{"name": "Old model", "model": "ft:old", **fields}
    )
    messages = [{"role": "user", "content": "Where is the harbour?"}]
    recording.answers.create(
        question_key=question_key(messages), messages=messages, text="Behind the tide."
    )
    return recording
