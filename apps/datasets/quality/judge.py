"""Judges a file as a whole, when all of its rows are known (pure)."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from apps.datasets.quality.clusters import LEAST_SIMILARITY, Clusters
from apps.datasets.quality.hits import CERTAIN, LIKELY
from apps.datasets.quality.labels import judge_labels
from apps.datasets.quality.lengths import judge_lengths
from apps.datasets.quality.look import NO_ANSWER
from apps.datasets.quality.merged import MOST_LISTED, Merged
from apps.datasets.quality.repeats import Conflicts, conflicts, loose_copies

MOST_CONFLICTS_SHOWN = 50
MOST_ROWS_SHOWN = 6
MANY_REFUSALS = 0.1
FEW_LANGUAGE = 0.01  # a language of less than this share is noise of the judge

Digests = npt.NDArray[np.uint64]


def judge_repeats(merged: Merged) -> dict[str, Any]:
    """Find copies that are not exact, and questions with several answers."""
    exact, loose, question = merged.all_digests()
    copies, originals = loose_copies(exact, loose)
    merged.tick()
    pairs = zip(copies, originals, strict=True)
    merged.rows("loose_copy", ((row, _first(first)) for row, first in pairs), sure=CERTAIN)
    disputed = conflicts(question, loose)
    pairs = zip(disputed.rows, disputed.others, strict=True)
    merged.rows("conflicting_answers", ((row, _first(first)) for row, first in pairs), sure=CERTAIN)
    return {
        "rows": len(loose),
        "loose_copies": len(copies),
        "conflicts": {"questions": disputed.questions, "shown": _shown(disputed)},
        "near": _near(merged, loose),
    }


def _near(merged: Merged, loose: Digests) -> dict[str, Any]:
    clusters = merged.signatures.clusters(merged.tick)
    copies = clusters.copies
    _same, index = np.unique(loose[: len(clusters.first)], return_index=True)
    is_first = np.zeros(len(clusters.first), bool)
    is_first[index] = True
    near = copies[is_first[copies]]  # the others are exact or loose copies already
    merged.rows("near_copy", _alike(merged, near, clusters), sure=LIKELY)
    return {
        "rows": len(near),
        "clusters": int((clusters.sizes > 1).sum()),
        "least_similarity": LEAST_SIMILARITY,
        "looked_at": len(clusters.first),
        "shown": [
            {"size": size, "rows": [row + 1 for row in rows]}
            for _head, size, rows in clusters.largest()
        ],
    }


def _alike(
    merged: Merged, rows: npt.NDArray[np.int64], clusters: Clusters
) -> Iterator[tuple[int, dict[str, Any]]]:
    listed = rows[:MOST_LISTED]
    shares = merged.signatures.shared(listed, clusters.first[listed])
    for row, share in zip(listed.tolist(), shares.tolist(), strict=True):
        yield row, {**_first(clusters.first[row]), "percent": round(100 * share)}
    yield from ((row, {}) for row in rows[MOST_LISTED:].tolist())


def _first(row: Any) -> dict[str, int]:
    return {"original": int(row) + 1}


def _shown(disputed: Conflicts) -> list[dict[str, Any]]:
    """List the first questions with the rows that answer them."""
    shown: dict[int, list[int]] = {}
    for row, first in zip(disputed.rows.tolist(), disputed.first.tolist(), strict=True):
        if first in shown or len(shown) < MOST_CONFLICTS_SHOWN:
            shown.setdefault(first, []).append(row + 1)
    return [{"size": len(rows), "rows": rows[:MOST_ROWS_SHOWN]} for rows in shown.values()]


def judge_answers(merged: Merged) -> dict[str, Any]:
    """Judge the lengths of answers, how many refuse, and whether they are labels."""
    lengths = judge_lengths(merged.all_lengths(), missing=NO_ANSWER)
    answers = lengths.figures.get("count", 0)
    for code, rows, limit in (
        ("far_longer_answer", lengths.longer, "longer_than"),
        ("far_shorter_answer", lengths.shorter, "shorter_than"),
    ):
        said = {"limit": lengths.figures.get(limit), "median": lengths.figures.get("median")}
        merged.rows(code, ((row, said) for row in rows), sure=CERTAIN)
    return {
        "answers": lengths.figures,
        "refusals": _refusals(merged, answers),
        "labels": _labels(merged, answers),
    }


def _refusals(merged: Merged, answers: int) -> dict[str, Any]:
    refused = merged.tallies["refusal"].rows if "refusal" in merged.tallies else 0
    share = refused / answers if answers else 0.0
    if share >= MANY_REFUSALS:
        merged.whole("many_refusals", sure=LIKELY, count=refused, percent=round(100 * share))
    return {"rows": refused, "percent": round(100 * share, 1)}


def _labels(merged: Merged, answers: int) -> dict[str, Any]:
    labels = judge_labels(merged.labels, answers=answers)
    if labels.get("is_unbalanced"):
        most, least = labels["shown"][0], labels["shown"][-1]
        merged.whole(
            "unbalanced_labels",
            sure=LIKELY,
            most=most["label"],
            count=most["count"],
            least=least["label"],
            least_count=least["count"],
        )
    return labels


def judge_languages(merged: Merged) -> dict[str, Any]:
    """Tell the languages of a sample of the answers."""
    judged = sum(merged.languages.values())
    shares: list[dict[str, Any]] = [
        {"code": code, "count": count, "percent": round(100 * count / judged, 1)}
        for code, count in merged.languages.most_common()
        if count >= FEW_LANGUAGE * judged
    ]
    if len(shares) > 1:
        named = ", ".join(f"{entry['code']} {entry['percent']} %" for entry in shares[:5])
        merged.whole(
            "several_languages", sure=LIKELY, languages=named, sample=merged.languages_looked_at
        )
    return {
        "languages": {
            "sample": merged.languages_looked_at,
            "judged": judged,
            "shares": shares,
            "other": judged - sum(entry["count"] for entry in shares),
        }
    }


def judge_systems(merged: Merged) -> dict[str, Any]:
    """Tell whether the system message is the same in every row, and there."""
    missing, chats, different = merged.without_system, merged.chats, len(merged.systems)
    if 0 < missing < chats:
        merged.whole("system_sometimes_missing", sure=CERTAIN, count=missing, rows=chats)
    if 1 < different <= chats // 2:
        merged.whole("system_varies", sure=CERTAIN, count=different, rows=chats)
    shown = [
        {"text": merged.system_texts.get(key, "…"), "count": count}
        for key, count in merged.systems.most_common(5)
    ]
    systems = {"different": different, "missing": missing, "chats": chats, "shown": shown}
    return {"systems": systems}
