"""Blind votes: names stay hidden until a person has judged, and what all votes show."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Membership
from apps.playground import blind, counting
from apps.playground.models import Column, Conversation, Reply, Turn, Vote
from apps.playground.models.votes import Choice
from apps.providers.models import Connection
from tests.factories import make_connection

SignIn = Callable[[Membership], Client]
HTMX = {"HX-Request": "true"}
BASE, TUNED = "harbour-base", "ft:harbour"
TELLING = ("code", "nearest", "correct", "save_case")  # pages about one reply


@pytest.fixture
def connection(owner: Membership) -> Connection:
    return make_connection(workspace=owner.workspace)


@pytest.fixture
def conversation(owner: Membership, connection: Connection) -> Conversation:
    made = Conversation.objects.create(workspace=owner.workspace, title="Harbour", is_blind=True)
    for position, model in enumerate((BASE, TUNED)):
        Column.objects.create(
            conversation=made, position=position, connection=connection, model=model
        )
    return made


def add_turn(conversation: Conversation, *, status: str = Reply.Status.COMPLETE) -> Turn:
    now = timezone.now()
    position = conversation.turns.count()
    turn = Turn.objects.create(
        conversation=conversation, position=position, text="Where?", form_token=uuid4()
    )
    for column in conversation.columns.order_by("position"):
        Reply.objects.create(
            turn=turn,
            column=column,
            connection=column.connection,
            model=column.model,
            served_model=column.model,
            status=status,
            text=f"Answer {position}.{column.position}",
            claimed_at=now,
            finished_at=now,
        )
    return turn


def vote(client: Client, turn: Turn, choice: str, **more: str) -> str:
    url = reverse("playground:vote", args=[turn.conversation.public_id, turn.position])
    response = client.post(url, {"vote": choice, **more}, headers=None if more else HTMX)
    assert response.status_code in {200, 302}
    return response.content.decode()


def answer_of(turn: Turn, model: str) -> str:
    """Return what the button of this model's answer sends."""
    return str(turn.replies.get(model=model).public_id)


def add_model(conversation: Conversation, model: str) -> None:
    position = conversation.columns.count()
    connection = conversation.columns.first().connection
    Column.objects.create(
        conversation=conversation, position=position, connection=connection, model=model
    )


def votes_page(client: Client, conversation: Conversation) -> str:
    return client.get(reverse("playground:votes", args=[conversation.public_id])).content.decode()


def turn_page(client: Client, turn: Turn) -> str:
    url = reverse("playground:turn", args=[turn.conversation.public_id, turn.position])
    return client.get(url).content.decode()


def test_nothing_tells_whose_answer_it_is_until_a_vote(
    client: Client, conversation: Conversation
) -> None:
    turn = add_turn(conversation)
    before = turn_page(client, turn)
    assert "Which answer is better?" in before
    assert BASE not in before
    assert TUNED not in before
    assert "data-column=" not in before
    about = [
        reverse(f"playground:{name}", args=[turn.replies.first().public_id]) for name in TELLING
    ]
    assert {client.get(url).status_code for url in about} == {404}
    after = vote(client, turn, "both")
    assert BASE in after
    assert TUNED in after
    assert "Both are good" in after
    assert "Which answer is better?" not in after
    assert {client.get(url).status_code for url in about} == {200}


@pytest.mark.parametrize("models", [2, 3, 4])
def test_the_order_changes_from_prompt_to_prompt(
    client: Client, conversation: Conversation, models: int
) -> None:
    for model in ("third", "fourth")[: models - 2]:
        add_model(conversation, model)
    conversation.public_id = UUID(int=models)  # what the order is drawn from: no test by luck
    conversation.save()
    turns = [add_turn(conversation) for _ in range(20)]
    leftmost = {blind.sides(turn)[0].model for turn in turns}
    assert len(leftmost) == models
    for turn in turns[:4]:
        html = turn_page(client, turn)
        places = [html.index(reply.text) for reply in blind.sides(turn)]
        assert places == sorted(places)
        assert turn_page(client, turn).index(blind.sides(turn)[0].text) == places[0]


@pytest.mark.parametrize("model", [BASE, TUNED])
def test_a_vote_for_a_side_is_kept_for_its_model(
    client: Client, conversation: Conversation, model: str
) -> None:
    for _ in range(8):
        turn = add_turn(conversation)
        vote(client, turn, answer_of(turn, model))
    wanted = Choice.FIRST if model == BASE else Choice.SECOND
    assert set(Vote.objects.values_list("choice", flat=True)) == {wanted}
    assert set(Vote.objects.values_list("shown", flat=True)) == {"01", "10"}


