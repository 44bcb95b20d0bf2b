"""What can be done at a provider, row by row, for the page of a connection and for the docs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from apps.providers.profiles.profile import Profile

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

LABELS: Mapping[str, "StrPromise"] = {
    "supervised": _("Supervised training"),
    "dpo": _("Training on preferences (DPO)"),
    "reinforcement": _("Training by reinforcement"),
    "seed": _("Choose the seed"),
    "suffix": _("Name part of the tuned model"),
    "metadata": _("Notes with a job"),
    "wandb": _("Report to Weights & Biases"),
    "continue_from_tuned": _("Train a tuned model further"),
    "pause": _("Pause a job"),
    "resume": _("Let a paused job go on"),
    "cancel": _("Cancel a job"),
    "events": _("Events while it trains"),
    "webhooks": _("Be told when a job ends"),
    "checkpoints": _("Checkpoints"),
    "result_files": _("A file of results"),
    "checkpoint_files": _("Download the weights"),
    "deploys": _("Deploy a tuned model from here"),
    "logprobs": _("Probabilities of the words of an answer"),
    "completions": _("Complete a prompt, as the older models do"),
    "embeddings": _("Vectors of texts (embeddings)"),
    "list_jobs": _("See jobs made elsewhere"),
    "delete_job": _("Delete a job"),
    "delete_model": _("Delete a tuned model"),
    "delete_file": _("Delete a file"),
    "uploads_in_parts": _("Send large files in parts"),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that can be done there, or not, and why not."""

    name: str
    label: "StrPromise"
    is_offered: bool
    is_confirmed: bool
    why_not: str


def offers(profile: Profile) -> list[Offer]:
    """Return everything that can be done at some provider, as this one has it."""
    able = profile.capabilities
    return [
        Offer(name, label, able.offers(name), name not in able.unconfirmed, profile.why_not(name))
        for name, label in LABELS.items()
    ]
