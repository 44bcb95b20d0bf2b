"""/v1/files"""

import asyncio
import base64
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from apps.engine import services
from apps.engine.auth import EngineRequest
from apps.engine.errors import Refusal, not_found
from apps.engine.models import EngineFile
from apps.engine.requests import parameters
from apps.engine.training_files import NotJsonLines
from apps.engine.uploads import EngineUploadHandler
from apps.engine.wire import objects
from apps.engine.wire.pagination import page

CHUNK = 256 * 1024


async def create_file(request: EngineRequest) -> HttpResponseBase:
    """Keep an uploaded training or validation file."""
    return await sync_to_async(_create_file)(request)


async def list_files(request: EngineRequest) -> HttpResponseBase:
    """List the workspace's files, newest first unless asked otherwise."""
    rows = EngineFile.objects.filter(workspace=request.workspace)
    if purpose := request.GET.get("purpose"):
        rows = rows.filter(purpose=purpose)
    order = request.GET.get("order", "desc")
    if order not in ("asc", "desc"):
        raise Refusal(f"Invalid value: '{order}'. Use 'asc' or 'desc'.", param="order")
    is_newest_first = order == "desc"
    return await page(
        rows,
        request.GET,
        objects.file,
        default=10_000,
        maximum=10_000,
        newest_first=is_newest_first,
    )


async def retrieve_file(request: EngineRequest, file_id: str) -> HttpResponseBase:
    """Describe one file."""
    return JsonResponse(objects.file(await _find(request, file_id)))


async def retrieve_content(request: EngineRequest, file_id: str) -> HttpResponseBase:
    """Send a file's bytes; result files come as base64, as OpenAI sends them."""
    file = await _find(request, file_id)
    disposition = content_disposition_header(as_attachment=True, filename=file.filename)
    headers = {"Content-Disposition": disposition or "attachment"}
    kind = "application/octet-stream"
    if file.purpose == EngineFile.Purpose.RESULTS:
        content = await asyncio.to_thread(file.path.read_bytes)
        return HttpResponse(base64.b64encode(content), content_type=kind, headers=headers)
    headers["Content-Length"] = str(file.size_bytes)
    return StreamingHttpResponse(_chunks(file.path), content_type=kind, headers=headers)


async def delete_file(request: EngineRequest, file_id: str) -> HttpResponseBase:
    """Remove a file that no unfinished job needs."""
    file = await _find(request, file_id)
    try:
        await sync_to_async(services.delete_file)(file=file)
    except services.InUse as in_use:
        raise Refusal(str(in_use), status=HTTPStatus.CONFLICT, code="file_in_use") from in_use
    return JsonResponse(objects.deleted("file", file_id))


async def _find(request: EngineRequest, file_id: str) -> EngineFile:
    rows = EngineFile.objects.filter(workspace=request.workspace, public_id=file_id)
    file = await rows.afirst()
    if file is None:
        raise not_found("File object", file_id)
    return file


def _create_file(request: EngineRequest) -> HttpResponseBase:
    """Read the form, which is blocking work, and keep its file."""
    upload = _read_upload(request)
    try:
        file = services.create_file(workspace=request.workspace, upload=upload)
    except NotJsonLines as problem:
        raise Refusal(str(problem), param="file") from problem
    finally:
        upload.close()
    return JsonResponse(objects.file(file))


def _read_upload(request: EngineRequest) -> "UploadedFile[bytes]":
    if request.content_type != "multipart/form-data":
        raise Refusal(
            "Send the file as multipart/form-data.",
            status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            code="unsupported_content_type",
        )
    request.upload_handlers = [EngineUploadHandler(request)]
    upload = request.FILES.get("file")
    parameters.refuse_unknown(request.POST, ("purpose",))
    _check_purpose(request.POST.get("purpose", ""))
    if upload is None:
        raise Refusal("'file' is a required property", param="file")
    _refuse_too_large(upload.size or 0)
    _check_name(upload.name or "")
    return upload


def _check_purpose(purpose: str) -> None:
    if not purpose:
        raise Refusal("'purpose' is a required property", param="purpose")
    if purpose != EngineFile.Purpose.FINE_TUNE:
        raise Refusal(
            f"'{purpose}' is not one of ['fine-tune'] - 'purpose'. This server keeps files for"
            " fine-tuning only.",
            param="purpose",
        )


def _check_name(name: str) -> None:
    if Path(name).suffix.lower() != ".jsonl":
        raise Refusal(
            f"Invalid file format. Files for fine-tuning must end in .jsonl, '{name}' does not.",
            param="file",
        )


def _refuse_too_large(size: int) -> None:
    if size > settings.MAX_UPLOAD_BYTES:
        largest = settings.MAX_UPLOAD_BYTES // 1024**2
        raise parameters.too_large(f"The file is larger than {largest} MB.")


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(path.open, "rb")
    try:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk
    finally:
        await asyncio.to_thread(file.close)
