"""What the check says about one place in one row: a code and the particulars (pure)."""

from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, NamedTuple

SHOWN_CHARACTERS = 80
LONGEST_PATH = 200
EXTRA_CELLS = "extra_cells"  # of a table: cells beyond its last column are kept under this key
TURNS_THE_TEXT = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
CANNOT_BE_SEEN = (*range(32), *range(0xD800, 0xE000), *TURNS_THE_TEXT, *range(0xE0000, 0xE0080))
UNPRINTABLE = {code: f"\\u{code:04x}" for code in CANNOT_BE_SEEN}


class Finding(NamedTuple):
    """One thing wrong. `path` is where, in the row: `messages[3].role`."""

    code: str
    path: str
    params: dict[str, Any]


Findings = Iterator[Finding]


def found(code: str, path: str = "", /, **params: Any) -> Finding:
    """Make a finding whose words are short enough to store and safe to show."""
    safe = {key: shown(value) if isinstance(value, str) else value for key, value in params.items()}
    return Finding(code, shown(path, LONGEST_PATH - 1), safe)  # one more says that it goes on


def shown(text: str, limit: int = SHOWN_CHARACTERS) -> str:
    """Cut a text of any length, and write out what cannot be stored or seen."""
    return text[:limit].translate(UNPRINTABLE)[:limit] + ("…" if len(text) > limit else "")


def near_miss(word: str, known: tuple[str, ...]) -> dict[str, str]:
    """Return `{"suggestion": …}` when the word is a slip of a known one, else nothing."""
    close = _closest(word[:SHOWN_CHARACTERS].strip().lower(), known)
    return {"suggestion": close} if close else {}


@lru_cache(maxsize=1024)  # who slips once slips in every row, and comparing is slow
def _closest(word: str, known: tuple[str, ...]) -> str:
    return next(iter(get_close_matches(word, known, n=1, cutoff=0.75)), "")


def kind_of(value: object) -> str:
    """Name the JSON type of a value with a word from words.WORDS."""
    if value is None:
        return "null"
    kinds = ((bool, "true or false"), (str, "string"), (dict, "object"), (list, "list"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "number")


def require(value: object, kind: type, path: str) -> Findings:
    """Say so when a value is not of the wanted type (`kind` is str, list, dict or bool)."""
    if not isinstance(value, kind):
        expected = {str: "string", list: "list", dict: "object", bool: "true or false"}[kind]
        yield found("wrong_type", path, expected=expected, found=kind_of(value))


def extra_keys(obj: dict[str, Any], known: tuple[str, ...], path: str) -> Findings:
    """Name every key that does not belong in an object."""
    for key in obj:
        if key == EXTRA_CELLS and not path:
            yield found("extra_cells", key)
        elif key not in known:
            free = tuple(name for name in known if name not in obj)
            place = f"{path}.{key}" if path else key
            yield found("extra_key", place, key=key, **near_miss(key, free))
