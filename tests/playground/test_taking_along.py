"""A reply as a request that runs elsewhere, and a conversation as a file. All text is hostile."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.playground.models import Conversation, Reply, Turn
from apps.playground.showing import exports, snippets
from apps.playground.showing.snippets import Call
from apps.providers.models import Connection
from tests.playground.site import page, send
from tests.providers.fake_server import KEY, FakeServer

HOSTILE = (
    "it's $HOME `touch pwned` $(touch pwned) \\ \"quoted\" '''\n"
    "JSON\nEOF\n'; touch pwned; '\n\u2028${process.exit(1)} \u202egnp.exe </script> 船 "
    "\U0001f6a2\x7f"
)
SETTINGS: dict[str, Any] = {
    "system_prompt": HOSTILE,
    "temperature": 0.25,
    "seed": 7,
    "stop": ["'; exit 1; '"],
    "response_format": {
        "type": "json_schema",
        "json_schema": {
            "name": "harbour",
            "schema": {"type": "object", "description": HOSTILE, "additionalProperties": False},
            "strict": True,
        },
    },
    "tools": [{"type": "function", "function": {"name": "a", "description": HOSTILE}}],
    "top_logprobs": 2,
}


@pytest.fixture
def reply(client: Client, connection: Connection) -> Reply:
    reply, _ = send(client, connection, HOSTILE)
    Reply.objects.filter(pk=reply.pk).update(settings=SETTINGS)
    return reply


def code(client: Client, reply: Reply, language: str) -> str:
    response = client.get(reverse("playground:code_text", args=[reply.public_id, language]))
    assert response["Content-Type"].startswith("text/plain")
    text = response.content.decode()
    assert KEY not in text
    assert "\u202e" not in text  # what turns the reading direction is escaped
    return text


def run(command: list[str], folder: Path, **more: str) -> str:
    # Nothing of this process's own settings, and no proxy between the two of us.
    environment = {"PATH": os.environ["PATH"], "API_KEY": KEY, "NO_PROXY": "*", **more}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    assert not (folder / "pwned").exists()
    return done.stdout


def is_as_asked(body: dict[str, Any]) -> None:
    assert body["messages"] == [
        {"role": "system", "content": HOSTILE},
        {"role": "user", "content": HOSTILE},
    ]
    assert (body["temperature"], body["seed"], body["stop"]) == (0.25, 7, SETTINGS["stop"])
    assert (body["response_format"], body["tools"]) == (
        SETTINGS["response_format"],
        SETTINGS["tools"],
    )
    assert (body["logprobs"], body["top_logprobs"]) == (True, 2)
    assert "stream" not in body


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_the_curl_runs_and_asks_the_same(
    client: Client, reply: Reply, provider: FakeServer, tmp_path: Path
) -> None:
    (tmp_path / "ask.sh").write_text(code(client, reply, "curl"), "utf-8")
    answer = json.loads(run(["sh", "ask.sh"], tmp_path))
    assert "Hello!" in answer["choices"][0]["message"]["content"]
    is_as_asked(provider.requests[-1].json())


def test_the_python_runs_and_asks_the_same(
    client: Client, reply: Reply, provider: FakeServer, tmp_path: Path
) -> None:
    (tmp_path / "ask.py").write_text(code(client, reply, "python"), "utf-8")
    assert "Hello!" in run([sys.executable, "ask.py"], tmp_path)
    is_as_asked(provider.requests[-1].json())


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node")
def test_the_javascript_runs_and_asks_the_same(
    client: Client, reply: Reply, tmp_path: Path
) -> None:
    """Another `openai` stands in for the package, which only the reader of the code installs."""
    package = tmp_path / "node_modules" / "openai"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"type": "module", "exports": "./index.js"}')
    (package / "index.js").write_text(
        "export default class { constructor(options) { this.options = options;"
        " this.chat = { completions: { create: async (body) =>"
        " ({ choices: [{ message: JSON.stringify({ body, options }) }] }) } }; } }"
    )
    (tmp_path / "ask.mjs").write_text(code(client, reply, "javascript"), "utf-8")
    told = json.loads(run(["node", "ask.mjs"], tmp_path))
    is_as_asked(told["body"])
    assert told["options"]["apiKey"] == KEY


def test_a_completion_and_an_organization_are_written_too() -> None:
    call = Call("http://x/v1", "o'rg", "p", "OPENAI_API_KEY", is_chat=False, fields={"prompt": "A"})
    assert "'OpenAI-Organization: o'\"'\"'rg'" in snippets.curl(call)
    assert "http://x/v1/completions" in snippets.curl(call)
    assert "client.completions.create(" in snippets.python(call)
    assert 'organization="o\'rg"' in snippets.python(call)
    assert "print(answer.choices[0].text)" in snippets.python(call)
    assert "await client.completions.create({" in snippets.javascript(call)


def test_the_page_shows_all_of_the_code_as_text(client: Client, reply: Reply) -> None:
    html = page(client, reverse("playground:code", args=[reply.public_id]))
    assert "</script> 船" not in html
    assert html.count("API_KEY") >= 4
    unknown = reverse("playground:code_text", args=[reply.public_id, "cobol"])
    assert client.get(unknown).status_code == 404


def test_blind_mode_gives_no_code_away(client: Client, reply: Reply) -> None:
    Conversation.objects.update(is_blind=True)
    for name, more in (("code", []), ("code_text", ["curl"]), ("tokens", [])):
        address = reverse(f"playground:{name}", args=[reply.public_id, *more])
        assert client.get(address).status_code == 404


def export(client: Client, conversation: Conversation, form: str) -> str:
    address = reverse("playground:export", args=[conversation.public_id, form])
    assert address in page(client, conversation.get_absolute_url())
    response = client.get(address)
    assert response["Content-Disposition"].startswith("attachment; ")
    return response.content.decode()


def finish(conversation: Conversation, **fields: Any) -> None:
    now = timezone.now()
    Reply.objects.filter(turn__conversation=conversation).update(
        status="complete", claimed_at=now, finished_at=now, **fields
    )


def test_a_conversation_is_exported_with_everything(client: Client, reply: Reply) -> None:
    conversation = reply.turn.conversation
    finish(conversation, text="Aye ```", usd="0.00000570", logprobs=[["Aye", -0.1, []]])
    data = json.loads(export(client, conversation, "json"))
    (turn,) = data["turns"]
    assert turn["text"] == HOSTILE
    first = turn["replies"][0]
    assert (first["model"], first["text"], first["usd"]) == ("base", "Aye ```", "0.00000570")
    assert (first["settings"]["seed"], first["logprobs"]) == (7, [["Aye", -0.1, []]])
    assert first["served_model"] is None
    missing = reverse("playground:export", args=[conversation.public_id, "exe"])
    assert client.get(missing).status_code == 404


def test_hostile_text_stays_in_its_block_of_markdown(client: Client, reply: Reply) -> None:
    conversation = reply.turn.conversation
    Conversation.objects.update(title="# <b>Tide</b> [x](javascript:1)\n## Two")
    Turn.objects.update(expected="````\n# out\n````")
    finish(conversation, text="```\n# Not a heading\n```", model="m](http://x) `y`")
    text = export(client, conversation, "md")
    outside, is_inside, fence = [], False, ""
    for line in text.split("\n"):
        if not is_inside and line.startswith("```"):
            is_inside, fence = True, line.removesuffix("text")
        elif is_inside and line == fence:
            is_inside = False
        elif not is_inside:
            outside.append(line)
    assert not is_inside
    headings = [line for line in outside if line.startswith("#")]
    assert len(headings) == 1 + 1 + 1 + 2  # title, prompt, expected answer, two models
    assert "Not a heading" not in "".join(outside)
    assert "<b>" not in "".join(outside)
    assert "](" not in "".join(outside).replace("\\](", "").replace("\\]\\(", "")


def test_an_export_hides_the_names_that_blind_mode_hides(client: Client, reply: Reply) -> None:
    conversation = reply.turn.conversation
    finish(conversation, text="Aye", served_model="tuned-in-secret")
    Conversation.objects.update(is_blind=True)
    for form in ("json", "md"):
        address = reverse("playground:export", args=[conversation.public_id, form])
        text = client.get(address).content.decode()
        assert "Aye" in text
        assert "tuned" not in text
        assert '"model"' not in text


def test_a_fence_is_longer_than_all_that_it_holds() -> None:
    assert exports.fenced("a ````` b").startswith("``````text\n")
    assert exports.plain("a\n# *b* <i>") == "a \\# \\*b\\* \\<i\\>"
