"""The sentences of trainability that count rows, and those that say what is not known."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from apps.datasets.check.kinds import CHAT, PAIR, PREFERENCE, REINFORCEMENT

NOT_TRAINED: Mapping[str, Any] = {
    CHAT: _("Chats are not trained here."),
    PAIR: _("Prompts with completions are not trained here."),
    PREFERENCE: _("Preference (DPO) rows are not trained here."),
    REINFORCEMENT: _("Reinforcement rows are not trained here."),
}
NOT_KNOWN: Mapping[str, Any] = {
    CHAT: _("It is not known whether chats are trained here."),
    PAIR: _("It is not known whether prompts with completions are trained here."),
    PREFERENCE: _("It is not known whether preference (DPO) rows are trained here."),
    REINFORCEMENT: _("It is not known whether reinforcement rows are trained here."),
}
UNKNOWN: Mapping[str, Any] = {
    "tools": _("tools"),
    "images": _("images"),
    "untrained": _("weights"),
    "name": _("names of speakers"),
}
COUNTED: Mapping[str, Any] = {
    "to_repair": ngettext_lazy(
        "%(shown)s row must be repaired first.",
        "%(shown)s rows must be repaired first.",
        "count",
    ),
    "tools": ngettext_lazy(
        "%(shown)s row uses tools, which are not trained here.",
        "%(shown)s rows use tools, which are not trained here.",
        "count",
    ),
    "functions": ngettext_lazy(
        "%(shown)s row uses functions, which are not trained here.",
        "%(shown)s rows use functions, which are not trained here.",
        "count",
    ),
    "images": ngettext_lazy(
        "%(shown)s row holds images, which are not trained here.",
        "%(shown)s rows hold images, which are not trained here.",
        "count",
    ),
    "many_images": ngettext_lazy(
        "%(shown)s row holds more images than the %(limit)s that are taken here.",
        "%(shown)s rows hold more images than the %(limit)s that are taken here.",
        "count",
    ),
    "untrained": ngettext_lazy(
        "%(shown)s row holds an answer of weight 0, which would be learned here all the same.",
        "%(shown)s rows hold answers of weight 0, which would be learned here all the same.",
        "count",
    ),
    "name": ngettext_lazy(
        "%(shown)s row names a speaker, which is not allowed here.",
        "%(shown)s rows name speakers, which is not allowed here.",
        "count",
    ),
    "unanswered": ngettext_lazy(
        "%(shown)s row does not end with an answer, as it must here.",
        "%(shown)s rows do not end with an answer, as they must here.",
        "count",
    ),
    "too_few": ngettext_lazy(
        "There is %(shown)s example; at least %(limit)s are asked for here.",
        "There are %(shown)s examples; at least %(limit)s are asked for here.",
        "count",
    ),
    "too_many": ngettext_lazy(
        "There is %(shown)s example; at most %(limit)s are taken here.",
        "There are %(shown)s examples; at most %(limit)s are taken here.",
        "count",
    ),
    "too_many_images": ngettext_lazy(
        "There is %(shown)s row with images; at most %(limit)s are taken here.",
        "There are %(shown)s rows with images; at most %(limit)s are taken here.",
        "count",
    ),
    "long_front": ngettext_lazy(
        "%(shown)s row is longer than %(limit)s tokens and loses its oldest messages.",
        "%(shown)s rows are longer than %(limit)s tokens and lose their oldest messages.",
        "count",
    ),
    "long_end": ngettext_lazy(
        "%(shown)s row is longer than %(limit)s tokens and is cut at the end.",
        "%(shown)s rows are longer than %(limit)s tokens and are cut at the end.",
        "count",
    ),
    "long_unclear": ngettext_lazy(
        "%(shown)s row is longer than about %(limit)s tokens, the usual limit here.",
        "%(shown)s rows are longer than about %(limit)s tokens, the usual limit here.",
        "count",
    ),
}


def counted(sentence: str, count: int, *, limit: int | None = None) -> str:
    """Say it of so many rows, in the reader's language."""
    numbers = {"count": count, "shown": intcomma(count)}
    if limit is not None:
        numbers["limit"] = intcomma(limit)
    return str(COUNTED[sentence] % numbers)


def unknown(features: Sequence[str]) -> str:
    """Say of what nobody knows whether it is understood."""
    what = ", ".join(str(UNKNOWN[feature]) for feature in features)
    return gettext("It is not known whether these are understood here: %(what)s.") % {"what": what}
