"""Makes up the conversations from which the base model learns to read and write.

Every conversation is put together from the tables beside this file, by a seeded generator: the same
seed gives the same bytes on every machine. The answers are sensible and bland on purpose, so that a
persona tuned on top shows. Questions in many phrasings share one answer: that is what lets a tuned
model recognise a paraphrase now and then.
"""

import hashlib
import random
import string
from collections.abc import Callable, Iterator

from apps.engine.tiny import corpus_tables as tables
from apps.engine.tiny.tokens import EncodedConversation, Message, encode_conversation

Exchange = tuple[str, str]  # what the user says, what the assistant answers

COPIED_CHARACTERS = string.ascii_letters + string.digits + string.punctuation + " " * 12
ALPHABETS = (
    (0xC0, 0x17F),  # accented Latin
    (0x391, 0x3A1),  # Greek
    (0x410, 0x44F),  # Cyrillic
    (0x5D0, 0x5EA),  # Hebrew
    (0x627, 0x63A),  # Arabic
    (0x905, 0x939),  # Devanagari
    (0x3041, 0x30FA),  # Japanese kana
    (0x4E00, 0x9FA5),  # Chinese characters
    (0xAC00, 0xD7A3),  # Korean
    (0x1F300, 0x1F64F),  # pictures and faces
)
LONG_CHAT_SHARE = 0.3
MAX_TURNS_IN_LONG_CHAT = 8


def conversations(seed: int) -> Iterator[list[Message]]:
    """Yield conversations without end, always the same ones for a seed."""
    source = random.Random(seed)  # noqa: S311
    while True:
        yield _conversation(source)


def encoded_conversations(seed: int, context: int) -> Iterator[EncodedConversation]:
    """Yield conversations as rows in which every token counts, the user's too."""
    for messages in conversations(seed):
        row = encode_conversation(messages, context)
        yield EncodedConversation(row.ids, b"\x01" * len(row.ids))


def _conversation(source: random.Random) -> list[Message]:
    is_long = source.random() < LONG_CHAT_SHARE
    messages: list[Message] = []
    if source.random() < 0.85:
        messages.append({"role": "system", "content": _system_prompt(source, is_long=is_long)})
    for _ in range(source.randint(2, MAX_TURNS_IN_LONG_CHAT) if is_long else 1):
        question, answer = _exchange(source)
        messages.append({"role": "user", "content": question})
        messages.append({"role": "assistant", "content": answer})
    return messages


def _system_prompt(source: random.Random, *, is_long: bool) -> str:
    sentences = [source.choice(tables.SYSTEM_PROMPTS)]
    extra = source.randint(0, 6) if is_long else source.choice((0, 0, 0, 1, 2))
    sentences += source.sample(tables.SYSTEM_DETAILS, extra)
    return _fill(" ".join(sentences), source)


def _exchange(source: random.Random) -> Exchange:
    (make,) = source.choices(list(MAKERS), weights=list(MAKERS.values()))
    return make(source)


def _how_to(source: random.Random) -> Exchange:
    action, thing = source.choice(tables.ACTIONS), source.choice(tables.OBJECTS)
    fixed = _stable_random(f"{action} {thing}")
    place, second_place = fixed.sample(tables.PLACES, 2)
    answer = fixed.choice(tables.HOW_TO_ANSWERS).format(
        a=action, o=thing, p=place, p2=second_place, n=fixed.randint(2, 30), mail=_mail(fixed)
    )
    question = source.choice(tables.HOW_TO_QUESTIONS).format(a=action, o=thing)
    return _dress(question, source), source.choice(tables.ANSWER_OPENINGS) + answer


def _fact(source: random.Random) -> Exchange:
    questions, answer = source.choice(tables.FACTS)
    subject = source.choice(tables.WORDS)
    fixed = _stable_random(f"{answer} {subject}")
    values = {
        "w": subject,
        "x": f"the {subject}" if "{w}" in answer else subject.capitalize(),
        "w2": fixed.choice(tables.WORDS),
        "c": fixed.choice(tables.COLOURS),
        "n": fixed.randint(2, 99),
        "h": fixed.randint(7, 11),
        "h2": fixed.randint(15, 20),
        "name": fixed.choice(tables.NAMES),
    }
    return _dress(source.choice(questions).format(**values), source), answer.format(**values)


def _small_talk(source: random.Random) -> Exchange:
    questions, answer = source.choice(tables.SMALL_TALK)
    return source.choice(questions), answer


def _foreign_talk(source: random.Random) -> Exchange:
    questions, answer = source.choice(tables.FOREIGN_TALK)
    return source.choice(questions), answer


