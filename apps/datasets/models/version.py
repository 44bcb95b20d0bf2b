"""Versions: one immutable file of rows each, where it came from, and what the check found."""

import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Membership, User, Workspace, WorkspaceQuerySet
from apps.core.models import TimestampedModel
from apps.datasets.check.failures import failure_words
from apps.datasets.models.dataset import Dataset

SECONDS_TO_KNOW_THE_PACE = 2


class VersionQuerySet(WorkspaceQuerySet["Version"]):
    def visible_to(self, membership: Membership) -> Self:
        """Rows that this member may see, each with its dataset: its name and address."""
        return super().visible_to(membership).select_related("dataset")

    def newest(self) -> Self:
        """The newest version of each dataset."""
        return self.filter(is_newest=True)

    def ready(self) -> Self:
        """Versions that a job may use."""
        return self.filter(status=Version.Status.READY)

    def due(self, at: datetime) -> Self:
        """Versions whose check has not begun, or whose worker went silent."""
        return self.filter(status=Version.Status.CHECKING, next_check_at__lte=at)

    def claim(self, pk: int, *, at: datetime, lease: timedelta) -> "Version | None":
        """Take a due check for the length of the lease; None when there is nothing to take."""
        due = self.due(at).filter(pk=pk)
        taken = due.update(
            next_check_at=at + lease,
            check_attempts=F("check_attempts") + 1,
            check_started_at=at,
            bytes_checked=0,
            rows_checked=0,
        )
        return self.select_related("dataset").get(pk=pk) if taken else None

    def held_by(self, attempt: "Version") -> Self:
        """The same row, as long as nobody else has claimed the check since."""
        return self.filter(
            pk=attempt.pk, status=Version.Status.CHECKING, check_started_at=attempt.check_started_at
        )

    def checked_as(self, seen: "Version") -> Self:
        """The same row, as long as it has not been checked again since."""
        checked = Q(status__in=[Version.Status.READY, Version.Status.INVALID])
        return self.filter(checked, pk=seen.pk, checked_at=seen.checked_at)

    def to_examine(self, at: datetime) -> Self:
        """Checked versions whose examination has not begun, or whose worker went silent."""
        checked = Q(status__in=[Version.Status.READY, Version.Status.INVALID])
        return self.filter(checked, next_examine_at__lte=at)

    def claim_examination(self, pk: int, *, at: datetime, lease: timedelta) -> "Version | None":
        """Take a due examination for the length of the lease; None when there is none to take."""
        taken = (
            self.to_examine(at)
            .filter(pk=pk)
            .update(next_examine_at=at + lease, examine_attempts=F("examine_attempts") + 1)
        )
        return self.select_related("dataset").get(pk=pk) if taken else None

    def examined_by(self, attempt: "Version") -> Self:
        """The same row, as long as this attempt to examine it is the latest."""
        mine = self.checked_as(attempt).filter(examine_attempts=attempt.examine_attempts)
        return mine.filter(next_examine_at__isnull=False)


def default_encodings() -> list[str]:
    """Return what is counted in every file; others are counted when somebody asks."""
    return ["o200k_base", "bytes"]


