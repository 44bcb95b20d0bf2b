"""`manage.py train_job`: what the trainer starts for each job; not for people."""

import logging
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandParser

from apps.engine import lifecycle
from apps.engine.models import TrainingJob
from apps.engine.trainer import lifeline, run

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Train one job that has been claimed; started by `manage.py trainer`."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("claim", type=UUID)
        parser.add_argument("parent", type=int, help="process id of the trainer")

    def handle(self, *args: Any, claim: UUID, parent: int, **options: Any) -> None:
        wants_to_stop = lifeline.follow(parent)
        job = TrainingJob.objects.held_by(claim).select_related("workspace").first()
        if job is None:
            return
        try:
            run.train(job, wants_to_stop)
        except lifecycle.ClaimLost:
            logger.warning("Job %s is somebody else's now, or over", job.public_id)
