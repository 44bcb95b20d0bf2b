"""One model by itself: how often it is right, how sure that is, and the sentence for it."""

import math
from collections.abc import Sequence

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.evals.statistics.bootstrap import careful_interval
from apps.evals.statistics.passes import mean_share
from apps.evals.statistics.types import FEWEST_ROWS, Interval
from apps.evals.statistics.verdicts import rows_text


def measured(values: Sequence[float], *, is_score: bool) -> Interval | None:
    """Return the mean of one value from 0 to 1 for each row, with its interval; None of none.

    Passes have Wilson's interval, scores that of the bootstrap. Few rows that all score the same
    would have no width there, and get Wilson's, which is wider than it had to be.
    """
    import numpy as np

    mean = math.fsum(values) / len(values) if values else 0.0
    if not is_score or len(values) < FEWEST_ROWS or min(values) == max(values):
        return mean_share(mean, len(values))
    low, high = careful_interval(np.sort(np.array(values, dtype=np.float64)), around=mean)
    return Interval(mean, max(0.0, low), min(1.0, high))


def standing(
    share: Interval,
    *,
    name: str,
    measure: str,
    rows: int,
    passed: int | None = None,
    is_score: bool = False,
) -> str:
    """Say how well one model does. `passed`: of as many rows, where each passes or fails."""
    words = {"name": name, "measure": measure, "rows": rows_text(rows)}
    if is_score:
        said = _("%(name)s has a mean score of %(mean)s on %(measure)s: %(interval)s, %(rows)s.")
        said %= {**words, "mean": number_format(share.estimate, 2), "interval": _scores(share)}
    elif passed is None:
        said = _(
            "%(name)s gives %(share)s %% right answers on %(measure)s: %(interval)s, %(rows)s."
        )
        said %= {**words, "share": _percent(share.estimate), "interval": _shares(share)}
    else:
        said = ngettext(
            "%(name)s passes %(passed)s of %(count)s question on %(measure)s: %(share)s %% "
            "(%(interval)s).",
            "%(name)s passes %(passed)s of %(count)s questions on %(measure)s: %(share)s %% "
            "(%(interval)s).",
            rows,
        )
        numbers = {"passed": number_format(passed, 0), "count": number_format(rows, 0)}
        said %= {
            **words,
            **numbers,
            "share": _percent(share.estimate),
            "interval": _shares(share),
        }
    if rows >= FEWEST_ROWS:
        return said
    return f"{said} {_('So few questions say next to nothing of the next one.')}"


def _shares(share: Interval) -> str:
    ends = {"low": _percent(share.low), "high": _percent(share.high)}
    return _("95 %% interval %(low)s … %(high)s %%") % ends


def _scores(share: Interval) -> str:
    ends = {"low": number_format(share.low, 2), "high": number_format(share.high, 2)}
    return _("95 %% interval %(low)s … %(high)s") % ends


def _percent(share: float) -> str:
    return str(number_format(round(100 * share), 0))
