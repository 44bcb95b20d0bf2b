"""The examination: begins by itself, survives killed workers, and shows what it found."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Membership
from apps.datasets import tasks
from apps.datasets.check.processes import CheckerDied
from apps.datasets.lifecycle import examining
from apps.datasets.models import Problem, Version
from apps.datasets.services.recipes import make_version
from tests.factories import chat_row

KEY = "sk-" + "proj-" + "aB3dE5gH7jK9mN1pQ2sT4vW6yZ8bC0"
SORRY = "I'm sorry, but I can't help with that."


def lines(*rows):
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


BAD = lines(
    *(chat_row(f"How do I bake bread number {n}?", f"Use an oven, version {n}.") for n in range(8)),
    chat_row("What is my key?", f"Your key is {KEY}. Mail ann.lee@acme.io."),
    chat_row("Who are you?", SORRY),
    chat_row("Who are you?", "I am Pip."),
    chat_row("who are  you?", "I am Pip."),
    chat_row("Write to them", "Dear {{name}}, hello."),
    chat_row("And now?", SORRY),
)


@pytest.fixture
def version(upload) -> Version:
    return upload(BAD)


@pytest.fixture
def due(version) -> Version:
    """A version whose examination is due once more."""
    Version.objects.update(next_examine_at=timezone.now(), examine_attempts=0)
    return version


def claimed(version: Version, *, late_seconds: int = 0) -> Version:
    at = timezone.now() + timedelta(seconds=late_seconds)
    taken = Version.objects.claim_examination(version.pk, at=at, lease=examining.LEASE)
    assert taken
    return taken


def page_of(client, version: Version) -> str:
    return client.get(version.get_absolute_url()).content.decode()


def found(version: Version) -> set[tuple[int, str]]:
    mine = version.problems.filter(code__in=examining.quality.RULES)
    return set(mine.values_list("row", "code"))


def test_an_upload_is_examined_by_itself(version):
    assert version.status == Version.Status.READY
    assert version.examined_at
    assert version.next_examine_at is None
    assert found(version) == {
        (9, "secret"),
        (9, "email_address"),
        (10, "refusal"),
        (14, "refusal"),
        (0, "many_refusals"),
        (10, "conflicting_answers"),
        (11, "conflicting_answers"),
        (12, "conflicting_answers"),
        (12, "loose_copy"),
        (13, "unfilled_template"),
    }


def test_the_report_says_what_it_means_and_how_sure_it_is(client, version):
    page = page_of(client, version)
    assert "14 % of the answers are refusals; expect as many from the model." in page
    assert "OpenAI key · 1" in page
    assert "The same question, answered in different ways" in page
    assert "certain" in page
    assert "likely" in page


def test_a_secret_is_nowhere_whole(client, version):
    kept = json.dumps([*Problem.objects.values("params", "path"), version.examination])
    listed = client.get(reverse("datasets:problems", args=version.address) + "?code=secret")
    for text in (kept, page_of(client, version), listed.content.decode()):
        assert KEY[:9] not in text
        assert "ann.lee" not in text
    assert "beginning with “sk-p”" in listed.content.decode()


def test_what_redaction_leaves_is_clean_and_still_says_the_same(
    client, version, django_capture_on_commit_callbacks
):
    page = page_of(client, version)
    repair = reverse("datasets:repair", args=version.address)
    for query in ("fix=secret", "step=redact"):
        assert f'href="{repair}?{query}"' in page
        assert "ann.lee@acme.io" in client.get(f"{repair}?{query}").content.decode()  # before
        assert "[EMAIL_1]" in client.get(f"{repair}?{query}").content.decode()  # and after
    with django_capture_on_commit_callbacks(execute=True):
        make_version(version=version, membership=owner_of(client), recipe=[{"step": "redact"}])
    made = version.dataset.versions.get(number=2)
    assert (made.status, made.row_count) == (Version.Status.READY, 14)
    assert found(made) == found(version) - {(9, "secret"), (9, "email_address")}
    assert "Your key is [SECRET_1]. Mail [EMAIL_1]." in made.path.read_text()


def owner_of(client) -> Membership:
    return Membership.objects.get(user_id=client.session["_auth_user_id"])


def test_a_finding_leads_to_its_rows(client, version):
    address = reverse("datasets:rows", args=version.address) + "?code=unfilled_template"
    assert f'href="{address}"' in page_of(client, version)
    rows = client.get(address).content.decode()
    assert "Dear {{name}}, hello." in rows
    assert "Use an oven" not in rows


def test_groups_are_shown_side_by_side(client, version):
    url = reverse("datasets:clusters", args=version.address)
    page = client.get(f"{url}?kind=conflicts").content.decode()
    assert SORRY.replace("'", "&#x27;") in page
    assert "I am Pip." in page
    assert client.get(f"{url}?kind=near&page=99").status_code == 200


def test_a_file_without_fault_gets_a_clear_sentence(client, upload):
    version = upload(lines(*(chat_row(f"Question {n}", f"Answer {n}") for n in range(12))))
    assert "No repetition, secrets, refusals, leftovers or the like were found." in page_of(
        client, version
    )


def test_what_comes_twice_is_done_once(due):
    tasks.examine_version(version_id=due.pk)
    seen = Version.objects.get().examined_at
    tasks.examine_version(version_id=due.pk)
    assert Version.objects.get().examined_at == seen
    assert due.problems.filter(code="secret").count() == 1


def test_another_worker_takes_over_when_one_goes_silent(due):
    first = claimed(due)
    assert not Version.objects.claim_examination(due.pk, at=timezone.now(), lease=examining.LEASE)
    second = claimed(due, late_seconds=60)
    examining.examine_claimed(first)  # wakes up while the other one is at work
    assert Version.objects.get().next_examine_at
    examining.examine_claimed(second)
    seen = Version.objects.get().examined_at
    examining.examine_claimed(first)
    assert Version.objects.get().examined_at == seen
    assert due.problems.filter(code="secret").count() == 1


def test_the_tick_wakes_what_is_due(due):
    due.problems.all().delete()
    tasks.check_due_versions()
    assert due.problems.filter(code="secret").exists()


def test_a_killed_process_makes_it_due_again_at_once(due, monkeypatch):
    def killed(*_, **__):
        raise CheckerDied

    monkeypatch.setattr(examining, "examine", killed)
    examining.examine_claimed(claimed(due))
    assert Version.objects.to_examine(timezone.now()).get() == due


def test_an_examination_that_keeps_dying_ends_in_words(client, due):
    Version.objects.update(examine_attempts=examining.MOST_ATTEMPTS)
    tasks.examine_version(version_id=due.pk)
    version = Version.objects.get()
    assert version.next_examine_at is None
    assert "broken off several times" in page_of(client, version)
    assert version.status == Version.Status.READY


def test_a_new_check_makes_a_running_examination_worthless(due):
    taken = claimed(due)
    Version.objects.update(checked_at=timezone.now())
    Problem.objects.all().delete()
    examining.examine_claimed(taken)
    assert not Problem.objects.exists()


def test_the_problems_of_the_check_stay(upload):
    version = upload(BAD + b"{broken\n")
    assert version.status == Version.Status.INVALID
    assert version.problems.filter(code="invalid_json", row=15).exists()
    tasks.examine_version(version_id=version.pk)
    Version.objects.update(next_examine_at=timezone.now())
    tasks.examine_version(version_id=version.pk)
    assert version.problems.filter(code="invalid_json", row=15).exists()


def test_empty_lines_at_the_end_are_no_rows(upload):
    version = upload(BAD + b"\n\n")
    assert version.examination["rows"] == 14
    assert (9, "secret") in found(version)


def test_progress_is_written_shown_and_extends_the_lease(client, due, monkeypatch):
    monkeypatch.setattr(examining, "PROGRESS_SECONDS", 0)
    taken = claimed(due)
    before = Version.objects.get().next_examine_at
    examining._Reporter(taken)(examining.Progress(bytes=10, rows=3))
    assert Version.objects.get().next_examine_at > before
    url = reverse("datasets:quality", args=due.address)
    page = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "3 rows looked at" in page
    assert 'hx-trigger="every 1s"' in page
    seen = Version.objects.get().updated_at.isoformat().replace("+", "%2B")
    assert client.get(f"{url}?seen={seen}", headers={"HX-Request": "true"}).status_code == 204


def test_a_person_can_have_it_looked_at_again(client, version, django_capture_on_commit_callbacks):
    Problem.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("datasets:examine", args=version.address))
    assert version.problems.filter(code="secret").exists()
