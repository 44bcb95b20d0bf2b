"""What a run will ask, and what that will cost: an estimate from before its start."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, Count, Func, IntegerField, Q, Sum, TextField
from django.db.models.functions import Cast

from apps.evals.asking import judges, requests
from apps.evals.asking.starting import ModelChoice
from apps.evals.graders import Kind
from apps.evals.models import Answer, Run, Suite
from apps.library.money import pricing
from apps.providers.profiles.prices import Rate

# UTF-8 bytes of a token: about 4.5 in English, fewer in most other languages and in code.
MOST_BYTES, FEWEST_BYTES = 5, 3
JUDGE_TASK = 700  # bytes around the material
JUDGE_REPLY = (15, 150)  # tokens
LONGER = 3  # how many times as long as expected an answer may be, where nothing limits it


@dataclass(frozen=True, slots=True)
class Range:
    """The fewest and the most."""

    low: float
    high: float

    def times(self, count: float) -> "Range":
        return Range(self.low * count, self.high * count)

    def plus(self, other: "Range") -> "Range":
        return Range(self.low + other.low, self.high + other.high)


NOTHING = Range(0, 0)


@dataclass(frozen=True, slots=True)
class Part:
    """What one model will be asked."""

    name: str
    calls: int
    prompt: Range  # tokens
    completion: Range
    rate: Rate | None
    left_out: Sequence[str] = ()  # names of parameters that it does not take

    @property
    def usd(self) -> Range | None:
        """Return what that will cost; None where nobody knows its price."""
        if self.rate is None:
            return None
        low = self.rate.usd(round(self.prompt.low), round(self.completion.low))
        high = self.rate.usd(round(self.prompt.high), round(self.completion.high))
        return None if low is None or high is None else Range(float(low), float(high))


@dataclass(frozen=True, slots=True)
class Estimate:
    """Everything that a run will ask."""

    answers: int
    verdicts: int  # calls of judges, and of models that make vectors
    parts: Sequence[Part]
    is_measured: bool  # by earlier answers to these questions; else by the length of the texts

    @property
    def tokens(self) -> Range:
        every = [part.prompt.plus(part.completion) for part in self.parts]
        return Range(sum(each.low for each in every), sum(each.high for each in every))

    @property
    def usd(self) -> Range:
        """Return what is known of the costs."""
        known = [part.usd for part in self.parts if part.usd]
        return Range(sum(each.low for each in known), sum(each.high for each in known))

    @property
    def unpriced(self) -> Sequence[str]:
        return list(dict.fromkeys(part.name for part in self.parts if part.usd is None))

    @property
    def sources(self) -> Sequence[Rate]:
        """Return one rate from each place and day that prices were read on."""
        rates = [part.rate for part in self.parts if part.rate and part.rate.source]
        return list({(rate.source, rate.as_of): rate for rate in rates}.values())


@dataclass(frozen=True, slots=True)
class Sizes:
    """How long the questions of a suite are, in all: tokens, or what they are taken for."""

    count: int
    prompt: Range
    completion: Range  # of one answer to each
    is_measured: bool
    asked_bytes: int
    expected_bytes: int
    expecting: int  # questions with an expected answer


def estimate(run: Run, choices: Sequence[ModelChoice]) -> Estimate:
    """Return what this run would ask, were it started now. It is not saved."""
    sizes = _sizes(run.suite, run.max_tokens)
    parts = [_asked(run, choice, sizes) for choice in choices if choice.connection]
    answers = sizes.count * run.samples * len(choices)
    judging = list(_judging(run, sizes, answers))
    return Estimate(
        answers=sum(part.calls for part in parts),
        verdicts=sum(part.calls for part in judging),
        parts=[*parts, *judging],
        is_measured=sizes.is_measured,
    )


def _asked(run: Run, choice: ModelChoice, sizes: Sizes) -> Part:
    assert choice.connection is not None  # noqa: S101 - the caller asks for no recordings
    line = requests.line_to(choice.connection, choice.model)
    tools = run.suite.cases.exclude(tools=[]).values_list("tools", flat=True).first() or ()
    _request, left_out = line.fit(requests.request_of(run, (), sample=0, tools=tools))
    prompt, completion = sizes.prompt.times(run.samples), sizes.completion.times(run.samples)
    return Part(
        name=choice.label or choice.model,
        calls=sizes.count * run.samples,
        prompt=prompt,
        completion=completion,
        rate=pricing.rate_of(choice.connection, choice.model),
        left_out=left_out,
    )


def _judging(run: Run, sizes: Sizes, answers: int) -> Iterator[Part]:
    """Return what judges and models of vectors are asked: about answers of recordings, too."""
    each_time = answers / sizes.count if sizes.count else 0
    for connection in judges.connections(run):
        for grader in judges.asked_at(connection, run).values():
            is_judge = grader["kind"] == Kind.JUDGE
            calls = sizes.count + (sizes.expecting if is_judge else 0)  # both orders
            prompt, completion = _material(grader, sizes, calls).times(each_time), NOTHING
            if is_judge:
                completion = Range(*JUDGE_REPLY).times(calls * each_time)
            yield Part(
                name=str(grader["model"]),
                calls=round(calls * each_time) if is_judge else 0,
                prompt=prompt,
                completion=completion,
                rate=pricing.rate_of(connection, grader["model"]),
            )


def _material(grader: Any, sizes: Sizes, calls: int) -> Range:
    """Return the tokens that one answer to each question costs at a grader's model."""
    if grader["kind"] != Kind.JUDGE:
        return _of_bytes(sizes.expected_bytes).plus(sizes.completion)
    share = calls / sizes.count if sizes.count else 0
    rules = _of_bytes((JUDGE_TASK + len(grader["rubric"].encode())) * sizes.count)
    texts = _of_bytes(sizes.asked_bytes + sizes.expected_bytes).plus(sizes.completion)
    return rules.plus(texts).times(share)


