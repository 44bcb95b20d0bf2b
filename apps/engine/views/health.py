"""/healthz: whether this process and its database answer."""

from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.http import HttpRequest, JsonResponse

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
    return JsonResponse({"status": "ok"})
