"""Who is there: one workspace with an owner, an editor and a viewer, and a stranger outside."""

import gc
from collections.abc import Callable
from types import SimpleNamespace

import hypothesis
import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import translation
from django.utils.crypto import get_random_string

from apps.accounts.models import Membership, Role, User
from tests.factories import make_membership

# The same examples in every run and no stop-watch: what fails, fails for everybody and again.
hypothesis.settings.register_profile("retune", derandomize=True, deadline=None, print_blob=True)
hypothesis.settings.load_profile("retune")


LONGEST = ("tests/engine/test_training.py",)

# Tests leave little behind; looking for it as often as usual is a tenth of their time.
SELDOM = (20_000, 20, 50)


def pytest_collection() -> None:
    """What is collected stays to the end: looking for rubbish among it takes seconds."""
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
    gc.set_threshold(*SELDOM)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Number bytes instead of showing them: the names of tests are the same in every process."""
    return argname if isinstance(val, bytes) else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest: at the end, one process would wait for the other."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    file = item.nodeid.split("::")[0]
    return LONGEST.index(file) if file in LONGEST else len(LONGEST)


@pytest.fixture(autouse=True)
def _empty_cache():
    """Rate limits and cached model lists belong to one test."""
    cache.clear()


@pytest.fixture(autouse=True)
def _one_minute(monkeypatch: pytest.MonkeyPatch):
    """Rate limits count all tries of a test as in one minute, however slow the machine is."""
    monkeypatch.setattr("django_ratelimit.core.time", SimpleNamespace(time=lambda: 1e9))


@pytest.fixture(autouse=True)
def _english():
    """A request leaves its language behind in its thread, and tests share theirs."""
    translation.activate("en")


@pytest.fixture
def owner(db) -> Membership:
    return make_membership(role=Role.OWNER)


@pytest.fixture
def editor(owner: Membership) -> Membership:
    return make_membership(role=Role.EDITOR, workspace=owner.workspace)


@pytest.fixture
def viewer(owner: Membership) -> Membership:
    return make_membership(role=Role.VIEWER, workspace=owner.workspace)


@pytest.fixture
def stranger(db) -> Membership:
    return make_membership(role=Role.OWNER)


def begin_session(user: User) -> str:
    """Sign a person in, in one statement: Django's own way takes ten, a thousand times over."""
    known = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
    store, key = SessionStore(), get_random_string(32)
    ends = store.get_expiry_date(expiry=settings.SESSION_COOKIE_AGE)
    data = store.encode(known)
    Session.objects.create(session_key=key, session_data=data, expire_date=ends)
    return key


@pytest.fixture
def client_of() -> Callable[[Membership], Client]:
    """Return a browser that is signed in as this member."""

    def sign_in(membership: Membership) -> Client:
        browser = Client()
        browser.cookies[settings.SESSION_COOKIE_NAME] = begin_session(membership.user)
        return browser

    return sign_in


@pytest.fixture
def client(owner: Membership, client_of: Callable[[Membership], Client]) -> Client:
    return client_of(owner)
