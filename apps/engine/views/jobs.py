"""/v1/fine_tuning/jobs"""

import asyncio
import re
from http import HTTPStatus

from asgiref.sync import sync_to_async
from django.db.models import QuerySet
from django.http import JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from apps.engine import services
from apps.engine.auth import EngineRequest
from apps.engine.errors import Refusal, not_found
from apps.engine.models import TrainingJob
from apps.engine.requests import parameters
from apps.engine.requests.jobs import read_job_request
from apps.engine.wire import objects
from apps.engine.wire.pagination import page

METADATA_FILTER = re.compile(r"^metadata\[(.+)\]$", re.DOTALL)
CANCEL_WAIT_SECONDS = 3.0
CANCEL_LOOK_SECONDS = 0.1


async def create_job(request: EngineRequest) -> HttpResponseBase:
    """Save a job that a trainer picks up within half a second."""
    asked = read_job_request(parameters.read_body(request))
    try:
        job = await sync_to_async(services.create_job)(workspace=request.workspace, asked=asked)
    except services.CannotUse as problem:
        raise Refusal(str(problem), param=problem.param, code=problem.code) from problem
    return JsonResponse(objects.job(job))


async def list_jobs(request: EngineRequest) -> HttpResponseBase:
    """List the workspace's jobs, newest first, all of them or by their metadata."""
    rows = _with_metadata(_jobs(request), request)
    return await page(rows, request.GET, objects.job)


async def retrieve_job(request: EngineRequest, job_id: str) -> HttpResponseBase:
    """Describe one job."""
    return JsonResponse(objects.job(await _find(request, job_id)))


async def cancel_job(request: EngineRequest, job_id: str) -> HttpResponseBase:
    """Ask a job to end and answer when it has, or when saving takes longer than a moment."""
    job = await _find(request, job_id)
    try:
        await sync_to_async(services.cancel_job)(job=job, at=timezone.now())
    except services.AlreadyFinished as problem:
        raise Refusal(str(problem), code="job_already_finished") from problem
    return JsonResponse(objects.job(await _wait_for_end(request, job_id)))


async def list_events(request: EngineRequest, job_id: str) -> HttpResponseBase:
    """List a job's events, newest first."""
    job = await _find(request, job_id)
    return await page(job.events.all(), request.GET, objects.event, maximum=1000)


async def list_checkpoints(request: EngineRequest, job_id: str) -> HttpResponseBase:
    """List a job's checkpoints, newest first."""
    job = await _find(request, job_id)
    rows = job.checkpoints.select_related("job")
    return await page(rows, request.GET, objects.checkpoint, default=10)


async def refuse_pause(request: EngineRequest, job_id: str) -> HttpResponseBase:
    """Say that jobs cannot be paused here."""
    await _find(request, job_id)
    raise Refusal(
        "Jobs cannot be paused or resumed on this server; cancel the job and continue from its"
        " last checkpoint instead.",
        status=HTTPStatus.BAD_REQUEST,
        code="unsupported_operation",
    )


def _jobs(request: EngineRequest) -> "QuerySet[TrainingJob]":
    rows = TrainingJob.objects.filter(workspace=request.workspace)
    return rows.select_related("workspace")


async def _find(request: EngineRequest, job_id: str) -> TrainingJob:
    job = await _jobs(request).filter(public_id=job_id).afirst()
    if job is None:
        raise not_found("fine-tuning job", job_id)
    return job


def _with_metadata(
    rows: "QuerySet[TrainingJob]", request: EngineRequest
) -> "QuerySet[TrainingJob]":
    """Keep jobs that have all the metadata asked for; `metadata=null` asks for none at all."""
    if request.GET.get("metadata") == "null":
        return rows.filter(metadata={})
    wanted = {
        match[1]: request.GET[name]
        for name in request.GET
        if (match := METADATA_FILTER.match(name))
    }
    return rows.filter(metadata__contains=wanted) if wanted else rows


async def _wait_for_end(request: EngineRequest, job_id: str) -> TrainingJob:
    deadline = asyncio.get_running_loop().time() + CANCEL_WAIT_SECONDS
    while True:
        job = await _find(request, job_id)
        if job.is_finished or asyncio.get_running_loop().time() > deadline:
            return job
        await asyncio.sleep(CANCEL_LOOK_SECONDS)
