"""A run as files: one line for each answer, or everything for programs."""

import csv
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from apps.evals.models import Answer, Candidate, Case, Run, Score
from apps.evals.questions.grader_words import name_of
from apps.evals.questions.slices import last_question
from apps.evals.results import class_figures, headlines
from apps.evals.results.alone import standings

AT_ONCE = 500  # answers read in one go
COLUMNS = (
    *("question", "row", "position", "model", "label", "sample", "status"),
    *("asked", "expected", "answer", "error", "served_model", "finish_reason"),
    *("prompt_tokens", "completion_tokens", "first_token_ms", "total_ms", "was_known"),
)
LABEL_COLUMNS = (
    *("grader", "model", "label", "support", "predicted", "precision", "recall"),
    *("f1", "f0.5", "f2", "auroc", "auprc"),
)
FACTS = COLUMNS[11:17]
OF_A_SCORE = ("counts", "passed", "score", "why", "overruled_by", "overruled_at")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """A file that hands back what is written to it: csv wants a file, a response wants lines."""

    def write(self, line: str) -> str:
        return line


def csv_lines(run: Run) -> Iterator[str]:
    """Write one line for each answer, with every grader's word on it."""
    writer = csv.writer(_Echo())
    names = [name_of(grader) for grader in run.suite.graders]
    heads = [f"{name}: {word}" for name in names for word in OF_A_SCORE]
    yield "\ufeff" + writer.writerow([*COLUMNS, *map(_harmless, heads)])
    for answer, facts in _answers(run):
        scores = {score.grader: _score(score) for score in answer.scores.all()}
        told = [scores.get(place, {}) for place in range(len(names))]
        words = (each.get(word) for each in told for word in OF_A_SCORE)
        cells = [*(facts[name] for name in COLUMNS), *words]
        yield writer.writerow([_harmless(cell) for cell in cells])


def label_lines(run: Run) -> Iterator[str]:
    """Write one line for each label, by grader and model: all of them, however many there are."""
    writer = csv.writer(_Echo())
    names = {candidate.position: candidate.label for candidate in run.candidates.all()}
    yield "\ufeff" + writer.writerow(LABEL_COLUMNS)
    for told in run.result.get("classes", []):
        grader, model = name_of(run.suite.graders[told["grader"]]), names[told["position"]]
        for figures in told["classes"]:
            f = (class_figures.f_of(figures, beta) for beta in class_figures.BETAS)
            numbers = (figures.get(name) for name in LABEL_COLUMNS[2:7])
            cells = (grader, model, *numbers, *f, figures.get("auroc"), figures.get("auprc"))
            yield writer.writerow([_harmless(cell) for cell in cells])


def json_parts(run: Run, *, positive: str | None = None) -> Iterator[bytes]:
    """Write the run with its verdicts, then its answers, without holding them all."""
    candidates = list(run.candidates.select_related("connection", "recording"))
    yield orjson.dumps(_head(run, candidates, positive))[:-1] + b',"answers":['
    for number, (answer, facts) in enumerate(_answers(run)):
        told = {**facts, "scores": [_score(score) for score in answer.scores.all()]}
        yield (b",\n" if number else b"\n") + orjson.dumps(told)
    yield b"\n]}\n"


def _head(run: Run, candidates: Sequence[Candidate], positive: str | None) -> dict[str, Any]:
    settings = ("samples", "seed", "temperature", "max_tokens", "created_at", "ended_at")
    return {
        "format": "retune-run/1",
        "id": str(run.public_id),
        "suite": {
            "name": run.suite.name,
            "id": str(run.suite.public_id),
            "graders": run.suite.graders,
        },
        **{name: getattr(run, name) for name in settings},
        "end_reason": str(run.end_reason),
        "models": [_model(candidate) for candidate in candidates],
        "verdicts": [
            *(each.words for each in headlines.verdicts(run, candidates)),
            *(each.words for each in standings(run, candidates)),
        ],
        "classification": [
            {"position": each["position"], "metrics": class_figures.old_metrics(each, positive)}
            for each in run.result.get("classes", [])
        ],
        "result": run.result,
    }


def _model(candidate: Candidate) -> dict[str, Any]:
    connection, recording = candidate.connection, candidate.recording
    return {
        "position": candidate.position,
        "model": candidate.model,
        "label": candidate.label,
        "connection": connection.name if connection else None,
        "recording": recording.name if recording else None,
    }


def _answers(run: Run) -> Iterator[tuple[Answer, dict[str, Any]]]:
    """Read the answers piece by piece; questions and models are read once for all of them."""
    questions = {case.pk: _question(case) for case in run.suite.cases.all()}
    models = {each.pk: each for each in run.candidates.all()}
    told = Answer.objects.filter(run=run).defer("logprobs", "content_key")
    scored = told.prefetch_related("scores__overridden_by")
    ordered = scored.order_by("case__position", "candidate__position", "sample")
    for answer in ordered.iterator(chunk_size=AT_ONCE):
        model = models[answer.candidate_id]
        yield answer, questions[answer.case_id] | _facts(answer, model)


def _question(case: Case) -> dict[str, Any]:
    return {
        "question": case.position,
        "row": case.row,
        "asked": last_question(case.messages),
        "expected": case.expected,
    }


def _facts(answer: Answer, model: Candidate) -> dict[str, Any]:
    return {
        "position": model.position,
        "model": model.model,
        "label": model.label,
        "sample": answer.sample,
        "status": answer.status,
        "answer": answer.text,
        "error": str(answer.error),
        **{name: getattr(answer, name) for name in FACTS},
        "was_known": answer.is_copied,
    }


def _score(score: Score) -> dict[str, Any]:
    return {
        "grader": score.grader,
        "counts": score.counts,
        "passed": score.passed,
        "score": score.score,
        "why": str(score.why),
        "overruled_by": str(score.overridden_by) if score.overridden_by else None,
        "overruled_at": score.overridden_at and score.overridden_at.isoformat(timespec="seconds"),
    }


def _harmless(cell: Any) -> Any:
    """Keep a text from being a formula in a spreadsheet."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
