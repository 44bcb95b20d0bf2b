"""Large files go in parts: all bytes, once, and nothing is left behind when it fails."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from apps.providers.adapters.openai import uploads
from apps.providers.adapters.openai.adapter import OpenAIProvider
from apps.providers.adapters.openai.client import Account
from apps.providers.profiles import profile_for
from apps.providers.profiles.parts import Uploads
from apps.providers.types import ProviderError, ProviderUnavailable
from tests.providers.fake_server import KEY, FakeServer
from tests.providers.scripted import fresh
from tests.providers.serving import AzureScript

CONTENT = b'{"messages": []}\n' * 10  # 170 bytes
PARTS = "/v1/uploads/[^/]+/parts"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "train.jsonl"
    path.write_bytes(CONTENT)
    return path


@pytest_asyncio.fixture
async def in_parts(
    fake_server: FakeServer, trusted_network: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[OpenAIProvider]:
    monkeypatch.setattr(uploads, "LONGEST_WAIT", 0.0)
    small = replace(profile_for("openai"), uploads=Uploads(above_bytes=100, part_bytes=64))
    adapter = OpenAIProvider(Account(fake_server.url, KEY), small)
    yield adapter
    await adapter.close()


async def test_a_large_file_arrives_whole_and_in_order(in_parts, fake_server, file):
    file_id = await in_parts.upload_file(file, "data.jsonl")
    assert fake_server.contents[file_id] == CONTENT
    assert fake_server.files[file_id]["filename"] == "data.jsonl"
    assert fake_server.calls["create_part"] == 3
    assert fake_server.calls["create_file"] == 0
    assert await in_parts.find_file("data.jsonl", len(CONTENT)) == file_id


async def test_a_small_file_goes_in_one_piece(in_parts, fake_server, tmp_path):
    path = tmp_path / "small.jsonl"
    path.write_bytes(b"{}\n")
    await in_parts.upload_file(path, "small.jsonl")
    assert fake_server.calls["create_upload"] == 0


async def test_only_that_part_is_sent_again_that_did_not_arrive(in_parts, fake_server, file):
    fake_server.break_next("POST", PARTS, status=503)
    fake_server.break_next("POST", PARTS, status=200, body=b"{", cut=True)
    file_id = await in_parts.upload_file(file, "data.jsonl")
    assert fake_server.contents[file_id] == CONTENT
    assert sum(seen.path.endswith("/parts") for seen in fake_server.requests) == 5


@pytest.mark.parametrize(
    ("path", "fault", "error"),
    [
        (PARTS, {"status": 503, "times": 3}, ProviderUnavailable),
        (PARTS, {"status": 400}, ProviderError),
        ("/v1/uploads/[^/]+/complete", {"status": 500}, ProviderUnavailable),
    ],
)
async def test_what_fails_is_cancelled(in_parts, fake_server, file, path, fault, error):
    fake_server.break_next("POST", path, **fault)
    with pytest.raises(error):
        await in_parts.upload_file(file, "data.jsonl")
    (upload,) = fake_server.uploads.values()
    assert upload["status"] == "cancelled"
    assert not fake_server.files


async def test_a_file_that_grows_meanwhile_is_sent_as_it_was_announced(
    in_parts, fake_server, file, monkeypatch
):
    monkeypatch.setattr(uploads.os.path, "getsize", lambda path: 150)
    file_id = await in_parts.upload_file(file, "data.jsonl")
    assert fake_server.contents[file_id] == CONTENT[:150]


async def test_azure_takes_parts_beside_v1_and_never_below(trusted_network, file):
    script = fresh(AzureScript)
    known = profile_for("azure")
    assert known.uploads
    small = replace(known, uploads=replace(known.uploads, above_bytes=100, part_bytes=64))
    adapter = OpenAIProvider(Account(script.url, KEY), small)
    file_id = await adapter.upload_file(file, "data.jsonl")
    assert script.contents[file_id] == CONTENT
    assert await adapter.find_file("data.jsonl", len(CONTENT)) == file_id
    sent = [seen for seen in script.requests if "uploads" in seen.path]
    assert len(sent) == 5
    assert {seen.asked("api-version") for seen in sent} == {"2025-04-01-preview"}
    await adapter.close()


@pytest.mark.parametrize("profile", ["nebius", "crusoe", "generic", "engine"])
def test_whoever_has_no_uploads_api_is_never_sent_parts(profile):
    known = profile_for(profile)
    assert known.uploads is None
    assert known.why_not("uploads_in_parts")


def test_a_part_is_never_larger_than_openai_takes():
    rule = profile_for("openai").uploads
    assert rule
    assert rule.part_bytes <= 64 * 1024 * 1024
    assert rule.above_bytes < 512 * 1024 * 1024
