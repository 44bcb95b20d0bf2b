"""Deletes our record of a job. What is at the provider, and the models in the library, stay."""

from django.db import transaction

from apps.jobs.models import ForgottenJob, Job, JobQuerySet


@transaction.atomic
def forget(jobs: JobQuerySet, job: Job, *, is_gone: bool = False) -> bool:
    """Delete the row if these jobs have it; False when they do not.

    A job that is still at its provider is remembered, so that no import brings it back.
    """
    if not jobs.filter(pk=job.pk).delete()[0]:
        return False
    if job.provider_job_id and not is_gone:
        ForgottenJob.objects.get_or_create(
            connection_id=job.connection_id, provider_job_id=job.provider_job_id
        )
    return True