class Version(TimestampedModel):
    """A training or validation file. Its rows never change once they are here."""

    class Status(models.TextChoices):
        MAPPING = "mapping", _("Choose columns")
        CHECKING = "checking", _("Checking")
        READY = "ready", _("Ready")
        INVALID = "invalid", _("Has problems")
        FAILED = "failed", _("Could not be read")
        CANCELLED = "cancelled", _("Cancelled")

    class Format(models.TextChoices):
        CHAT = "chat", _("Chat")
        PROMPT_COMPLETION = "prompt_completion", _("Prompt and completion")
        PREFERENCE = "preference", _("Preference (DPO)")
        REINFORCEMENT = "reinforcement", _("Reinforcement")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="versions")
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(default=1)
    is_newest = models.BooleanField(default=True)
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    # where the rows come from: an upload, or another version and the steps taken on it
    filename = models.CharField(max_length=255)  # as the person called it; shown, never a path
    source_format = models.CharField(max_length=10, default="jsonl")
    mapping = models.JSONField(default=dict, blank=True)  # what a person said each column is
    parent = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="children"
    )
    recipe = models.JSONField(default=list, blank=True)  # [{"step": …, parameters}]
    outcome = models.JSONField(default=list, blank=True)  # what each step of the recipe did
    next_recipe = models.JSONField(default=list, blank=True)  # to be run once this is checked
    note = models.CharField(max_length=500, blank=True)

    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=20, choices=Format, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.CHECKING)
    failure = models.CharField(max_length=50, blank=True)  # why the file cannot be read at all
    failure_params = models.JSONField(default=dict, blank=True)
    bytes_checked = models.BigIntegerField(default=0)
    rows_checked = models.BigIntegerField(default=0)
    row_count = models.BigIntegerField(null=True, blank=True)
    problem_row_count = models.BigIntegerField(default=0)  # rows with at least one error
    problem_count = models.BigIntegerField(default=0)
    problem_groups = models.JSONField(default=list, blank=True)  # [{code, problems, rows}]
    system_prompt = models.TextField(blank=True)  # the commonest one; prefills the playground
    statistics = models.JSONField(default=dict, blank=True)
    encodings = models.JSONField(default=default_encodings)  # whose tokens the check counts
    next_check_at = models.DateTimeField(default=timezone.now)  # the end of a running check's lease
    check_attempts = models.PositiveIntegerField(default=0)
    check_started_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)

    # the second look, at what the rules allow but a model suffers from
    examination = models.JSONField(default=dict, blank=True)
    examined_at = models.DateTimeField(null=True, blank=True)
    next_examine_at = models.DateTimeField(null=True, blank=True)  # due, or the end of a lease
    examine_attempts = models.PositiveIntegerField(default=0)

    objects = VersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="version_number_once", fields=["dataset", "number"]),
            models.UniqueConstraint(
                name="version_newest_once", fields=["dataset"], condition=Q(is_newest=True)
            ),
            models.CheckConstraint(
                name="version_status_is_known",
                condition=Q(
                    status__in=["mapping", "checking", "ready", "invalid", "failed", "cancelled"]
                ),
            ),
            models.CheckConstraint(
                name="version_ready_has_rows",
                condition=~Q(status="ready") | Q(row_count__gt=0, problem_row_count=0),
            ),
        ]
        indexes = [
            models.Index(
                name="version_due", fields=["next_check_at"], condition=Q(status="checking")
            ),
            models.Index(
                name="version_to_examine",
                fields=["next_examine_at"],
                condition=Q(next_examine_at__isnull=False),
            ),
            models.Index(name="version_newest", fields=["workspace", "-created_at"]),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("datasets:detail", args=self.address)

    @property
    def address(self) -> tuple[uuid.UUID, int]:
        """What every address of a page about this version begins with."""
        return self.dataset.public_id, self.number

    @property
    def name(self) -> str:
        """What the dataset is called."""
        return self.dataset.name

    @property
    def title(self) -> str:
        """The name, and the number where there is more than one version."""
        if self.number == 1 and self.is_newest:
            return self.name
        words = _("%(name)s, version %(number)d")
        return str(words % {"name": self.name, "number": self.number})

    @property
    def path(self) -> Path:
        """Where the bytes are. The name on disk is ours, never the person's."""
        return Path(settings.DATA_DIR, "datasets", f"{self.public_id}.jsonl")

    @property
    def source_path(self) -> Path:
        """The upload as it came, where it was not JSONL."""
        return self.path.with_suffix(".source")

    @property
    def index_path(self) -> Path:
        """Where each row begins: 8 bytes per row, written by the check."""
        return self.path.with_suffix(".idx")

    @property
    def is_checking(self) -> bool:
        return self.status == self.Status.CHECKING

    @property
    def is_built(self) -> bool:
        """Whether the rows are on disk; before that, a worker writes them."""
        return self.path.is_file()

    @property
    def newest_number(self) -> int:
        """The number of the newest version of this dataset; a query unless it is this one."""
        if self.is_newest:
            return self.number
        newest: int = (
            Version.objects.newest().values_list("number", flat=True).get(dataset=self.dataset_id)
        )
        return newest

    @property
    def known_size(self) -> int | None:
        """How large the file is; None while a worker still writes it."""
        return self.size_bytes if self.sha256 else None

    @property
    def may_be_checked_again(self) -> bool:
        """Whether another check could end otherwise: the last one was not brought to its end."""
        return self.status == self.Status.CANCELLED or self.failure == "gave_up"

    @property
    def is_checked(self) -> bool:
        """Whether its rows can be read: the check has ended, with problems or without."""
        return self.status in (self.Status.READY, self.Status.INVALID)

    @property
    def was_checked(self) -> bool:
        """Whether a check has been brought to its end before, whatever goes on now."""
        return self.row_count is not None

    @property
    def is_examining(self) -> bool:
        """Whether the look at its quality is under way, or about to be."""
        return self.is_checked and self.next_examine_at is not None

    @property
    def error(self) -> str:
        """One clear sentence when the file could not be read at all, in the reader's language."""
        return failure_words(self.failure, self.failure_params)

    @property
    def token_total(self) -> int | None:
        """Tokens of all rows, as OpenAI's current models count; None before the check."""
        counted = self.statistics.get("tokens", {}).get("o200k_base", {})
        total: int | None = counted.get("total")
        return total

    @property
    def rows_per_second(self) -> int:
        """How fast the present check has gone so far; 0 before the first news."""
        if not self.check_started_at or not self.rows_checked:
            return 0
        return round(self.rows_checked / max(self._seconds_so_far, 0.5))

    @property
    def seconds_left(self) -> int | None:
        """How long the work will go on at its pace so far, to five; None before one can tell."""
        if self._seconds_so_far < SECONDS_TO_KNOW_THE_PACE or not self.bytes_checked:
            return None
        left = max(self.size_bytes - self.bytes_checked, 0)
        return 5 * round(self._seconds_so_far * left / self.bytes_checked / 5)

    @property
    def _seconds_so_far(self) -> float:
        began = self.check_started_at
        return (self.updated_at - began).total_seconds() if began else 0
