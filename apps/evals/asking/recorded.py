"""Takes the answers of recordings into a run: nobody is asked."""

from collections.abc import Sequence

from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.evals.asking import replies, writing
from apps.evals.asking.writing import News
from apps.evals.models import Answer, Candidate, RecordedAnswer, Run
from apps.evals.records.recordings import question_key

PAGE = 200
MISSING = _("The recording holds no answer to this question.")
FACTS = ("served_model", "finish_reason", "prompt_tokens", "completion_tokens", "logprobs")
TIMES = ("first_token_ms", "total_ms")


def fill_page(run: Run) -> bool:
    """Take some recorded answers over; False when none is left."""
    waiting = Answer.objects.filter(run=run, candidate__connection=None).waiting()
    answers = list(waiting.select_related("case", "candidate").order_by("next_try_at")[:PAGE])
    for answer in answers:
        answer.run = run
    by_candidate: dict[Candidate, list[Answer]] = {}
    for answer in answers:
        by_candidate.setdefault(answer.candidate, []).append(answer)
    news = [each for pair in by_candidate.items() for each in _found(*pair)]
    if news:
        writing.write(news)
    return bool(news)


def _found(candidate: Candidate, answers: Sequence[Answer]) -> list[News]:
    keys = {answer.pk: question_key(answer.case.messages) for answer in answers}
    held = RecordedAnswer.objects.filter(
        recording=candidate.recording_id, question_key__in=set(keys.values())
    )
    known = {(each.question_key, each.sample): each for each in held}
    return [
        News(answer, _columns(answer, known.get((keys[answer.pk], answer.sample))))
        for answer in answers
    ]


def _columns(answer: Answer, known: RecordedAnswer | None) -> dict[str, object]:
    if known is None:
        return replies.failed(answer, Sentence(MISSING))
    facts = {name: known.facts[name] for name in (*FACTS, *TIMES) if name in known.facts}
    return {
        "status": Answer.Status.DONE,
        "error": "",
        "text": known.text,
        "is_copied": True,
        **facts,
    }
