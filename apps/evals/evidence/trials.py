"""The runs that asked the model: verdicts with intervals, parts, leaks, labels, cost, rows."""

from typing import Any

from django.db.models import Q

from apps.accounts.models import Membership
from apps.evals.evidence import samples
from apps.evals.models import Candidate, Run
from apps.evals.questions.grader_words import name_of, words_of
from apps.evals.results import class_figures, headlines, leak_rows, reports, slice_rows
from apps.evals.results.alone import Standing
from apps.evals.statistics.verdicts import effect_text, interval_text
from apps.evals.verdicts import lineage
from apps.library.models import Deployment, TunedModel

MOST_RUNS = 5  # the newest
# What a verdict says of the model; None: it is about other models.
FOR, AGAINST, UNDECIDED, ALONE = "for", "against", "undecided", "alone"
SETTINGS = ("temperature", "max_tokens", "samples", "seed")
FIGURES = ("effect", "low", "high", "p_value", "rows", "better", "worse", "skipped", "is_decisive")


def evals_of(model: TunedModel, membership: Membership) -> list[dict[str, Any]]:
    """Return the newest judged runs in which the model was asked, newest first."""
    left = samples.MOST_ROWS
    found = []
    for run in _runs(model, membership):
        told = _run(run, model, left)
        left -= len(told["samples"])
        found.append(told)
    return found


def _runs(model: TunedModel, membership: Membership) -> list[Run]:
    deployed = Deployment.objects.filter(tuned_model=model).exclude(model="").values("model")
    named = Q(connection=model.connection_id) & (Q(model=model.name) | Q(model__in=deployed))
    recorded = Q(recording__model=model.name)
    asked = Candidate.objects.filter(named | recorded).values("run")
    mine = Run.objects.visible_to(membership).filter(pk__in=asked, ended_at__isnull=False)
    judged = mine.exclude(result={}).select_related("suite__data__dataset")
    return list(judged.order_by("-created_at", "-pk")[:MOST_RUNS])


def _run(run: Run, model: TunedModel, left: int) -> dict[str, Any]:
    report = reports.report_of(run)
    candidates = [line.candidate for line in report.lines]
    own = _own(candidates, model)
    compared = _compared(candidates, own)
    return {
        **_asked(run, report),
        "models": [_model(line) for line in report.lines],
        "judges_usd": None if report.judges_usd is None else str(report.judges_usd),
        "verdicts": [*_verdicts(run, candidates, own, compared), *map(_standing, report.standings)],
        "left_out": [
            {"model": each.candidate.label, "grader": each.grader or None, "words": each.words}
            for each in report.missing
        ],
        "cut_off": report.cut,
        "seen_in_training": [
            {"model": row.candidate.label, "words": row.words, "questions": row.count}
            for row in leak_rows.rows(run, candidates)
        ],
        "slices": _slices(run, candidates, compared),
        "parts": _parts(run),
        "classification": _classification(run, candidates),
        "samples": samples.changed(run, candidates, compared[0], most=left),
    }


def _asked(run: Run, report: reports.Report) -> dict[str, Any]:
    """Return what was asked, when, with which settings, and how it was judged."""
    return {
        "id": str(run.public_id),
        "suite": run.suite.name,
        "data": _data(run),
        "questions": report.cases,
        "made_at": run.created_at.isoformat(timespec="minutes"),
        "ended_early": str(run.end_reason) or None,
        "settings": {name: getattr(run, name) for name in SETTINGS},
        "graders": [
            {"name": name, "words": words_of(grader), "definition": grader}
            for name, grader in zip(report.graders, run.suite.graders, strict=True)
        ],
    }


def _verdicts(
    run: Run, candidates: list[Candidate], own: list[int], compared: list[int]
) -> list[dict[str, Any]]:
    return [
        _verdict(each, speaks=_side(each, own) if each.candidate in compared else None)
        for each in headlines.verdicts(run, candidates)
    ]


