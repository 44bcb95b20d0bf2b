"""Who somebody is here. Asked for nearly every page."""

from apps.accounts.models import Membership, User, Workspace
from apps.core.statements import Statement

FIRST_OF = Statement(
    """
    SELECT {member}, {person}, {workspace}
    FROM accounts_membership AS member
    JOIN accounts_user AS person ON person.id = member.user_id
    JOIN accounts_workspace AS workspace ON workspace.id = member.workspace_id
    WHERE member.user_id = %(user_id)s ORDER BY member.id LIMIT 1
    """,
    member=Membership,
    person=User,
    workspace=Workspace,
)


def first_membership(user_id: int) -> Membership | None:
    """Return where a person works, with the person: one each until the switcher exists."""
    for member, person, workspace in FIRST_OF.rows({"user_id": user_id}):
        member.user, member.workspace = person, workspace
        found: Membership = member
        return found
    return None
