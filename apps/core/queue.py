"""The only way work is handed to Celery: after commit, so no worker meets a missing row."""

from functools import partial
from typing import ParamSpec

from celery import Task
from django.db import transaction

P = ParamSpec("P")


def send(task: "Task[P, None]", *args: P.args, **kwargs: P.kwargs) -> None:
    """Queue the task once the current transaction is committed (at once when there is none)."""
    transaction.on_commit(partial(task.delay, *args, **kwargs))
