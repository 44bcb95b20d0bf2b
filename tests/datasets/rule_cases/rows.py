"""One golden case per rule for rows: a row that breaks it, where, and the same row put right."""

import base64
from typing import Any, NamedTuple

SYSTEM = {"role": "system", "content": "Be kind."}
USER = {"role": "user", "content": "Hi"}
ANSWER = {"role": "assistant", "content": "Hello"}
FUNCTION = {"name": "weather", "arguments": '{"city": "Paris"}'}
CALL = {"id": "call_1", "type": "function", "function": FUNCTION}
CALLING = {"role": "assistant", "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "sunny"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}}
PAIR = {"prompt": "x", "completion": "y"}
TEXT = {"type": "text", "text": "What is this?"}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)


def chat(*messages: Any, **keys: Any) -> dict[str, Any]:
    return {"messages": list(messages), **keys}


def answered(**changes: Any) -> dict[str, Any]:
    """A row whose answer is changed."""
    return chat(USER, {**ANSWER, **changes})


def calling(**changes: Any) -> dict[str, Any]:
    """A row whose tool call is changed."""
    return used({**CALL, **changes})


def used(*calls: Any, tools: Any = (WEATHER,), **keys: Any) -> dict[str, Any]:
    """A row in which tools are called and answer."""
    results = [{**RESULT, "tool_call_id": call["id"]} for call in calls if "id" in call]
    call = {"role": "assistant", "tool_calls": list(calls)}
    return chat(USER, call, *results, ANSWER, tools=list(tools), **keys)


def declaring(**changes: Any) -> dict[str, Any]:
    """A row that declares a tool which is changed."""
    function = {"name": "weather", "parameters": SCHEMA, **changes}
    return chat(USER, ANSWER, tools=[{"type": "function", "function": function}])


def asked(*parts: Any) -> dict[str, Any]:
    """A row whose question is a list of parts."""
    return chat({"role": "user", "content": list(parts)}, ANSWER)


def pictured(kind: str, content: bytes = PNG) -> dict[str, Any]:
    """A row with the bytes of an image in it."""
    return shown(f"data:image/{kind};base64,{base64.b64encode(content).decode()}")


def shown(url: str) -> dict[str, Any]:
    return asked(TEXT, {"type": "image_url", "image_url": {"url": url}})


def compared(**changes: Any) -> dict[str, Any]:
    """A preference row, changed."""
    return {
        "input": chat(USER),
        "preferred_output": [ANSWER],
        "non_preferred_output": [{**ANSWER, "content": "What?"}],
        **changes,
    }


def task(*messages: Any, **keys: Any) -> dict[str, Any]:
    return chat(*(messages or (USER,)), **(keys or {"reference_answer": "Hello"}))


class Case(NamedTuple):
    code: str
    path: str
    bad: Any  # a row, or the bytes of a line
    good: Any
    kind: str = ""  # of most rows of the file


