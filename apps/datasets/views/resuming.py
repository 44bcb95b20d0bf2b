"""Files in that go on after a lost connection: PUT sends from an offset on, GET asks for it."""

from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import RequestAborted
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.accounts.models import Membership
from apps.core.http import AuthedRequest
from apps.datasets.models import Version
from apps.datasets.uploads.resuming import Busy, HalfUpload, TooMuch, WrongOffset
from apps.datasets.views import arriving

TIMEOUT = 408
CONFLICT = 409


@require_http_methods(["GET", "PUT", "DELETE"])
async def dataset_upload_on(request: AuthedRequest, upload: UUID) -> HttpResponse:
    """Take the rest of a file, say how much of it is here, or forget it."""
    membership = await request.amembership()
    if not membership.can_edit:
        return arriving.not_allowed()
    half = HalfUpload.of(membership, upload)
    if url := await sync_to_async(_url)(membership, half):
        return JsonResponse({"url": url})  # it is whole already: only the answer was lost
    if request.method == "PUT":
        return await _take(request, membership, half)
    if request.method == "DELETE":
        half.forget()
    return JsonResponse({"received": half.received})


def _url(membership: Membership, half: HalfUpload) -> str:
    version = Version.objects.visible_to(membership).filter(public_id=half.public_id).first()
    return version.get_absolute_url() if version else ""


async def _take(request: AuthedRequest, membership: Membership, half: HalfUpload) -> HttpResponse:
    await arriving.atarget(request, membership)
    offset, size = _whole(request.GET.get("offset")), _whole(request.GET.get("size"))
    if offset is None or size is None:
        return arriving.refused(_("The address must say the offset and the size in bytes."), 400)
    if size > settings.MAX_UPLOAD_BYTES:
        return arriving.refused(arriving.too_large(), 413)
    try:
        stored = await half.areceive(arriving.chunks(request), offset=offset, size=size)
    except (Busy, WrongOffset):
        return JsonResponse({"received": half.received}, status=CONFLICT)
    except TooMuch:
        half.forget()
        return arriving.refused(_("More bytes came than the address said."), 400)
    except RequestAborted:
        return JsonResponse({"received": half.received}, status=TIMEOUT)  # if anybody reads it
    except OSError as exc:
        return arriving.refused(arriving.disk_full(exc), 507)
    if stored is None:
        return JsonResponse({"received": half.received})
    return await arriving.created(request, membership, stored)


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
