"""The page of repairs: suggestions, steps and their settings, the preview, and the new version."""

import re
from uuid import uuid4

import orjson
import pytest
from django.urls import reverse

from apps.datasets.models import Version
from apps.datasets.recipes.steps import STEPS
from tests.factories import make_version

GOOD = b'{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Ahoy"}]}\n'
SHIFTED = b'{"messages":[{"role":"human","content":"Hi"},{"role":"gpt","content":"Aye"}]}\n'
HOSTILE = b'{"messages":[{"role":"human","content":"<script>alert(1)</script>"},'
HOSTILE += b'{"role":"assistant","content":"Aye"}]}\n'
DIFFERENT = b"".join(GOOD.replace(b"Hi", f"Hi {n}".encode()) for n in range(9))
BAD = DIFFERENT + SHIFTED + HOSTILE + b"not json\n"


@pytest.fixture
def bad(upload):
    return upload(BAD)


@pytest.fixture
def page(client, django_capture_on_commit_callbacks):
    def send(version, posted=None, **more):
        url = reverse("datasets:repair", args=version.address)
        if posted is None:
            return client.get(url, more)
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(url, posted, **more)

    return send


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def fix_roles(**settings):
    return {"step": "fix_roles", "0-sent": "1", **settings}


def test_the_page_suggests_a_step_for_each_problem(page, bad):
    words = text_of(page(bad))
    assert "Fix the names of roles · 2 rows" in words
    assert "Mend lines that are not quite JSON · 1 row" in words
    assert "No step yet." in words


def test_one_click_adds_all_that_is_needed(page, bad):
    add = page(bad).context["suggestions"].all_repairs
    response = page(bad, {"add": add})
    assert [s["step"] for s in response.context["form"].recipe] == [
        "repair_lines",
        "fix_roles",
        "drop_rows_with_problems",
    ]
    assert "Of all 12 rows: 2 changed, 1 dropped, 0 added; 11 are left." in text_of(response)


def test_a_suggestion_is_added_in_its_turn_once_and_taken_back(page, bad):
    def codes(chosen, **button):
        return [step.code for step in page(bad, {"step": chosen, **button}).context["form"]]

    roles, copies = '[{"step": "fix_roles"}]', '[{"step": "drop_duplicates"}]'
    assert codes([], add=copies) == ["drop_duplicates"]
    assert codes(["drop_duplicates"], add=roles) == ["fix_roles", "drop_duplicates"]
    assert codes(["fix_roles", "drop_duplicates"], add=roles) == ["fix_roles", "drop_duplicates"]
    assert codes(["fix_roles", "drop_duplicates"], untick="0") == ["drop_duplicates"]
    shown = page(bad, {"step": ["trim", "fix_roles"]}).context["repairs"]
    places = {each.title: place for each, place in shown}
    assert places[STEPS["repair_lines"].title] is None
    assert places[STEPS["fix_roles"].title] == 1


def test_two_columns_are_renamed_by_two_steps(page, bad):
    recipe = [{"step": "rename_key", "old": old, "new": old.lower()} for old in ("Prompt", "Text")]
    posted = {"step": "rename_key", "0-sent": "1", "0-old": "Prompt", "0-new": "prompt"}
    both = page(bad, {**posted, "add": orjson.dumps(recipe).decode()}).context["form"].chosen
    assert [step.typed["old"] for step in both] == ["Prompt", "Text"]


def test_the_address_brings_the_steps_back_also_while_one_is_wrong(page, client, bad):
    posted = {"step": ["fix_roles", "set_system_prompt"], "0-sent": "1", "0-user": "caller, guest"}
    answer = page(bad, {**posted, "1-sent": "1", "1-how": "add"}, headers={"HX-Request": "true"})
    shown = client.get(answer["HX-Replace-Url"])
    assert shown.status_code == 200
    roles, prompt = shown.context["form"].steps
    assert roles.settings()["user"] == ["caller", "guest"]
    assert prompt.errors == {"text": ["Fill this in."]}
    long = {"step": "replace_text", "0-sent": "1", "0-find": "x" * 5_000}
    answer = page(bad, long, headers={"HX-Request": "true"})
    assert answer["HX-Replace-Url"] == reverse("datasets:repair", args=bad.address)


