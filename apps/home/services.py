"""The first start: an owner, a workspace, and this machine's engine connected to it."""

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import services as accounts
from apps.accounts.models import Membership
from apps.providers import services as providers


class SetupLinkClosed(Exception):
    """The link is unknown, used or too old."""


@transaction.atomic
def set_up(*, username: str, password: str, email: str = "") -> Membership:
    """Make the first owner and connect the engine, all or nothing."""
    owner = accounts.create_owner(username=username, password=password, email=email)
    _token, key = accounts.issue_token(
        workspace=owner.workspace, name=_("Retune itself"), is_internal=True
    )
    providers.connect_engine(workspace=owner.workspace, key=key)
    return owner


@transaction.atomic
def set_up_by_link(*, link: str, username: str, password: str, email: str = "") -> Membership:
    """Use up the one-time link and set up. A refused name or password leaves the link open."""
    if not accounts.use_setup_link(link):
        raise SetupLinkClosed
    return set_up(username=username, password=password, email=email)
