"""Scripted providers that speak real HTTP: one per wire shape, with faults on command.

    script = fresh(OpenAIScript)            # this process's own, running and empty
    script.url                              # "http://127.0.0.1:<port>/v1"
    script.add_job(status="running")        # what GET …/jobs/<id> will answer
    script.break_next("GET", "/v1/models", status=503)
    script.mischief = Mischief(0.05)        # a share of all requests goes wrong by chance
    script.requests                         # everything that arrived, oldest first

As a process of its own, with jobs that live by themselves: `python -m tests.providers.scripted`.
"""

from tests.providers.scripted.faults import Fault, Mischief
from tests.providers.scripted.fireworks import FireworksScript
from tests.providers.scripted.http import Answer, Seen
from tests.providers.scripted.openai import OpenAIScript
from tests.providers.scripted.script import CREATED, KEY, Script, fresh
from tests.providers.scripted.together import TogetherScript

SHAPES: dict[str, type[Script]] = {
    "openai": OpenAIScript,
    "together": TogetherScript,
    "fireworks": FireworksScript,
}

__all__ = [
    "CREATED",
    "KEY",
    "SHAPES",
    "Answer",
    "Fault",
    "FireworksScript",
    "Mischief",
    "OpenAIScript",
    "Script",
    "Seen",
    "TogetherScript",
    "fresh",
]
