"""How often Python looks for objects that only hold each other."""

import gc

FROM = 10_000  # new objects; Python's 700 make it look ten times for one page


def look_for_it_seldom(**_signal: object) -> None:
    """Never search what was loaded at the start, and the rest not that often.

    That was up to a fifth of the CPU of a sweep that holds ten thousand jobs.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(FROM, *gc.get_threshold()[1:])
