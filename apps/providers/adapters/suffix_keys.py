"""Carries our job's id in a job's suffix, where nothing else of ours surely comes back (pure).

A suffix has 40 characters. The id takes the last 25, written with digits and small letters; a
person's own words keep the 14 before it.
"""

import re
import string
import uuid

LONGEST = 40
DIGITS = string.digits + string.ascii_lowercase
KEY_LENGTH = 25  # 36**25 is more than 2**128
CARRIED = re.compile(rf"(?:(.*)-)?([0-9a-z]{{{KEY_LENGTH}}})", re.DOTALL)


def suffix_with_key(suffix: str, client_key: str) -> str:
    """Return the suffix to send: the person's words, cut to what is left, and our id."""
    key = _written(client_key)
    words = suffix[: LONGEST - len(key) - 1].rstrip("-")
    return f"{words}-{key}" if words else key


def read_suffix(suffix: str) -> tuple[str, str]:
    """Return the person's words and our id; no id where another wrote the suffix."""
    carried = CARRIED.fullmatch(suffix)
    key = _read(carried[2]) if carried else ""
    return (carried[1] or "", key) if carried and key else (suffix, "")


def _written(client_key: str) -> str:
    number, letters = uuid.UUID(client_key).int, []
    for _place in range(KEY_LENGTH):
        number, digit = divmod(number, len(DIGITS))
        letters.append(DIGITS[digit])
    return "".join(reversed(letters))


def _read(letters: str) -> str:
    number = int(letters, len(DIGITS))
    if number >> 128:
        return ""
    found = uuid.UUID(int=number)
    return str(found) if found.version == 4 else ""  # other people's words hardly ever are one
