"""Our dataclasses in, the fields of Together's requests out; what nobody chose is left out (pure).

Read from: the together package 3.1.1 (`lib/types/fine_tuning.py`, `lib/resources/fine_tuning.py`).
"""

from collections.abc import Mapping
from typing import Any

from apps.providers.adapters.suffix_keys import suffix_with_key
from apps.providers.adapters.together.shapes import AS_SENT, IN_METHOD, IN_TYPE
from apps.providers.types import Hyperparameter, JobSpec, Method

LORA_RANK = 8  # what the service's own client sends when a job asks for LoRA without a rank

Settings = Mapping[str, Hyperparameter]


def job_fields(spec: JobSpec, *, from_checkpoint: bool) -> dict[str, Any]:
    """Return what starts this job, from a base model or on from a tuned one."""
    chosen = spec.hyperparameters
    begin = "from_checkpoint" if from_checkpoint else "model"
    fields: dict[str, Any] = {
        begin: spec.base_model,
        "training_file": spec.training_file,
        "suffix": suffix_with_key(spec.suffix, spec.client_key),
        "training_method": _method(spec),
        **{name: chosen[name] for name in AS_SENT if name in chosen},
    }
    optional = {
        "validation_file": spec.validation_file or None,
        "random_seed": spec.seed,
        "max_seq_length": chosen.get("context_length"),
        "early_stopping_enabled": chosen.get("early_stopping"),
        "lr_scheduler": _scheduler(chosen),
        "training_type": _training_type(chosen),
    }
    return fields | {name: value for name, value in optional.items() if value is not None}


def _method(spec: JobSpec) -> dict[str, Any]:
    """Return the method with its own settings; training on inputs is left to the service."""
    mine = {
        theirs: spec.hyperparameters[ours]
        for theirs, ours in IN_METHOD.items()
        if ours in spec.hyperparameters
    }
    if spec.method == Method.DPO:
        return {"method": "dpo", **mine}
    return {"method": "sft", "train_on_inputs": "auto", **mine}


def _scheduler(chosen: Settings) -> dict[str, Any] | None:
    kind = chosen.get("lr_scheduler")
    if kind is None:
        return None
    arguments = (
        {"min_lr_ratio": 0.0} if kind == "linear" else {"min_lr_ratio": 0, "num_cycles": 0.5}
    )
    return {"lr_scheduler_type": kind, "lr_scheduler_args": arguments}


def _training_type(chosen: Settings) -> dict[str, Any] | None:
    """Return LoRA or full training; None leaves it to the service, which takes LoRA."""
    if chosen.get("lora") is False:
        return {"type": "Full"}
    mine = {name: chosen[name] for name in IN_TYPE if name in chosen}
    if not mine and "lora" not in chosen:
        return None
    rank = mine.get("lora_r", LORA_RANK)
    return {"type": "Lora", "lora_r": rank, "lora_alpha": int(rank) * 2, **mine}
