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
        AZURE = "azure", _("Azure OpenAI")
        NEBIUS = "nebius", _("Nebius Token Factory")
        CRUSOE = "crusoe", _("Crusoe")
        TOGETHER = "together", _("Together AI")
        FIREWORKS = "fireworks", _("Fireworks AI")
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
    details = models.JSONField(default=dict, blank=True)  # what only this kind of provider needs
    encrypted_deploy_secret = models.TextField(blank=True)  # Azure: the key to its management API
    encrypted_webhook_secret = models.TextField(blank=True)  # to know its webhooks by
    calls_per_minute = models.PositiveIntegerField(null=True, blank=True)  # None: no limit of ours
    quiet_until = models.DateTimeField(null=True, blank=True)  # it asked us not to call before
    training_refusal = SentenceField(blank=True)  # its words when it let no new job begin
    training_refused_at = models.DateTimeField(null=True, blank=True)
    follows_all_jobs = models.BooleanField(default=False)  # also jobs that were made elsewhere
    next_import_at = models.DateTimeField(null=True, blank=True)
    last_import_at = models.DateTimeField(null=True, blank=True)
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


class Override(models.Model):
    """A price, a limit or a date that a workspace knows better than Retune's own data."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    profile = models.CharField(max_length=20, choices=Connection.Profile)
    model = models.CharField(max_length=200, blank=True)  # "" for what holds for all models
    name = models.CharField(max_length=40)
    value = models.CharField(max_length=40)  # as text: a number, or a date as YYYY-MM-DD
    as_of = models.DateField()
    source = models.CharField(max_length=300)

    objects = WorkspaceQuerySet["Override"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="override_once", fields=["workspace", "profile", "model", "name"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.profile} {self.model} {self.name}: {self.value}"
