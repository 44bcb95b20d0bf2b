"""What a run says in words: by each grader which model is better, and that without leaks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.evals import statistics
from apps.evals.models import Candidate, Run
from apps.evals.questions.grader_words import name_of
from apps.evals.verdicts import kept


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one comparison says, and the counts behind it."""

    grader: int
    candidate: int
    words: str
    comparison: statistics.Comparison
    leaks: str = ""  # how many questions one of both was trained on, and what is left without


@dataclass(frozen=True, slots=True)
class Headline:
    """The verdicts by one grader. `words` sums them up where there are several."""

    grader: int
    name: str
    words: str
    verdicts: Sequence[Verdict]
    is_graded: bool  # a question is more than right or wrong
    agreement: str  # whether the judge says what people say


def headlines(run: Run, candidates: Sequence[Candidate]) -> list[Headline]:
    """Return the verdicts by grader, in the order of the suite."""
    found = verdicts(run, candidates)
    return [
        _headline(run, grader, candidates, mine)
        for grader in range(len(run.suite.graders))
        if (mine := [each for each in found if each.grader == grader])
    ]


def verdicts(run: Run, candidates: Sequence[Candidate]) -> list[Verdict]:
    """Return every comparison in words, as it was judged."""
    leaks = run.result.get("leaks", {})
    without = {(each["grader"], each["position"]): each for each in leaks.get("comparisons", [])}
    return [
        Verdict(
            grader=each["grader"],
            candidate=each["position"],
            words=_words(run, candidates, each),
            comparison=kept.read(each),
            leaks=_leaks(run, candidates, leaks, without.get((each["grader"], each["position"]))),
        )
        for each in run.result.get("comparisons", [])
    ]


def is_graded(run: Run, grader: int) -> bool:
    """Say whether a question is more than right or wrong: by its samples, or by scores."""
    told, shares = (
        [each for each in run.result.get(kind, []) if each["grader"] == grader]
        for kind in ("comparisons", "shares")
    )
    is_score = any(each["test"] == statistics.Test.WILCOXON for each in told)
    return run.samples > 1 or is_score or any(each.get("is_score") for each in shares)


def leaked(run: Run, position: int) -> set[int]:
    """Return the questions that a model was trained on."""
    models = run.result.get("leaks", {}).get("models", [])
    return {place for each in models if each["position"] == position for place in each["questions"]}


def leaked_words(count: int, cases: int) -> str:
    """Say how many questions a model was trained on."""
    words = ngettext(
        "%(count)d of %(rows)d questions was in the training data.",
        "%(count)d of %(rows)d questions were in the training data.",
        count,
    )
    return words % {"count": count, "rows": cases}


def _headline(
    run: Run, grader: int, candidates: Sequence[Candidate], mine: Sequence[Verdict]
) -> Headline:
    names = {candidate.position: candidate.label for candidate in candidates}
    measure, words = name_of(run.suite.graders[grader]), ""
    if len(mine) > 1:
        words = statistics.summary(
            [each.comparison for each in mine],
            baseline=names[0],
            names=[names[each.candidate] for each in mine],
            measure=measure,
        )
    return Headline(grader, measure, words, mine, is_graded(run, grader), agreement(run, grader))


def agreement(run: Run, grader: int) -> str:
    """Say how often a judge and people agree on the same answers; "" where nobody voted."""
    told = [each for each in run.result.get("agreement", []) if each["grader"] == grader]
    if not told:
        return ""
    found = told[0]
    numbers = {name: str(round(100 * found[name])) for name in ("share", "low", "high")}
    numbers["rows"] = statistics.rows_text(found["rows"])
    said = _(
        "This judge says what people say of %(share)s %% of the answers that both judged "
        "(95 %% interval %(low)s … %(high)s %%, %(rows)s)."
    )
    if found["kappa"] is None:
        return said % numbers
    kappa = _("Cohen's kappa, which takes off chance: %(kappa)s.")
    return f"{said % numbers} {kappa % {'kappa': number_format(round(found['kappa'], 2), 2)}}"


def _words(run: Run, candidates: Sequence[Candidate], told: Mapping[str, Any]) -> str:
    names = {candidate.position: candidate.label for candidate in candidates}
    return statistics.verdict(
        kept.read(told),
        names=(names[0], names[told["position"]]),
        measure=name_of(run.suite.graders[told["grader"]]),
    )


def _leaks(
    run: Run,
    candidates: Sequence[Candidate],
    leaks: Mapping[str, Any],
    without: Mapping[str, Any] | None,
) -> str:
    """Say how many questions were trained on, then the verdict without them."""
    if without is None:
        return ""
    found = leaked(run, 0) | leaked(run, without["position"])
    if not found:
        return ""
    said = leaked_words(len(found), leaks.get("cases", 0))
    rest = ngettext("Without it: %(verdict)s", "Without them: %(verdict)s", len(found))
    rest %= {"verdict": _words(run, candidates, without)}
    return f"{said} {rest}"