def test_a_problem_group_leads_here_with_its_step_chosen(page, client, bad):
    report = client.get(bad.get_absolute_url()).content.decode()
    link = reverse("datasets:repair", args=bad.address) + "?fix=unknown_role"
    assert link in report
    response = page(bad, fix="unknown_role")
    assert [step.code for step in response.context["form"]] == ["fix_roles"]
    assert "Changes 2 rows." in text_of(response)


def test_rows_are_shown_before_and_after_and_never_run(page, bad):
    response = page(bad, fix_roles())
    html = response.content.decode()
    assert "<del>human</del>" in html
    assert "<ins>user</ins>" in html
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html


def test_steps_are_moved_and_taken_out_without_a_script(page, bad):
    two = {"step": ["trim", "fix_roles"], "0-sent": "1", "1-sent": "1", "1-user": "caller"}

    def codes(**button):
        return [step.code for step in page(bad, {**two, **button}).context["form"]]

    assert codes(up="1") == ["fix_roles", "trim"]
    assert codes(down="0") == ["fix_roles", "trim"]
    assert codes(remove="0") == ["fix_roles"]
    assert codes(up="0") == codes(down="1") == codes(remove="9") == ["trim", "fix_roles"]
    assert codes(pick="drop_duplicates", pick_add="1") == ["trim", "fix_roles", "drop_duplicates"]
    moved = page(bad, {**two, "up": "1"}).context["form"].recipe[0]
    assert moved["user"] == ["caller"]


def test_a_wrong_setting_gets_a_sentence_at_its_field(page, bad):
    posted = {"step": "set_system_prompt", "0-sent": "1", "0-how": "add", "0-text": " "}
    response = page(bad, {**posted, "make": "1"})
    assert response.status_code == 422
    assert response.context["form"].steps[0].errors == {"text": ["Fill this in."]}
    assert 'id="id_0-text_error"' in response.content.decode()
    assert bad.dataset.versions.count() == 1


def test_make_leads_to_the_new_version_and_twice_to_the_same(page, bad):
    posted = fix_roles(make="1", note="roles", form_token=str(uuid4()))
    first, again = page(bad, posted), page(bad, posted)
    made = Version.objects.get(dataset=bad.dataset, number=2)
    assert first.url == again.url == made.get_absolute_url()
    assert bad.dataset.versions.count() == 2
    assert made.recipe == [{"step": "fix_roles", "user": [], "assistant": [], "system": []}]
    assert (made.note, made.problem_row_count) == ("roles", 1)


@pytest.mark.parametrize(
    ("posted", "words"),
    [
        ({}, "Choose a step first."),
        ({"step": "lower_case"}, "These steps change nothing, so no version was made."),
        (
            {"step": "keep_rows", "0-sent": "1", "0-rows": "9000"},
            "No row would be left after these steps.",
        ),
        ({"step": "sing"}, "There is no step “sing”."),
    ],
)
def test_what_would_lead_nowhere_is_refused_with_a_sentence(page, bad, posted, words):
    response = page(bad, {**posted, "make": "1"})
    assert response.status_code == 422
    assert words in text_of(response)
    assert bad.dataset.versions.count() == 1


@pytest.mark.parametrize(
    ("asked", "words", "left"),
    [
        ({"step": ["fix_roles", "nonsense"]}, "There is no step “nonsense”.", ["fix_roles"]),
        ({"step": "edits"}, "There is no step “edits”.", []),
        ({"fix": "<b>"}, "There is no kind of problem “&lt;b&gt;”.", []),
    ],
)
def test_a_link_to_what_is_no_step_says_so(page, bad, asked, words, left):
    response = page(bad, **asked)
    assert response.status_code == 400
    assert words in response.content.decode()
    assert [step.code for step in response.context["form"]] == left


def test_the_preview_alone_is_sent_to_htmx(page, bad):
    response = page(bad, fix_roles(), headers={"HX-Request": "true"})
    html = response.content.decode()
    assert html.lstrip().startswith('<div class="flex flex-col gap-6" id="repair-builder"')
    assert "<html" not in html


def test_what_no_step_repairs_is_left_out_row_by_row(page, upload):
    late = b'{"messages":[{"role":"user","content":"Hi"},{"role":"system","content":"x"},'
    late += b'{"role":"assistant","content":"Ahoy"}]}\n'
    version = upload(GOOD * 3 + late)
    response = page(version, fix="late_system")
    assert response.context["form"].recipe == [{"step": "leave_out_rows", "rows": "4"}]


