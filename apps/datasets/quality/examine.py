"""A whole file → what is allowed and bad for the model (pure, flat memory)."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from apps.datasets import columns
from apps.datasets.check import processes
from apps.datasets.columns import Columns
from apps.datasets.quality.clusters import LEAST_SIMILARITY, Clusters, Signatures, writing
from apps.datasets.quality.hits import CERTAIN, LIKELY
from apps.datasets.quality.labels import judge_labels
from apps.datasets.quality.lengths import judge_lengths
from apps.datasets.quality.look import MOST_LABELS, NO_ANSWER, Looked, Place, Tally, stretches
from apps.datasets.quality.repeats import Conflicts, conflicts, loose_copies

MOST_LISTED = 1_000  # problems per code; all are counted
LANGUAGE_SAMPLE = 2_000  # rows
MOST_NEAR_ROWS = 3_000_000  # signatures beyond would fill the disk
MOST_CONFLICTS_SHOWN = 50
MANY_REFUSALS = 0.1
FEW_LANGUAGE = 0.01  # a language of less than this share is noise of the judge
WHOLE_FILE = -1
VERSION = 1


@dataclass(slots=True)
class Progress:
    """How far it is."""

    bytes: int = 0
    rows: int = 0


@dataclass(slots=True)
class Examination:
    """Problems to list, and what the page shows (JSON)."""

    places: list[Place] = field(default_factory=list)  # rows from 0; WHOLE_FILE for the file
    results: dict[str, Any] = field(default_factory=dict)


OnProgress = Callable[[Progress], None]


def examine(
    path: Path,
    *,
    row_count: int,
    over_limit: int = 0,
    limit: int = 0,
    on_progress: OnProgress,
    process_count: int | None = None,
) -> Examination:
    """Examine a checked file. `over_limit` rows are longer than `limit` tokens, says the check."""
    if process_count is None:
        process_count = processes.process_count_for(path.stat().st_size)
    every = max(1, row_count // LANGUAGE_SAMPLE)
    there = columns.read(path)
    parts = stretches(path, every=every, digests=there is None)
    with writing(path) as signatures:
        merged = _Merged(there, signatures)
        for looked in processes.work_through(parts, count=process_count):
            merged.add(looked)
            on_progress(merged.progress)
        if over_limit:
            merged.whole("truncated", sure=CERTAIN, count=over_limit, limit=limit)
        return merged.examination()


class _Merged:
    """Puts the stretches together again, in order, and judges the file as a whole."""

    def __init__(self, there: Columns | None, signatures: Signatures) -> None:
        self.columns, self.signatures = there, signatures
        self.digests: list[npt.NDArray[np.uint64]] = []
        self.lengths: list[npt.NDArray[np.uint32]] = []
        self.progress = Progress()
        self.places: dict[str, list[Place]] = {}
        self.tallies: dict[str, Tally] = {}
        self.labels: Counter[str] = Counter()
        self.systems: Counter[int] = Counter()
        self.system_texts: dict[int, str] = {}
        self.without_system = self.chats = 0
        self.languages: Counter[str] = Counter()
        self.language_pairs = self.languages_looked_at = 0

    def add(self, looked: Looked) -> None:
        first = self.progress.rows
        for place in looked.places:
            listed = self.places.setdefault(place.code, [])
            if len(listed) < MOST_LISTED:
                listed.append(Place(place.row + first, place.code, place.path, place.params))
        for code, tally in looked.tallies.items():
            self.tallies.setdefault(code, Tally()).add(tally)
        if self.columns is None:
            self.digests.append(looked.digests)
        self.lengths.append(looked.answer_length)
        if self.signatures.rows < MOST_NEAR_ROWS:
            self.signatures.add(looked.signs)
        self._count(looked)
        self.progress.rows += looked.rows
        self.progress.bytes += looked.bytes

    def _count(self, looked: Looked) -> None:
        _add(self.labels, looked.labels)
        _add(self.systems, looked.systems)
        if len(self.system_texts) < MOST_LABELS:
            self.system_texts = {**looked.system_texts, **self.system_texts}
        self.without_system += looked.without_system
        self.chats += looked.chats
        self.languages.update(looked.languages)
        self.language_pairs += looked.language_pairs
        self.languages_looked_at += looked.languages_looked_at

    def whole(self, code: str, *, sure: str, **params: Any) -> None:
        """Say something of the file as a whole."""
        self.places.setdefault(code, []).append(Place(WHOLE_FILE, code, "", params))
        self.tallies.setdefault(code, Tally()).add(Tally(1, 0, Counter({sure: 1})))

    def rows(self, code: str, pairs: Iterable[tuple[Any, dict[str, Any]]], *, sure: str) -> None:
        """Say something of rows, all of which are counted."""
        tally = self.tallies.setdefault(code, Tally())
        for row, params in pairs:
            if tally.places < MOST_LISTED:
                place = Place(int(row), code, "", {**params, "sure": sure})
                self.places.setdefault(code, []).append(place)
            tally.places += 1
        tally.rows = tally.places
        tally.sure[sure] = tally.places
        if not tally.places:
            del self.tallies[code]

    def examination(self) -> Examination:
        """Judge what only shows when all rows are known."""
        results = {
            "version": VERSION,
            "rows": self.progress.rows,
            **self._repeats(),
            **self._answers(),
            **self._languages(),
            **self._systems(),
        }
        results["groups"] = [_group(code, tally) for code, tally in self.tallies.items()]
        places = [place for listed in self.places.values() for place in listed]
        return Examination(sorted(places, key=lambda place: place.row), results)

    def _repeats(self) -> dict[str, Any]:
        exact, loose, question = self._digests()
        copies, originals = loose_copies(exact, loose)
        pairs = zip(copies, originals, strict=True)
        self.rows("loose_copy", ((row, _row(first)) for row, first in pairs), sure=CERTAIN)
        disputed = conflicts(question, loose)
        pairs = zip(disputed.rows, disputed.first, strict=True)
        self.rows(
            "conflicting_answers",
            ((row, _row(first)) for row, first in pairs),
            sure=CERTAIN,
        )
        return {
            "loose_copies": len(copies),
            "conflicts": {"questions": disputed.questions, "shown": _shown(disputed)},
            "near": self._near(loose),
        }

    def _digests(self) -> list[npt.NDArray[np.uint64]]:
        """Return the digests of all rows: exact, loose, of the question."""
        if there := self.columns:
            rows = self.progress.rows
            return [column[:rows] for column in (there.digest, there.loose, there.question)]
        return list(np.concatenate([np.zeros((0, 3), np.uint64), *self.digests]).T)

    def _near(self, loose: Any) -> dict[str, Any]:
        clusters = self.signatures.clusters()
        copies = clusters.copies
        _same, index = np.unique(loose[: len(clusters.first)], return_index=True)
        is_first = np.zeros(len(clusters.first), bool)
        is_first[index] = True
        near = copies[is_first[copies]]  # the others are exact or loose copies already
        self.rows("near_copy", self._alike(near, clusters), sure=LIKELY)
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

    def _alike(self, rows: Any, clusters: Clusters) -> Iterator[tuple[int, dict[str, Any]]]:
        listed = rows[:MOST_LISTED]
        shares = self.signatures.shared(listed, clusters.first[listed]) if len(listed) else []
        for row, share in zip(listed, shares, strict=True):
            yield row, {**_row(clusters.first[row]), "percent": round(100 * share)}
        yield from ((row, {}) for row in rows[MOST_LISTED:])

    def _answers(self) -> dict[str, Any]:
        lengths = judge_lengths(_joined(self.lengths), missing=NO_ANSWER)
        answers = lengths.figures.get("count", 0)
        for code, rows, limit in (
            ("far_longer_answer", lengths.longer, lengths.figures.get("longer_than")),
            ("far_shorter_answer", lengths.shorter, lengths.figures.get("shorter_than")),
        ):
            middle = lengths.figures.get("median")
            particulars = {"limit": limit, "median": middle}
            self.rows(code, ((row, particulars) for row in rows), sure=CERTAIN)
        refusals = self.tallies["refusal"].rows if "refusal" in self.tallies else 0
        share = refusals / answers if answers else 0.0
        if share >= MANY_REFUSALS:
            self.whole("many_refusals", sure=LIKELY, count=refusals, percent=round(100 * share))
        labels = judge_labels(self.labels, answers=answers)
        if labels.get("is_unbalanced"):
            most, least = labels["shown"][0], labels["shown"][-1]
            self.whole(
                "unbalanced_labels",
                sure=LIKELY,
                most=most["label"],
                count=most["count"],
                least=least["label"],
                least_count=least["count"],
            )
        return {
            "answers": lengths.figures,
            "refusals": {"rows": refusals, "percent": round(100 * share, 1)},
            "labels": labels,
        }

    def _languages(self) -> dict[str, Any]:
        judged = sum(self.languages.values())
        shares = [
            {"code": code, "count": count, "percent": round(100 * count / judged, 1)}
            for code, count in self.languages.most_common()
            if count >= FEW_LANGUAGE * judged
        ]
        if len(shares) > 1:
            self.whole(
                "several_languages",
                sure=LIKELY,
                languages=", ".join(
                    f"{entry['code']} {entry['percent']} %" for entry in shares[:5]
                ),
                sample=self.languages_looked_at,
            )
        return {
            "languages": {
                "sample": self.languages_looked_at,
                "judged": judged,
                "shares": shares,
                "other": judged - sum(entry["count"] for entry in shares),
            }
        }

    def _systems(self) -> dict[str, Any]:
        if self.chats and 0 < self.without_system < self.chats:
            self.whole(
                "system_sometimes_missing",
                sure=CERTAIN,
                count=self.without_system,
                rows=self.chats,
            )
        if 1 < len(self.systems) <= self.chats // 2:
            self.whole("system_varies", sure=CERTAIN, count=len(self.systems), rows=self.chats)
        shown = [
            {"text": self.system_texts.get(key, "…"), "count": count}
            for key, count in self.systems.most_common(5)
        ]
        return {
            "systems": {"different": len(self.systems), "missing": self.without_system}
            | {"chats": self.chats, "shown": shown}
        }


def _add(whole: Counter[Any], part: Counter[Any]) -> None:
    """Add counts; keep a bounded number of different ones."""
    for key, count in part.items():
        if key in whole or len(whole) < 20 * MOST_LABELS:
            whole[key] += count


def _joined(parts: list[npt.NDArray[np.uint32]]) -> npt.NDArray[np.uint32]:
    return np.concatenate([np.zeros(0, np.uint32), *parts])


def _row(row: Any) -> dict[str, int]:
    return {"original": int(row) + 1}


def _shown(disputed: Conflicts) -> list[dict[str, Any]]:
    """List the first questions with the rows that answer them."""
    shown: dict[int, list[int]] = {}
    for row, first in zip(disputed.rows.tolist(), disputed.first.tolist(), strict=True):
        if first in shown or len(shown) < MOST_CONFLICTS_SHOWN:
            shown.setdefault(first, []).append(row + 1)
    return [{"size": len(rows), "rows": rows[:6]} for rows in shown.values()]


def _group(code: str, tally: Tally) -> dict[str, Any]:
    return {
        "code": code,
        "problems": tally.places,
        "rows": tally.rows,
        "sure": dict(tally.sure),
        "kinds": dict(tally.kinds.most_common()),
    }