def test_the_first_word_counts(client: Client, conversation: Conversation) -> None:
    turn = add_turn(conversation)
    vote(client, turn, "neither")
    vote(client, turn, "both")
    assert Vote.objects.get().choice == Choice.NEITHER


def test_there_is_nothing_to_judge_where_an_answer_is_missing(
    client: Client, conversation: Conversation
) -> None:
    turn = add_turn(conversation, status=Reply.Status.FAILED)
    assert "Which answer is better?" not in turn_page(client, turn)
    vote(client, turn, "both")
    assert not Vote.objects.exists()


def test_only_an_answer_of_the_prompt_can_be_the_best(
    client: Client, conversation: Conversation
) -> None:
    turn, other = add_turn(conversation), add_turn(conversation)
    url = reverse("playground:vote", args=[conversation.public_id, turn.position])
    for said in ("left", "third", "", answer_of(other, BASE)):
        assert client.post(url, {"vote": said}).status_code == 404
    assert not Vote.objects.exists()


def test_a_reviewer_without_edit_rights_judges_one_by_one(
    client_of: SignIn, viewer: Membership, conversation: Conversation
) -> None:
    client = client_of(viewer)
    turns = [add_turn(conversation) for _ in range(2)]
    url = reverse("playground:review", args=[conversation.public_id])
    first = client.get(url).content.decode()
    assert "0 of 2 prompts judged" in first
    assert "Answer 0.0" in first
    assert BASE not in first
    vote(client, turns[0], answer_of(turns[0], BASE), then="review")
    assert "Answer 1.0" in client.get(url).content.decode()
    vote(client, turns[1], "neither", then="review")
    assert "You have judged everything" in client.get(url).content.decode()
    client.post(reverse("playground:review_undo", args=[conversation.public_id]))
    assert "1 of 2 prompts judged" in client.get(url).content.decode()


def test_a_vote_stands_once_its_person_knows_whose_answers_they_are(
    client: Client, conversation: Conversation
) -> None:
    turn = add_turn(conversation)
    add_turn(conversation)
    vote(client, turn, "both", then="review")
    assert BASE in turn_page(client, turn)
    html = client.get(reverse("playground:review", args=[conversation.public_id])).content.decode()
    assert "Take back my last vote" not in html
    client.post(reverse("playground:review_undo", args=[conversation.public_id]))
    assert Vote.objects.count() == 1


def test_a_viewer_cannot_show_names(
    client_of: SignIn, viewer: Membership, conversation: Conversation
) -> None:
    url = reverse("playground:blind", args=[conversation.public_id])
    assert client_of(viewer).post(url, {"is_blind": "off"}).status_code == 404
    conversation.refresh_from_db()
    assert conversation.is_blind


def test_names_are_hidden_where_each_model_answers_once(
    client: Client, conversation: Conversation
) -> None:
    Conversation.objects.update(is_blind=False, samples=2)
    url = reverse("playground:blind", args=[conversation.public_id])
    html = client.post(url, {"is_blind": "on"}, follow=True).content.decode()
    assert "Here each answers several times." in html
    assert 'id="why-not-blind"' in html
    Conversation.objects.update(samples=1)
    html = client.post(url, {"is_blind": "on"}, follow=True).content.decode()
    assert "One answer per model while names are hidden" in html
    conversation.refresh_from_db()
    assert conversation.is_blind


def test_of_three_answers_one_is_picked(client: Client, conversation: Conversation) -> None:
    add_model(conversation, "harbour-third")
    turn = add_turn(conversation)
    before = turn_page(client, turn)
    assert "Which answer is best?" in before
    assert [f'data-vote="{number}"' in before for number in (1, 2, 3, 4)] == [True] * 3 + [False]
    assert all(f"{letter} is best" in before for letter in "ABC")
    assert "harbour-" not in before
    after = vote(client, turn, answer_of(turn, "harbour-third"))
    assert "Your vote:" in after
    assert "harbour-third" in after.partition("Your vote:")[2]
    kept = Vote.objects.get()
    assert (kept.choice, kept.best) == (Choice.THIRD, turn.replies.get(model="harbour-third"))
    assert sorted(kept.shown) == ["0", "1", "2"]


