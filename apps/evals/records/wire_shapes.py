"""What is asked and said in the bodies of OpenAI's endpoints, as files of batches hold them (pure).

Chat completions, responses, and the old completions. What has another shape gives None or nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any

TOKENS = {
    "prompt_tokens": ("prompt_tokens", "input_tokens"),
    "completion_tokens": ("completion_tokens", "output_tokens"),
}
MOST_TOKENS = 2**31

Body = Mapping[str, Any]


def asked_in(body: Body) -> Any:
    """Return the messages of a request; whoever calls checks that they are messages."""
    if "input" in body:
        return _of_responses(body["input"], body.get("instructions"))
    if "prompt" in body and "messages" not in body:
        return [{"role": "user", "content": body["prompt"]}]
    return body.get("messages")


def said_in(body: Body) -> list[tuple[Any, str]]:
    """Return each answer with the reason why it ended; whoever calls checks that they are texts."""
    if isinstance(output := body.get("output"), list):
        return [("".join(_texts(output)) or None, _text(body.get("status")))]
    choices = body.get("choices")
    told = choices if isinstance(choices, list) else []
    return [_of_choice(choice if isinstance(choice, dict) else {}) for choice in told]


def facts_of(body: Body) -> dict[str, Any]:
    """Return which model answered and how many tokens that took, as far as it is told."""
    usage = body.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    told = {name: _count(usage, names) for name, names in TOKENS.items()}
    facts = {name: count for name, count in told.items() if count is not None}
    model = _text(body.get("model"))[:300]
    return {**facts, "served_model": model} if model else facts


def _of_responses(asked: Any, instructions: Any) -> Any:
    messages = [{"role": "user", "content": asked}] if isinstance(asked, str) else asked
    if not isinstance(messages, list) or not _text(instructions):
        return messages
    return [{"role": "system", "content": instructions}, *messages]


def _of_choice(choice: Body) -> tuple[Any, str]:
    message = choice.get("message")
    text = message.get("content") if isinstance(message, dict) else choice.get("text")
    return text, _text(choice.get("finish_reason"))


def _texts(output: list[Any]) -> Iterator[str]:
    """Yield the texts of what a response says; what it thinks and calls is none."""
    for item in output:
        parts = item.get("content") if isinstance(item, dict) else None
        for part in parts if isinstance(parts, list) else []:
            if isinstance(part, dict) and part.get("type") == "output_text":
                yield _text(part.get("text"))


def _count(usage: Body, names: tuple[str, ...]) -> int | None:
    told = (usage.get(name) for name in names)
    return next((n for n in told if isinstance(n, int) and 0 <= n < MOST_TOKENS), None)


def _text(told: Any) -> str:
    return told if isinstance(told, str) else ""
