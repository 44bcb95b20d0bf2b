"""A request as code that runs elsewhere: curl, Python, JavaScript (pure).

Prompts are hostile text. Python's own `repr` and JSON write them as literals, and the shell reads
the body from a here-document that expands nothing. The key is never among it.
"""

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pprint import pformat
from textwrap import indent
from typing import Any

from apps.providers.adapters.openai.requests import chat_fields, completion_fields
from apps.providers.models import Connection
from apps.providers.profiles import Profile
from apps.providers.types import ChatRequest, CompletionRequest

KEY_NAMES = {
    "azure": "AZURE_OPENAI_API_KEY",
    "generic": "API_KEY",
    "engine": "RETUNE_API_KEY",
}
OF_STREAMS = ("stream", "stream_options")
WIDTH = 88


@dataclass(frozen=True, slots=True)
class Call:
    """One request to one server. `key_name` is the environment variable that holds the key."""

    base_url: str
    organization: str
    project: str
    key_name: str
    is_chat: bool
    fields: Mapping[str, Any]

    @property
    def said(self) -> str:
        """Where the answer stands in what comes back."""
        if not self.is_chat:
            return "text"
        return "message" if "tools" in self.fields else "message.content"

    @property
    def path(self) -> str:
        return "/chat/completions" if self.is_chat else "/completions"


def call_of(
    request: ChatRequest | CompletionRequest, connection: Connection, profile: Profile
) -> Call:
    """Return the call that asks this, for the whole answer at once."""
    if isinstance(request, ChatRequest):
        fields = chat_fields(request, profile)
    else:
        fields = completion_fields(request)
    return Call(
        base_url=connection.address.rstrip("/"),
        organization=connection.organization,
        project=connection.project,
        key_name=KEY_NAMES.get(profile.name, f"{profile.name.upper()}_API_KEY"),
        is_chat=isinstance(request, ChatRequest),
        fields={
            "model": request.model,
            **{name: value for name, value in fields.items() if name not in OF_STREAMS},
        },
    )


def curl(call: Call) -> str:
    """Write it for a POSIX shell."""
    headers = ["Content-Type: application/json"]
    if call.organization:
        headers.append(f"OpenAI-Organization: {call.organization}")
    if call.project:
        headers.append(f"OpenAI-Project: {call.project}")
    return " \\\n  ".join(
        [
            f"curl -sS {shlex.quote(call.base_url + call.path)}",
            f'-H "Authorization: Bearer ${call.key_name}"',
            *(f"-H {shlex.quote(header)}" for header in headers),
            f"--data-binary @- <<'JSON'\n{_json(call.fields)}\nJSON\n",
        ]
    )


def python(call: Call) -> str:
    """Write it for the `openai` package."""
    client = {"base_url": call.base_url, "organization": call.organization, "project": call.project}
    chosen = [f"{name}={value!r}" for name, value in client.items() if value]
    arguments = [f'api_key=os.environ["{call.key_name}"]', *chosen]
    method = "chat.completions" if call.is_chat else "completions"
    return (
        "import os\n\nfrom openai import OpenAI\n\n"
        f"client = OpenAI(\n{_lines(arguments)})\n"
        f"answer = client.{method}.create(\n{_lines(_python_fields(call.fields))})\n"
        f"print(answer.choices[0].{call.said})\n"
    )


def javascript(call: Call) -> str:
    """Write it for the `openai` package, as a module of Node."""
    client = {"baseURL": call.base_url, "organization": call.organization, "project": call.project}
    chosen = [f"{name}: {_json(value)}" for name, value in client.items() if value]
    arguments = [f"apiKey: process.env.{call.key_name}", *chosen]
    method = "chat.completions" if call.is_chat else "completions"
    return (
        'import OpenAI from "openai";\n\n'
        f"const client = new OpenAI({{\n{_lines(arguments, by='  ')}}});\n"
        f"const answer = await client.{method}.create({_json(call.fields)});\n"
        f"console.log(answer.choices[0].{call.said});\n"
    )


LANGUAGES: Mapping[str, tuple[str, Callable[[Call], str]]] = {
    "curl": ("curl", curl),
    "python": ("Python", python),
    "javascript": ("JavaScript", javascript),
}


def _python_fields(fields: Mapping[str, Any]) -> list[str]:
    written = (pformat(value, width=WIDTH - 8, sort_dicts=False) for value in fields.values())
    return [f"{name}={text}" for name, text in zip(fields, written, strict=True)]


def _lines(arguments: list[str], by: str = "    ") -> str:
    return "".join(indent(f"{each},\n", by) for each in arguments)


def _json(value: Any) -> str:
    """Write JSON that shows letters as they are; what cannot be seen is escaped."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return "".join(c if c == "\n" or c.isprintable() else json.dumps(c)[1:-1] for c in text)
