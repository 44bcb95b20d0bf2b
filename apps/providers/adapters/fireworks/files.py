"""Brings a file to Fireworks: a dataset of our name, its bytes, and the word that they are there.

Read from: the fireworks-ai package 1.2.30 (`resources/datasets.py`);
docs.fireworks.ai/api-reference/upload-dataset-files and get-dataset-upload-endpoint.
"""

import asyncio
import os
from pathlib import Path

from apps.providers.adapters.fields import object_in, string
from apps.providers.adapters.fireworks import names
from apps.providers.adapters.http import UPLOAD
from apps.providers.adapters.rest import Rest
from apps.providers.types import ProviderError

IN_ONE_CALL = 150_000_000  # what is larger goes to the storage itself
THERE_ALREADY = 409
SLOWLY = 3600.0  # what goes in one call over a slow line
KIND = "application/octet-stream"


async def find(rest: Rest, below: str, filename: str, size_bytes: int) -> str | None:
    """Return the id of the dataset that holds this file whole, if there is one."""
    dataset = names.dataset_id(filename, size_bytes)
    try:
        found = await rest.ask("GET", f"{below}/{dataset}")
    except ProviderError as refusal:
        if refusal.status == 404:
            return None
        raise
    return dataset if found.get("state") == "READY" else None


async def upload(rest: Rest, below: str, path: Path, filename: str) -> str:
    """Send the file and return its dataset. What an earlier try left half done is finished."""
    size = await asyncio.to_thread(os.path.getsize, path)
    dataset = names.dataset_id(filename, size)
    rows = str(await asyncio.to_thread(_rows, path))
    made = {"displayName": filename[:63], "exampleCount": rows, "userUploaded": {}}
    await rest.reply(
        "POST", below, json={"dataset": made, "datasetId": dataset}, also={THERE_ALREADY}
    )
    if size > IN_ONE_CALL:
        await _send_to_storage(rest, f"{below}/{dataset}", path, filename, size)
    else:
        await _send(rest, f"{below}/{dataset}", path, filename)
    await rest.ask("POST", f"{below}/{dataset}:validateUpload", json={})
    return dataset


async def _send(rest: Rest, dataset: str, path: Path, filename: str) -> None:
    with path.open("rb") as content:
        form = {"file": (filename, content, KIND)}
        await rest.reply("POST", f"{dataset}:upload", files=form, within=SLOWLY, timeout=UPLOAD)


async def _send_to_storage(rest: Rest, dataset: str, path: Path, filename: str, size: int) -> None:
    asked = {"filenameToSize": {filename: str(size)}}
    told = await rest.ask("POST", f"{dataset}:getUploadEndpoint", json=asked)
    place = string(object_in(told.get("filenameToSignedUrls")).get(filename))
    if not place:
        raise rest.translate.garbage()
    headers = {"Content-Type": KIND, "X-Goog-Content-Length-Range": f"{size},{size}"}
    await rest.put_file(place, path, headers)


def _rows(path: Path) -> int:
    with path.open("rb") as content:
        return sum(1 for line in content if line.strip())
