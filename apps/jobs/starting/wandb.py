"""Reports to Weights & Biases as OpenAI's API carries them: an entry of `integrations` (pure)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

MAX_TEXT = 128
MAX_TAGS = 50
MAX_TAG = 64


def integration(*, project: str, name: str, entity: str, tags: Sequence[str]) -> dict[str, Any]:
    """Return the entry; what is empty is left to the provider."""
    wanted = {"project": project, "name": name, "entity": entity, "tags": list(tags)}
    return {"type": "wandb", "wandb": {key: value for key, value in wanted.items() if value}}


def told_of(integrations: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return what a job says about Weights & Biases; empty when it says nothing."""
    found = (entry.get("wandb") for entry in integrations if entry.get("type") == "wandb")
    return next((entry for entry in found if isinstance(entry, Mapping)), {})


def tags_in(text: str) -> list[str]:
    """Read tags with commas between them, each once."""
    return list(dict.fromkeys(filter(None, (tag.strip() for tag in text.split(",")))))


def problem_with(tags: Sequence[str]) -> str:
    """Return what is wrong with tags; empty when nothing is."""
    if len(tags) > MAX_TAGS:
        return _("Use at most %(limit)d tags.") % {"limit": MAX_TAGS}
    if any(len(tag) > MAX_TAG for tag in tags):
        return _("A tag has at most %(limit)d characters.") % {"limit": MAX_TAG}
    return ""
