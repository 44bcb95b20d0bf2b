"""The translation that ships: complete, with every place for a value, and read by people."""

import io
import re

import pytest
from babel.messages import Catalog, Message
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext, ngettext, override

from apps.providers.types import DeploymentStatus
from tests.project.words import ROOT, Words, words_to_translate

PATH = ROOT / "apps/core/locale/zh_Hans/LC_MESSAGES/django.po"
PLACE = re.compile(r"%%?\(\w+\)[a-z]|%\.?\d*[a-z]|<[^>]+>")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with PATH.open("rb") as file:
        return read_po(file)


def entries(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def as_entries(missing: dict[Words, str]) -> str:
    """Return what a translator pastes into the catalogue and fills in."""
    wanted = Catalog(locale="zh_Hans")
    for words, place in missing.items():
        wanted.add(words, auto_comments=[place])
    file = io.BytesIO()
    write_po(file, wanted, width=0, omit_header=True)
    return file.getvalue().decode()


def test_every_sentence_has_a_place_in_the_catalogue(catalogue):
    known = {message.id for message in entries(catalogue)}
    missing = {words: place for words, place in words_to_translate().items() if words not in known}
    assert not missing, f"Translate these in {PATH.relative_to(ROOT)}:\n\n{as_entries(missing)}"


def test_the_catalogue_keeps_nothing_that_is_no_longer_said(catalogue):
    said = words_to_translate()
    forgotten = [message.id for message in entries(catalogue) if message.id not in said]
    assert not forgotten, f"Remove these from {PATH.relative_to(ROOT)}: {forgotten}"


def test_every_sentence_is_translated(catalogue):
    unfinished = [each.id for each in entries(catalogue) if each.fuzzy or not all_words(each)]
    assert not unfinished, f"Translate these in {PATH.relative_to(ROOT)}: {unfinished}"


def test_a_translation_keeps_every_place_for_a_value(catalogue):
    differing = [
        message.id
        for message in entries(catalogue)
        if sorted(PLACE.findall(all_words(message))) != sorted(PLACE.findall(longest(message)))
    ]
    assert not differing, f"Correct these in {PATH.relative_to(ROOT)}: {differing}"


def all_words(message: Message) -> str:
    """Return the translation; Chinese has one form for every count."""
    return message.string if isinstance(message.string, str) else "".join(message.string)


def longest(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[-1]


def test_chinese_has_one_form_for_every_count():
    with override("zh-hans"):
        shown = [ngettext("%(shown)s row", "%(shown)s rows", n) % {"shown": n} for n in (1, 5)]
    assert shown == ["1 行", "5 行"]


def test_a_word_that_means_two_things_is_translated_twice():
    with override("zh-hans"):
        assert (DeploymentStatus.ACTIVE.label, gettext("Answers")) == ("应答中", "回答")


def test_a_person_who_chose_chinese_reads_chinese(client: Client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    html = client.get(reverse("home:overview")).content.decode()
    assert '<html lang="zh-hans"' in html
    assert "数据集" in html
    assert "Datasets" not in html


def test_a_browser_that_asks_for_chinese_gets_it_before_anyone_signs_in(db):
    page = Client(headers={"Accept-Language": "zh-CN,zh;q=0.9"}).get(reverse("accounts:sign_in"))
    assert page["Content-Language"] == "zh-hans"
    assert "登录" in page.content.decode()