def _standing(standing: Standing) -> dict[str, Any]:
    """Return how good the model is by itself, which speaks neither for it nor against it."""
    return {
        "speaks": ALONE,
        "grader": standing.grader,
        "words": standing.words,
        "without_leaks": standing.leaks or None,
    }


def _classification(run: Run, candidates: list[Candidate]) -> list[dict[str, Any]]:
    """Return the figures of all labels, those of the most frequent first."""
    return [
        {
            "model": candidates[each["position"]].label,
            "metrics": class_figures.old_metrics(each),
            **each,
            "classes": sorted(each["classes"], key=lambda figures: -figures["support"]),
        }
        for each in run.result.get("classes", [])
    ]


def _parts(run: Run) -> list[dict[str, Any]]:
    """Return how good the only model is in parts of the questions."""
    return [
        {
            "name": row.name,
            "value": row.value,
            "grader": grader,
            "judged_by": name_of(run.suite.graders[grader]),
            "questions": row.cases,
            **{name: getattr(row, name) for name in ("mean", "low", "high")},
        }
        for grader in range(len(run.suite.graders))
        for row in slice_rows.rows_alone(run, grader=grader, sort="name")
    ]


def _data(run: Run) -> dict[str, Any] | None:
    data = run.suite.data
    if data is None:
        return None
    return {"id": str(data.public_id), "title": data.title, "sha256": data.sha256 or None}


def _model(line: reports.Line) -> dict[str, Any]:
    return {
        "label": line.candidate.label,
        "model": line.candidate.model or None,
        "shares": [
            share and {"mean": share.mean, "low": share.low, "high": share.high, "rows": share.rows}
            for share in line.shares
        ],
        "answers": line.pace.done,
        "failed": line.pace.failed,
        "typical_ms": line.pace.typical_ms,
        "slow_ms": line.pace.slow_ms,
        "usd": None if line.usd is None else str(line.usd),
    }


def _own(candidates: list[Candidate], model: TunedModel) -> list[int]:
    """Return the places at which the model itself stands."""
    known = lineage.tuned_models(candidates)
    return [each.position for each in candidates if known.get(each.pk) == model]


def _compared(candidates: list[Candidate], own: list[int]) -> list[int]:
    """Return the places of the comparisons that are about the model: all, where it is the first."""
    others = [each.position for each in candidates[1:]]
    return [place for place in own if place] if own and own[0] else others or [0]


def _side(verdict: headlines.Verdict, own: list[int]) -> str:
    """Say whether a verdict speaks for the model, against it, or cannot tell."""
    if not verdict.comparison.is_decisive:
        return UNDECIDED
    is_better = (verdict.comparison.effect > 0) == (verdict.candidate in own)
    return FOR if is_better else AGAINST


def _verdict(verdict: headlines.Verdict, *, speaks: str | None) -> dict[str, Any]:
    comparison = verdict.comparison
    return {
        "speaks": speaks,
        "grader": verdict.grader,
        "model": verdict.candidate,
        "words": verdict.words,
        "without_leaks": verdict.leaks or None,
        "test": str(comparison.test),
        "corrected_for": comparison.family,
        **{name: getattr(comparison, name) for name in FIGURES},
    }


def _slices(run: Run, candidates: list[Candidate], compared: list[int]) -> list[dict[str, Any]]:
    return [
        {
            "name": row.name,
            "value": row.value,
            "grader": grader,
            "judged_by": name_of(run.suite.graders[grader]),
            "model": candidates[place].label,
            "questions": row.cases,
            "first": row.baseline,
            "other": row.candidate,
            "is_small": row.is_small,
            "difference": effect_text(row.comparison),
            "interval": interval_text(row.comparison),
            **{name: getattr(row.comparison, name) for name in FIGURES},
        }
        for grader in range(len(run.suite.graders))
        for place in compared
        for row in slice_rows.rows(run, grader=grader, candidate=place, sort="name")
    ]
