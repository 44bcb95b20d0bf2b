"""The way through the product in three steps: dataset, job, comparison."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.urls import reverse
from django.utils.translation import gettext as _

State = Literal["done", "now", "next"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step, and what to press when its turn has come."""

    number: int
    title: str
    text: str
    state: State
    action_label: str
    action_url: str  # "" when there is nothing that this person may press


def steps(
    *, has_dataset: bool, has_model: bool, has_compared: bool, can_edit: bool
) -> Sequence[Step]:
    """Return the three steps; none once all are done."""
    is_done = [has_dataset, has_model, has_compared]
    if all(is_done):
        return []
    now = is_done.index(False)
    states: list[State] = [
        "done" if done else "now" if number == now else "next"
        for number, done in enumerate(is_done)
    ]
    return [
        Step(
            number=number,
            title=title,
            text=text,
            state=state,
            action_label=label,
            action_url=reverse(name) if can_edit and state == "now" else "",
        )
        for number, (state, (title, text, label, name)) in enumerate(
            zip(states, _words(), strict=True), start=1
        )
    ]


def _words() -> list[tuple[str, str, str, str]]:
    return [
        (
            _("Dataset"),
            _("Bring a file of example conversations, or take the sample. Every row is checked."),
            _("Add a dataset"),
            "datasets:list",
        ),
        (
            _("Job"),
            _("Train a model on it: here on this machine, or with a provider of your choice."),
            _("Start a job"),
            "jobs:create",
        ),
        (
            _("Compare"),
            _("Ask the base model and your tuned model the same thing, and see who is better."),
            _("Compare models"),
            "playground:list",
        ),
    ]
