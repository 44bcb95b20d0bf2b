"""Edits: what a person has changed in the rows of a version, and not yet saved as a new one."""

from typing import Self

from django.db import models

from apps.accounts.models import Membership, User
from apps.datasets.models.version import Version


class EditQuerySet(models.QuerySet["Edit"]):
    def by(self, membership: Membership) -> Self:
        """Edits of this person: nobody saves another one's by accident."""
        return self.filter(author=membership.user_id)


class Edit(models.Model):
    """One change to one row; of several to the same row the latest counts."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="edits")
    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    row = models.BigIntegerField()  # 1-based; 0 adds a row at the end
    content = models.TextField(blank=True)  # the row as JSON; empty leaves it out
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EditQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(name="edit_in_order", fields=["version", "author", "row", "id"])]

    def __str__(self) -> str:
        return f"row {self.row} of {self.version}"

    @property
    def leaves_out(self) -> bool:
        return not self.content
