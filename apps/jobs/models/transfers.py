"""Files on their way to a provider."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models

from apps.datasets.models import Version
from apps.jobs.models.jobs import Job
from apps.providers.models import Connection

if TYPE_CHECKING:
    Manager = models.Manager["FileTransfer"]
else:  # Django's own class takes no parameter
    Manager = models.Manager


class FileTransferManager(Manager):
    def claim(self, *, job: Job, version: Version, at: datetime) -> bool:
        """Tell whether this job may look for the file and send it: no other one is at it."""
        transfer, is_new = self.select_related("job").get_or_create(
            connection_id=job.connection_id, version=version, defaults={"job": job}
        )
        if is_new or transfer.job_id == job.pk:
            return True
        holder = transfer.job
        if holder.step_lease_until and holder.step_lease_until > at:
            return False
        return bool(self.filter(pk=transfer.pk, job=holder).update(job=job))


class FileTransfer(models.Model):
    """A file that a job is sending. It counts for as long as a worker has the job's lease."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="+")
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="transfers")

    objects = FileTransferManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="file_transfer_once", fields=["connection", "version"])
        ]

    def __str__(self) -> str:
        return f"{self.version} → {self.connection}"
