"""What is not in the evidence: said, so that nobody takes silence for a good sign (pure)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _


def gaps_in(evidence: Mapping[str, Any]) -> list[str]:
    """Return one sentence for each thing that is missing."""
    roles = {each["role"] for each in evidence["data"]}
    evals = evidence["evals"]
    sides = {each["speaks"] for run in evals for each in run["verdicts"]}
    told = (
        (evidence["job"] is None, _("No job here made this model: how it was made is not known.")),
        ("training" not in roles, _("The training data is not here, so it has no hash.")),
        ("validation" not in roles, _("There is no validation data.")),
        (not evidence["curves"], _("There are no curves of the training.")),
        (evidence["cost"]["usd"] is None, _("Nobody knows what the training cost.")),
        (not evals, _("No eval asked this model, so nothing shows whether it is better.")),
        ("against" in sides, _("A verdict says that this model is worse than another.")),
        (
            bool(evals) and not sides & {"for", "against"},
            _("No verdict about it is decisive."),
        ),
        (
            any(row["questions"] for run in evals for row in run["seen_in_training"]),
            _("Some questions of an eval were in the training data."),
        ),
        (
            any(run["cut_off"] for run in evals),
            _("Answers of an eval were cut off at the longest that was allowed."),
        ),
    )
    return [words for is_missing, words in told if is_missing]
