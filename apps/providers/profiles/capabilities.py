"""What each kind of provider can do, and the sentence that says why not (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from django.utils.translation import gettext_lazy as _

from apps.providers.types import Method

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Plain facts. What nobody could confirm is offered, and named in `unconfirmed`."""

    methods: tuple[Method, ...]
    deployment: Literal["none", "required", "optional"]
    tested_live: bool  # False: this adapter was never run against the real service
    seed: bool = True
    suffix: bool = True
    metadata: bool = True  # a job can carry notes, and be found by ours
    wandb: bool = True
    continue_from_tuned: bool = True
    pause: bool = True
    resume: bool = True
    cancel: bool = True
    delete_job: bool = True
    delete_model: bool = True
    delete_file: bool = True
    list_jobs: bool = True
    events: bool = True
    checkpoints: bool = True
    checkpoint_files: bool = True  # the weights can be downloaded
    result_files: bool = True
    uploads_in_parts: bool = True  # OpenAI's Uploads API
    webhooks: bool = True
    deploys: bool = True  # Retune itself can start and stop what serves a model
    logprobs: bool = True  # how sure a model was of each token
    completions: bool = True  # of a prompt, as the older models have it
    embeddings: bool = True
    unconfirmed: frozenset[str] = frozenset()

    def offers(self, name: str) -> bool:
        """Say whether `name`, a method or a field, is offered."""
        if name == "deployment":
            return self.deployment != "none"
        return name in self.methods or bool(getattr(self, name, False))


# Those that are yes or no, in the order in which a page shows them.
YES_OR_NO = tuple(
    field.name
    for field in fields(Capabilities)
    if field.type in (bool, "bool") and field.name != "tested_live"
)
WHY_NOT: Mapping[str, "StrPromise"] = {
    "supervised": _("%(provider)s offers no supervised training."),
    "dpo": _("%(provider)s offers no training on preferences."),
    "reinforcement": _("%(provider)s offers no training by reinforcement."),
    "deployment": _("A tuned model answers there at once, without being deployed."),
    "seed": _("%(provider)s takes no seed."),
    "suffix": _("%(provider)s names its models itself."),
    "metadata": _("%(provider)s keeps no notes with a job."),
    "wandb": _("%(provider)s reports to no account at Weights & Biases."),
    "continue_from_tuned": _("%(provider)s trains base models only."),
    "pause": _("%(provider)s documents no way to pause a job."),
    "resume": _("%(provider)s documents no way to let a paused job go on."),
    "cancel": _("%(provider)s documents no way to cancel a job."),
    "delete_job": _("%(provider)s documents no way to delete a job."),
    "delete_model": _("%(provider)s documents no way to delete a model."),
    "delete_file": _("%(provider)s documents no way to delete a file."),
    "list_jobs": _("%(provider)s does not list jobs."),
    "events": _("%(provider)s tells nothing about single steps; only the state is known."),
    "checkpoints": _("%(provider)s lists no checkpoints."),
    "checkpoint_files": _("Retune downloads no weights from %(provider)s."),
    "result_files": _("Retune reads no file of results from %(provider)s."),
    "uploads_in_parts": _("Retune sends a file to %(provider)s in one piece."),
    "webhooks": _("%(provider)s calls nobody when a job ends, so Retune asks."),
    "logprobs": _("%(provider)s does not tell how sure a model was of its words."),
    "completions": _("%(provider)s only answers conversations."),
    "embeddings": _("%(provider)s turns no texts into vectors."),
    "deploys": _("Retune cannot deploy at %(provider)s; its own pages can."),
}
IN_PARTICULAR: Mapping[tuple[str, str], "StrPromise"] = {
    ("openai", "reinforcement"): _(
        "OpenAI's last model for this, o4-mini, takes no new jobs since 23 October 2026."
    ),
    ("openai", "deploys"): _("A tuned model answers there at once, without being deployed."),
    ("engine", "deploys"): _("A tuned model answers here at once, without being deployed."),
    ("engine", "deployment"): _("A tuned model answers here at once, without being deployed."),
    ("engine", "checkpoint_files"): _("The engine keeps the weights on this machine."),
    ("generic", "deploys"): _("How this server deploys, if it does, is its own business."),
    ("fireworks", "pause"): _(
        "Fireworks pauses jobs itself, when an account is suspended for instance; "
        "there is no call for it."
    ),
    ("fireworks", "reinforcement"): _(
        "Fireworks grades with evaluators that are made on its own pages."
    ),
    **{
        (name, "wandb"): _(
            "%(provider)s wants the key of Weights & Biases itself; Retune does not keep it."
        )
        for name in ("nebius", "together", "fireworks")
    },
}


def why_not(profile: str, label: object, name: str) -> str:
    """Return why this kind of provider does not offer `name`."""
    words = IN_PARTICULAR.get((profile, name)) or WHY_NOT[name]
    return str(words) % {"provider": label}


def read(table: Mapping[str, Any]) -> Capabilities:
    """Make them of `[capabilities]`: everything is offered but what stands in `no`."""
    refused, unconfirmed = table.get("no", ()), frozenset(table.get("unconfirmed", ()))
    if unknown := {*refused, *unconfirmed} - {*YES_OR_NO, *Method.values}:
        raise ValueError(f"no such capability: {unknown}")
    return Capabilities(
        methods=tuple(Method(name) for name in table["methods"]),
        deployment=table["deployment"],
        tested_live=table["tested_live"],
        unconfirmed=unconfirmed,
        **dict.fromkeys(refused, False),
    )