def test_several_or_none_of_three_are_draws(client: Client, conversation: Conversation) -> None:
    add_model(conversation, "third")
    for choice, words in (("both", "Several are equally good"), ("neither", "None is good")):
        after = vote(client, add_turn(conversation), choice)
        assert words in after.partition("Your vote:")[2]
    [tally] = counting.tallies(conversation)
    assert [pair.comparison.equal for pair in tally.pairs] == [2, 2, 2]


def test_the_result_of_three_is_told_in_pairs_and_corrected(
    client: Client, conversation: Conversation
) -> None:
    """12 prompts: 8 to the tuned one, none to the base, 1 to the third, 3 to several.

    Exact sign tests: 8 to 0, 0.0078; 8 to 1, 0.0391; 1 to 0, 1. Holm: 0.0234, 0.0781, 1.
    """
    add_model(conversation, "third")
    said = [TUNED] * 8 + ["third"] + ["both"] * 3
    for name in said:
        turn = add_turn(conversation)
        vote(client, turn, name if name == "both" else answer_of(turn, name))
    [tally] = counting.tallies(conversation)
    told = [(*pair.names, pair.comparison.worse, pair.comparison.better) for pair in tally.pairs]
    assert told == [
        (BASE, TUNED, 0, 8),
        (BASE, "third", 0, 1),
        (TUNED, "third", 8, 1),
    ]
    values = [pair.comparison.p_value for pair in tally.pairs]
    assert values == pytest.approx([0.0234, 1, 0.0781], abs=5e-5)
    assert [pair.comparison.is_decisive for pair in tally.pairs] == [True, False, False]
    html = votes_page(client, conversation)
    assert f"{TUNED} is better than {BASE} on people&#x27;s votes: +66.7 points" in html
    assert "p = 0.023, corrected for 3 comparisons, 12 rows" in html
    assert "Neither ahead, or another one picked" in html
    assert "P-values are corrected for 3 comparisons (Holm)." in html


def test_the_result_is_hidden_from_whoever_has_yet_to_judge(
    client: Client, conversation: Conversation
) -> None:
    turns = [add_turn(conversation) for _ in range(2)]
    vote(client, turns[0], "both")
    html = votes_page(client, conversation)
    assert "You have yet to judge 1 prompt." in html
    assert "better on" not in html


def test_votes_end_in_a_sentence_with_interval_and_p_value(
    client: Client, conversation: Conversation
) -> None:
    """10 of 12 prompts won, 2 lost: exact sign test p = 0.0386 (binomial, 2 of 12, two-sided)."""
    turns = [add_turn(conversation) for _ in range(12)]
    for number, turn in enumerate(turns):
        vote(client, turn, answer_of(turn, TUNED if number < 10 else BASE))
    html = votes_page(client, conversation)
    assert f"{TUNED} is better than {BASE} on people&#x27;s votes: +66.7 points" in html
    assert "p = 0.039" in html
    assert "12 rows" in html


def test_several_people_on_one_prompt_are_one_prompt(
    client: Client, client_of: SignIn, viewer: Membership, conversation: Conversation
) -> None:
    turns = [add_turn(conversation) for _ in range(6)]
    for number, turn in enumerate(turns):
        vote(client, turn, answer_of(turn, TUNED))
        choice = answer_of(turn, BASE) if number < 2 else "both"
        vote(client_of(viewer), turn, choice)
    html = votes_page(client, conversation)
    assert "better on 4 prompts" in html  # two of six cancel each other out
    assert "6 rows" in html
    assert "say the same in 0 % of 6 pairs of votes" in html


def test_a_stranger_finds_nothing(
    stranger: Membership, client_of: SignIn, conversation: Conversation
) -> None:
    turn = add_turn(conversation)
    client = client_of(stranger)
    for name, args in (
        ("turn", [turn.position]),
        ("review", []),
        ("votes", []),
    ):
        url = reverse(f"playground:{name}", args=[conversation.public_id, *args])
        assert client.get(url).status_code == 404
    vote_url = reverse("playground:vote", args=[conversation.public_id, turn.position])
    assert client.post(vote_url, {"vote": "both"}).status_code == 404


def test_a_vote_whose_names_were_seen_further_up_stands(
    client: Client, conversation: Conversation
) -> None:
    turn = add_turn(conversation)
    vote(client, turn, answer_of(turn, TUNED), then="review")
    above = client.get(reverse("playground:earlier", args=[conversation.public_id, 1]))
    assert TUNED in above.content.decode()
    client.post(reverse("playground:review_undo", args=[conversation.public_id]))
    assert Vote.objects.count() == 1
