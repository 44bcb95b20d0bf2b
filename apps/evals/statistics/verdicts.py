"""The sentence at the top: which is better, how sure that is, or what it would take to know."""

from collections.abc import Sequence

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.evals.statistics.deciding import holds_without_gaps
from apps.evals.statistics.types import FEWEST_ROWS, Comparison

SMALLEST_P = 0.001


def verdict(comparison: Comparison, *, names: tuple[str, str], measure: str) -> str:
    """Say in one or two sentences what a comparison shows. `names`: baseline, candidate."""
    sentences = [_finding(comparison, names, measure), _left_out(comparison)]
    return " ".join(filter(None, sentences))


def summary(
    comparisons: Sequence[Comparison], *, baseline: str, names: Sequence[str], measure: str
) -> str:
    """Say which of several candidates differ from the baseline, by `corrected` comparisons."""
    named = list(zip(names, comparisons, strict=True))
    better = [_named(name, each) for name, each in named if each.is_decisive and each.effect > 0]
    worse = [_named(name, each) for name, each in named if each.is_decisive and each.effect < 0]
    undecided = [name for name, each in named if not each.is_decisive]
    groups = (
        (_("Better than %(baseline)s on %(measure)s: %(names)s."), better),
        (_("Worse than %(baseline)s on %(measure)s: %(names)s."), worse),
        (_("Not decisive against %(baseline)s on %(measure)s: %(names)s."), undecided),
    )
    said = [
        words % {"baseline": baseline, "measure": measure, "names": ", ".join(group)}
        for words, group in groups
        if group
    ]
    return " ".join([*said, _correction(comparisons)]).strip()


def effect_text(comparison: Comparison) -> str:
    """Return an effect with its sign and unit: “+8.4 points”, “−0.12”."""
    return _with_unit(comparison, _signed(comparison, comparison.effect))


def interval_text(comparison: Comparison) -> str:
    """Return the interval with its confidence: “95 % interval +2.1 … +14.6”; empty without one."""
    low, high = comparison.low, comparison.high
    if low is None or high is None:
        return ""
    ends = {"low": _signed(comparison, low), "high": _signed(comparison, high)}
    return _("95 %% interval %(low)s … %(high)s") % ends


def p_text(p_value: float) -> str:
    """Return a p-value as it is usually written."""
    if p_value < SMALLEST_P:
        return _("p < %(limit)s") % {"limit": number_format(SMALLEST_P, 3)}
    places = 3 if p_value < 0.1 else 2
    return _("p = %(value)s") % {"value": number_format(round(p_value, places), places)}


def rows_text(rows: int) -> str:
    """Return “1 row”, “240 rows”."""
    return ngettext("%(rows)s row", "%(rows)s rows", rows) % {"rows": intcomma(rows)}


def evidence(comparison: Comparison) -> str:
    """Return what a finding stands on: interval, p-value, rows."""
    p_value = comparison.p_value
    parts = [interval_text(comparison), p_value is not None and p_text(p_value)]
    if comparison.family > 1:
        words = _("corrected for %(count)s comparisons")
        parts.append(words % {"count": comparison.family})
    return ", ".join(part for part in (*parts, rows_text(comparison.rows)) if part)


def _finding(comparison: Comparison, names: tuple[str, str], measure: str) -> str:
    words = {"baseline": names[0], "candidate": names[1], "measure": measure}
    if not comparison.rows:
        sentence = _("On %(measure)s, no row has a result of both models: there is no verdict.")
        return sentence % words
    if comparison.has_too_few_rows:
        return _too_few(comparison, words)
    if comparison.equal == comparison.rows:
        return _equal(comparison, words)
    words |= {"effect": effect_text(comparison), "evidence": evidence(comparison)}
    if not comparison.is_decisive:
        return _undecided(comparison, words)
    if comparison.effect > 0:
        sentence = _(
            "%(candidate)s is better than %(baseline)s on %(measure)s: %(effect)s, %(evidence)s."
        )
    else:
        sentence = _(
            "%(candidate)s is worse than %(baseline)s on %(measure)s: %(effect)s, %(evidence)s."
        )
    return sentence % words


