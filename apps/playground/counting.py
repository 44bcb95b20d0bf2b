"""What all votes on blind answers show: counted by prompt, told for each two models."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from apps.accounts.models import User
from apps.evals import statistics
from apps.playground import blind
from apps.playground.models import Conversation, Turn, Vote
from apps.playground.models.votes import Choice


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt with everybody's votes. `picks` says how often each answer was the best."""

    turn: Turn
    votes: Sequence[Vote]
    picks: Counter[int | None]


@dataclass(frozen=True, slots=True)
class Reviewer:
    """How one person has voted: for each model, for several at once, for none."""

    user: User
    best: Sequence[tuple[str, int]]
    both: int
    neither: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two of the models. `better` of the comparison are prompts that the second one won."""

    names: tuple[str, str]
    comparison: statistics.Comparison


@dataclass(frozen=True, slots=True)
class Tally:
    """The votes on answers of the same models, and what they show."""

    names: tuple[str, ...]
    prompts: Sequence[Prompt]
    reviewers: Sequence[Reviewer]
    pairs: Sequence[Pair]
    agreement: statistics.Agreement | None  # of reviewers who saw the same prompt

    @property
    def agreement_percent(self) -> int | None:
        return round(100 * self.agreement.share.estimate) if self.agreement else None


def tallies(conversation: Conversation) -> list[Tally]:
    """Count the votes for the models that were judged together; those with most prompts go first.

    People who judge the same prompt do not make it two prompts: the majority on each one counts.
    """
    found: defaultdict[tuple[str, ...], list[Prompt]] = defaultdict(list)
    for turn in _turns(conversation):
        for names, votes in _by_models(turn).items():
            found[names].append(Prompt(turn, votes, Counter(vote.place for vote in votes)))
    counted = [_tally(names, prompts) for names, prompts in found.items()]
    return sorted(counted, key=lambda tally: -len(tally.prompts))


def _turns(conversation: Conversation) -> list[Turn]:
    turns = Turn.objects.filter(conversation=conversation).select_related("conversation")
    return list(turns.with_replies().prefetch_related("votes__user"))


def _by_models(turn: Turn) -> dict[tuple[str, ...], list[Vote]]:
    found: defaultdict[tuple[str, ...], list[Vote]] = defaultdict(list)
    for vote in turn.votes.all():
        found[tuple(blind.name_of(answer) for answer in vote.answers)].append(vote)
    return dict(found)


def _tally(names: tuple[str, ...], prompts: Sequence[Prompt]) -> Tally:
    return Tally(
        names=names,
        prompts=prompts,
        reviewers=_reviewers([vote for prompt in prompts for vote in prompt.votes], names),
        pairs=_pairs(names, prompts),
        agreement=_agreement(prompts),
    )


def _pairs(names: tuple[str, ...], prompts: Sequence[Prompt]) -> list[Pair]:
    """Compare every two models, with p-values corrected for how many comparisons that are.

    A prompt on which a third one was picked is a draw of the two: its votes say nothing of them.
    """
    places = list(combinations(range(len(names)), 2))
    comparisons = [_comparison(one, other, prompts) for one, other in places]
    return [
        Pair((names[one], names[other]), comparison)
        for (one, other), comparison in zip(places, statistics.corrected(comparisons), strict=True)
    ]


def _comparison(one: int, other: int, prompts: Sequence[Prompt]) -> statistics.Comparison:
    leads = [prompt.picks[other] - prompt.picks[one] for prompt in prompts]
    better, worse = sum(lead > 0 for lead in leads), sum(lead < 0 for lead in leads)
    return statistics.compare_counts(better, worse, rows=len(prompts))


def _reviewers(votes: Iterable[Vote], names: Sequence[str]) -> list[Reviewer]:
    by_user: defaultdict[User, list[Vote]] = defaultdict(list)
    for vote in votes:
        by_user[vote.user].append(vote)
    return [_reviewer(user, theirs, names) for user, theirs in by_user.items()]


def _reviewer(user: User, votes: Sequence[Vote], names: Sequence[str]) -> Reviewer:
    best = Counter(vote.place for vote in votes)
    choices = Counter(vote.choice for vote in votes)
    each = [(name, best[place]) for place, name in enumerate(names)]
    return Reviewer(user, each, choices[Choice.BOTH], choices[Choice.NEITHER])


def _agreement(prompts: Sequence[Prompt]) -> statistics.Agreement | None:
    """Compare every two people on the prompts that both have seen."""
    both = [
        (one.choice, other.choice)
        for prompt in prompts
        for one, other in combinations(prompt.votes, 2)
    ]
    return statistics.agreement([one for one, _ in both], [other for _, other in both])
