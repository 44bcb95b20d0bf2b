"""The translation that ships: complete, compiled, and with every place for a value kept."""

import gettext
import json
import re
from pathlib import Path

from django.conf import settings
from django.test import Client
from django.urls import reverse

FOLDER = Path(settings.LOCALE_PATHS[0], "zh_Hans", "LC_MESSAGES")
ENTRY = re.compile(
    r'^msgid (".+")\n(?:msgid_plural (".+")\n)?msgstr(?:\[0\])? (".*")$',
    re.MULTILINE,
)
PLACE = re.compile(r"%%?\(\w+\)[a-z]|%\.?\d*[a-z]|<[^>]+>")


def entries() -> list[tuple[str, str, str]]:
    """Return the source, its plural ("" without one) and the translation of each entry."""
    found = ENTRY.finditer((FOLDER / "django.po").read_text())
    return [tuple(json.loads(part or '""') for part in entry.groups()) for entry in found]


def test_every_entry_is_translated():
    assert len(entries()) > 600
    assert [source for source, _, words in entries() if not words] == []


def test_the_compiled_translation_is_the_one_that_can_be_read():
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    differing = [
        source
        for source, plural, words in entries()
        if (compiled.ngettext(source, plural, 1) if plural else compiled.gettext(source)) != words
    ]
    assert differing == []


def test_a_translation_keeps_every_place_for_a_value():
    differing = [
        source
        for source, plural, words in entries()
        if sorted(PLACE.findall(words)) != sorted(PLACE.findall(plural or source))
    ]
    assert differing == []


def test_a_person_who_chose_chinese_reads_chinese(client: Client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    html = client.get(reverse("home:overview")).content.decode()
    assert '<html lang="zh-hans"' in html
    assert "数据集" in html
    assert "Datasets" not in html
