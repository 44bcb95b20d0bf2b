"""Files in: streamed from a browser with JavaScript, as an ordinary form without."""

from collections.abc import Iterable
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.core.exceptions import RequestAborted
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.accounts.models import Membership
from apps.core.http import AuthedRequest
from apps.datasets import storage
from apps.datasets.models import Dataset, Version
from apps.datasets.services.uploads import add_upload
from apps.datasets.views import arriving, pasting, targets


@require_http_methods(["GET", "PUT", "POST"])
async def dataset_upload(request: AuthedRequest) -> HttpResponse:
    """Take one file. The row is made only when every byte of it is safely on disk.

    `?dataset=` makes it the next version of that one; GET shows the page for that.
    """
    membership = await request.amembership()
    if request.method == "GET":
        return await sync_to_async(pasting.upload_page)(request)
    if not membership.can_edit:
        return arriving.not_allowed()
    if request.method == "POST":
        return await sync_to_async(_upload_form)(request, membership)
    await arriving.atarget(request, membership)
    try:
        stored = await storage.areceive(arriving.chunks(request))
    except RequestAborted:
        return HttpResponse(status=400)  # nobody is there to read it
    except storage.TooLarge:
        return arriving.refused(arriving.too_large(), 413)
    except OSError as exc:
        return arriving.refused(arriving.disk_full(exc), 507)
    return await arriving.created(request, membership, stored)


def _upload_form(request: AuthedRequest, membership: Membership) -> HttpResponse:
    dataset = targets.asked_for(request)
    uploads = request.FILES.getlist("file")
    if not uploads:
        messages.error(request, _("Choose a file first."))
        return redirect(targets.page(dataset))
    try:
        made = [_stored(request, membership, upload, dataset) for upload in uploads]
    except storage.TooLarge:
        messages.error(request, arriving.too_large())
        return redirect(targets.page(dataset))
    except OSError as exc:
        messages.error(request, arriving.disk_full(exc))
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
