"""Why a file cannot be checked at all: one clear sentence each, put together when it is read."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

FAILURES: dict[str, Any] = {
    "empty": gettext_lazy("The file is empty."),
    "zip": gettext_lazy("This is a zip archive. Unpack it and upload the file inside."),
    "zip_folder": gettext_lazy(
        "This is a zipped folder of %(count)s files. Unpack it and upload the files in it."
    ),
    "other_archive": gettext_lazy("This is an archive. Unpack it and upload the files in it."),
    "packed_twice": gettext_lazy("This file was packed twice. Unpack it once and upload it again."),
    "broken_gzip": gettext_lazy(
        "The packed file breaks off or is damaged. Pack it again, or upload it unpacked."
    ),
    "unpacks_too_large": gettext_lazy(
        "Unpacked, this is more than %(limit)s MB, which is the most that can be read. "
        "Split it into smaller files."
    ),
    "html": gettext_lazy(
        "This is a web page, not a dataset. Was a sign-in page downloaded instead?"
    ),
    "pdf": gettext_lazy("This is a PDF document, not a dataset. Save its examples as a table."),
    "old_office": gettext_lazy(
        "This is an office document that cannot be read. "
        "If it is a spreadsheet, save it as .xlsx or .csv."
    ),
    "binary": gettext_lazy("This is a binary file. It holds no text to read examples from."),
    "broken_workbook": gettext_lazy(
        "The spreadsheet cannot be opened. Save it again as .xlsx without a password, or as .csv."
    ),
    "damaged_workbook": gettext_lazy(
        "This looks like an Excel file that is damaged or breaks off. "
        "Save it again as .xlsx, or as .csv."
    ),
    "broken_parquet": gettext_lazy("The Parquet file is damaged or breaks off. Write it again."),
    "bad_bytes": gettext_lazy(
        "The file is written in %(encoding)s, but the byte %(byte)s at offset %(offset)s "
        "(line %(line)s) does not fit. Save the file as UTF-8."
    ),
    "open_quote": gettext_lazy(
        "In the row that begins in line %(line)s, a quotation mark is opened and never closed."
    ),
    "line_too_long": gettext_lazy(
        "One row is longer than %(megabytes)s MB, which is the most that can be read."
    ),
    "json_ends_at_once": gettext_lazy(
        "The JSON ends before its first example is whole. The file was probably cut off."
    ),
    "json_ends_early": gettext_lazy(
        "The JSON ends too early, after example %(count)s. The file was probably cut off."
    ),
    "json_broken_at_once": gettext_lazy(
        "In the first example, at offset %(offset)s, a bracket does not match the one "
        "that it should close."
    ),
    "json_broken": gettext_lazy(
        "After example %(count)s, at offset %(offset)s, a bracket does not match the one "
        "that it should close."
    ),
    "several_lists": gettext_lazy(
        "The JSON holds several lists (%(keys)s). Save each of them as a file of its own."
    ),
    "too_many_rows": gettext_lazy(
        "The file has more than %(limit)s rows, which is the most that can be checked. "
        "Split it into smaller files."
    ),
    "gone": gettext_lazy("The file is no longer on the disk."),
    "origin_gone": gettext_lazy("The version that this one is made from is no longer there."),
    "recipe_left_nothing": gettext_lazy("No row is left after these steps."),
    "recipe_changed_nothing": gettext_lazy(
        "These steps change nothing, so this version would be the same as the one before it."
    ),
    "recipe_refused": gettext_lazy("The steps cannot be taken: %(reason)s"),
    "rows_too_large": gettext_lazy(
        "The rows would take more than %(limit)s, which is the most that a file may have here."
    ),
    "gave_up": gettext_lazy(
        "The check was broken off %(count)s times. The log of the worker says why; "
        "after that, delete the file here and upload it again."
    ),
}


def failure_words(code: str, params: Mapping[str, Any]) -> str:
    """Say in one sentence why a file cannot be read; empty when nothing failed."""
    sentence = str(FAILURES.get(code, code))
    return sentence % params if params else sentence
