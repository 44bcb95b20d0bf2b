"""How a suite comes to be: of rows, of saved cases, or of the questions of another suite."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.core import queue
from apps.core.naming import free_name
from apps.datasets.models import Version
from apps.evals import tasks
from apps.evals.graders import needs_expected
from apps.evals.models import Case, SavedCase, Suite
from apps.evals.questions import cases, slices
from apps.evals.questions.cases import Question
from apps.evals.services import Refused


@dataclass(frozen=True, slots=True)
class Material:
    """What is to be asked, and where it came from."""

    kind: Suite.Kind
    questions: Sequence[Question]
    name: str  # of the suite, where nobody gives it one
    field: str  # of the form, where this was chosen
    data: Version | None = None
    seed: int = 0
    left_out: int = 0


def of_rows(data: Version, *, count: int, seed: int, expected_in: str = "") -> Material:
    """Take rows of a dataset at random; the same seed takes the same rows.

    `expected_in` names the field of a row with the expected answer, where no message is that.
    """
    numbers = cases.sampled(data, count=min(count, cases.MOST_CASES), seed=seed)
    found = cases.distinct(cases.questions(data, numbers, expected_in=expected_in))
    left_out = len(numbers) - len(found)
    return Material(Suite.Kind.ROWS, found, data.name, "dataset", data, seed, left_out)


def of_collection(membership: Membership, collection: str) -> Material:
    """Take the saved cases of a collection as they are now."""
    saved = SavedCase.objects.visible_to(membership).filter(collection=collection).order_by("pk")
    found = [Question(case.messages, case.expected) for case in saved[: cases.MOST_CASES]]
    left_out = saved.count() - len(found)
    return Material(Suite.Kind.SAVED, found, collection, "collection", left_out=left_out)


def of_suite(suite: Suite) -> Material:
    """Take the questions of another suite, so that they can be judged by other graders."""
    found = [
        Question(
            case.messages,
            case.expected,
            case.row,
            case.grader,
            _kept_slices(case),
            tools=case.tools,
        )
        for case in suite.cases.all()
    ]
    kind = Suite.Kind(suite.kind)
    return Material(kind, found, suite.name, "copied", suite.data, suite.seed, suite.left_out)


def create_suite(
    *,
    membership: Membership,
    material: Material,
    name: str,
    graders: Sequence[Mapping[str, Any]],
    public_id: UUID,
) -> Suite:
    """Save a suite with its questions; raises Refused when none of them can be judged."""
    found = _gradable(material.questions, graders)
    if not found:
        words = _("None of these questions has an expected answer, and these graders need one.")
        raise Refused(words, field=material.field)
    suite = Suite(
        public_id=public_id,
        workspace=membership.workspace,
        created_by=membership.user,
        kind=material.kind,
        name=name or _title(membership, material),
        data=material.data,
        graders=list(graders),
        seed=material.seed,
        left_out=material.left_out + len(material.questions) - len(found),
    )
    try:
        with transaction.atomic():
            suite.save(force_insert=True)
            Case.objects.bulk_create(_cases(suite, found), batch_size=500)
    except IntegrityError:  # the form was sent twice
        return Suite.objects.get(workspace=membership.workspace, public_id=public_id)
    queue.send(tasks.name_languages, suite_id=suite.pk)
    return suite


def _title(membership: Membership, material: Material) -> str:
    """Return a name that no suite of the workspace has yet."""
    taken = Suite.objects.visible_to(membership).values_list("name", flat=True)
    return free_name(material.name, set(taken.filter(name__startswith=material.name[:150])))


def _gradable(
    questions: Sequence[Question], graders: Sequence[Mapping[str, Any]]
) -> Sequence[Question]:
    """Leave out the questions that no grader could say anything about."""
    if not all(map(needs_expected, graders)):
        return questions
    return [question for question in questions if question.expected.strip()]


def _cases(suite: Suite, questions: Sequence[Question]) -> list[Case]:
    return [
        Case(
            suite=suite,
            position=position,
            row=each.row,
            messages=each.messages,
            expected=each.expected,
            tools=list(each.tools),
            grader=each.grader,
            slices=_slices(each, suite.graders),
        )
        for position, each in enumerate(questions, 1)
    ]


def _slices(question: Question, graders: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    if "topic" in question.slices:  # the drift card: whoever wrote it knows what it is about
        return question.slices
    told = slices.of_question(question.messages, question.expected, graders, question.metadata)
    return {**told, **question.slices}


def _kept_slices(case: Case) -> dict[str, str]:
    """Return what is known of a question whatever its graders are."""
    return {name: told for name, told in case.slices.items() if name != "label"}