def _sizes(suite: Suite, max_tokens: int | None) -> Sizes:
    length = {"function": "OCTET_LENGTH", "output_field": IntegerField()}
    told = suite.cases.aggregate(
        count=Count("pk"),
        asked_bytes=Sum(Func(Cast("messages", TextField()), **length)),
        expected_bytes=Sum(Func("expected", **length)),
        expecting=Count("pk", filter=~Q(expected="")),
    )
    count, expecting = told["count"], told["expecting"]
    asked, expected = told["asked_bytes"] or 0, told["expected_bytes"] or 0
    known = _known(suite)
    prompt = _of_bytes(asked) if known is None else Range(known[0], known[0]).times(count)
    return Sizes(
        count=count,
        prompt=prompt,
        completion=_completion(known, count, expected, max_tokens),
        is_measured=known is not None,
        asked_bytes=asked,
        expected_bytes=expected,
        expecting=expecting,
    )


def _completion(
    known: tuple[float, float] | None, count: int, expected: int, max_tokens: int | None
) -> Range:
    """Return the tokens of one answer to each question: at most what the run allows."""
    likely = _of_bytes(expected) if known is None else Range(known[1], known[1]).times(count)
    low = max(likely.low / (1 if known is None else 2), count)
    if max_tokens is None:
        return Range(low, max(low, likely.high * LONGER))
    return Range(min(low, max_tokens * count), max_tokens * count)


def _known(suite: Suite) -> tuple[float, float] | None:
    """Return the tokens of a question and of an answer, as earlier runs of the suite had them."""
    done = Answer.objects.filter(run__suite=suite, status=Answer.Status.DONE, is_copied=False)
    told = done.aggregate(asked=Avg("prompt_tokens"), answered=Avg("completion_tokens"))
    if told["asked"] is None or told["answered"] is None:
        return None
    return told["asked"], told["answered"]


def _of_bytes(count: int) -> Range:
    return Range(count / MOST_BYTES, count / FEWEST_BYTES)
