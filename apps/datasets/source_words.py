"""How an upload was read, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