CASES = [
    # the line
    Case(
        "not_utf8", "", b'{"prompt": "caf\xe9"}', '{"prompt": "café", "completion": "x"}'.encode()
    ),
    Case("invalid_json", "", b'{"messages": [}', chat(USER, ANSWER)),
    Case("invalid_json", "", b'{"messages": []} x', chat(USER, ANSWER)),
    Case("invalid_json", "", b'{"n": ' + b"9" * 5000 + b"}x", chat(USER, ANSWER)),
    Case("control_character", "", b'{"prompt": "a\x00b"}', b'{"prompt": "a", "completion": "x"}'),
    Case("not_finite", "", b'{"prompt": NaN}', b'{"prompt": "NaN", "completion": "x"}'),
    Case("not_finite", "", b'{"prompt": -Infinity}', b'{"prompt": "", "completion": "x"}'),
    Case(
        "lone_surrogate",
        "",
        b'{"prompt": "\\ud83d", "completion": "x"}',
        b'{"prompt": "\\ud83d\\ude00", "completion": "x"}',
    ),
    Case(
        "duplicate_key",
        "prompt",
        b'{"prompt": "a", "prompt": "b", "completion": "c"}',
        b'{"prompt": "a: b", "completion": "c"}',
    ),
    Case("duplicate_key", "a", b'{"prompt": {"a\\u003a": 1, "a":1, "a" : 2}}', chat(USER, ANSWER)),
    Case("nested_too_deep", "", b'{"a":' * 900 + b"1" + b"}" * 900, chat(USER, ANSWER)),
    Case("nested_too_deep", "", b"[" * 200_000, chat(USER, ANSWER)),
    Case(
        "nul_character",
        "messages[0].content",
        chat({"role": "user", "content": "a\0b"}, ANSWER),
        chat(USER, ANSWER),
    ),
    Case(
        "nul_character",
        "prompt",
        {"prompt": "\0", "completion": "x"},
        {"prompt": "0", "completion": "x"},
    ),
    # the shape
    Case("not_an_object", "", b"[1, 2]", chat(USER, ANSWER)),
    Case("not_an_object", "", b"null", chat(USER, ANSWER)),
    Case("not_an_object", "", b'"text"', chat(USER, ANSWER)),
    Case("missing_key", "", {}, chat(USER, ANSWER)),
    Case("missing_key", "", {"prompt": "x"}, {"prompt": "x", "completion": "y"}),
    Case("missing_key", "messages[1]", chat(USER, {"content": "x"}, ANSWER), chat(USER, ANSWER)),
    Case("missing_key", "messages[0]", chat({"role": "user"}, ANSWER), chat(USER, ANSWER)),
    Case("missing_key", "", {"preferred_output": [ANSWER]}, compared()),
    Case("missing_key", "input", compared(input={"tools": []}), compared()),
    Case("extra_key", "mesages", {"mesages": [USER, ANSWER]}, chat(USER, ANSWER)),
    Case("extra_key", "weight", chat(USER, ANSWER, weight=1), answered(weight=1)),
    Case("extra_key", "messages[1].tool_call_id", answered(tool_call_id="x"), answered()),
    Case("extra_key", "score", compared(score=1), compared()),
    Case(
        "extra_key",
        "preferred_output[0].weight",
        compared(preferred_output=[{**ANSWER, "weight": 1}]),
        compared(),
    ),
    Case("extra_cells", "extra_cells", {**PAIR, "extra_cells": [" z"]}, PAIR),
    Case("wrong_type", "completion", {"prompt": "x", "completion": ["y"]}, PAIR),
    Case("wrong_type", "messages", {"messages": "Hi"}, chat(USER, ANSWER)),
    Case("wrong_type", "messages[0]", chat("Hi", ANSWER), chat(USER, ANSWER)),
    Case("wrong_type", "messages[1].name", answered(name=7), answered(name="Ada")),
    Case("wrong_type", "input", compared(input="Hi"), compared()),
    Case("wrong_type", "preferred_output", compared(preferred_output="Hi"), compared()),
    Case("bad_value", "messages[0].content[0].type", asked({"type": "image"}), asked(TEXT)),
    Case("empty_list", "messages", {"messages": []}, chat(USER, ANSWER)),
    Case("empty_list", "messages[0].content", asked(), asked(TEXT)),
    Case("empty_list", "messages[1].tool_calls", answered(tool_calls=[]), calling()),
    Case("other_format", "", compared(), chat(USER, ANSWER), "chat"),
    Case("other_format", "", {"prompt": "x", "completion": "y"}, compared(), "preference"),
    Case("foreign_format", "", {"conversations": [{"from": "human"}]}, chat(USER, ANSWER)),
    # messages and their order
    Case(
        "unknown_role",
        "messages[1].role",
        chat(USER, {"role": "asistant", "content": "x"}, ANSWER),
        chat(USER, ANSWER),
    ),
    Case(
        "developer_role",
        "messages[0].role",
        chat({"role": "developer", "content": "x"}, USER, ANSWER),
        chat(SYSTEM, USER, ANSWER),
    ),
    Case("empty_content", "messages[0].content", chat({**USER, "content": ""}, ANSWER), answered()),
    Case(
        "empty_content",
        "messages[0].content[0].text",
        asked({"type": "text", "text": ""}),
        asked(TEXT),
    ),
    Case("empty_answer", "messages[1].content", answered(content=""), answered()),
    Case("empty_answer", "completion", {"prompt": "x", "completion": ""}, PAIR),
    Case("blank_content", "messages[1].content", answered(content=" \n"), answered()),
    Case("blank_content", "completion", {"prompt": "x", "completion": "\n"}, PAIR),
    Case("untrimmed_answer", "messages[1].content", answered(content="Hello\n"), answered()),
    Case("bad_speaker", "messages[1].name", answered(name="Ada L"), answered(name="Ada_L")),
    Case("bad_weight", "messages[1].weight", answered(weight=0.5), answered(weight=1)),
    Case("bad_weight", "messages[1].weight", answered(weight=True), answered(weight=1)),
    Case(
        "weight_not_assistant",
        "messages[0].weight",
        chat({**USER, "weight": 1}, ANSWER),
        answered(weight=1),
    ),
    Case("nothing_trained", "messages", answered(weight=0), answered(weight=1)),
    Case("missing_assistant", "messages", chat(USER), chat(USER, ANSWER)),
    Case("last_not_assistant", "messages", chat(USER, ANSWER, USER), chat(USER, ANSWER)),
    Case("missing_user", "messages", chat(SYSTEM, ANSWER), chat(SYSTEM, USER, ANSWER)),
    Case("first_not_user", "messages[1]", chat(SYSTEM, ANSWER, USER, ANSWER), chat(USER, ANSWER)),
    Case("late_system", "messages[1]", chat(USER, SYSTEM, ANSWER), chat(SYSTEM, USER, ANSWER)),
    Case("same_role_twice", "messages[1]", chat(USER, USER, ANSWER), chat(USER, ANSWER)),
    Case("same_role_twice", "messages[2]", chat(USER, ANSWER, ANSWER), chat(USER, ANSWER)),
    # tools
    Case("too_many_tools", "functions", chat(USER, ANSWER, functions=[FUNCTION] * 129), calling()),
    Case("bad_name", "tools[0].function.name", declaring(name="two words"), declaring()),
    Case("tool_twice", "tools[1]", chat(USER, ANSWER, tools=[WEATHER, WEATHER]), declaring()),
    Case(
        "parameters_not_object",
        "tools[0].function.parameters",
        declaring(parameters={"type": "string"}),
        declaring(),
    ),
    Case(
        "arguments_not_json",
        "messages[1].tool_calls[0].function.arguments",
        calling(function={"name": "weather", "arguments": {"city": "Paris"}}),
        calling(),
    ),
    Case(
        "arguments_not_json",
        "messages[1].tool_calls[0].function.arguments",
        calling(function={"name": "weather", "arguments": "{city: Paris}"}),
        calling(),
    ),
    Case("unknown_tool_call", "messages[1].tool_call_id", chat(USER, RESULT, ANSWER), calling()),
    Case(
        "unanswered_tool_call",
        "messages[1].tool_calls[0]",
        chat(USER, CALLING, USER, ANSWER, tools=[WEATHER]),
        calling(),
    ),
    Case(
        "answered_twice",
        "messages[3].tool_call_id",
        chat(USER, CALLING, RESULT, RESULT, ANSWER, tools=[WEATHER]),
        calling(),
    ),
    Case("call_id_twice", "messages[1].tool_calls[1]", used(CALL, CALL), used(CALL)),
    Case(
        "undeclared_tool",
        "messages[1].tool_calls[0].function.name",
        calling(function={**FUNCTION, "name": "wether"}),
        calling(),
    ),
    Case(
        "calls_without_tools",
        "messages[1].tool_calls[0].function",
        chat(USER, CALLING, RESULT, ANSWER),
        calling(),
    ),
    Case(
        "unknown_argument",
        "messages[1].tool_calls[0].function.arguments",
        calling(function={**FUNCTION, "arguments": '{"city": "Paris", "day": 1}'}),
        calling(),
    ),
    Case(
        "missing_argument",
        "messages[1].tool_calls[0].function.arguments",
        calling(function={**FUNCTION, "arguments": "{}"}),
        calling(),
    ),
    Case(
        "parallel_calls",
        "messages[1].tool_calls",
        used(CALL, {**CALL, "id": "call_2"}, parallel_tool_calls=False),
        used(CALL, {**CALL, "id": "call_2"}, parallel_tool_calls=True),
    ),
    Case(
        "parallel_without_tools",
        "parallel_tool_calls",
        chat(USER, ANSWER, parallel_tool_calls=False),
        chat(USER, ANSWER, tools=[WEATHER], parallel_tool_calls=False),
    ),
    Case("old_functions", "functions", chat(USER, ANSWER, functions=[FUNCTION]), declaring()),
    # images
    Case("image_not_user", "messages[1].content[0]", answered(content=[IMAGE]), asked(IMAGE)),
    Case("many_images", "messages", asked(*[IMAGE] * 11), asked(*[IMAGE] * 10)),
    Case(
        "many_images",
        "messages",
        chat(*[{"role": "user", "content": [IMAGE] * 6}, ANSWER] * 2),
        chat(*[{"role": "user", "content": [IMAGE] * 5}, ANSWER] * 2),
    ),
    Case("too_many_images", "messages", asked(*[IMAGE] * 65), asked(IMAGE)),
    Case(
        "bad_image_url",
        "messages[0].content[1].image_url.url",
        shown("/tmp/a.png"),
        shown("https://example.com/a.png"),
    ),
    Case("image_type", "messages[0].content[1].image_url.url", pictured("gif"), pictured("png")),
    Case(
        "image_not_base64",
        "messages[0].content[1].image_url.url",
        shown("data:image/png;base64,%%%"),
        pictured("png"),
    ),
    Case(
        "image_too_large",
        "messages[0].content[1].image_url.url",
        pictured("png", PNG + bytes(10_000_000)),
        pictured("png", PNG + bytes(9_999_000)),
    ),
    Case(
        "image_type_differs",
        "messages[0].content[1].image_url.url",
        pictured("jpeg"),
        pictured("jpeg", b"\xff\xd8\xff" + bytes(20)),
    ),
    # preference rows
    Case(
        "other_spelling",
        "preferred_completion",
        {
            "input": chat(USER),
            "preferred_completion": [ANSWER],
            "non_preferred_completion": [{**ANSWER, "content": "What?"}],
        },
        compared(),
    ),
    Case("foreign_spelling", "chosen", {"prompt": "a", "chosen": "b", "rejected": "c"}, compared()),
    Case("not_one_answer", "preferred_output", compared(preferred_output=[]), compared()),
    Case(
        "not_one_answer",
        "preferred_output",
        compared(preferred_output=[ANSWER, ANSWER]),
        compared(),
    ),
    Case(
        "output_not_answer",
        "preferred_output[0].role",
        compared(preferred_output=[USER]),
        compared(),
    ),
    Case(
        "image_compared",
        "input.messages[0].content[0]",
        compared(input=chat({"role": "user", "content": [IMAGE]})),
        compared(),
    ),
    Case(
        "calls_compared",
        "preferred_output[0]",
        compared(preferred_output=[CALLING]),
        compared(),
    ),
    Case("equal_outputs", "", compared(non_preferred_output=[ANSWER]), compared()),
    Case(
        "input_ends_with_answer",
        "input.messages",
        compared(input=chat(USER, ANSWER)),
        compared(),
    ),
    # reinforcement rows
    Case(
        "last_not_user",
        "messages",
        task(USER, ANSWER, reference_answer="x"),
        task(),
        "reinforcement",
    ),
    Case("no_grader_key", "", chat(USER), task(), "reinforcement"),
    Case("grader_key_slip", "tool", task(reference="x", tool=[]), task(), "reinforcement"),
]
