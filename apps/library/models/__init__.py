"""Tuned models, what serves them, and what was deleted at a provider."""

from apps.library.models.deployment import (
    Deployment,
    DeploymentQuerySet,
    PriceToldBy,
    name_for,
)
from apps.library.models.removal import Removal, RemovalQuerySet
from apps.library.models.tuned_model import (
    LONGEST_NAME,
    LONGEST_TAG,
    SETTLES_WITHIN,
    EndToldBy,
    ModelList,
    TunedModel,
    TunedModelQuerySet,
)

__all__ = [
    "LONGEST_NAME",
    "LONGEST_TAG",
    "SETTLES_WITHIN",
    "Deployment",
    "DeploymentQuerySet",
    "EndToldBy",
    "ModelList",
    "PriceToldBy",
    "Removal",
    "RemovalQuerySet",
    "TunedModel",
    "TunedModelQuerySet",
    "name_for",
]
