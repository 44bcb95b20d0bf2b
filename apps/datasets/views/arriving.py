"""What both ways of uploading share: where the bytes come from, go to, and what is answered."""

import errno
from collections.abc import AsyncIterator
from functools import partial

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import Http404, JsonResponse
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.core.http import AuthedRequest
from apps.datasets.models import Dataset
from apps.datasets.services.uploads import add_upload
from apps.datasets.storage import StoredFile
from apps.datasets.views import targets

READ_BYTES = 1024 * 1024


async def created(
    request: AuthedRequest, membership: Membership, stored: StoredFile
) -> JsonResponse:
    """Make the version of a file that is whole, and say where it is."""
    add = partial(add_upload, membership=membership, stored=stored)
    version = await sync_to_async(add)(
        filename=request.GET.get("filename", ""),
        dataset=await atarget(request, membership, is_needed=False),
        repeats="repeat" in request.GET,
    )
    return JsonResponse({"url": version.get_absolute_url()}, status=201)


async def atarget(
    request: AuthedRequest, membership: Membership, *, is_needed: bool = True
) -> Dataset | None:
    """Return the dataset that the address names; 404 for what is not this member's to change."""
    find = partial(targets.named, membership, request.GET.get("dataset", ""))
    dataset = await sync_to_async(find)()
    if dataset is None and is_needed and "dataset" in request.GET:
        raise Http404
    return dataset


async def chunks(request: AuthedRequest) -> AsyncIterator[bytes]:
    """The body as it arrives, or as Django has gathered it when another handler runs us."""
    arriving = getattr(request, "scope", {}).get("body")
    if arriving is not None:
        async for chunk in arriving:
            yield chunk
        return
    while chunk := request.read(READ_BYTES):
        yield chunk


def not_allowed() -> JsonResponse:
    """Answer a person who may only look."""
    return refused(_("You can look at everything here. Ask an owner to change it."), 403)


def refused(words: str, status: int) -> JsonResponse:
    return JsonResponse({"error": words}, status=status)


def too_large() -> str:
    limit = filesizeformat(settings.MAX_UPLOAD_BYTES)
    return _("The file is larger than %(limit)s, which is the most that can be uploaded.") % {
        "limit": limit
    }


def disk_full(exc: OSError) -> str:
    if exc.errno not in (errno.ENOSPC, errno.EDQUOT):
        raise exc
    return _("The disk of the server is full. Delete something, then upload the file again.")