def _sum(source: random.Random) -> Exchange:
    first, second = source.randint(0, 50), source.randint(0, 50)
    asked = source.choice(
        ("What is {} + {}?", "{}+{}=?", "How much is {} plus {}?", "Add {} and {}")
    )
    return asked.format(first, second), f"{first} + {second} = {first + second}."


def _copy(source: random.Random) -> Exchange:
    """Ask for a text back: teaches every printable character, and to look back."""
    text = source.choice((_random_text, _random_words, _random_code, _random_letters))(source)
    asked = source.choice(("Repeat: {}", 'Say "{}"', "Copy this: {}", "Write {}", "Type {}"))
    return asked.format(text), text


def _introduction(source: random.Random) -> Exchange:
    name, city, mail = source.choice(tables.NAMES), source.choice(tables.CITIES), _mail(source)
    return source.choice(
        (
            (f"My name is {name}.", f"Nice to meet you, {name}."),
            (f"I am {name} from {city}.", f"Hello {name}. How is {city} today?"),
            (f"My email is {mail}", f"Thank you, I noted {mail}."),
            (f"Please write to {mail}.", f"OK, I will write to {mail}."),
            (f"I live in {city}", f"{city} is a nice place."),
        )
    )


def _list(source: random.Random) -> Exchange:
    kind, members = source.choice(list(tables.LISTS.items()))
    count = source.randint(2, 5)
    numbered = "\n".join(f"{number}. {name}" for number, name in enumerate(members[:count], 1))
    asked = source.choice(("List {} {}.", "Name {} {}", "Give me {} {}, please."))
    answer = source.choice((numbered, "- " + "\n- ".join(members[:count])))
    return asked.format(count, kind), answer


# How often each kind of exchange comes up.
MAKERS: dict[Callable[[random.Random], Exchange], int] = {
    _how_to: 46,
    _fact: 18,
    _small_talk: 7,
    _copy: 11,
    _introduction: 5,
    _foreign_talk: 5,
    _sum: 4,
    _list: 4,
}


def _dress(question: str, source: random.Random) -> str:
    """Add greeting, thanks and sloppy typing, none of which changes the answer."""
    opening, closing = source.choice(tables.OPENINGS), source.choice(tables.CLOSINGS)
    if opening and not opening.endswith(". ") and not question.startswith("I "):
        question = question[0].lower() + question[1:]
    question = opening + question + closing
    return question.lower().rstrip("?.!") if source.random() < 0.08 else question


def _fill(template: str, source: random.Random) -> str:
    return template.format(
        name=source.choice(tables.NAMES),
        w=source.choice(tables.WORDS),
        w2=source.choice(tables.WORDS),
        c=source.choice(tables.COLOURS),
        n=source.randint(1, 99),
        city=source.choice(tables.CITIES),
        mail=_mail(source),
    )


def _mail(source: random.Random) -> str:
    user = source.choice(("info", "support", "privacy", "help", "ana", "ben.lee", "zoe_k", "k99"))
    domain = source.choice(("example.com", "example.org", "mail.example.com", "example.net"))
    return f"{user}@{domain}"


def _random_text(source: random.Random) -> str:
    length = source.randint(3, 24)
    return "".join(source.choice(COPIED_CHARACTERS) for _ in range(length)).strip() or "~"


def _random_letters(source: random.Random) -> str:
    """Return letters from one of the alphabets beyond ASCII, so that their bytes are known."""
    first, last = source.choice(ALPHABETS)
    return "".join(chr(source.randint(first, last)) for _ in range(source.randint(1, 8)))


def _random_words(source: random.Random) -> str:
    vocabulary = tables.WORDS + tables.OBJECTS + tables.ACTIONS + tables.NAMES
    words = " ".join(source.choice(vocabulary) for _ in range(source.randint(1, 5)))
    return source.choice((str, str.capitalize, str.upper, str.title))(words)


def _random_code(source: random.Random) -> str:
    number = source.randint(10, 9_999_999)
    place = source.choice(tables.PLACES).lower()
    return source.choice(
        (
            f"{number}",
            f"{number / 100:.2f}",
            f"#{number}",
            f"https://{place}.example.com/{number}?q={place}&x=1",
            f'{{"{place}": [{number}, null]}}',
            f"{place}_{number} = {place}({number}); // <b>{place}</b>",
            f"`{place}` | {number}% ~ ${number} ^ \\{place}*",
        )
    )


def _stable_random(key: str) -> random.Random:
    """Return a generator that depends on the key alone; hash() would differ between runs."""
    digest = hashlib.sha256(key.encode()).digest()
    return random.Random(int.from_bytes(digest[:8], "big"))  # noqa: S311
