"""People, the workspace they share, and what lets a script in."""

import uuid
from typing import Self, TypeVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import TimestampedModel


class User(AbstractUser):
    """A person who can sign in. Ours from the start, so that it can grow."""

    first_membership: "Membership | None" = None  # read together with a signed-in person


class Workspace(TimestampedModel):
    """What people share: connections, datasets, jobs and conversations all belong to one."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    EDITOR = "editor", _("Editor")
    VIEWER = "viewer", _("Viewer")


class Membership(TimestampedModel):
    """One person's role in one workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="membership_once", fields=["workspace", "user"]),
            models.CheckConstraint(
                name="membership_role_is_known", condition=Q(role__in=Role.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"

    @property
    def can_edit(self) -> bool:
        """Owners and editors change things; viewers look."""
        return self.role in {Role.OWNER, Role.EDITOR}

    @property
    def is_owner(self) -> bool:
        return self.role == Role.OWNER


M = TypeVar("M", bound=models.Model)


class WorkspaceQuerySet(models.QuerySet[M]):
    """Rows of one workspace. Every view starts from one of these three."""

    def visible_to(self, membership: Membership) -> Self:
        """Rows that this member may see; strangers' rows are not there at all."""
        return self.filter(workspace=membership.workspace_id)

    def editable_by(self, membership: Membership) -> Self:
        """Rows that this member may change; none for a viewer."""
        return self.visible_to(membership) if membership.can_edit else self.none()

    def owned_by(self, membership: Membership) -> Self:
        """Rows that only an owner may touch (connections and their keys, tokens, people)."""
        return self.visible_to(membership) if membership.is_owner else self.none()


class ApiToken(TimestampedModel):
    """A script's way into the engine. Only the hash is kept; the token is shown once."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    token_hash = models.CharField(max_length=64, unique=True)  # SHA-256, hex
    last_four = models.CharField(max_length=4)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    is_internal = models.BooleanField(default=False)  # Retune's own way into its engine

    objects = WorkspaceQuerySet["ApiToken"].as_manager()

    def __str__(self) -> str:
        return f"{self.name} (…{self.last_four})"


class SetupLink(models.Model):
    """The one-time link of the first start. Only its hash is kept; a new one ends the old."""

    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"made {self.created_at:%Y-%m-%d %H:%M}"
