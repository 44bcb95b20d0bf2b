"""Names of fine-tuned models, in OpenAI's pattern: ft:<base>:<organisation>:<suffix>:<id>."""

import re

from django.utils.text import slugify

from apps.engine import ids
from apps.engine.models import TrainingJob
from apps.engine.tiny.weights import BASE_MODEL

LONGEST_ORGANISATION = 40


def model_name(job: TrainingJob) -> str:
    """Make up the name of what a job has trained; its workspace must have been fetched with it."""
    organisation = slugify(job.workspace.name)[:LONGEST_ORGANISATION] or "workspace"
    suffix = re.sub(r"[^a-z0-9_-]+", "-", job.suffix.lower()).strip("-")
    return f"ft:{BASE_MODEL}:{organisation}:{suffix}:{ids.random_part(8)}"


def checkpoint_name(job: TrainingJob, step: int) -> str:
    """Make up the name of a checkpoint; its id says nothing about the final model's."""
    return f"{model_name(job)}:ckpt-step-{step}"
