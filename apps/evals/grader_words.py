"""What people call the graders."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

KIND_WORDS: "dict[str, StrPromise]" = {
    "exact": _("is the expected answer, letter by letter"),
    "normalised": _("is the expected answer, but for case, spaces and punctuation"),
    "contains": _("contains the expected answer"),
    "label": _("begins with the expected label"),
    "number": _("is the expected number"),
    "json_valid": _("is valid JSON"),
    "similarity": _("is very similar to the expected answer"),
}
KIND_NAMES: "dict[str, StrPromise]" = {
    "exact": _("exact match"),
    "normalised": _("match"),
    "contains": _("contains"),
    "label": _("label"),
    "number": _("number"),
    "json_valid": _("valid JSON"),
    "similarity": _("similarity"),
}
OPTIONS: dict[str, dict[str, Any]] = {
    "normalised": {"ignore_punctuation": True}
}  # as the words say


def name_of(grader: Mapping[str, Any]) -> str:
    """Return the name of a grader: its own, else that of its kind."""
    return str(grader.get("name") or KIND_NAMES.get(grader["kind"], grader["kind"]))


def words_of(grader: Mapping[str, Any]) -> str:
    """Say when an answer is right."""
    return str(KIND_WORDS.get(grader["kind"], grader["kind"]))
