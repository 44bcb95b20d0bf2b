"""Names of providers and one sentence about each, for people."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

LABELS: dict[str, "StrPromise"] = {
    "engine": _("This machine"),
    "openai": _("OpenAI"),
    "azure": _("Azure OpenAI"),
    "nebius": _("Nebius Token Factory"),
    "crusoe": _("Crusoe"),
    "together": _("Together AI"),
    "fireworks": _("Fireworks AI"),
    "generic": _("OpenAI-compatible server"),
}
# What the columns of prices are called: “itself” is the model as the provider has it.
AMOUNT_LABELS: dict[str, "StrPromise"] = {
    "training": _("Training"),
    "input": _("Tuned: questions"),
    "output": _("Tuned: answers"),
    "base_input": _("Itself: questions"),
    "base_output": _("Itself: answers"),
}
# What a connection of some kinds has to know: a name, and where it is found.
DETAILS: dict[str, tuple["StrPromise", "StrPromise"]] = {
    "tenant": (_("Tenant"), _("The directory (tenant) ID of your application in Entra.")),
    "client_id": (_("Application (client) ID"), _("Of the application that may deploy.")),
    "subscription": (_("Subscription ID"), _("The one that pays for the Azure resource.")),
    "resource_group": (_("Resource group"), _("The one that holds the Azure resource.")),
    "project_id": (
        _("Project"),
        _("Its ID. Only for deploying, and only if your key sees several projects."),
    ),
    "account": (_("Account"), _("The name of the resource, or of your account, at the provider.")),
}
ABOUT: dict[str, "StrPromise"] = {
    "engine": _(
        "Trains a very small model on this machine. It memorises small datasets; "
        "it is for trying Retune out, not for real answers."
    ),
    "openai": _("OpenAI's own service. Your data leaves this machine and training costs money."),
    "azure": _(
        "OpenAI's and open models at Microsoft. Training costs money, and a tuned model answers "
        "only while it is deployed, which costs by the hour."
    ),
    "nebius": _(
        "Open models, trained and served by Nebius. Training costs money; the weights can be "
        "downloaded."
    ),
    "crusoe": _(
        "Open models, trained by Crusoe. Training costs money; the weights can be downloaded."
    ),
    "together": _(
        "Open models, trained by Together AI. Training costs money, and so does an endpoint of "
        "your own, which a tuned model needs to answer."
    ),
    "fireworks": _(
        "Open models, trained by Fireworks AI. Training costs money, and so does the deployment "
        "that a tuned model needs to answer."
    ),
    "generic": _("Any server that speaks OpenAI's API, such as a hosted or a local one."),
}


def in_words(details: Mapping[str, str]) -> "list[tuple[StrPromise, str]]":
    """Return what a connection knows beside address and key, each with its name."""
    return [(label, details[name]) for name, (label, _where) in DETAILS.items() if name in details]
