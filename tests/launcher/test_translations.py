"""The compiled catalogues follow their sources, and cost nothing while those stay the same."""

import gettext
from pathlib import Path

import pytest

from config.launcher.translations import compile_translations

HEADER = 'msgid ""\nmsgstr "Plural-Forms: nplurals=1; plural=0;\\n"\n\n'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "apps/core/locale/zh_Hans/LC_MESSAGES/django.po"
    path.parent.mkdir(parents=True)
    path.write_text(HEADER + 'msgid "Job"\nmsgstr "任务"\n')
    return path


def translated(source: Path, word: str) -> str:
    with source.with_suffix(".mo").open("rb") as compiled:
        return gettext.GNUTranslations(compiled).gettext(word)


def test_a_catalogue_is_compiled_once(source, tmp_path):
    assert compile_translations(tmp_path) == [source]
    assert translated(source, "Job") == "任务"
    assert compile_translations(tmp_path) == []


def test_changed_words_are_compiled_again(source, tmp_path):
    compile_translations(tmp_path)
    source.write_text(source.read_text().replace("任务", "作业"))
    assert compile_translations(tmp_path) == [source]
    assert translated(source, "Job") == "作业"


def test_a_lost_catalogue_is_compiled_again(source, tmp_path):
    compile_translations(tmp_path)
    source.with_suffix(".mo").unlink()
    assert compile_translations(tmp_path) == [source]


def test_nothing_unfinished_is_left_behind(source, tmp_path):
    compile_translations(tmp_path)
    assert sorted(path.suffix for path in source.parent.iterdir()) == [".mo", ".po"]
