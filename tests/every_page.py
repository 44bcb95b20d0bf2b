"""A workspace with everything in every state, and all of its pages."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlencode

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Membership, Workspace
from apps.datasets import tasks
from apps.datasets.lifecycle import versioning
from apps.datasets.models import Version
from apps.jobs.curves import metrics, points
from apps.jobs.models import Checkpoint, Job
from apps.library.models import Deployment, EndToldBy, PriceToldBy, Removal, TunedModel
from apps.notifications.models import Kind, Notification, Webhook
from apps.providers.models import Connection
from apps.providers.types import TERMINAL, DeploymentStatus, JobStatus
from tests import playground_pages
from tests.evals import every_result, every_review
from tests.factories import (
    chat_file,
    chat_row,
    make_connection,
    make_job,
    make_sweep,
    make_tuned_model,
    make_version,
)
from tests.playground_pages import TUNED

# Allowed by every rule, and bad for the model: a refusal, a blank, an address, two answers.
DOUBTFUL = b"".join(
    json.dumps(chat_row(question, answer)).encode() + b"\n"
    for question, answer in (
        ("Who is in charge?", "Dear {{name}}, write to captain@harbour.io."),
        ("Who is in charge?", "I'm sorry, but I can't help with that."),
        (
            "Where does the ferry leave in the morning?",
            "Le bateau part du vieux port à huit heures.",
        ),
    )
)
BAD_FILES = {
    "an-archive.jsonl": b"PK\x03\x04",
    "questions.csv": b"Id,Question,Answer\n1,Who steers?,The captain.\n2,When do we sail?,\n",
    "a-rather-long-name-of-a-training-file.jsonl": chat_file(12)
    + b'{"messages": [{"role": "asistant", "content": "Hi"}]}\n'
    + b'{"messages": "hello"}\nnot json\n'
    + DOUBTFUL,
}


def every_page(client: Client, owner: Membership) -> dict[str, str]:
    """Fill the owner's workspace; return the address of each page by name."""
    connection = make_connection(workspace=owner.workspace, base_url="http://127.0.0.1:1/v1")
    ready, invalid = _add_datasets(client, owner.workspace)
    jobs = _add_jobs(owner.workspace, connection, ready)
    _add_numbers(jobs[JobStatus.RUNNING])
    rows = reverse("datasets:rows", args=ready.address)
    return {
        "overview": reverse("home:overview"),
        "datasets": reverse("datasets:list"),
        "dataset": ready.get_absolute_url(),
        "dataset with problems": invalid.get_absolute_url(),
        "problems": reverse("datasets:problems", args=invalid.address),
        "leaks": reverse("datasets:leaks", args=invalid.address) + f"?with={ready.public_id}",
        "groups of rows": reverse("datasets:clusters", args=invalid.address) + "?kind=conflicts",
        "rows": rows,
        "rows that match": f"{rows}?role=system&tokens_from=1",
        "rows that nobody can ask for": f"{rows}?tokens_to=-1",
        "row": reverse("datasets:row", args=[*ready.address, 1]),
        "row with problems": reverse("datasets:row", args=[*invalid.address, 13]),
        "row that is no JSON": reverse("datasets:row", args=[*invalid.address, 15]),
        "new row": reverse("datasets:row", args=[*ready.address, 0]),
        "export": reverse("datasets:export", args=invalid.address),
        "changes": reverse("datasets:edits", args=ready.address),
        "split": reverse("datasets:split", args=ready.address),
        "sample": reverse("datasets:sample", args=ready.address),
        "merge": f"{reverse('datasets:merge')}?version={ready.public_id}",
        **_compared(ready),
        "repair": reverse("datasets:repair", args=invalid.address) + "?fix=unknown_role",
        "next version": f"{reverse('datasets:upload')}?dataset={ready.dataset.public_id}",
        "columns": reverse(
            "datasets:columns",
            args=Version.objects.get(
                workspace=owner.workspace, status=Version.Status.MAPPING
            ).address,
        ),
        "jobs": reverse("jobs:list"),
        "new job": reverse("jobs:create"),
        "cloned job": f"{reverse('jobs:create')}?clone={jobs[JobStatus.FAILED].public_id}",
        "new reinforcement job": _reinforcement(owner.workspace),
        "budget": reverse("jobs:budget"),
        **_sweeps(jobs[JobStatus.SUCCEEDED], ready),
        "held job": jobs[JobStatus.HELD].get_absolute_url(),
        "jobs made elsewhere": reverse("jobs:elsewhere"),
        "running job": jobs[JobStatus.RUNNING].get_absolute_url(),
        "failed job": jobs[JobStatus.FAILED].get_absolute_url(),
        "succeeded job": jobs[JobStatus.SUCCEEDED].get_absolute_url(),
        "numbers of a job": reverse("jobs:numbers", args=[jobs[JobStatus.RUNNING].public_id]),
        "compared jobs": f"{reverse('jobs:compare')}?equal=show&jobs="
        + ",".join(str(jobs[each].public_id) for each in (JobStatus.RUNNING, JobStatus.SUCCEEDED)),
        "no jobs to compare": reverse("jobs:compare"),
        **_models(owner.workspace, connection, jobs[JobStatus.SUCCEEDED]),
        "playground": reverse("playground:list"),
        "new conversation": reverse("playground:create"),
        **playground_pages.conversation(owner.workspace, connection, ready),
        **playground_pages.blind(owner.workspace, connection),
        "connections": reverse("providers:list"),
        "new connection": reverse("providers:create"),
        "connection": connection.get_absolute_url(),
        "connection to Azure": _connect_azure(owner.workspace).get_absolute_url(),
        "what is known of a provider": reverse("providers:facts", args=["openai"]),
        "webhook": reverse("providers:webhook", args=[connection.public_id]),
        "account": reverse("accounts:account"),
        **every_result.pages(jobs[JobStatus.SUCCEEDED], ready),
        **every_review.pages(jobs[JobStatus.SUCCEEDED], owner.user),
        **every_result.pages_of(jobs[JobStatus.SUCCEEDED], TunedModel.objects.get(name=TUNED)),
        **_notifications(jobs[JobStatus.SUCCEEDED]),
        "nothing": "/nothing-here/",
    }