def _too_few(comparison: Comparison, words: dict[str, str]) -> str:
    sentence = _(
        "Too few rows to compare %(candidate)s with %(baseline)s on %(measure)s: %(rows)s. "
        "With fewer than %(fewest)s rows even a clean win may be chance."
    )
    numbers = {"rows": rows_text(comparison.rows), "fewest": FEWEST_ROWS}
    return sentence % {**words, **numbers}


def _equal(comparison: Comparison, words: dict[str, str]) -> str:
    sentence = _(
        "%(candidate)s and %(baseline)s are equal on %(measure)s: no difference on %(rows)s."
    )
    said = sentence % {**words, "rows": rows_text(comparison.rows)}
    if comparison.is_share and comparison.baseline == 0:
        none = _("Neither gets any right. Read some answers: the grader may ask for too much.")
        return f"{said} {none}"
    if comparison.is_share and comparison.baseline == 1:
        said += " " + _("Both get all right: harder questions would tell more.")
    if not comparison.high:
        return said
    ruled_out = _("A difference of more than %(limit)s is unlikely.")
    limit = _with_unit(comparison, _signed(comparison, comparison.high).lstrip("+"))
    return f"{said} {ruled_out % {'limit': limit}}"


def _undecided(comparison: Comparison, words: dict[str, str]) -> str:
    said = _(
        "Not decisive on %(measure)s: %(candidate)s against %(baseline)s %(effect)s, %(evidence)s."
    )
    sentences = [said % words]
    if comparison.better + comparison.worse < FEWEST_ROWS:
        few = _("Where fewer than %(fewest)s rows differ, even a clean win may be chance.")
        sentences.append(few % {"fewest": FEWEST_ROWS})
    if comparison.rows_needed is not None:
        needed = _("About %(needed)s rows would be needed to decide a difference of this size.")
        sentences.append(needed % {"needed": intcomma(comparison.rows_needed)})
    return " ".join(sentences)


def _left_out(comparison: Comparison) -> str:
    words = ngettext(
        "%(count)s row without a result of both is left out.",
        "%(count)s rows without a result of both are left out.",
        comparison.skipped,
    )
    if not comparison.skipped:
        return ""
    said = words % {"count": intcomma(comparison.skipped)}
    if not comparison.is_decisive or holds_without_gaps(comparison):
        return said
    if_all = ngettext(
        "Had it gone the other way, this would not be decisive.",
        "Had all of them gone the other way, this would not be decisive.",
        comparison.skipped,
    )
    return f"{said} {if_all}"


def _named(name: str, comparison: Comparison) -> str:
    return f"{name} ({effect_text(comparison)})"


def _correction(comparisons: Sequence[Comparison]) -> str:
    family = max((each.family for each in comparisons), default=1)
    words = _("P-values are corrected for %(count)s comparisons (Holm).")
    return words % {"count": family} if family > 1 else ""


def _with_unit(comparison: Comparison, text: str) -> str:
    return _("%(points)s points") % {"points": text} if comparison.is_share else text


def _signed(comparison: Comparison, value: float) -> str:
    """Return a number with its sign, in points for shares; as exact as the effect is."""
    scale = 100 if comparison.is_share else 1
    decimals = _decimals(comparison, scale)
    size = round(abs(value) * scale, decimals)
    text = number_format(size, decimals)
    return f"{'+' if value > 0 else '−'}{text}" if size else text


def _decimals(comparison: Comparison, scale: int) -> int:
    """One decimal for points, two or three figures for scores; more where the effect is tiny."""
    size = abs(comparison.effect or comparison.high or 0.0) * scale
    steps = (0.05, 0.005, 0.0005) if comparison.is_share else (10, 0.05, 0.005)
    return next((places for places, least in enumerate(steps, 1) if size >= least), 4)
