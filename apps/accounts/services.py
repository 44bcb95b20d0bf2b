"""What can be done with people, tokens and the one-time set-up link."""

import secrets
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import ApiToken, Membership, Role, SetupLink, User, Workspace
from apps.accounts.tokens import hash_token, new_token

SETUP_LINK_LASTS = timedelta(days=1)
FIRST_OWNER_LOCK = 7_310_001  # any number, but always this one


class OwnerExists(Exception):
    """This installation is set up; registration is closed."""


def has_owner() -> bool:
    """True once somebody has set this installation up."""
    return Membership.objects.filter(role=Role.OWNER).exists()


@transaction.atomic
def create_owner(
    *, username: str, password: str, email: str = "", workspace_name: str = ""
) -> Membership:
    """Create the first person and their workspace. Raises OwnerExists or ValidationError."""
    _let_one_through_at_a_time()
    if has_owner():
        raise OwnerExists(_("This installation already has an owner."))
    user = _create_user(username=username, password=password, email=email)
    name = workspace_name or _("%(name)s’s workspace") % {"name": username[:80]}
    workspace = Workspace.objects.create(name=name)
    return Membership.objects.create(user=user, workspace=workspace, role=Role.OWNER)


@transaction.atomic
def add_member(
    *, workspace: Workspace, username: str, password: str, role: Role, email: str = ""
) -> Membership:
    """Create a further person with a role in this workspace. Raises ValidationError."""
    user = _create_user(username=username, password=password, email=email)
    return Membership.objects.create(user=user, workspace=workspace, role=role)


def _create_user(*, username: str, password: str, email: str) -> User:
    user = User(username=username, email=User.objects.normalize_email(email))
    validate_password(password, user)
    user.set_password(password)
    user.full_clean()
    user.save()
    return user


def issue_token(
    *, workspace: Workspace, name: str, is_internal: bool = False
) -> tuple[ApiToken, str]:
    """Create a token for scripts; the raw token is returned here and never again."""
    raw = new_token()
    token = ApiToken(
        workspace=workspace,
        name=name,
        token_hash=hash_token(raw),
        last_four=raw[-4:],
        is_internal=is_internal,
    )
    token.full_clean()
    token.save()
    return token, raw


def revoke_token(*, token: ApiToken) -> None:
    """End a token now. The row stays, so that its name and last use can still be read."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())


@transaction.atomic
def issue_setup_link() -> str | None:
    """Return the token of a new one-time link; older links end. None once there is an owner."""
    if has_owner():
        return None
    raw = secrets.token_urlsafe(32)
    SetupLink.objects.all().delete()
    SetupLink.objects.create(token_hash=hash_token(raw))
    return raw


def is_setup_link_open(raw: str) -> bool:
    """True while this link can still be used."""
    return (
        not has_owner() and _open_links(timezone.now()).filter(token_hash=hash_token(raw)).exists()
    )


def use_setup_link(raw: str) -> bool:
    """Take the link; of two who try at once, one gets it. False when it is used or too old."""
    now = timezone.now()
    return _open_links(now).filter(token_hash=hash_token(raw)).update(used_at=now) == 1


def _open_links(at: datetime) -> QuerySet[SetupLink]:
    return SetupLink.objects.filter(used_at=None, created_at__gt=at - SETUP_LINK_LASTS)


def _let_one_through_at_a_time() -> None:
    """Hold others back until this transaction ends: "no owner yet" has no row to lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FIRST_OWNER_LOCK])
