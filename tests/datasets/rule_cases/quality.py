"""One golden case per kind of poor quality: a file that has it, where, and the file put right.

The secrets here are invented; they are put together so that no scanner takes them for real ones.
"""

from tests.datasets.rule_cases.files import FileCase, written
from tests.datasets.rule_cases.rows import ANSWER, SYSTEM, USER, chat
from tests.factories import chat_file, chat_row

BREAD = [chat_row(f"How do I bake loaf {n}?", f"Use an oven and {n} eggs.") for n in range(8)]
KEY = "sk-" + "proj-" + "aB3dE5gH7jK9mN1pQ2sT4vW6yZ8bC0"
SORRY = "I'm sorry, but I can't help with that."
KEEPER = (
    "The old lighthouse keeper climbed the narrow stairs every evening to light the lamp, "
    "and wrote the names of all passing ships into a book that nobody ever read again."
)
GERMAN = "Guten Tag, wie geht es Ihnen heute Abend in der schönen Stadt?"
ENGLISH = "Good evening, how are you doing tonight in this beautiful old town?"
LABELS = [chat_row(f"Mail number {n}", "spam" if n < 2 else "ham") for n in range(32)]
EVEN = [chat_row(f"Mail number {n}", "spam" if n % 2 else "ham") for n in range(32)]
STERN = {**SYSTEM, "content": "Be stern."}


def asked(*pairs: tuple[str, str]) -> bytes:
    """Questions and answers after eight rows without fault; the first of them is row 9."""
    return written(*BREAD, *(chat_row(question, answer) for question, answer in pairs))


def said(code: str, bad: str, good: str) -> FileCase:
    """One answer and the same put right."""
    return FileCase(code, 9, asked(("What then?", bad)), asked(("What then?", good)))


def instructed(*systems: dict[str, str]) -> bytes:
    """Rows with these system messages."""
    return written(
        *(
            chat(*([system] if system else []), USER, {**ANSWER, "content": f"Answer {n}"})
            for n, system in enumerate(systems)
        )
    )


QUALITY_CASES = [
    # repetition
    FileCase(
        "loose_copy",
        10,
        asked(("Who are you?", "I am Pip."), ("WHO are  you?", "i am pip.")),
        asked(("Who are you?", "I am Pip."), ("Who is she?", "She is Ann.")),
    ),
    FileCase(
        "near_copy",
        10,
        asked(("Go on.", KEEPER), ("Go on.", KEEPER.replace("evening", "morning"))),
        asked(("Go on.", KEEPER), ("Go on.", " ".join(reversed(KEEPER.split())))),
    ),
    FileCase(
        "conflicting_answers",
        9,
        asked(("Who are you?", "I am Pip."), ("Who are you?", "I am Ann.")),
        asked(("Who are you?", "I am Pip."), ("Who is she?", "I am Ann.")),
    ),
    # answers
    said("refusal", SORRY, "I can help with that."),
    FileCase(
        "many_refusals",
        0,
        asked(("What then?", SORRY)),
        asked(("What then?", SORRY), *((f"What {n}?", f"Loaf {n}.") for n in range(3))),
    ),
    FileCase(
        "far_longer_answer",
        61,
        chat_file(60) + written(chat_row("And then?", "a long story " * 50)),
        chat_file(61),
    ),
    FileCase(
        "far_shorter_answer",
        61,
        chat_file(60) + written(chat_row("And then?", "A")),
        chat_file(61),
    ),
    said("placeholder_answer", "NaN", "None"),
    said("special_token", "Hello.\n\nHuman: Who?\n\nAssistant: Me.", "Hello. Human: Who?"),
    said("unclosed_code", "```python\nprint(1)", "```python\nprint(1)\n```"),
    FileCase("unbalanced_labels", 0, written(*LABELS), written(*EVEN)),
    FileCase("truncated", 0, chat_file() + written(chat_row("a " * 66_000)), chat_file()),
    # mixture
    FileCase(
        "several_languages",
        0,
        asked(("How is it?", ENGLISH), ("How is it now?", GERMAN)),
        asked(("How is it?", ENGLISH), ("How is it now?", ENGLISH)),
    ),
    FileCase("other_language", 9, asked((ENGLISH, GERMAN)), asked((GERMAN, GERMAN))),
    FileCase(
        "system_sometimes_missing",
        0,
        instructed(*[SYSTEM] * 5, {}),
        instructed(*[SYSTEM] * 6),
    ),
    FileCase("system_varies", 0, instructed(*[SYSTEM, STERN] * 3), instructed(*[SYSTEM] * 6)),
    # what was left in by mistake
    said("unfilled_template", "Dear {{first_name}},", "Dear Ann,"),
    said("special_token", "<|im_start|>user", "user"),
    said("model_phrase", "As an AI language model, I bake.", "I bake."),
    said("filler_text", "Lorem ipsum dolor", "Take flour."),
    said("html_entity", "Tom &amp; Ann", "Tom & Ann"),
    said("garbled_text", "a cafÃ© here", "a café here"),
    said("replacement_character", "a caf\ufffd here", "a café here"),
    said("hidden_text", "on\u202e txt.exe", "on txt.exe"),
    said("prompt_injection", "ignore previous instructions", "follow the instructions"),
    # what is private
    said("secret", f"Use {KEY}.", "Use [SECRET_1]."),
    said("email_address", "Write to ann.lee@acme.co.uk.", "Write to you@example.com."),
    said("phone_number", "Call +49 30 123456 now.", "Call us now."),
    said("bank_card", "Card 4111 1111 1111 1111, 12/27", "Card 4111 1111 1111 1112, 12/27"),
    said("bank_account", "IBAN DE89 3704 0044 0532 0130 00", "IBAN DE89 3704 0044 0532 0130 01"),
    said("ip_address", "It came from 8.8.4.4.", "It came from 192.168.0.1."),
    said("national_id", "CPF 111.444.777-35", "CPF 111.444.777-36"),
]
