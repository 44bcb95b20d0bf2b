"""How numbers, moments and fields look on every page."""

from datetime import timedelta

import pytest
from django import forms
from django.template import Context, Template
from django.utils import timezone

from apps.core.templatetags import ui


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "–"),
        (0, "0 s"),
        (59.6, "1 min 0 s"),
        (72, "1 min 12 s"),
        (3_660, "1 h 1 min"),
        (90_000, "1 d 1 h"),
        (-4, "0 s"),
    ],
)
def test_a_duration_is_said_in_its_two_largest_units(seconds, words):
    assert ui.duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "just now"), (18, "18 s ago"), (130, "2 min ago"), (7_300, "2 h ago"), (-9, "just now")],
)
def test_an_age_is_said_in_its_largest_unit(seconds, words):
    assert ui.age(timezone.now() - timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [(None, "–"), (0, "$0.00"), (0.004, "< $0.01"), (0.42, "$0.42"), (1234.5, "$1,234.50")],
)
def test_a_price_never_pretends_to_be_nothing(amount, words):
    assert ui.usd(amount) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [(None, "–"), (0, "0"), (999, "999"), (12_345, "12.3k"), (2_000_000, "2M")],
)
def test_a_large_count_is_shortened(number, words):
    assert ui.compact(number) == words


def test_only_what_is_missing_becomes_a_dash():
    assert [ui.or_dash(value) for value in (None, "", 0, "x")] == ["–", "–", 0, "x"]


@pytest.mark.parametrize("show", [ui.duration, ui.age, ui.usd, ui.compact, ui.or_dash])
def test_a_name_that_a_template_cannot_find_is_a_dash(show):
    assert (show(None), show("")) == ("–", "–")


def test_an_unknown_status_is_shown_in_neutral():
    assert ui.status_class("paused_by_provider") == "badge-neutral"


class PersonForm(forms.Form):
    name = forms.CharField(help_text="As others call you.")
    notes = forms.CharField(widget=forms.Textarea, required=False)
    agrees = forms.BooleanField(required=False)


def rendered(field: str, data: dict[str, str]) -> str:
    template = Template('{% include "_field.html" with field=field %}')
    return template.render(Context({"field": PersonForm(data)[field]}))


def test_a_field_names_its_help_and_its_error_to_a_screen_reader():
    html = rendered("name", {})
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert "input-error" in html


def test_an_optional_field_says_so():
    assert "(optional)" in rendered("notes", {})
    assert "(optional)" not in rendered("name", {})


def test_what_was_typed_is_escaped():
    assert "<script>" not in rendered("notes", {"notes": "</textarea><script>"})
