"""What was said before a prompt: its own messages, and each column's own answers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from apps.playground.models import Reply, Turn

Message = Mapping[str, Any]


def messages_for(
    reply: Reply, earlier: Sequence[Reply], system_prompt: str | None = None
) -> list[Message]:
    """Return the conversation that this reply continues."""
    said = [message for answer in _lane(reply, earlier) for message in _exchange(answer)]
    prompt = reply.settings.get("system_prompt", "") if system_prompt is None else system_prompt
    return [*_system(prompt), *said, *_question(reply.turn)]


def earlier_of(replies: Iterable[Reply]) -> dict[int, list[Reply]]:
    """Return what each column has answered before, oldest first. One query at most."""
    found: dict[int, list[Reply]] = defaultdict(list)
    asking = [each for each in replies if each.turn.position and not each.turn.is_fresh]
    if not asking:
        return found
    answered = Reply.objects.filter(
        column_id__in={reply.column_id for reply in asking},
        turn__position__lt=max(reply.turn.position for reply in asking),
    ).exclude(text="")
    for answer in answered.select_related("turn").order_by("turn__position", "sample"):
        found[answer.column_id].append(answer)
    return found


def _lane(reply: Reply, earlier: Sequence[Reply]) -> list[Reply]:
    """Return one answer per earlier turn: of the same sample, else the first there is.

    One that got no answer is left out: many models insist on taking turns. A turn that was asked
    afresh forgot what was said before it, and so does what follows it.
    """
    if reply.turn.is_fresh:
        return []
    by_turn: dict[int, list[Reply]] = defaultdict(list)
    for answer in earlier:
        if answer.turn.position < reply.turn.position:
            by_turn[answer.turn.position].append(answer)
    lane: list[Reply] = []
    for answers in by_turn.values():
        same = (answer for answer in answers if answer.sample == reply.sample)
        answer = next(same, answers[0])
        lane = [answer] if answer.turn.is_fresh else [*lane, answer]
    return lane


def _exchange(answer: Reply) -> list[Message]:
    return [*_question(answer.turn), {"role": "assistant", "content": answer.text}]


def _question(turn: Turn) -> list[Message]:
    """Return the prompt between the messages that a row has before and after it."""
    return [*turn.context, {"role": "user", "content": turn.text}, *turn.after]


def _system(prompt: str) -> list[Message]:
    return [{"role": "system", "content": prompt}] if prompt else []
