"""What a person can do about a failure, by the code that came with the provider's own words."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from apps.jobs.models import Job

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

BY_CODE = {
    "invalid_n_examples": _("Add examples to the dataset, then start a new job."),
    "invalid_training_file": _(
        "Look at the examples that the message names, correct the file and upload it again."
    ),
    "invalid_validation_file": _(
        "The validation file was refused. Correct it, or start the job without one."
    ),
    "invalid_file_format": _(
        "The file has something this provider does not accept. Correct it and upload it again."
    ),
    "exceeded_quota": _("The account has no credit left. Add some at the provider and try again."),
    "insufficient_quota": _(
        "The account has no credit left. Add some at the provider and try again."
    ),
    "training_not_available": _(
        "This organisation may no longer train models there. Choose another connection; "
        "the same dataset works on this machine too."
    ),
    "model_not_found": _("Choose a base model from the list of the connection."),
    "invalid_api_key": _("Enter the key again on the page of this connection."),
    "key_unreadable": _("Enter the key again on the page of this connection."),
    "address_refused": _("Check the address of this connection."),
    "file_missing": _("Upload the dataset again, then start a new job."),
    "job_missing": _(
        "The job was deleted at the provider, or the key now belongs to another project."
    ),
}
OTHERWISE = _("Correct what the message names, then start a new job with the same dataset.")


def advice_for(job: Job) -> "StrPromise":
    """Return one sentence that says what to do next."""
    return BY_CODE.get(job.error_code, OTHERWISE)
