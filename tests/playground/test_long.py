"""Long conversations: a page shows the newest prompts, and those before them on demand."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.playground.models import Conversation, Reply, Turn, turns
from apps.providers.models import Connection
from tests.playground.site import page, send

PROMPTS, ANSWERS = 10, 8


@pytest.fixture
def conversation(
    client: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> Conversation:
    """Answer ten prompts, by two models."""
    monkeypatch.setattr(turns, "ANSWERS_SHOWN", ANSWERS)
    replies = send(client, connection, "Prompt 0")
    conversation, columns = replies[0].turn.conversation, [reply.column for reply in replies]
    more = Turn.objects.bulk_create(
        Turn(conversation=conversation, position=at, text=f"Prompt {at}", form_token=uuid4())
        for at in range(1, PROMPTS)
    )
    Reply.objects.bulk_create(
        Reply(turn=turn, column=column, connection=connection, model="m")
        for turn in more
        for column in columns
    )
    now = timezone.now()
    Reply.objects.update(status="complete", claimed_at=now, finished_at=now, text="Hello!")
    return conversation


def prompts(html: str) -> list[int]:
    return [int(number) for number in re.findall(r">Prompt (\d+)</p>", html)]


def earlier(conversation: Conversation, position: int) -> str:
    return reverse("playground:earlier", args=[conversation.public_id, position])


def test_the_newest_prompts_come_first_and_lead_to_all_before_them(
    client: Client, conversation: Conversation
) -> None:
    html = page(client, conversation.get_absolute_url())
    assert prompts(html) == list(range(6, 10))
    assert earlier(conversation, 6) in html
    html = page(client, earlier(conversation, 6))
    assert prompts(html) == list(range(2, 6))
    assert earlier(conversation, 2) in html
    html = page(client, earlier(conversation, 2))
    assert prompts(html) == [0, 1]
    assert "data-earlier" not in html
    assert prompts(page(client, earlier(conversation, 0))) == []


def test_one_prompt_with_very_many_answers_is_shown_whole(
    client: Client, connection: Connection, conversation: Conversation
) -> None:
    last = conversation.turns.get(position=PROMPTS - 1)
    first, *_ = last.replies.select_related("column")
    facts = {"turn": last, "column": first.column, "model": "m", "finished_at": timezone.now()}
    Reply.objects.bulk_create(Reply(**facts, sample=at, status="stopped") for at in range(1, 8))
    assert prompts(page(client, conversation.get_absolute_url())) == [9]


def test_the_address_of_an_answer_opens_the_page_far_enough(
    client: Client, conversation: Conversation
) -> None:
    reply = Reply.objects.select_related("turn__conversation").get(
        turn__position=3, column__position=1
    )
    address = reply.get_absolute_url()
    assert address.endswith(f"#text-{reply.public_id}")
    html = page(client, address.partition("#")[0])
    assert prompts(html) == list(range(3, 10))
    assert address in page(client, reverse("playground:correct", args=[reply.public_id]))
    url = conversation.get_absolute_url()
    for nonsense in ("-1", "9" * 30):
        assert prompts(page(client, f"{url}?turn={nonsense}"))[-1] == 9


def test_an_answer_without_a_word_says_so(client: Client, conversation: Conversation) -> None:
    words = "The answer is empty"
    assert words not in page(client, conversation.get_absolute_url())
    Reply.objects.filter(turn__position=9, column__position=0).update(text=" \n")
    assert page(client, conversation.get_absolute_url()).count(words) == 1


def test_only_an_answer_of_many_screens_scrolls_by_itself(
    client: Client, conversation: Conversation
) -> None:
    url = conversation.get_absolute_url()
    assert "data-long" not in page(client, url)
    Reply.objects.filter(turn__position=9, column__position=0).update(text="word " * 2_000)
    assert page(client, url).count(" data-long") == 1
