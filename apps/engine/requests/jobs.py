"""What a request for a fine-tuning job asks for, read and checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.engine.errors import Refusal
from apps.engine.requests import parameters
from apps.engine.requests.parameters import Json
from apps.engine.tiny import training
from apps.engine.training_files import LEAST_EXAMPLES

KNOWN = (
    "model",
    "training_file",
    "validation_file",
    "suffix",
    "seed",
    "metadata",
    "hyperparameters",
    "method",
    "integrations",
)
HYPERPARAMETERS = ("n_epochs", "batch_size", "learning_rate_multiplier")
LARGEST_SEED = 2**31 - 1
LONGEST_SUFFIX = 64
MOST_METADATA = 16
LONGEST_METADATA_KEY = 64
LONGEST_METADATA_VALUE = 512


@dataclass(frozen=True)
class JobRequest:
    model: str
    training_file: str
    validation_file: str = ""
    suffix: str = ""
    seed: int | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)


def read_job_request(body: Json) -> JobRequest:
    """Return what a job is to be, or refuse with the first thing that is wrong."""
    parameters.refuse_unknown(body, KNOWN)
    _refuse_integrations(body)
    return JobRequest(
        model=parameters.required_text(body, "model"),
        training_file=parameters.required_text(body, "training_file"),
        validation_file=parameters.optional_text(body, "validation_file"),
        suffix=_read_suffix(body),
        seed=parameters.optional_integer(body, "seed", least=0, most=LARGEST_SEED),
        metadata=_read_metadata(body),
        hyperparameters=_read_hyperparameters(body),
    )


def _refuse_integrations(body: Json) -> None:
    if body.get("integrations"):
        raise Refusal(
            "This server has no integrations: leave 'integrations' out.",
            param="integrations",
            code="unsupported_value",
        )


def _read_suffix(body: Json) -> str:
    suffix = parameters.optional_text(body, "suffix", longest=LONGEST_SUFFIX)
    if suffix and not re.search(r"[A-Za-z0-9]", suffix):
        raise Refusal("Invalid 'suffix': it needs a letter (a-z) or a digit.", param="suffix")
    return suffix


def _read_metadata(body: Json) -> Mapping[str, str]:
    metadata = parameters.optional_object(body, "metadata")
    if len(metadata) > MOST_METADATA:
        raise Refusal(
            f"Invalid 'metadata': too many properties. Expected at most {MOST_METADATA}, but got"
            f" {len(metadata)} instead.",
            param="metadata",
            code="object_above_max_properties",
        )
    for key in metadata:
        parameters.optional_text({"metadata": key}, "metadata", longest=LONGEST_METADATA_KEY)
        named = {f"metadata.{key}": metadata[key]}
        if metadata[key] is None:
            raise parameters.wrong_type(f"metadata.{key}", "a string", None)
        parameters.optional_text(named, f"metadata.{key}", longest=LONGEST_METADATA_VALUE)
    return metadata


def _read_hyperparameters(body: Json) -> dict[str, Any]:
    """Return the three hyperparameters, each "auto" or a number that has been checked."""
    asked, where = _asked_hyperparameters(body)
    parameters.refuse_unknown(asked, HYPERPARAMETERS, within=f"{where}.")
    given = {name: value for name, value in asked.items() if value is not None}
    wanted = dict.fromkeys(HYPERPARAMETERS, "auto") | given
    try:
        training.resolve_hyperparameters(LEAST_EXAMPLES, wanted)
    except training.BadHyperparameter as bad:
        raise Refusal(str(bad), param=f"{where}.{bad.name}", code="invalid_value") from bad
    return wanted


def _asked_hyperparameters(body: Json) -> tuple[Json, str]:
    """Find the hyperparameters: below `method` (today's place), else at the top (the old one)."""
    method = parameters.optional_object(body, "method")
    kind = method.get("type", "supervised")
    if kind != "supervised":
        raise Refusal(
            f"Invalid value: '{kind}'. This server fine-tunes by the method 'supervised' only.",
            param="method.type",
            code="unsupported_value",
        )
    parameters.refuse_unknown(method, ("type", "supervised"), within="method.")
    supervised = parameters.optional_object(method, "supervised")
    if supervised.get("hyperparameters") is not None:
        where = "method.supervised.hyperparameters"
        return parameters.optional_object(supervised, "hyperparameters"), where
    return parameters.optional_object(body, "hyperparameters"), "hyperparameters"
