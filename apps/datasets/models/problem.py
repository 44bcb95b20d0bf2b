"""Problems: what the check found wrong, and where."""

from typing import Self

from django.db import models
from django.db.models import Q

from apps.datasets import rulebook
from apps.datasets.models.version import Version
from apps.datasets.rulebook import Severity, words


class ProblemQuerySet(models.QuerySet["Problem"]):
    def of_kind(self, *, code: str, severity: str) -> Self:
        """Those of a kind or of a severity; each choice has an index in the order of rows."""
        if not code:
            return self.filter(severity=severity) if severity else self
        if severity and rulebook.severity(code) != severity:  # nothing to look for among a million
            return self.none()
        return self.filter(code=code)

    def in_order(self) -> Self:
        return self.order_by("row", "pk")

    def after(self, row: int, pk: int) -> Self:
        """Problems that come later in the order than this place."""
        return self.filter(row__gte=row).exclude(row=row, pk__lte=pk)


class Problem(models.Model):
    """One thing wrong in one row; row 0 is the file as a whole. rulebook/words.py has the words."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="problems")
    row = models.BigIntegerField()  # 1-based line number, as in OpenAI's own messages
    path = models.CharField(max_length=200, blank=True)  # e.g. messages[3].role
    code = models.CharField(max_length=50)
    severity = models.CharField(
        max_length=10, choices=[(severity.value, severity.label) for severity in Severity]
    )
    params = models.JSONField(default=dict, blank=True)  # the particulars, at most 80 characters

    objects = ProblemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="problem_severity_is_known",
                condition=Q(severity__in=[severity.value for severity in Severity]),
            )
        ]
        indexes = [
            models.Index(name="problem_in_order", fields=["version", "row", "id"]),
            models.Index(name="problem_by_code", fields=["version", "code", "row", "id"]),
            models.Index(name="problem_by_severity", fields=["version", "severity", "row", "id"]),
        ]

    def __str__(self) -> str:
        return f"row {self.row} · {self.path}: {self.message}"

    @property
    def gravity(self) -> Severity:
        """The severity with its word."""
        return Severity(self.severity)

    @property
    def message(self) -> str:
        """What is wrong, in the reader's language."""
        return words.message(self.code, self.params)

    @property
    def hint(self) -> str:
        """What to do about it; empty when the message says it all."""
        return words.hint(self.code, self.params)
