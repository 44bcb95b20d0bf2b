"""How an upload was read, and what its columns are, in words."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.datasets.lifecycle import importing
from apps.datasets.models import Version
from apps.datasets.sources import Layout
from apps.datasets.sources.encodings import shown_name

FORMATS: dict[str, str | Promise] = {
    "jsonl": "JSONL",
    "json": "JSON",
    "csv": "CSV",
    "tsv": "TSV",
    "xlsx": gettext_lazy("a spreadsheet"),
    "txt": gettext_lazy("text, one row per line"),
    "parquet": "Parquet",
}
DELIMITERS = {
    ",": gettext_lazy("cells between commas"),
    ";": gettext_lazy("cells between semicolons"),
    "\t": gettext_lazy("cells between tabs"),
    "|": gettext_lazy("cells between vertical bars"),
}

LEFT_OUT = ""
CHOICES: list[Any] = [
    (LEFT_OUT, gettext_lazy("Leave out")),
    (
        gettext_lazy("Conversation"),
        [
            ("system", gettext_lazy("System prompt")),
            ("user", gettext_lazy("What the person says")),
            ("context", gettext_lazy("Added below what the person says")),
            ("assistant", gettext_lazy("What the model answers")),
            ("conversation", gettext_lazy("A whole conversation, as JSON")),
            ("tools", gettext_lazy("Tools, as JSON")),
        ],
    ),
    (
        gettext_lazy("Text"),
        [("prompt", gettext_lazy("Prompt")), ("completion", gettext_lazy("Completion"))],
    ),
    (
        gettext_lazy("Preference"),
        [
            ("preferred", gettext_lazy("The better answer")),
            ("non_preferred", gettext_lazy("The worse answer")),
        ],
    ),
    (gettext_lazy("Reinforcement"), [("reference", gettext_lazy("Kept for the grader"))]),
]
ROLE_WORDS = {code: words for _group, group in CHOICES[1:] for code, words in group}


@dataclass(frozen=True, slots=True)
class Origin:
    """What a version was before it was JSONL."""

    read_as: str
    columns: list[tuple[str, Any]]  # names, and what they were said to be
    left_out: list[str]
    form_token: UUID = field(default_factory=uuid4)  # a double click asks once

    @property
    def is_table(self) -> bool:
        return bool(self.columns)


def origin_of(version: Version) -> Origin | None:
    """Say how the upload was read; None where the rows are as they came."""
    layout = importing.layout_of(version)
    if layout is None or (version.source_format == "jsonl" and layout.is_as_stored):
        return None
    mapping = importing.mapping_of(version)
    roles = mapping.roles if mapping else {}
    names = mapping.columns if mapping else []
    chosen = [(name, ROLE_WORDS[roles[name]]) for name in names if roles.get(name) in ROLE_WORDS]
    return Origin(read_as(layout), chosen, [name for name in names if name not in roles])


def read_as(layout: Layout) -> str:
    """Say how a file was read, so that a person sees a wrong guess."""
    parts = [str(FORMATS.get(layout.format, layout.format))]
    if layout.is_packed:
        parts.append(_("unpacked"))
    if layout.encoding:
        parts.append(shown_name(layout.encoding))
    if layout.delimiter:
        parts.append(str(DELIMITERS[layout.delimiter]))
    return _("Read as %(facts)s.") % {"facts": ", ".join(parts)}
