"""From a recipe to a version: made once, by a worker that may die, with what each step did."""

from uuid import uuid4

import orjson
import pytest

from apps.core.leases import LeaseLost
from apps.datasets import tasks
from apps.datasets.lifecycle import building, deriving, leases
from apps.datasets.models import Version
from apps.datasets.recipes.steps import StepError
from apps.datasets.services.recipes import FormUsedBefore, make_dataset, make_version

GOOD = b'{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Ahoy"}]}\n'
SHIFTED = b'{"messages":[{"role":"human","content":"Hi"},{"role":"gpt","content":"Aye"}]}\n'
BAD = GOOD + SHIFTED + b"not json\n"
RECIPE = [{"step": "fix_roles"}, {"step": "drop_unreadable"}]


@pytest.fixture
def bad(upload):
    return upload(BAD)


@pytest.fixture
def make(owner, django_capture_on_commit_callbacks):
    """Make a version, or a dataset of that name, and let a worker write it."""

    def send(version, recipe, **more):
        with django_capture_on_commit_callbacks(execute=True):
            verb = make_dataset if "name" in more else make_version
            made = verb(version=version, membership=owner, recipe=recipe, **more)
        return Version.objects.get(pk=made.pk)

    return send


def test_a_recipe_makes_the_next_version_ready(bad, make):
    assert bad.status == Version.Status.INVALID
    made = make(bad, RECIPE, note=" my \0 first\nrepair ")
    assert (made.number, made.parent, made.status) == (2, bad, Version.Status.READY)
    assert made.is_newest
    assert made.note == "my first repair"
    assert [(o["step"], o["changed"], o["dropped"]) for o in made.outcome] == [
        ("fix_roles", 1, 0),
        ("drop_unreadable", 0, 1),
    ]
    rows = made.path.read_bytes()
    assert rows.startswith(GOOD)
    assert (made.row_count, made.size_bytes) == (2, len(rows))
    assert made.path.with_suffix(".origin").read_bytes() == b"\1\0\0\0\2\0\0\0"
    assert bad.path.read_bytes() == BAD, "the first version stays as it was"


def test_the_same_form_makes_one_version(bad, make):
    token = uuid4()
    first = make(bad, RECIPE, token=token)
    assert make(bad, RECIPE, token=token) == first
    assert bad.dataset.versions.count() == 2
    assert make(bad, RECIPE, token=uuid4()).number == 3


def test_a_used_form_of_a_stranger_makes_and_shows_nothing(bad, make, stranger):
    token = uuid4()
    make(bad, RECIPE, token=token)
    with pytest.raises(FormUsedBefore):
        make_version(version=bad, membership=stranger, recipe=RECIPE, token=token)
    assert bad.dataset.versions.count() == 2


@pytest.mark.parametrize(
    ("recipe", "failure"),
    [
        ([{"step": "drop_rows_with_problems", "codes": ["unknown_role"]}], ""),
        ([{"step": "trim"}], "recipe_changed_nothing"),
        (
            [{"step": "fix_roles", "user": ["x"]}, {"step": "drop_long_rows", "most": 1}],
            "recipe_left_nothing",
        ),
    ],
)
def test_a_recipe_that_leads_nowhere_says_so(upload, make, recipe, failure):
    made = make(upload(GOOD + SHIFTED), recipe)
    assert made.failure == failure
    if failure:
        assert made.status == Version.Status.FAILED
        assert made.error.endswith(".")
        assert not made.path.exists()
        assert not list(made.path.parent.glob("*.part"))


def test_nonsense_is_refused_before_a_version_is_made(bad, make):
    with pytest.raises(StepError):
        make(bad, [{"step": "sing"}])
    assert bad.dataset.versions.count() == 1


def test_a_worker_killed_while_writing_begins_anew(bad, make, monkeypatch):
    """At the worst moment: the row knows its outcome, the file has not its name yet."""

    def killed(*_args, **_columns):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(building.leases, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            make(bad, RECIPE)
    made = bad.dataset.versions.get(number=2)
    assert made.is_checking
    assert not made.path.exists()
    Version.objects.filter(pk=made.pk).update(next_check_at=made.created_at)
    tasks.check_version(version_id=made.pk)
    made.refresh_from_db()
    assert made.status == Version.Status.READY
    assert made.outcome[0]["changed"] == 1


def test_a_worker_that_lost_its_lease_leaves_the_file_to_the_other(bad, make, monkeypatch):
    run = deriving.engine.run

    def overtaken(*args, **more):
        outcomes = run(*args, **more)
        if not calls:
            calls.append(1)
            made = bad.dataset.versions.get(number=2)
            Version.objects.filter(pk=made.pk).update(next_check_at=made.created_at)
            tasks.check_version(version_id=made.pk)
            args[2].write(b"too late\n" * 5)  # it does not know yet
        return outcomes

    calls = []
    monkeypatch.setattr(deriving.engine, "run", overtaken)
    made = make(bad, RECIPE)
    assert made.status == Version.Status.READY
    assert made.check_attempts == 2
    assert len(made.path.read_bytes().splitlines()) == 2
    assert not list(made.path.parent.glob("*.part"))


def test_a_version_waits_for_the_rows_of_the_one_it_is_made_from(bad, make):
    first = make(bad, RECIPE)
    first.path.rename(first.path.with_suffix(".hidden"))
    Version.objects.filter(pk=first.pk).update(status="checking")
    second = make(first, [{"step": "replace_text", "find": "Hi", "by": "Hey"}])
    assert (second.status, second.check_attempts) == ("checking", 0)
    first.path.with_suffix(".hidden").rename(first.path)
    Version.objects.filter(pk=second.pk).update(next_check_at=second.created_at)
    tasks.check_version(version_id=second.pk)
    second.refresh_from_db()
    assert second.status == Version.Status.READY


def test_a_version_whose_origin_is_gone_says_so(bad, make):
    bad.path.unlink()
    assert make(bad, RECIPE).failure == "origin_gone"


def test_versions_are_put_one_after_the_other(bad, make, upload):
    other = upload(GOOD.replace(b"Hi", b"Hello"), "other.jsonl")
    recipe = [
        {"step": "merge", "versions": [str(bad.public_id), str(other.public_id)]},
        *RECIPE,
    ]
    made = make(bad, recipe, name="Both", token=uuid4())
    assert (made.title, made.row_count, made.status) == ("Both", 3, Version.Status.READY)
    said = [orjson.loads(line)["messages"][0]["content"] for line in made.path.open("rb")]
    assert said == ["Hi", "Hi", "Hello"]
    assert made.path.with_suffix(".origin").read_bytes() == b"\1\0\0\0\2\0\0\0\0\0\0\0"


def test_rows_of_a_stranger_are_never_merged(bad, make, upload, stranger):
    theirs = upload(GOOD, "theirs.jsonl")
    Version.objects.filter(pk=theirs.pk).update(workspace=stranger.workspace)
    recipe = [{"step": "merge", "versions": [str(bad.public_id), str(theirs.public_id)]}]
    assert make(bad, recipe).failure == "origin_gone"


def test_rows_larger_than_a_file_may_be_are_refused(bad, make, settings):
    settings.MAX_UPLOAD_BYTES = len(BAD) + 100
    made = make(bad, [{"step": "replace_text", "find": "Hi", "by": "Hi" * 200}])
    assert made.failure == "rows_too_large"
    assert "that a file may have here" in made.error


def test_what_is_not_held_is_not_written(bad):
    with pytest.raises(LeaseLost):
        leases.write(bad, note="late")
