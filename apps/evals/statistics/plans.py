"""What so many rows can show, said before they are paid for."""

import math

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.evals.statistics.passes import mean_share
from apps.evals.statistics.power import detectable_gap, rounded_up, rows_needed
from apps.evals.statistics.verdicts import rows_text

USUAL_DISCORDANCE = 0.2  # where no pilot says on how many rows two models differ
WISHED_GAP = 0.05


def plan(
    rows: int, *, discordant: float = USUAL_DISCORDANCE, gap: float = WISHED_GAP, models: int = 2
) -> str:
    """Say which gap in pass rates so many rows show with 80 % power, and what `gap` would take.

    `discordant` is an assumption unless a pilot measured it, and the sentence says so. `models`
    counts the baseline: each further candidate needs more, since p-values are corrected.
    """
    alpha = 0.05 / max(1, models - 1)
    found = detectable_gap(rows, discordant, alpha=alpha)
    share = _figure(100 * discordant)
    words = {"rows": rows_text(rows), "share": share}
    assumed = _("assuming that two models differ on %(share)s %% of them") % words
    if found is None:
        said = _("%(rows)s can show no difference, however large, %(assumed)s.")
        said %= {**words, "assumed": assumed}
    else:
        said = _("%(rows)s can show a difference of about %(points)s points, %(assumed)s.")
        said %= {**words, "points": _figure(_upwards(100 * found)), "assumed": assumed}
    if found is not None and found <= gap:
        return said
    needed = rounded_up(rows_needed(discordant=discordant, gap=gap, alpha=alpha))
    wish = _("To see %(points)s points, about %(needed)s rows are needed.")
    numbers = {"points": _figure(100 * gap), "needed": intcomma(needed)}
    return f"{said} {wish % numbers}"


def plan_alone(rows: int) -> str:
    """Say how exactly so many rows tell the share that one model passes, at the widest."""
    widest = mean_share(0.5, rows)
    if widest is None:
        return ""
    half = _figure(_upwards(50 * (widest.high - widest.low)))
    words = {"rows": rows_text(rows), "points": half}
    return (
        _("With %(rows)s, the share of one model alone is known to within %(points)s points.")
        % words
    )


def _upwards(points: float) -> float:
    """Round up: to whole points from ten on, to tenths below."""
    parts = 1 if points >= 10 else 10
    return math.ceil(round(points * parts, 6)) / parts


def _figure(value: float) -> str:
    value = round(value, 1)
    return str(number_format(value, 0 if value.is_integer() else 1))
