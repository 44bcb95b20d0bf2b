"""Line breaks and tabs as they are typed into one line of a form (pure)."""

import re

MARKS = {"\\n": "\n", "\\t": "\t", "\\\\": "\\"}
MARK = re.compile(r"\\[nt\\]")


def spelled(text: str) -> str:
    r"""Read \n, \t and \\ as the characters they stand for."""
    return MARK.sub(lambda match: MARKS[match[0]], text)


def typed(text: str) -> str:
    """Write a text so that `spelled` reads it again."""
    for mark, char in reversed(MARKS.items()):
        text = text.replace(char, mark)
    return text
