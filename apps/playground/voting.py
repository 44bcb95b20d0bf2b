"""Votes on blind answers: given once, taken back while nobody was told, counted by prompt."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from apps.accounts.models import User
from apps.evals import statistics
from apps.playground import blind
from apps.playground.models import Conversation, Turn, Vote
from apps.playground.models.votes import Choice

if TYPE_CHECKING:
    from django.db.models import QuerySet

SEEN = {"left", "right", "both", "neither"}  # what a person says, who sees two sides


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt with everybody's votes. `lead` is above 0 where the second model is ahead."""

    turn: Turn
    votes: Sequence[Vote]
    lead: int


@dataclass(frozen=True, slots=True)
class Reviewer:
    """How one person has voted."""

    user: User
    first: int
    second: int
    both: int
    neither: int


@dataclass(frozen=True, slots=True)
class Tally:
    """The votes on one pair of models, and what they show."""

    names: tuple[str, str]
    prompts: Sequence[Prompt]
    reviewers: Sequence[Reviewer]
    comparison: statistics.Comparison
    agreement: statistics.Agreement | None  # of reviewers who saw the same prompt

    @property
    def agreement_percent(self) -> int | None:
        return round(100 * self.agreement.share.estimate) if self.agreement else None


def vote(*, turn: Turn, user: User, seen: str) -> Vote | None:
    """Keep a person's first word on a turn; None where there is nothing to vote on."""
    pair = blind.pair(turn)
    if pair is None or not turn.conversation.is_blind:
        return None
    first, second = pair
    is_swapped = blind.is_swapped(turn)
    kept, _is_new = Vote.objects.get_or_create(
        turn=turn,
        user=user,
        defaults={
            "first": first,
            "second": second,
            "choice": _choice(seen, is_swapped=is_swapped),
            "was_swapped": is_swapped,
        },
    )
    return kept


def take_back(*, conversation: Conversation, user: User) -> None:
    """Forget this person's newest vote, unless they know by now whose answers those are."""
    if newest := _mine(conversation, user).order_by("-created_at", "-pk").first():
        newest.delete()


def tell(*, conversation: Conversation, user: User) -> None:
    """Note that this person sees whose answers those are: votes given until now stand."""
    _mine(conversation, user).update(was_told=True)


def can_take_back(conversation: Conversation, user: User) -> bool:
    """Whether this person has voted and does not know yet for whom."""
    return _mine(conversation, user).exists()


def _mine(conversation: Conversation, user: User) -> "QuerySet[Vote]":
    """Return the votes of this person that may still be taken back."""
    return Vote.objects.filter(turn__conversation=conversation, user=user, was_told=False)


def to_review(conversation: Conversation, user: User) -> tuple[list[Turn], int]:
    """Return the turns that this person has yet to vote on, and how many there are in all."""
    turns = [turn for turn in _turns(conversation) if blind.pair(turn)]
    return [turn for turn in turns if blind.vote_of(turn, user) is None], len(turns)


def tallies(conversation: Conversation) -> list[Tally]:
    """Count the votes for each pair of models that was voted on; the pair with most goes first.

    People who judge the same prompt do not make it two prompts: the majority on each one counts.
    """
    pairs: defaultdict[tuple[str, str], list[Prompt]] = defaultdict(list)
    for turn in _turns(conversation):
        for names, votes in _by_pair(turn).items():
            pairs[names].append(Prompt(turn, votes, _lead(votes)))
    found = [_tally(names, prompts) for names, prompts in pairs.items()]
    return sorted(found, key=lambda tally: -len(tally.prompts))


def _turns(conversation: Conversation) -> list[Turn]:
    turns = Turn.objects.filter(conversation=conversation).select_related("conversation")
    people = ("votes__user", "votes__first__column", "votes__second__column")
    return list(turns.with_replies().prefetch_related(*people))


def _by_pair(turn: Turn) -> dict[tuple[str, str], list[Vote]]:
    found: defaultdict[tuple[str, str], list[Vote]] = defaultdict(list)
    for each in turn.votes.all():
        found[blind.name_of(each.first), blind.name_of(each.second)].append(each)
    return dict(found)


def _tally(names: tuple[str, str], prompts: Sequence[Prompt]) -> Tally:
    better = sum(prompt.lead > 0 for prompt in prompts)
    worse = sum(prompt.lead < 0 for prompt in prompts)
    return Tally(
        names=names,
        prompts=prompts,
        reviewers=_reviewers(vote for prompt in prompts for vote in prompt.votes),
        comparison=statistics.compare_counts(better, worse, rows=len(prompts)),
        agreement=_agreement(prompts),
    )


def _reviewers(votes: Iterable[Vote]) -> list[Reviewer]:
    by_user: defaultdict[User, Counter[str]] = defaultdict(Counter)
    for each in votes:
        by_user[each.user][each.choice] += 1
    return [
        Reviewer(user, *(counts[choice] for choice in Choice.values))
        for user, counts in by_user.items()
    ]


def _agreement(prompts: Sequence[Prompt]) -> statistics.Agreement | None:
    """Compare every two people on the prompts that both have seen."""
    both = [
        (one.choice, other.choice)
        for prompt in prompts
        for one, other in combinations(prompt.votes, 2)
    ]
    return statistics.agreement([one for one, _ in both], [other for _, other in both])


def _lead(votes: Sequence[Vote]) -> int:
    counts = Counter(vote.choice for vote in votes)
    return counts[Choice.SECOND] - counts[Choice.FIRST]


def _choice(seen: str, *, is_swapped: bool) -> str:
    """Say of the columns what was said of the sides."""
    if seen not in {"left", "right"}:
        return seen
    return Choice.FIRST if (seen == "left") != is_swapped else Choice.SECOND