def _connect_azure(workspace: Workspace) -> Connection:
    """Connect what has the most to fill in, and lets no new job begin."""
    return make_connection(
        workspace=workspace,
        profile="azure",
        name="Harbour Azure",
        base_url="https://harbour.openai.azure.com/openai/v1",
        details={"tenant": "a" * 36, "account": "harbour"},
        training_refusal="Fine-tuning is not available for your organization.",
        training_refused_at=timezone.now(),
        last_test_ok=True,
        last_tested_at=timezone.now(),
    )


def _compared(version: Version) -> dict[str, str]:
    """Change some rows of a version by a recipe; return the pages about both."""
    row = chat_row("Where is\u00a0the  harbour? ", "Behind the tide.")
    edits = {"step": "edits", "rows": {"1": json.dumps(row), "2": None}, "added": [json.dumps(row)]}
    after = versioning.append(
        dataset=version.dataset,
        parent=version,
        recipe=[edits],
        size_bytes=0,
        sha256="",
        note="Why?",
    )
    with ThreadPoolExecutor(1) as thread:
        thread.submit(_check, after).result()
    return {
        "versions": reverse("datasets:versions", args=after.address),
        "diff": reverse("datasets:diff", args=[*after.address, version.number]),
    }


def _check(version: Version) -> None:
    tasks.check_version(version_id=version.pk)
    connections.close_all()


def _add_datasets(client: Client, workspace: Workspace) -> tuple[Version, Version]:
    """Bring one good and two bad files through the front door; their check runs at once."""
    with ThreadPoolExecutor(1) as thread:  # the view needs a thread without an event loop
        thread.submit(_upload_datasets, client).result()
    make_version(workspace=workspace, status=Version.Status.CHECKING, row_count=None)
    make_version(workspace=workspace, status=Version.Status.CANCELLED, row_count=None)
    mine = Version.objects.filter(workspace=workspace)
    return mine.ready().order_by("-row_count")[0], mine.get(status=Version.Status.INVALID)


def _upload_datasets(client: Client) -> None:
    client.post(reverse("datasets:add_sample"))
    for name, content in BAD_FILES.items():
        client.post(reverse("datasets:upload"), {"file": SimpleUploadedFile(name, content)})
    connections.close_all()


def _add_jobs(workspace: Workspace, connection: Connection, dataset: Version) -> dict[str, Job]:
    now = timezone.now()
    return {
        status: make_job(
            workspace=workspace,
            connection=connection,
            training_data=dataset,
            status=status,
            started_at=now,
            finished_at=now if status in TERMINAL else None,
            fine_tuned_model=TUNED if status == JobStatus.SUCCEEDED else "",
            error="The training file has too few examples." if status == JobStatus.FAILED else "",
            hold_reason="Nobody can tell what this job will cost."
            if status == JobStatus.HELD
            else "",
            step=None if status == JobStatus.HELD else 41,
            total_steps=120,
            sparkline=[[1, 3.2], [11, 2.1], [21, 1.4], [31, 1.1], [41, 0.9]],
        )
        for status in JobStatus.values
    }


def _add_numbers(job: Job) -> None:
    """Let this job have curves whose validation rises again, and one of an unknown name."""
    told = {
        step: {"train_loss": 2 / step, "full_valid_loss": 1 + abs(step - 20) / 10, "gpu.heat": 60.0}
        for step in range(1, 42)
    }
    points.keep((job.pk, step, numbers) for step, numbers in told.items())
    job.latest_metrics = metrics.latest({}, told)
    job.save(update_fields=["latest_metrics"])


