"""Connections: whose key for which server."""

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Workspace, WorkspaceQuerySet
from apps.core.models import TimestampedModel
from apps.core.sentences import SentenceField
from apps.providers.validators import validate_base_url, validate_header_text


class Connection(TimestampedModel):
    """A workspace's key for one server that speaks OpenAI's API. The key is bound to the URL."""

    class Profile(models.TextChoices):
        ENGINE = "engine", _("This machine")
        OPENAI = "openai", _("OpenAI")
        GENERIC = "generic", _("OpenAI-compatible server")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="connections")
    name = models.CharField(max_length=100)
    profile = models.CharField(max_length=20, choices=Profile)
    base_url = models.CharField(max_length=500, validators=[validate_base_url])
    encrypted_key = models.TextField()  # Fernet; holds the base URL too (apps/providers/keys.py)
    key_last_four = models.CharField(max_length=4, blank=True)  # a short key shows nothing
    organization = models.CharField(max_length=100, blank=True, validators=[validate_header_text])
    project = models.CharField(max_length=100, blank=True, validators=[validate_header_text])
    last_tested_at = models.DateTimeField(null=True, blank=True)
    last_test_ok = models.BooleanField(null=True, blank=True)
    last_test_message = SentenceField(blank=True)

    objects = WorkspaceQuerySet["Connection"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="connection_name_once",
                fields=["workspace", "name"],
                violation_error_message=_("There is a connection with this name already."),
            ),
            models.UniqueConstraint(
                name="connection_one_engine",
                fields=["workspace"],
                condition=models.Q(profile="engine"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("providers:detail", args=[self.public_id])

    @property
    def is_engine(self) -> bool:
        """True for the engine of this installation, which has an address of its own."""
        return self.profile == self.Profile.ENGINE

    @property
    def address(self) -> str:
        """Where requests go. The engine moves with its setting (a new port), others never do."""
        return str(settings.ENGINE_URL) if self.is_engine else self.base_url
