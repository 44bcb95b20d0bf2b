"""Finds the replies that a page streams and takes those that nobody has taken, in one statement.

Somebody waits for the first word, and each further statement would delay it by a millisecond.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.accounts.models import Membership
from apps.core.statements import Statement
from apps.library.deployments import serving
from apps.playground.models import START_WITHIN, Conversation, Reply, Turn
from apps.providers.models import Connection

REPLIES = """
    playground_reply AS reply
    JOIN playground_turn AS turn ON turn.id = reply.turn_id
    JOIN playground_conversation AS conversation ON conversation.id = turn.conversation_id
"""
VISIBLE = "conversation.workspace_id = %(workspace)s AND "
CLAIM = """
    WITH mine AS (
        UPDATE playground_reply SET status = 'streaming', claimed_at = %(at)s, heartbeat_at = %(at)s
        WHERE %(asks)s AND status = 'pending' AND created_at >= %(since)s
            AND id IN (SELECT reply.id FROM {replies} WHERE {wanted})
        RETURNING id
    )
    SELECT {{reply}}, {{connection}}, {{turn}}, {{conversation}},
        reply.id IN (SELECT id FROM mine), COALESCE({base}, '')
    FROM {replies}
    JOIN playground_column AS place ON place.id = reply.column_id
    LEFT JOIN providers_connection AS connection ON connection.id = reply.connection_id
    WHERE {wanted}
    ORDER BY place.position, reply.sample
"""
BASE = serving.BASE_BEHIND.format(connection="reply.connection_id", model="reply.model")


@dataclass(frozen=True, slots=True)
class Found:
    """A reply as it was, whether it is ours to ask, and the base of the tuned model behind it."""

    reply: Reply
    is_mine: bool
    base: str


def _statement(wanted: str) -> Statement:
    sql = CLAIM.format(replies=REPLIES, wanted=VISIBLE + wanted, base=BASE)
    return Statement(sql, reply=Reply, connection=Connection, turn=Turn, conversation=Conversation)


ONE = _statement("reply.public_id = %(reply)s")
OF_TURN = _statement("conversation.public_id = %(conversation)s AND turn.position = %(position)s")


def claim(
    statement: Statement, membership: Membership, wanted: Mapping[str, Any], *, at: datetime
) -> list[Found]:
    """Return what this member may see of it; whoever may ask takes what waits, each taker alone."""
    told: dict[str, Any] = {"workspace": membership.workspace_id, "asks": membership.can_edit}
    told |= {"at": at, "since": at - START_WITHIN, **wanted}
    found = []
    for reply, connection, turn, conversation, is_mine, base in statement.rows(told):
        reply.connection, reply.turn, turn.conversation = connection, turn, conversation
        found.append(Found(reply, is_mine, base))
    return found