def _sweeps(job: Job, data: Version) -> dict[str, str]:
    sweep = make_sweep(workspace=job.workspace, connection=job.connection, training_data=data)
    sweep.trials.filter(position=1).update(job=job, begun_at=timezone.now())
    return {
        "sweeps": reverse("sweeps:list"),
        "new sweep": f"{reverse('sweeps:create')}?job={job.public_id}",
        "sweep": sweep.get_absolute_url(),
    }


def _notifications(job: Job) -> dict[str, str]:
    now = timezone.now()
    told = Notification.objects.create(
        workspace=job.workspace, job=job, kind=Kind.SUCCEEDED, happened_at=now
    )
    webhook = Webhook.objects.create(
        workspace=job.workspace, name="Pager", url="https://pager.test/hooks/harbour"
    )
    webhook.deliveries.create(notification=told, attempts=2, answer="503 Down for maintenance")
    return {
        "notifications": reverse("notifications:list"),
        "e-mails": reverse("notifications:emails"),
        "webhooks": reverse("notifications:webhooks"),
        "webhook": webhook.get_absolute_url(),
    }


def _models(workspace: Workspace, connection: Connection, job: Job) -> dict[str, str]:
    """Give the job its model and checkpoints; one more model was made elsewhere, and ends."""
    shared = {"workspace": workspace, "connection": connection}
    for step in (40, 80, 120):
        saved = Checkpoint.objects.create(
            job=job,
            provider_checkpoint_id=f"ftckpt-{step}",
            model=f"{TUNED}:ckpt-step-{step}",
            step=step,
            created_at=timezone.now(),
            metrics={"train_loss": 1 / step, "valid_loss": 2 / step},
        )
        make_tuned_model(
            **shared, job=job, checkpoint=saved, is_checkpoint=True, step=step, name=saved.model
        )
    model = make_tuned_model(**shared, job=job, name=TUNED, title=job.name, tags=["best so far"])
    ending = {"ends_on": timezone.localdate() + timedelta(days=20), "end_told_by": EndToldBy.MODEL}
    elsewhere = make_tuned_model(**shared, **ending)
    deleted = make_tuned_model(**shared, deleted_at=timezone.now())
    removal = {"workspace": workspace, "connection": connection, "wished_by": None}
    Removal.objects.create(
        **removal,
        kind=Removal.Kind.MODEL,
        name=deleted.name,
        tuned_model=deleted,
        done_at=timezone.now(),
    )
    Job.objects.filter(pk=job.pk).update(
        training_file_id="file-harbour", validation_file_id="file-tide"
    )
    Removal.objects.create(
        **removal,
        kind=Removal.Kind.FILE,
        name="file-tide",
        refused_at=timezone.now(),
        refusal="You have insufficient permissions for this operation.",
    )
    azure = make_connection(workspace=workspace, profile=Connection.Profile.AZURE)
    served = make_tuned_model(workspace=workspace, connection=azure)
    _deploy(served)
    return {
        "models": reverse("library:list"),
        "deleted models": reverse("library:list") + "?show=deleted",
        "model": model.get_absolute_url(),
        "checkpoint": TunedModel.objects.get(job=job, step=80).get_absolute_url(),
        "model made elsewhere": elsewhere.get_absolute_url(),
        "deleted model": deleted.get_absolute_url(),
        "delete model": reverse("library:delete", args=[model.public_id]),
        "files at the provider": reverse("library:files", args=[job.public_id]),
        "deployed model": served.get_absolute_url(),
        "deploy": reverse(
            "library:deploy",
            args=[make_tuned_model(workspace=workspace, connection=azure).public_id],
        ),
    }


def _deploy(model: TunedModel) -> None:
    """Serve it for two days in which nobody asked; an earlier try was refused."""
    long_ago = timezone.now() - timedelta(days=2)
    shared = {"workspace": model.workspace, "tuned_model": model, "asked_at": long_ago}
    Deployment.objects.create(
        **shared,
        name="retune-refused",
        status=DeploymentStatus.FAILED,
        ended_at=long_ago,
        error="InsufficientQuota: this deployment needs more capacity than there is.",
        attempts=1,
    )
    Deployment.objects.create(
        **shared,
        name="retune-harbour",
        status=DeploymentStatus.ACTIVE,
        model="retune-harbour",
        active_at=long_ago,
        bills_by_hour=True,
        hourly_usd=2,
        price_told_by=PriceToldBy.PERSON,
        trouble="The provider did not answer in time.",
        stop_refusal="Locked.",
    )


def _reinforcement(workspace: Workspace) -> str:
    """Return the address of a form whose grader is to be built."""
    row = {"messages": [{"role": "user", "content": "When?"}], "answer": "At eight."}
    tasks = make_version(
        workspace=workspace,
        format=Version.Format.REINFORCEMENT,
        content=json.dumps(row).encode() + b"\n",
    )
    azure = make_connection(workspace=workspace, profile="azure", base_url="http://127.0.0.1:1/v1")
    chosen = {"training_data": tasks.public_id, "connection": azure.public_id}
    return f"{reverse('jobs:create')}?{urlencode(chosen)}"
