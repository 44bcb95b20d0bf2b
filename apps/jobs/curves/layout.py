"""Which curves stand in which plot, and how they are called: by the names of the series (pure).

Providers name their numbers as they like. `train_loss`, `valid_loss` and `full_valid_loss` belong
into one plot, `rewards/chosen` and `rewards/rejected` too; what nobody knows gets its own.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Kind: TypeAlias = Literal["loss", "accuracy", "reward", "other"]
Part: TypeAlias = Literal["train", "valid", "full", ""]

MOST_MAIN = 6  # plots that are drawn at once; the others wait until someone opens them
KINDS: tuple[Kind, ...] = ("loss", "accuracy", "reward", "other")
PARTS: dict[str, Part] = {
    "train": "train",
    "training": "train",
    "valid": "valid",
    "validation": "valid",
    "val": "valid",
    "eval": "valid",
    "test": "valid",
    "full_valid": "full",
    "full_validation": "full",
}
PART = re.compile(rf"({'|'.join(sorted(PARTS, key=len, reverse=True))})[_/](.+)")
VARIANT = re.compile(r"(rewards|logps|logits)_(chosen|rejected|margins?|accurac(?:y|ies))")
KIND_WORDS: dict[str, Kind] = {
    "loss": "loss",
    "accuracy": "accuracy",
    "accuracies": "accuracy",
    "acc": "accuracy",
    "reward": "reward",
    "rewards": "reward",
}
NOT_A_REWARD = {"unresponsive", "latency", "error", "errors"}
PART_WORDS: dict[Part, "StrPromise"] = {
    "train": gettext_lazy("Training"),
    "valid": gettext_lazy("Validation batch"),
    "full": gettext_lazy("Whole validation file"),
}
VARIANT_WORDS = {
    "chosen": gettext_lazy("Preferred answer"),
    "rejected": gettext_lazy("Other answer"),
    "margins": gettext_lazy("Margin"),
    "margin": gettext_lazy("Margin"),
}
TITLES = {
    "loss": gettext_lazy("Loss"),
    "accuracy": gettext_lazy("Accuracy"),
    "mean_token_accuracy": gettext_lazy("Token accuracy"),
    "token_accuracy": gettext_lazy("Token accuracy"),
    "rewards": gettext_lazy("Rewards"),
    "rewards/accuracies": gettext_lazy("Reward accuracy"),
    "reward_accuracy": gettext_lazy("Reward accuracy"),
    "reward": gettext_lazy("Reward"),
    "mean_reward": gettext_lazy("Reward"),
    "reward_mean": gettext_lazy("Reward"),
    "mean_parse_error": gettext_lazy("Parse errors"),
    "reasoning_tokens_mean": gettext_lazy("Reasoning tokens"),
    "completion_tokens_mean": gettext_lazy("Completion tokens"),
    "learning_rate": gettext_lazy("Learning rate"),
    "grad_norm": gettext_lazy("Gradient norm"),
    "epoch": gettext_lazy("Epoch"),
}


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a series, understood: which plot, which part of the data, which variant."""

    name: str
    path: str
    stem: str
    part: Part
    variant: str

    @property
    def family(self) -> str:
        return f"{self.path}.{self.stem}" if self.path else self.stem

    @property
    def kind(self) -> Kind:
        words = re.split(r"[^a-z]+", self.stem.lower())
        if NOT_A_REWARD.isdisjoint(words):
            return next(
                (KIND_WORDS[word] for word in reversed(words) if word in KIND_WORDS), "other"
            )
        return "other"

    @property
    def is_known(self) -> bool:
        """Tell whether we have a word for it; else it goes by the provider's."""
        return self.stem in TITLES

    @property
    def label(self) -> str:
        """Return what tells this curve from the others of its plot."""
        words = [str(PART_WORDS[self.part])] if self.part else []
        if self.variant:
            words.append(str(VARIANT_WORDS.get(self.variant, self.variant)))
        return ", ".join(words) or self.title

    @property
    def title(self) -> str:
        """Return what the plot shows: our word where we have one, else the provider's."""
        if not self.is_known:
            return self.family
        return f"{TITLES[self.stem]} · {self.path}" if self.path else str(TITLES[self.stem])

    @property
    def heading(self) -> str:
        """Return the whole name in words, as over a column."""
        if self.label == self.title:
            return self.title
        return _("%(plot)s: %(curve)s") % {"plot": self.title, "curve": self.label}


@dataclass(frozen=True, slots=True)
class Plot:
    """Curves that share their axes."""

    key: str
    kind: Kind
    title: str
    curves: tuple[Name, ...]
    is_main: bool


def understood(name: str) -> Name:
    """Take the name of a series apart."""
    path, _dot, leaf = name.rpartition(".")
    found = PART.fullmatch(leaf)
    part, stem = (PARTS[found[1]], found[2]) if found else ("", leaf)
    stem = VARIANT.sub(r"\1/\2", stem)
    group, slash, variant = stem.rpartition("/")
    if slash and not variant.startswith("accurac"):
        return Name(name, path, group, part, variant)
    return Name(name, path, stem, part, "")


def plots_of(names: Iterable[str]) -> list[Plot]:
    """Sort series into plots: losses first, then accuracies, rewards and everything else."""
    families: dict[str, list[Name]] = {}
    for name in sorted(map(understood, names), key=_order):
        families.setdefault(name.family, []).append(name)
    main = [key for key, curves in families.items() if _is_main(curves[0])][:MOST_MAIN]
    return [
        Plot(key, curves[0].kind, curves[0].title, tuple(curves), is_main=key in main)
        for key, curves in families.items()
    ]


def _order(name: Name) -> tuple[int, str, str, int, str]:
    part = ("train", "", "valid", "full").index(name.part)
    return KINDS.index(name.kind), name.path, name.stem, part, name.name


def _is_main(name: Name) -> bool:
    """Of the details below `scores`, `usage` and the like, only their totals are drawn at once."""
    return name.kind != "other" and "." not in name.path
