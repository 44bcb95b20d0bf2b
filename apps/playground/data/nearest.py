"""The rows of training data that are nearest to an answer: by words, or by their meaning."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from asgiref.sync import async_to_sync
from django.utils.translation import gettext as _

from apps.datasets.models import Version
from apps.datasets.rows import nearest
from apps.datasets.rows.nearest import Near, Ranked
from apps.datasets.rows.reading import line_of, starts_of
from apps.evals.asking.vectors import Asker, Told, Vector
from apps.playground.data.subjects import Subject
from apps.providers import registry
from apps.providers.models import Connection
from apps.providers.profiles import profile_for
from apps.providers.types import ProviderError, ProviderUnavailable

STEP_SECONDS = 0.3  # of one request; the page then asks for the next step
SHOWN = 10
MOST_ROW_BYTES = 1_000_000
LONGEST_SENT = 6_000  # characters of one text that are sent to be made a vector
PLACE = re.compile(r"(\d{1,12})-(\d{1,5})")
PARTS = 10_000


class CannotRank(Exception):
    """Why no vectors came, in words for people."""


@dataclass(frozen=True, slots=True)
class NearRow:
    """A row as it is shown, and how near it is: 1 is the same, 0 has nothing in common."""

    number: int
    likeness: float
    question: str
    answer: str

    @property
    def percent(self) -> int:
        return round(100 * self.likeness)


@dataclass(frozen=True, slots=True)
class Nearest:
    """Both lists, nearest first, and how far the data was looked at."""

    to_question: list[NearRow]
    to_answer: list[NearRow]
    ranked: Ranked

    @property
    def places(self) -> Mapping[str, str]:
        """What the next request has to know of the rows found so far."""
        ranked = self.ranked
        return {"question": written(ranked.to_question), "answer": written(ranked.to_answer)}


def look(version: Version, subject: Subject, so_far: Ranked) -> Nearest:
    """Look at more rows, for a bounded time."""
    starts = starts_of(version)
    if starts is None or len(starts) <= 1:
        return Nearest([], [], Ranked())
    ranked = nearest.look(
        version.path,
        starts,
        subject.question,
        subject.text,
        so_far=so_far,
        seconds=STEP_SECONDS,
    )
    return _shown(version, ranked)


def by_meaning(
    version: Version, subject: Subject, so_far: Ranked, *, connection: Connection, model: str
) -> Nearest:
    """Put the rows that were found in the order in which a model finds them near; or CannotRank."""
    texts = {near.row: _texts(version, near.row) for near in _found(so_far)}
    sides = [
        (subject.question, so_far.to_question, {row: each[0] for row, each in texts.items()}),
        (subject.text, so_far.to_answer, {row: each[1] for row, each in texts.items()}),
    ]
    rows = [said[near.row] for _text, found, said in sides for near in found]
    told = _vectors(connection, model, rows, [subject.question, subject.text])
    to_question, to_answer = (_by_cosine(*side, told) for side in sides)
    return _shown(version, Ranked(to_question, to_answer, so_far.looked_at, so_far.total))


def embedding_model(connection: Connection, wanted: str) -> str:
    """Return the model to ask; every model of the local engine makes vectors."""
    if wanted.strip() or connection.profile != Connection.Profile.ENGINE:
        return wanted.strip()
    return next(iter(profile_for(connection.profile).base_models), "")


def can_embed(connection: Connection) -> bool:
    return profile_for(connection.profile).capabilities.embeddings


def written(found: Sequence[Near]) -> str:
    """Write rows and their likeness for an address: `12-8300,55-7000`."""
    return ",".join(f"{near.row}-{round(near.likeness * PARTS)}" for near in found)


def read(text: str, total: int) -> list[Near]:
    """Read what an address says was found; nonsense is nothing."""
    places = (PLACE.fullmatch(part) for part in text.split(",")[: nearest.SHORTLIST])
    found = [Near(int(p[1]), min(int(p[2]) / PARTS, 1.0)) for p in places if p]
    return [near for near in found if 0 < near.row <= total]


def _found(ranked: Ranked) -> list[Near]:
    return [*ranked.to_question, *ranked.to_answer]


def _shown(version: Version, ranked: Ranked) -> Nearest:
    def rows(found: Sequence[Near]) -> list[NearRow]:
        shown = found[:SHOWN]
        return [NearRow(each.row, each.likeness, *_texts(version, each.row)) for each in shown]

    return Nearest(rows(ranked.to_question), rows(ranked.to_answer), ranked)


def _texts(version: Version, number: int) -> tuple[str, str]:
    line, size = line_of(version, number, most=MOST_ROW_BYTES)
    return nearest.texts_of(line) if len(line) == size else ("", "")


def _vectors(
    connection: Connection, model: str, rows: Sequence[str], asked: Sequence[str]
) -> Mapping[str, Vector]:
    """Return a vector for each text that says something, by its beginning."""
    said = [_cut(text) for text in rows if text.strip()]
    own = [_cut(text) for text in asked if text.strip()]
    if not said or not own:
        raise CannotRank(_("There is nothing to compare."))
    try:
        return async_to_sync(_ask)(connection, model, said, own).by_text
    except (ProviderError, ProviderUnavailable) as exc:
        raise CannotRank(str(exc)) from exc


async def _ask(
    connection: Connection, model: str, rows: Sequence[str], asked: Sequence[str]
) -> Told:
    async with registry.open_provider(connection) as provider:
        asker = Asker(provider, connection.pk, model)
        return await asker.vectors_of(expected=list(rows), answers=list(asked))


def _by_cosine(
    text: str, found: Sequence[Near], said: Mapping[int, str], vectors: Mapping[str, Vector]
) -> list[Near]:
    own = vectors.get(_cut(text))
    if own is None:
        return []
    other = {near.row: vectors.get(_cut(said[near.row])) for near in found}
    near = [Near(row, _cosine(own, each)) for row, each in other.items() if each is not None]
    return sorted(near, key=lambda each: (-each.likeness, each.row))


def _cosine(one: Vector, other: Vector) -> float:
    import numpy as np

    a, b = np.asarray(one, float), np.asarray(other, float)
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / lengths if len(a) == len(b) and lengths else 0.0


def _cut(text: str) -> str:
    return text[:LONGEST_SENT]
