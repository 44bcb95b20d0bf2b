"""What a linter does not see in the templates: inline code, unescaped text, untranslated words."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

FORBIDDEN = {
    "a script in the page": r"<script(?![^>]*\ssrc=)",
    "a style in the page": r"<style|\sstyle\s*=",
    "a handler in an attribute": r"\s(on[a-z]+|hx-on[^=\s]*)\s*=",
    "code in an htmx attribute": r"=[\"']\s*(js|javascript):",
    "text that is not escaped": r"\|\s*(safe|safeseq)\b|autoescape\s+off",
    "a text area that cuts what is pasted": r"<textarea[^>]*\smaxlength",
    "something from another server": r"(src|href)\s*=\s*[\"'](https?:)?//",
}
TRANSLATED = re.compile(
    r"{%-?\s*blocktrans(?:late)?\b.*?{%-?\s*endblocktrans(?:late)?\s*-?%}", re.S
)
HIDDEN = re.compile(r"{#.*?#}|{%\s*comment.*?endcomment\s*%}|{%.*?%}|{{.*?}}", re.S)
SPOKEN_ATTRIBUTES = {"aria-label", "alt", "title", "placeholder"}
SPOKEN_DATA = ("data-copied", "data-label", "data-undone", "data-unreachable", "data-words")
CODE_TAGS = {"code", "kbd", "pre", "samp"}
NAMES = re.compile(r"Retune|OpenAI|JSONL|CSV|Ctrl|Enter|Esc|gpt-[\w.-]+|https?:\S+|/v1|&\w+;|utf-8")


class Words(HTMLParser):
    """Collects the words that a person would read and that no translation tag surrounds."""

    def __init__(self, template: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._code_depth = 0
        self.feed(HIDDEN.sub(" ", TRANSLATED.sub(" ", template)))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._code_depth += tag in CODE_TAGS
        for name, value in attrs:
            if name in SPOKEN_ATTRIBUTES or name.startswith(SPOKEN_DATA):
                self._note(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._code_depth -= tag in CODE_TAGS

    def handle_data(self, data: str) -> None:
        if not self._code_depth:
            self._note(data)

    def _note(self, text: str) -> None:
        if re.search(r"[^\W\d_]{2,}", NAMES.sub(" ", text)):
            self.found.append(text.strip())


def name(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_is_escaped_and_has_no_code_inside(path):
    found = [what for what, pattern in FORBIDDEN.items() if re.search(pattern, path.read_text())]
    assert found == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_every_word_in_a_template_can_be_translated(path):
    assert Words(path.read_text()).found == []


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>Hello there</p>", ["Hello there"]),
        ('<a title="Go on">{{ x }}</a>', ["Go on"]),
        ('<p>{% translate "Hello there" %} · 3</p>', []),
        ("<p>{% blocktranslate %}Hello{% endblocktranslate %}</p>", []),
        ("<code>messages</code>", []),
    ],
)
def test_the_search_for_untranslated_words_finds_them(template, found):
    assert Words(template).found == found
