"""Keys at rest: encrypted, bound to their address, rotatable."""

from io import StringIO

import pytest
from asgiref.sync import async_to_sync
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from apps.providers import keys, services
from tests.factories import make_connection

URL = "https://api.openai.com/v1"


def test_a_key_comes_back_for_its_own_address_however_it_is_spelled():
    encrypted = keys.encrypt("sk-secret", base_url=URL)
    assert "sk-secret" not in encrypted
    assert keys.decrypt(encrypted, base_url="HTTPS://API.OpenAI.com/v1/") == "sk-secret"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://api.openai.com.evil.test/v1", "http://api.openai.com/v1", "https://api.openai.com"],
)
def test_a_key_is_refused_to_any_other_address(elsewhere):
    encrypted = keys.encrypt("sk-secret", base_url=URL)
    with pytest.raises(keys.KeyNotForThisAddress):
        keys.decrypt(encrypted, base_url=elsewhere)


def test_the_same_key_is_never_encrypted_to_the_same_text():
    assert keys.encrypt("sk", base_url=URL) != keys.encrypt("sk", base_url=URL)


def test_a_row_whose_address_was_changed_behind_our_back_sends_nothing(owner, fake_server):
    connection = make_connection(workspace=owner.workspace)
    connection.base_url = fake_server.url
    result = async_to_sync(services.test_connection)(connection)
    assert "Enter it again" in result.message
    assert fake_server.requests == []


def test_rotating_makes_the_old_encryption_key_unnecessary(owner, settings):
    connection = make_connection(workspace=owner.workspace, key="sk-secret-1234", base_url=URL)
    old, new = settings.ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, old]
    output = StringIO()
    call_command("rotate_keys", stdout=output)
    settings.ENCRYPTION_KEYS = [new]
    connection.refresh_from_db()
    assert keys.decrypt(connection.encrypted_key, base_url=URL) == "sk-secret-1234"
    assert "1 of 1" in output.getvalue()


def test_rotating_names_the_connections_it_cannot_read_and_keeps_going(owner, settings):
    make_connection(workspace=owner.workspace, name="Lost")
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    readable = make_connection(workspace=owner.workspace, name="Readable")
    before = readable.encrypted_key
    with pytest.raises(CommandError, match="Lost"):
        call_command("rotate_keys", stdout=StringIO())
    readable.refresh_from_db()
    assert readable.encrypted_key != before
