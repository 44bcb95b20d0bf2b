"""Rows that each step changes, and rows that it leaves alone: ([settings,] row, row after)."""

import orjson


def msg(role, content, **more):
    return {"role": role, "content": content, **more}


def chat(*messages, **more):
    return {"messages": list(messages), **more}


def pair(prompt, completion, **more):
    return {"prompt": prompt, "completion": completion, **more}


HI, AHOY = msg("user", "Hi"), msg("assistant", "Ahoy")
GOOD = chat(HI, AHOY)
PARROT = msg("system", "You are a parrot.")
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
OBJECT = {"name": "f", "arguments": {}}
DROPPED = None
SAME = object()


CASES = {
    "fix_roles": [
        (chat(msg("human", "Hi"), msg("GPT", "Ahoy")), GOOD),
        (chat(msg("usr", "Hi"), msg(" Assistent ", "Ahoy")), GOOD),
        (chat(msg("developer", "Be brief."), HI, AHOY), chat(msg("system", "Be brief."), HI, AHOY)),
        (GOOD, SAME),
        (chat(msg("zebra", "Hi"), AHOY), SAME),
        ({"messages": "none"}, SAME),
        (b"{broken", SAME),
    ],
    "fix_weights": [
        (chat(HI, AHOY | {"weight": True}), chat(HI, AHOY | {"weight": 1})),
        (chat(HI, AHOY | {"weight": "0"}), chat(HI, AHOY | {"weight": 0})),
        (chat(HI, AHOY | {"weight": 0.5}), GOOD),
        (chat(HI | {"weight": 1}, AHOY), GOOD),
        (chat(HI, AHOY | {"weight": 0}), SAME),
    ],
    "trim": [
        (chat(msg("user", " Hi\n"), AHOY), GOOD),
        (pair(" a ", "\nb"), pair("a", "b")),
        (
            chat(msg("user", [{"type": "text", "text": " Hi "}]), AHOY),
            chat(msg("user", [{"type": "text", "text": "Hi"}]), AHOY),
        ),
        (GOOD, SAME),
        ({"prompt": 3, "completion": None}, SAME),
        ({"other": " a "}, SAME),
    ],
    "normalise_unicode": [
        (chat(msg("user", "cafe\u0301"), AHOY), chat(msg("user", "caf\u00e9"), AHOY)),
        (pair("a\u200bb\u0000c\ufeff", "x\r\ny\rz"), pair("abc", "x\ny\nz")),
        (pair("cafÃ© â€œhiâ€\u009d", "MÃ¼nchen"), pair("café “hi”", "München")),
        (pair("cafÃ© and café", "Ã"), SAME),  # not all of the text says so
        (pair("👩\u200d🚀 नमस्\u200dते", "tab\there\n"), SAME),
    ],
    "replace_text": [
        ({"find": "Hi", "by": "Hello"}, GOOD, chat(msg("user", "Hello"), AHOY)),
        ({"find": "hi"}, GOOD, SAME),
    ],
    "remove_blank_lines": [(b"", DROPPED), (b" \t", DROPPED), (b"{broken", SAME), (GOOD, SAME)],
    "drop_unreadable": [
        (b"{broken", DROPPED),
        (b"[1]", DROPPED),
        (b"\xff", DROPPED),
        (b'{"a":1,"a":2}', DROPPED),
        (b"", SAME),
        (GOOD, SAME),
    ],
    "repair_lines": [
        (b'{"prompt":"a\nb","completion":"c"}'.replace(b"\n", b"\t"), pair("a\tb", "c")),
        (b'{"prompt":"a","completion":"c"},', pair("a", "c")),
        (b'{"prompt":"a","completion":"c","n":NaN}', pair("a", "c", n=None)),
        (b'{"prompt":"x","prompt":"a","completion":"c"}', pair("a", "c")),
        (b'{"prompt":"\\ud83d","completion":"c"}', pair("\ufffd", "c")),
        (b'{"prompt":"\\ud83d\\ude00,}","completion":"c",}', pair("😀,}", "c")),
        (b"{'prompt': 'it\\'s', 'completion': 'c', 'n': None}", pair("it's", "c", n=None)),
        (b'{"prompt":"caf\xe9","completion":"c"}', pair("café", "c")),
        (orjson.dumps(orjson.dumps(GOOD).decode()), GOOD),
        (orjson.dumps([HI, AHOY]), GOOD),
        (b"{broken", SAME),
        (b"[1, 2]", SAME),
        (b"", SAME),
        (GOOD, SAME),
    ],
    "fix_keys": [
        ({"mesages": [HI, AHOY]}, GOOD),
        ({"Messages": [{"Role": "user", "Content": "Hi"}, AHOY]}, GOOD),
        (
            {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Ahoy"}]},
            GOOD,
        ),
        (
            {
                "id": 7,
                "system": "You are a parrot.",
                "conversations": [{"from": "human", "value": "Hi"}, AHOY],
            },
            chat(PARROT, HI, AHOY) | {"id": 7},
        ),
        ({"messages": orjson.dumps([HI, AHOY]).decode()}, GOOD),
        ({"instruction": "Hi", "input": "", "output": "Ahoy"}, GOOD),
        (
            {"instruction": "Greet", "input": "Bo", "output": "Ahoy"},
            chat(msg("user", "Greet\n\nBo"), AHOY),
        ),
        ({"question": "Hi", "answer": "Ahoy"}, GOOD),
        ({"Prompt": "a", "COMPLETION": "b"}, pair("a", "b")),
        ({"promt": "a", "response": "b"}, pair("a", "b")),
        ({"prompt": "a", "response": "b"}, pair("a", "b")),
        (
            {"prompt": "Hi", "chosen": "Ahoy", "rejected": "No"},
            {
                "input": {"messages": [HI]},
                "preferred_output": [AHOY],
                "non_preferred_output": [msg("assistant", "No")],
            },
        ),
        (
            {"chosen": [HI, AHOY], "rejected": [HI, msg("assistant", "No")]},
            {
                "input": {"messages": [HI]},
                "preferred_output": [AHOY],
                "non_preferred_output": [msg("assistant", "No")],
            },
        ),
        (GOOD, SAME),
        (pair("a", "b"), SAME),
        (
            {
                "systemInstruction": {"parts": [{"text": "You are a parrot."}]},
                "contents": [
                    {"role": "user", "parts": [{"text": "Hi"}]},
                    {"role": "model", "parts": [{"text": "Ah"}, {"text": "oy"}]},
                ],
            },
            chat(PARROT, HI, AHOY),
        ),
        ({"contents": [{"role": "user", "parts": [{"inlineData": {}}]}]}, SAME),
        ({"something": "else"}, SAME),
        ({"messages": 3}, SAME),
    ],
    "rename_key": [
        ({"old": "q", "new": "prompt"}, {"q": "a"}, {"prompt": "a"}),
        ({"old": "q", "new": "prompt"}, {"q": "a", "prompt": "b"}, SAME),
        (
            {"old": "said", "new": "content", "where": "message"},
            chat({"role": "user", "said": "Hi"}, AHOY),
            GOOD,
        ),
    ],
    "drop_extra_keys": [
        (GOOD | {"id": 1}, GOOD),
        (chat(HI | {"id": 1}, AHOY | {"score": 2}), GOOD),
        (pair("a", "b", id=1), pair("a", "b")),
        ({"keep": ["id"]}, GOOD | {"id": 1}, SAME),
        (chat(HI, grade="A"), SAME),  # for a grader
        (chat(HI, AHOY | {"weight": 0}), SAME),
        (GOOD, SAME),
        ({"something": "else"}, SAME),
    ],
    "fix_types": [
        (pair(5, 1.5), pair("5", "1.5")),
        (pair("a", None), pair("a", "")),
        (chat(msg("user", ["Hi", "you"]), AHOY), chat(msg("user", "Hi\nyou"), AHOY)),
        (
            chat(HI, {"role": "assistant", "tool_calls": [{"id": "c1", "function": OBJECT}]}),
            chat(HI, {"role": "assistant", "tool_calls": [CALL]}),
        ),
        (chat(HI, AHOY | {"tool_calls": []}), GOOD),
        (chat(HI, AHOY | {"function_call": None}), GOOD),
        (GOOD, SAME),
    ],
    "drop_rows_with_problems": [
        (chat(msg("zebra", "Hi"), AHOY), DROPPED),
        (b"{broken", DROPPED),
        (b"", DROPPED),
        (chat(HI), DROPPED),
        ({"codes": ["invalid_json"]}, b"{broken", DROPPED),
        ({"codes": ["empty_content"]}, b"{broken", SAME),
        ({"codes": "last_not_assistant"}, chat(HI, AHOY, HI), DROPPED),
        (chat(HI, AHOY, HI), SAME),  # a warning
        (GOOD, SAME),
    ],
    "drop_empty_answers": [
        (chat(HI, msg("assistant", " ")), DROPPED),
        (chat(HI), DROPPED),
        (pair("a", ""), DROPPED),
        (pair("a", None), DROPPED),
        ({"prompt": "a"}, DROPPED),
        (chat(HI, {"role": "assistant", "content": None, "tool_calls": [CALL]}), SAME),
        (pair("", "b"), SAME),
        (chat(HI, grade="A"), SAME),
        (GOOD, SAME),
        (b"{broken", SAME),
    ],
    "remove_empty_messages": [
        (chat(msg("system", ""), HI, AHOY), GOOD),
        (chat(HI, msg("tool", "", tool_call_id="c1"), AHOY), SAME),
        (GOOD, SAME),
    ],
    "end_with_answer": [
        (chat(HI, AHOY, HI, msg("system", "x")), GOOD),
        (chat(HI), SAME),
        (chat(HI, AHOY, HI, grade="A"), SAME),
        (GOOD, SAME),
    ],
    "drop_long_rows": [
        ({"most": 20}, chat(msg("user", "word " * 40), AHOY), DROPPED),
        ({"most": 20}, GOOD, SAME),
        ({"most": 10_000, "unit": "characters"}, pair("a" * 10_000, "b"), DROPPED),
        ({"most": 10_000, "unit": "characters"}, pair("a" * 9_999, "b"), SAME),
        ({"most": 1}, b"{broken", SAME),
    ],
    "cut_long_rows": [
        (
            {"most": 60},
            chat(PARROT, msg("user", "word " * 90), AHOY, HI, AHOY),
            chat(PARROT, HI, AHOY),
        ),
        ({"most": 60}, chat(msg("user", "word " * 90), AHOY), SAME),
        ({"most": 60}, GOOD, SAME),
    ],
    "set_system_prompt": [
        ({"text": "You are a parrot."}, GOOD, chat(PARROT, HI, AHOY)),
        ({"text": "Other"}, chat(PARROT, HI, AHOY), SAME),
        (
            {"how": "replace", "text": "You are a parrot."},
            chat(msg("system", "x"), HI, AHOY),
            chat(PARROT, HI, AHOY),
        ),
        ({"how": "replace", "text": "You are a parrot."}, chat(PARROT, HI, AHOY), SAME),
        ({"how": "remove"}, chat(PARROT, HI, AHOY), GOOD),
        ({"how": "remove"}, GOOD, SAME),
        ({"text": "You are a parrot."}, pair("a", "b"), SAME),
    ],
    "set_weights": [
        (chat(HI, AHOY, HI, AHOY), chat(HI, AHOY | {"weight": 0}, HI, AHOY)),
        (chat(HI, AHOY | {"weight": 0}), GOOD),
        ({"which": "all"}, chat(HI, AHOY | {"weight": 0}, HI, AHOY), chat(HI, AHOY, HI, AHOY)),
        ({"which": "not_containing", "text": "ahoy"}, GOOD, chat(HI, AHOY | {"weight": 0})),
        ({"which": "not_containing", "text": "parrot"}, GOOD, SAME),
        (GOOD, SAME),
        (pair("a", "b"), SAME),
    ],
    "to_chat": [
        (
            {"system": "You are a parrot.", "separator": "\\n->", "ending": " END"},
            pair("Hi\n->", " Ahoy END"),
            chat(PARROT, HI, AHOY),
        ),
        (pair("", "Ahoy", id=1), {"messages": [AHOY], "id": 1}),
        (pair(3, "Ahoy"), SAME),
        (GOOD, SAME),
    ],
    "to_prompt_completion": [
        (GOOD, pair("Hi\n\n###\n\n", " Ahoy END")),
        (
            {"separator": " ->", "ending": "", "space": False},
            chat(PARROT, HI, AHOY),
            pair("You are a parrot.\n\nHi ->", "Ahoy"),
        ),
        (
            {"separator": "", "ending": ""},
            chat(HI, AHOY, HI, AHOY),
            pair("User: Hi\n\nAssistant: Ahoy\n\nUser: Hi", " Ahoy"),
        ),
        (chat(HI, {"role": "assistant", "content": "x", "tool_calls": [CALL]}), SAME),
        (GOOD | {"tools": []}, SAME),
        (chat(HI), SAME),
        (pair("a", "b"), SAME),
    ],
    "lower_case": [
        (pair("ABC", "DEF"), pair("abc", "DEF")),
        ({"column": "completion"}, pair("ABC", "DEF"), pair("ABC", "def")),
        (pair("abc", "DEF"), SAME),
    ],
    "keep_columns": [(pair("a", "b", c=1), pair("a", "b")), (pair("a", "b"), SAME), (GOOD, SAME)],
    "add_separator": [
        ({"text": " ->"}, pair("a", "b"), pair("a ->", "b")),
        ({"text": " ->"}, pair("a ->", "b"), SAME),
        ({"text": " ->"}, GOOD, SAME),
    ],
    "add_ending": [
        ({"text": "\\n"}, pair("a", "b"), pair("a", "b\n")),
        ({"text": " END"}, pair("a", "b END"), SAME),
    ],
    "strip_prefix": [
        ({"text": "Q: "}, pair("Q: a", "b"), pair("a", "b")),
        (
            {"column": "completion", "text": " The answer is "},
            pair("a", " The answer is b"),
            pair("a", " b"),
        ),
        ({"text": "Q: "}, pair("a", "b"), SAME),
    ],
    "space_before_completion": [(pair("a", "b"), pair("a", " b")), (pair("a", " b"), SAME)],
}  # fmt: skip
