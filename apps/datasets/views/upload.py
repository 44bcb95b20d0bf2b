"""Files in: streamed from a browser with JavaScript, as an ordinary form without."""

import errno
from collections.abc import AsyncIterator, Iterable
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import RequestAborted
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.accounts.models import Membership
from apps.core.http import AuthedRequest
from apps.datasets import storage
from apps.datasets.models import Dataset, Version
from apps.datasets.services.uploads import add_upload
from apps.datasets.views import pasting, targets

READ_BYTES = 1024 * 1024


@require_http_methods(["GET", "PUT", "POST"])
async def dataset_upload(request: AuthedRequest) -> HttpResponse:
    """Take one file. The row is made only when every byte of it is safely on disk.

    `?dataset=` makes it the next version of that one; GET shows the page for that.
    """
    membership = await request.amembership()
    if request.method == "GET":
        return await sync_to_async(pasting.upload_page)(request)
    if not membership.can_edit:
        return not_allowed()
    if request.method == "POST":
        return await sync_to_async(_upload_form)(request, membership)
    await atarget(request, membership)
    try:
        stored = await storage.areceive(chunks(request))
    except RequestAborted:
        return HttpResponse(status=400)  # nobody is there to read it
    except storage.TooLarge:
        return refused(too_large(), 413)
    except OSError as exc:
        return refused(disk_full(exc), 507)
    return await created(request, membership, stored)


async def created(
    request: AuthedRequest, membership: Membership, stored: storage.StoredFile
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


def _upload_form(request: AuthedRequest, membership: Membership) -> HttpResponse:
    dataset = targets.asked_for(request)
    uploads = request.FILES.getlist("file")
    if not uploads:
        messages.error(request, _("Choose a file first."))
        return redirect(targets.page(dataset))
    try:
        made = [_stored(request, membership, upload, dataset) for upload in uploads]
    except storage.TooLarge:
        messages.error(request, too_large())
        return redirect(targets.page(dataset))
    except OSError as exc:
        messages.error(request, disk_full(exc))
        return redirect(targets.page(dataset))
    return redirect(made[0] if len(made) == 1 else "datasets:list")


def _stored(
    request: AuthedRequest,
    membership: Membership,
    upload: "UploadedFile[Any]",
    dataset: Dataset | None,
) -> Version:
    chunks: Iterable[bytes] = upload.chunks()
    return add_upload(
        membership=membership,
        filename=upload.name or "",
        stored=storage.receive(iter(chunks)),
        dataset=dataset,
        repeats="repeat" in request.POST,
    )


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
