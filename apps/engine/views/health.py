"""/healthz: whether this process and its database answer, and when a trainer was last heard."""

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from redis.exceptions import RedisError

from apps.core import heartbeat
from apps.engine.models import TrainingJob
from apps.engine.tiny.weights import BASE_WEIGHTS


@login_not_required
async def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 when jobs can be taken in and the base model is there, else 503 and why."""
    try:
        await TrainingJob.objects.unfinished().aexists()
    except Error:
        return JsonResponse({"status": "error", "reason": "The database is away."}, status=503)
    if not BASE_WEIGHTS.exists():
        return JsonResponse({"status": "error", "reason": "No base model."}, status=503)
    return JsonResponse({"status": "ok", "trainer_heartbeat_seconds": await _trainer_seconds()})


@sync_to_async
def _trainer_seconds() -> float | None:
    """Return how long ago a trainer was heard; None when none was, or when nobody can say."""
    try:
        age = heartbeat.age("trainer", at=timezone.now())
    except RedisError:
        return None
    return None if age is None else age.total_seconds()
