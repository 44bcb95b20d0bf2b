"""The names of Fireworks' resources, chosen by us so that asking twice makes one (pure).

`accounts/{account}/{collection}/{id}`; an id has up to 63 small letters, digits and hyphens.
"""

import re

from apps.providers.types import Method

LONGEST = 63
COLLECTIONS = {
    Method.SUPERVISED: "supervisedFineTuningJobs",
    Method.DPO: "dpoJobs",
    Method.REINFORCEMENT: "reinforcementFineTuningJobs",
}
ID_PARAMETERS = {
    Method.SUPERVISED: "supervisedFineTuningJobId",
    Method.DPO: "dpoJobId",
    Method.REINFORCEMENT: "reinforcementFineTuningJobId",
}
METHODS = {collection: method for method, collection in COLLECTIONS.items()}
MARK = "retune-"


def job_id(client_key: str) -> str:
    """Return the id under which we ask for our job."""
    return f"{MARK}{client_key}"[:LONGEST]


def client_key(resource_id: str) -> str:
    """Return our job's id, "" for a job that somebody else has named."""
    return resource_id.removeprefix(MARK) if resource_id.startswith(MARK) else ""


def dataset_id(filename: str, size_bytes: int) -> str:
    """Return the id of a file's dataset: other bytes under the same name are another one."""
    ending = f"-{size_bytes}"
    return slug(filename.removesuffix(".jsonl"))[: LONGEST - len(ending)] + ending


def model_id(suffix: str, key: str) -> str:
    """Return the id of the tuned model, the person's words first."""
    return f"{slug(suffix)[: LONGEST - 9]}-{key[:8]}".lstrip("-")


def slug(words: str) -> str:
    """Return words as an id may have them."""
    kept = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
    return kept if kept[:1].isalpha() else f"m-{kept}".rstrip("-")


def last(resource: str) -> str:
    """Return the id at the end of a resource's name."""
    return resource.rpartition("/")[2]
