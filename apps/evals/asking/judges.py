"""What judges and models of vectors are asked, and where."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.core.typed import uuid_of
from apps.datasets.rows.questions import words_in
from apps.evals.graders import Kind, judge
from apps.evals.models import Answer, Run, Score
from apps.providers.models import Connection

ASKED = (Kind.JUDGE, Kind.EMBEDDING)  # kinds whose word comes from a model
IMAGE = "image_url"
NO_CONNECTION = _("The connection of this grader is not there any more.")


def asked_at(connection: Connection, run: Run) -> dict[int, Mapping[str, Any]]:
    """Return the graders of a run that ask a model of this connection, by their place."""
    name = str(connection.public_id)
    return {place: grader for place, grader in _asked(run) if grader.get("connection") == name}


def connections(run: Run) -> list[Connection]:
    """Return the connections that the graders of a run ask: only those of its workspace."""
    names = [name for _place, grader in _asked(run) if (name := uuid_of(grader.get("connection")))]
    return list(Connection.objects.filter(workspace=run.workspace_id, public_id__in=names))


def give_up_unreachable(run: Run) -> None:
    """Let scores fail whose model cannot be asked: its connection was deleted."""
    there = {str(each.public_id) for each in connections(run)}
    lost = [place for place, grader in _asked(run) if grader.get("connection") not in there]
    if lost:
        waiting = Score.objects.filter(answer__run=run, grader__in=lost).waiting()
        waiting.update(status=Score.Status.FAILED, why=Sentence(NO_CONNECTION))


def conversations(grader: Mapping[str, Any], answer: Answer) -> list[judge.Messages]:
    """Return what the judge is asked about an answer, one conversation for each order."""
    return judge.questions(
        grader,
        question=question_text(answer.case.messages),
        expected=answer.case.expected,
        answer=answer.text,
        images=images_in(answer.case.messages),
    )


def content_key(grader: Mapping[str, Any], material: object) -> str:
    """Return the same text for the same material before the same judge."""
    # Whether it sees images is in the material, where there are any.
    rules = {name: value for name, value in grader.items() if name not in ("name", "images")}
    facts = orjson.dumps([rules, material], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(facts).hexdigest()


def images_in(messages: Sequence[Mapping[str, Any]]) -> list[judge.Image]:
    """Return the images of a question, in the order in which they were said."""
    contents = (each.get("content") for each in messages)
    parts = (part for content in contents if isinstance(content, list) for part in content)
    return [part for part in parts if isinstance(part, dict) and part.get("type") == IMAGE]


def question_text(messages: Sequence[Mapping[str, Any]]) -> str:
    """Return a lone question as it is, and a conversation with who says what."""
    texts = [(str(each.get("role", "")), words_in(each)) for each in messages]
    if [role for role, _words in texts] == ["user"]:
        return texts[0][1]
    return "\n\n".join(f"{role}: {words}" for role, words in texts)


def _asked(run: Run) -> list[tuple[int, Mapping[str, Any]]]:
    return [each for each in enumerate(run.suite.graders) if each[1]["kind"] in ASKED]