def test_the_steps_of_a_version_can_be_taken_on_the_next_upload(page, bad, client, owner):
    page(bad, fix_roles(make="1") | {"0-user": "caller"})
    made = Version.objects.get(dataset=bad.dataset, number=2)
    report = text_of(client.get(made.get_absolute_url()))
    assert "Made from train, version 1 in 1 step" in report
    assert "Fix the names of roles · Other names of the user: caller Changes 2 rows." in report
    third = make_version(workspace=owner.workspace, dataset=bad.dataset, content=SHIFTED)
    suggestions = page(third).context["suggestions"]
    assert suggestions.earlier == made
    response = page(third, {"add": suggestions.earlier_steps})
    assert response.context["form"].recipe == made.recipe
    assert page(made).context["suggestions"].earlier is None


def test_prompts_and_completions_get_the_old_tools_suggestions(page, upload):
    rows = [{"prompt": f"say {n}", "completion": f"a {n} {n % 7}"} for n in range(40)]
    version = upload(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    response = page(version)
    words = text_of(response)
    assert "End every prompt with the same separator" in words
    assert "Pairs of prompt and completion: 40." in words
    again = page(version, {"add": response.context["suggestions"].all_preparations})
    assert [s["step"] for s in again.context["form"].recipe] == [
        "add_separator",
        "add_ending",
        "space_before_completion",
    ]
    made = page(version, {"step": "to_chat", "make": "1"})
    chat = Version.objects.get(dataset=version.dataset, number=2)
    assert made.url == chat.get_absolute_url()
    assert chat.format == Version.Format.CHAT


def test_classes_are_led_to_the_split(page, upload):
    rows = [{"prompt": f"say {n}", "completion": f" {n % 2}"} for n in range(40)]
    version = upload(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    html = page(version).content.decode()
    split = reverse("datasets:split", args=version.address)
    assert f'to validate with. <a class="link" href="{split}">Split version 1</a>' in " ".join(
        html.split()
    )


def test_a_viewer_reads_the_suggestions_and_changes_nothing(client_of, viewer, bad):
    client, url = client_of(viewer), reverse("datasets:repair", args=bad.address)
    response = client.get(url)
    assert response.status_code == 200
    assert (
        "<button" not in response.content.decode().split('id="repair-form"')[1].split("</form>")[0]
    )
    assert client.post(url, fix_roles(make="1")).status_code == 404


def test_a_version_without_rows_has_nothing_to_repair(page, upload):
    failed = upload(b"PK\x03\x04")
    assert "no rows that could be changed" in text_of(page(failed))


def test_hostile_settings_never_end_in_a_traceback(page, bad):
    for posted in (
        {"add": "[" * 5000},
        {"add": '{"step": "edits", "rows": 3}'},
        {"add": '[{"step": ["x"]}, 5, null]'},
        {"step": ["trim"] * 200},
        {"step": "replace_text", "0-sent": "1", "0-find": "\0"},
        {"step": "drop_long_rows", "0-sent": "1", "0-most": "1e999"},
        {"step": "drop_long_rows", "0-sent": "1", "0-most": "nan"},
        {"step": "split"},
        {"step": "merge"},
        {"step": "edits"},
        {"up": "99999999999999999999", "down": "-1", "remove": "x"},
        {"form_token": "x", "make": "1", "step": "fix_roles"},
        {"fix": "\0nothing"},
    ):
        assert page(bad, posted).status_code in {200, 302, 422}


def test_the_report_names_every_step_with_the_settings_that_were_changed(client, owner):
    offered = [step for step in STEPS.values() if step.is_offered]
    usual = [{"step": s.code, **{p.name: p.default for p in s.params}} for s in offered]
    recipe = [*usual, {"step": "normalise_unicode", "mojibake": False}]
    did = [{"step": entry["step"], "changed": 1} for entry in recipe]
    made = make_version(workspace=owner.workspace, recipe=recipe, outcome=did)
    taken = client.get(made.get_absolute_url()).context["steps_taken"]
    assert [step.title for step in taken[:-1]] == [step.title for step in offered]
    assert [len(step.settings) for step in taken] == [0] * len(offered) + [1]
    assert taken[-1].settings[0][1] == "no"
