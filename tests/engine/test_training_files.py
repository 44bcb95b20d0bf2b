"""Training files, line by line: whatever they hold, the answer is a number or a reason."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.engine import training_files
from apps.engine.training_files import BadExample, NotJsonLines
from tests.factories import chat_row

KEYS = ["messages", "role", "content", "weight", "type", "text", "tools", "\0", "user", "assistant"]
anything = st.recursive(
    st.none() | st.booleans() | st.integers(0, 1) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=12,
)
turns = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant", "tool"]) | anything},
    optional={"content": anything, "weight": anything},
)
chats = st.fixed_dictionaries({"messages": st.lists(turns, max_size=3) | anything})
many = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def reason_against(path: Path) -> str | None:
    """Return why a file cannot be trained on; None when it can."""
    try:
        training_files.check_examples(path)
    except (BadExample, NotJsonLines) as reason:
        return str(reason)
    return None


@many
@given(chats | anything)
def test_any_json_is_accepted_or_refused_with_words_a_database_can_keep(
    tmp_path: Path, example: Any
) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text(json.dumps(example) + "\n")
    reason = reason_against(path)
    assert reason is None or (0 < len(reason) < 500 and "\0" not in reason)


@many
@given(st.binary(max_size=60))
def test_any_bytes_are_accepted_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(content)
    assert reason_against(path) != ""


def with_message(**fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", **fields}]}


@pytest.mark.parametrize(
    ("example", "words"),
    [
        ({"weight": 1, **chat_row()}, 'Example 2 contains an extra "weight".'),
        ({"tools": [{}], **chat_row()}, 'Example 2 has "tools", which this model cannot learn'),
        ({"text": "Hi"}, 'Example 2 is missing key "messages".'),
        ({"messages": []}, 'Example 2: "messages" must be a list with at least one message'),
        ({"messages": ["Hi"]}, "Example 2, message 0 is not a dictionary."),
        ({"messages": [{"role": "user", "content": "Hi"}]}, "no message with the role assistant"),
        (with_message(content="Hello", weight=0.5), 'message 1: "weight" must be 0 or 1.'),
        (with_message(content=None), "Example 2: messages[1]: this model reads text only"),
    ],
)
def test_a_bad_example_is_named_with_its_number_and_the_reason(
    tmp_path: Path, example: dict[str, Any], words: str
) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text(f"{json.dumps(chat_row())}\n\n{json.dumps(example)}\n")
    with pytest.raises(BadExample) as reason:
        training_files.check_examples(path)
    assert words in str(reason.value)


def test_a_line_that_is_far_too_long_is_refused_without_reading_it_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_files, "LONGEST_LINE", 1024 * 1024)
    path = tmp_path / "train.jsonl"
    path.write_bytes(b'{"a": "' + b"x" * 1024 * 1024 + b'"}')
    with pytest.raises(NotJsonLines, match="Line 1 is longer than 1 MB"):
        training_files.require_json_lines(path)
