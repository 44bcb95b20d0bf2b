"""Adding, removing and moving messages of a draft, for browsers without JavaScript (pure)."""

from apps.datasets.editing.drafts.draft import CONVERSATION, LEARNED, QUESTION, Card, Draft, Group


def move(draft: Draft, wish: str) -> bool:
    """Do what a button asks for ("up:m3", "add:messages"); False when it is no such wish."""
    verb, _, target = wish.partition(":")
    if verb == "add":
        return _add(draft, target)
    for group in draft.groups:
        for place, card in enumerate(group.cards):
            if card.id == target:
                return _at(group, place, verb)
    return False


def _at(group: Group, place: int, verb: str) -> bool:
    cards = group.cards
    if verb == "remove":
        del cards[place]
    elif verb == "up" and place > 0:
        cards[place - 1 : place + 1] = [cards[place], cards[place - 1]]
    elif verb == "down" and place < len(cards) - 1:
        cards[place : place + 2] = [cards[place + 1], cards[place]]
    return verb in ("remove", "up", "down")


def _add(draft: Draft, key: str) -> bool:
    group = next((group for group in draft.groups if group.key == key), None)
    if group is None:
        return False
    number = max((int(card.id[1:]) for card in draft.cards), default=-1) + 1
    group.cards.append(Card(f"m{number}", role=next_role(group)))
    return True


def next_role(group: Group) -> str:
    """Guess who speaks next."""
    if group.key not in (CONVERSATION, QUESTION):
        return LEARNED
    last = group.cards[-1].role if group.cards else ""
    return LEARNED if last in ("user", "tool") else "user"
