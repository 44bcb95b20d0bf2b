"""Rows made of a question and the answer that is right (pure)."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.datasets.check.kinds import in_the_guides_words
from apps.datasets.recipes.affixes import Common, mark_at_end
from apps.datasets.rows.questions import Message, as_sent, words_of

REINFORCEMENT, PREFERENCE, PAIR = "reinforcement", "preference", "prompt_completion"
ASSISTANT = "assistant"
NOT_IN_WORDS = ("tool_calls", "function_call", "refusal")
MOST_BESIDE = 20  # signs that may stand around a question without making it another one


def new_row(
    form: str,
    messages: Sequence[Message],
    answer: str,
    *,
    refused: str = "",
    tools: Sequence[Any] = (),
    examples: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return a row of this format that answers the messages so.

    `refused` is the worse answer of a preference. Of pairs, `examples` show how prompts end, and
    how completions begin and end.
    """
    asked = [dict(as_sent(message)) for message in messages]
    if form == PAIR:
        return _pair(asked, answer, examples)
    given = {"tools": list(tools)} if tools else {}
    if form == PREFERENCE:
        outputs = {"preferred_output": [_said(answer)], "non_preferred_output": [_said(refused)]}
        return {"input": {"messages": asked, **given}, **outputs}
    return {"messages": [*asked, _said(answer)], **given}


def with_answer(
    data: Mapping[str, Any], answer: str, *, examples: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Return a row with another answer in the place of its last one; all else stays."""
    row = in_the_guides_words(dict(data))
    if "prompt" in row:
        return row | {"completion": _completion(answer, examples or [row])}
    if "preferred_output" in row:
        return row | {"preferred_output": [_said(answer)]}
    *before, last = row["messages"]
    kept = {key: value for key, value in last.items() if key not in NOT_IN_WORDS}
    return row | {"messages": [*before, kept | _said(answer)]}


def answers_same(data: Mapping[str, Any], messages: Sequence[Message]) -> bool:
    """Whether a row asks exactly this, and ends with its answer."""
    row = in_the_guides_words(dict(data))
    if "prompt" in row:
        return _is_prompt(row["prompt"], messages)
    if "preferred_output" in row:
        given = row.get("input")
        return isinstance(given, dict) and _are_same(given.get("messages"), messages)
    said = row.get("messages")
    if not isinstance(said, list) or not said or not isinstance(said[-1], dict):
        return False
    return said[-1].get("role") == ASSISTANT and _are_same(said[:-1], messages)


def prompt_of(messages: Sequence[Message]) -> str:
    """Return the messages as the prompt of a pair: their words, one below the other."""
    return "\n\n".join(filter(None, (words_of(message.get("content")) for message in messages)))


def _said(answer: str) -> dict[str, Any]:
    return {"role": ASSISTANT, "content": answer}


def _are_same(given: Any, messages: Sequence[Message]) -> bool:
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        return False
    return [_key(each) for each in given] == [_key(each) for each in messages]


def _key(message: Message) -> tuple[Any, ...]:
    role = "system" if message.get("role") == "developer" else message.get("role")
    return role, message.get("content"), message.get("tool_calls"), message.get("tool_call_id")


def _is_prompt(prompt: Any, messages: Sequence[Message]) -> bool:
    """Whether a prompt is these words, perhaps with a separator after them."""
    asked = prompt_of(messages)
    if not isinstance(prompt, str) or not prompt.startswith(asked):
        return False
    rest = prompt[len(asked) :]
    return len(rest) <= MOST_BESIDE and not any(sign.isalnum() for sign in rest)


def _pair(
    asked: Sequence[Message], answer: str, examples: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Write a pair as the examples are written: with their separator, space and end."""
    separator = _mark(_column(examples, "prompt"))
    prompt = prompt_of(asked).removesuffix(separator) + separator
    return {"prompt": prompt, "completion": _completion(answer, examples)}


def _completion(answer: str, examples: Sequence[Mapping[str, Any]]) -> str:
    """Give an answer the beginning and the end that all completions have."""
    shared = _column(examples, "completion")
    start = shared.prefix[: len(shared.prefix) - len(shared.prefix.lstrip())]
    end = _mark(shared) or shared.suffix[len(shared.suffix.rstrip()) :]
    return start + answer.removesuffix(end).removeprefix(start) + end


def _column(examples: Sequence[Mapping[str, Any]], key: str) -> Common:
    common = Common()
    if texts := [row[key] for row in examples if isinstance(row.get(key), str)]:
        common.add_all(texts)
    return common


def _mark(common: Common) -> str:
    """Return the mark that all texts end with; of one and the same, nobody can tell."""
    return "" if common.are_all_equal else mark_at_end(common.suffix)
