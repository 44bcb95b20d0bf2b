import stat
from pathlib import Path

import environ
import psycopg
import pytest
from cryptography.fernet import Fernet

from config.launcher import installation as module
from config.launcher.embedded import Postgres, Valkey
from config.launcher.errors import CannotStart
from config.launcher.installation import Installation


@pytest.fixture
def checkout(tmp_path, monkeypatch) -> Path:
    """An empty checkout, and a shell in which nothing of Retune's is set."""
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module.os, "environ", {"PATH": "/usr/bin"})
    return tmp_path


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(checkout, monkeypatch):
    (checkout / ".env").write_text("PORT=1001\nHOST=127.0.0.2\nTIME_ZONE=Europe/Berlin\n")
    module.os.environ.update(PORT="1002", HOST="127.0.0.3")
    installation = Installation.load(PORT="1003", HOST=None)
    assert installation.port == 1003
    assert installation.host == "127.0.0.3"
    assert installation.environment()["TIME_ZONE"] == "Europe/Berlin"


def test_missing_secrets_are_made_once_and_kept_private(checkout):
    installation = Installation.load()
    installation.prepare()
    made = installation.environment()
    Fernet(made["ENCRYPTION_KEYS"])
    assert len(made["SECRET_KEY"]) >= 50
    assert stat.S_IMODE((checkout / "var" / "secrets.env").stat().st_mode) == 0o600
    assert stat.S_IMODE((checkout / "var").stat().st_mode) == 0o700

    Installation.load().prepare()
    assert Installation.load().environment() == made


def test_a_secret_that_is_given_is_not_written_down(checkout):
    module.os.environ.update(SECRET_KEY="mine")
    installation = Installation.load()
    installation.prepare()
    assert "SECRET_KEY" not in (checkout / "var" / "secrets.env").read_text()
    assert installation.environment()["SECRET_KEY"] == "mine"


def test_addresses_of_ones_own_servers_replace_the_embedded_ones(checkout):
    assert [server.name for server in Installation.load().servers] == ["postgres", "valkey"]
    module.os.environ["DATABASE_URL"] = "postgres://me:secret@db.example/retune"
    assert [server.name for server in Installation.load().servers] == ["valkey"]
    module.os.environ["REDIS_URL"] = "redis://cache.example:6379/0"
    assert Installation.load().servers == []
    assert Installation.load().environment()["REDIS_URL"] == "redis://cache.example:6379/0"


@pytest.mark.parametrize("folder", ["a checkout with spaces", "d" * 120, "ünïcode"])
def test_sockets_move_to_a_short_plain_path_when_the_checkouts_is_not(
    tmp_path, monkeypatch, folder
):
    monkeypatch.setattr(module, "ROOT", tmp_path / folder)
    sockets = Installation.load().sockets
    assert sockets.parent == Path("/tmp")
    assert sockets == Installation.load().sockets


def test_a_folder_of_somebody_else_is_not_used_for_sockets(checkout, monkeypatch):
    installation = Installation.load()
    monkeypatch.setattr(module.os, "geteuid", lambda: 4321)
    with pytest.raises(CannotStart, match="belongs to another user"):
        installation.prepare()


def test_django_and_psycopg_understand_the_embedded_servers_address(tmp_path):
    url = Postgres(data=tmp_path, sockets=Path("/tmp/a b")).url
    settings = environ.Env.db_url_config(url)
    assert (settings["NAME"], settings["USER"]) == ("retune", "postgres")
    assert settings["OPTIONS"] == {"host": "/tmp/a b"}
    assert psycopg.conninfo.conninfo_to_dict(url)["host"] == "/tmp/a b"
    assert Valkey(data=tmp_path, sockets=Path("/tmp/x")).url == "unix:///tmp/x/valkey.sock?db=0"


@pytest.mark.parametrize("port", ["web", "0", "65536", "-1", "８０"])
def test_a_port_that_is_none_is_refused_in_words(checkout, port):
    with pytest.raises(CannotStart, match=f"PORT must be a number from 1 to 65535, not “{port}”"):
        _ = Installation.load(PORT=port).port


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::1", "http://[::1]:8000"),
        ("retune.example", "http://retune.example:8000"),
    ],
)
def test_the_printed_address_can_be_opened(checkout, host, url):
    assert Installation.load(HOST=host).public_url == url
