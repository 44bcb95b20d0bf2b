"""Names that tell things apart in a list, where nobody gave one (pure)."""

from collections.abc import Collection
from itertools import count


def free_name(name: str, taken: Collection[str], *, longest: int = 200) -> str:
    """Return the name, or “name (2)” and so on where it is taken; cut to be kept."""
    if (wanted := name[:longest]) not in taken:
        return wanted
    numbered = (f"{name[: longest - len(end)]}{end}" for end in map(" ({})".format, count(2)))
    return next(each for each in numbered if each not in taken)
