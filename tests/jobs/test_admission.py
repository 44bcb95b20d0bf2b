"""What no way of asking gets past: a form, a sweep and whatever comes later meet these."""

import pytest

from apps.jobs.services import create_job
from apps.jobs.starting import admission
from apps.jobs.starting.wanted import Wanted
from apps.providers.types import Method
from tests.datasets.rule_cases.rows import task
from tests.factories import make_connection, make_version
from tests.jobs.test_form_methods import rows

GRADER = {
    "type": "string_check",
    "name": "exact",
    "input": "{{sample.output_text}}",
    "reference": "{{item.reference_answer}}",
    "operation": "eq",
}


@pytest.fixture
def ask(owner):
    """Ask for a job on chats at a provider; return the refusal."""
    chats = make_version(workspace=owner.workspace)

    def refusal(profile, **wishes):
        connection = make_connection(workspace=owner.workspace, profile=profile)
        given = {"training_data": chats, "base_model": "llama", **wishes}
        with pytest.raises(admission.JobRefused) as refused:
            create_job(membership=owner, wanted=Wanted(connection=connection, **given))
        return refused.value

    return refusal


@pytest.mark.parametrize(
    ("profile", "wishes", "field", "words"),
    [
        ("generic", {"grader": GRADER}, "grader", "Only reinforcement jobs have a grader"),
        ("fireworks", {"seed": 7}, "seed", "takes no seed"),
        ("fireworks", {"metadata": {"a": "b"}}, "metadata", "keeps no notes"),
        ("together", {"integrations": [{"type": "wandb", "wandb": {}}]}, "wandb", "the key of"),
        ("generic", {"metadata": {"retune_job": "x"}}, "metadata", "Retune's own"),
        ("generic", {"hyperparameters": {"learning_rate": 1e-5}}, "learning_rate", "not know this"),
        ("generic", {"hyperparameters": {"beta": 0.1}}, "beta", "not know this"),
        ("nebius", {"hyperparameters": {"n_epochs": "auto"}}, "n_epochs", "whole number"),
        ("nebius", {"hyperparameters": {"n_epochs": True}}, "n_epochs", "whole number"),
        ("nebius", {"hyperparameters": {"lora": "yes"}}, "lora", "yes or no"),
        ("nebius", {"hyperparameters": {"learning_rate": 1.0}}, "learning_rate", "1e-08 to 0.01"),
        ("together", {"hyperparameters": {"lr_scheduler": "zigzag"}}, "lr_scheduler", "cosine"),
        (
            "together",
            {"hyperparameters": {"lora_trainable_modules": "x" * 501}},
            "lora_trainable_modules",
            "at most 500",
        ),
        ("generic", {"hyperparameters": {"batch_size": 10**400}}, "batch_size", "from 1 to 256"),
        (
            "generic",
            {"hyperparameters": {"learning_rate_multiplier": float("nan")}},
            "learning_rate_multiplier",
            "a number from",
        ),
    ],
)
def test_what_a_provider_would_refuse_is_refused_before(ask, profile, wishes, field, words):
    refusal = ask(profile, **wishes)
    assert refusal.field == field
    assert words in str(refusal)


@pytest.mark.parametrize(
    ("grader", "words"),
    [
        ({}, "needs a grader"),
        ({"type": "python", "name": "x", "source": "import os"}, "Code of yours is never run"),
        ({**GRADER, "operation": "matches"}, "Choose one of these"),
    ],
)
def test_a_reinforcement_job_has_a_grader_that_is_one(ask, owner, grader, words):
    make = {"workspace": owner.workspace, "format": "reinforcement", "content": rows(task())}
    refusal = ask(
        "azure",
        training_data=make_version(**make),
        validation_data=make_version(**make),
        method=Method.REINFORCEMENT,
        grader=grader,
    )
    assert refusal.field == "grader"
    assert words in str(refusal)
