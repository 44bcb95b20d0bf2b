"""Rows that no rule has anything against."""

from tests.datasets.rule_cases.rows import (
    ANSWER,
    CALL,
    CALLING,
    IMAGE,
    RESULT,
    SCHEMA,
    SYSTEM,
    TEXT,
    USER,
    WEATHER,
    answered,
    asked,
    calling,
    chat,
    compared,
    pictured,
    task,
    used,
)

MORE_GOOD = {
    "plain": chat(USER, ANSWER),
    "with a system message": chat(SYSTEM, USER, ANSWER),
    "several turns": chat(USER, ANSWER, USER, ANSWER),
    "weights": chat(USER, {**ANSWER, "weight": 0}, USER, {**ANSWER, "weight": 1}),
    "names": chat({**USER, "name": "Ada"}, {**ANSWER, "name": "Bot"}),
    "tool calls": calling(),
    "tool calls with null content": chat(
        USER, {**CALLING, "content": None}, RESULT, ANSWER, tools=[WEATHER]
    ),
    "an answer that is a call": chat(USER, CALLING, tools=[WEATHER]),
    "two calls in a row": chat(
        USER,
        CALLING,
        RESULT,
        {"role": "assistant", "tool_calls": [{**CALL, "id": "call_2"}]},
        {**RESULT, "tool_call_id": "call_2"},
        ANSWER,
        tools=[WEATHER],
    ),
    "any arguments": used(
        {**CALL, "function": {"name": "free", "arguments": '{"x": 1}'}},
        tools=[{"type": "function", "function": {"name": "free", "parameters": {}}}],
        parallel_tool_calls=False,
    ),
    "arguments beyond the declared ones, where that is allowed": used(
        {**CALL, "function": {"name": "open", "arguments": '{"city": "Paris", "x": 1}'}},
        tools=[
            {
                "type": "function",
                "function": {
                    "name": "open",
                    "parameters": {**SCHEMA, "additionalProperties": True},
                },
            }
        ],
    ),
    "parts": asked(TEXT, IMAGE),
    "an answer in parts": answered(content=[{"type": "text", "text": "A cat"}]),
    "an image in the row": pictured("PNG"),
    "a refusal": chat(USER, {"role": "assistant", "content": None, "refusal": "No."}),
    "special tokens": chat({"role": "user", "content": "<|endoftext|>"}, ANSWER),
    "emoji and Chinese": chat({"role": "user", "content": "你好 👩‍💻"}, ANSWER),
    "a question with spaces around": chat({"role": "user", "content": " Hi\n"}, ANSWER),
    "an escaped colon": b'{"messages":[{"role":"user","content":"a\\u003ab"},'
    b'{"role":"assistant","content":"x:y"}]}',
    "prompt and completion": {"prompt": "2 + 2 =", "completion": " 4"},
    "an empty prompt": {"prompt": "", "completion": "Once upon a time"},
    "a comparison": compared(),
    "a comparison with tools": compared(input=chat(USER, tools=[WEATHER])),
    "a task": task(),
    "a task of a developer": task({"role": "developer", "content": "Think."}, USER, answer=[1]),
}
