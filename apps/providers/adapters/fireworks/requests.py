"""Our dataclasses in, the fields of Fireworks' requests out; what nobody chose is not sent."""

from typing import Any

from apps.providers.adapters.fireworks import names
from apps.providers.adapters.fireworks.shapes import SETTINGS, SUPERVISED_ONLY
from apps.providers.types import DeploymentSpec, JobSpec, Method

OPTIONS = {
    "accelerator_type": "acceleratorType",
    "accelerator_count": "acceleratorCount",
    "min_replica_count": "minReplicaCount",
    "max_replica_count": "maxReplicaCount",
}


def job_fields(spec: JobSpec, account: str, *, warm_start: bool) -> dict[str, Any]:
    """Return what starts this job, from a base model or on from a tuned one."""
    settings = _chosen(spec, SETTINGS)
    settings["warmStartFrom" if warm_start else "baseModel"] = spec.base_model
    if spec.suffix:
        settings["outputModel"] = names.model_id(spec.suffix, spec.client_key)
    fields: dict[str, Any] = {"dataset": _dataset(account, spec.training_file)}
    if spec.suffix:
        fields["displayName"] = spec.suffix
    if spec.method == Method.SUPERVISED:
        return fields | settings | _supervised(spec, account)
    return fields | {"trainingConfig": settings, "lossConfig": _loss(spec)}


def deployment_fields(spec: DeploymentSpec) -> dict[str, Any]:
    """Return what serves one tuned model: its LoRA is merged into the base as it is deployed."""
    told = {OPTIONS[name]: value for name, value in spec.options.items() if name in OPTIONS}
    return {"baseModel": spec.model, "displayName": spec.name[:63], **told}


def _supervised(spec: JobSpec, account: str) -> dict[str, Any]:
    told = _chosen(spec, SUPERVISED_ONLY)
    if spec.validation_file:
        told["evaluationDataset"] = _dataset(account, spec.validation_file)
    return told


def _loss(spec: JobSpec) -> dict[str, Any]:
    beta = spec.hyperparameters.get("beta")
    return {"method": "DPO", **({} if beta is None else {"dpo": {"beta": beta}})}


def _chosen(spec: JobSpec, fields: dict[str, str]) -> dict[str, Any]:
    chosen = spec.hyperparameters
    return {theirs: chosen[ours] for ours, theirs in fields.items() if ours in chosen}


def _dataset(account: str, dataset_id: str) -> str:
    return f"accounts/{account}/datasets/{dataset_id}"
