"""Datasets, their versions, the problems in them, and the changes that people make."""

from apps.datasets.models.dataset import Dataset
from apps.datasets.models.edit import Edit
from apps.datasets.models.problem import Problem, ProblemQuerySet
from apps.datasets.models.version import Version, VersionQuerySet, default_encodings

__all__ = [
    "Dataset",
    "Edit",
    "Problem",
    "ProblemQuerySet",
    "Version",
    "VersionQuerySet",
    "default_encodings",
]
