"""What the prompts and completions of training data end with, for models that only complete.

Such a model was trained on prompts that end with a separator, and on completions that end with a
stop sequence: asked without the one it rambles, without the other it never ends. Both are found in
the data, as the old `prepare_data` tool did.
"""

from dataclasses import asdict, dataclass

from django.core.cache import cache

from apps.datasets.models import Version
from apps.datasets.recipes.affixes import Common, mark_at_end
from apps.datasets.rows.reading import read_rows
from apps.jobs.models import Job
from apps.library.deployments import serving
from apps.providers.models import Connection

LOOKED_AT = 1_000  # rows; what is not common to those is no mark
LONGEST = 100
KEPT_SECONDS = 24 * 3600  # the rows of a version never change


@dataclass(frozen=True, slots=True)
class Ends:
    """What every prompt ends with, and every completion. Empty where nothing is common."""

    separator: str = ""
    stop: str = ""


def ends_for(connection: Connection, model: str, *, job: Job | None = None) -> Ends:
    """Return the ends of the data that this model was trained on; of `job`, for its base."""
    behind = serving.model_behind(connection, model)
    version = _data_of(behind.job if behind else None) or _data_of(job)
    return ends_of(version) if version else Ends()


def ends_of(version: Version) -> Ends:
    """Return the ends of a version's rows. Reads the file once a day at most."""
    if version.format != Version.Format.PROMPT_COMPLETION:
        return Ends()
    key = f"library.separators.{version.pk}"
    kept: dict[str, str] | None = cache.get(key)
    if kept is None:
        kept = asdict(_found(version))
        cache.set(key, kept, timeout=KEPT_SECONDS)
    return Ends(**kept)


def with_separator(prompt: str, ends: Ends) -> str:
    """End the prompt as the data does; one that was taken from it ends so already."""
    return prompt if prompt.endswith(ends.separator) else prompt + ends.separator


def separator_in(prompts: list[str]) -> str:
    """Return the mark that all prompts end with; a line that all share is one too."""
    common = _common(prompts)
    _before, newline, line = common.partition("\n")
    mark = mark_at_end(common) or (newline + line if newline else "")
    return mark if len(mark) <= LONGEST else ""


def stop_in(completions: list[str]) -> str:
    """Return the mark that all completions end with, and that stands nowhere else in them."""
    mark = mark_at_end(_common(completions))
    is_inside = any(mark in text[: -len(mark)] for text in completions) if mark else True
    return mark if not is_inside and len(mark) <= LONGEST else ""


def _common(texts: list[str]) -> str:
    """Return the common end of different texts; of one and the same, nobody can tell."""
    if not texts:
        return ""
    common = Common()
    common.add_all(texts)
    return "" if common.are_all_equal else common.suffix


def _found(version: Version) -> Ends:
    rows = [row.data for row in read_rows(version, 1, LOOKED_AT) if row.data]
    prompts, completions = (
        [text for row in rows if isinstance(text := row.get(name), str) and text]
        for name in ("prompt", "completion")
    )
    return Ends(separator_in(prompts), stop_in(completions))


def _data_of(job: Job | None) -> Version | None:
    return job.training_data if job else None
