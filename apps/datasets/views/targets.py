"""Which dataset an upload belongs to: the one it is to be the next version of, or none."""

from uuid import UUID

from django.http import Http404
from django.urls import reverse

from apps.accounts.models import Membership
from apps.core.http import AuthedRequest
from apps.datasets.models import Dataset


def named(membership: Membership, dataset_id: str) -> Dataset | None:
    """Return the dataset with this id, if this member may change it."""
    try:
        public_id = UUID(dataset_id)
    except ValueError:
        return None
    return Dataset.objects.editable_by(membership).filter(public_id=public_id).first()


def asked_for(request: AuthedRequest) -> Dataset | None:
    """Return the dataset that a form or an address names; 404 when there is none like it."""
    sent = request.POST.get("dataset") or request.GET.get("dataset")
    if not sent:
        return None
    if dataset := named(request.membership, sent):
        return dataset
    raise Http404


def page(dataset: Dataset | None) -> str:
    """Return the address of the page where such uploads are made."""
    if dataset is None:
        return reverse("datasets:list")
    return f"{reverse('datasets:upload')}?dataset={dataset.public_id}"
