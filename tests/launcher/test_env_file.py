import stat

import pytest

from config.launcher.env_file import read_env_file, write_private_env_file
from config.launcher.errors import CannotStart


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("NAME=plain", "plain"),
        ("  export NAME = spaced  ", "spaced"),
        ("NAME='single # kept'", "single # kept"),
        ('NAME="double" # said aside', "double"),
        ("NAME=value # said aside", "value"),
        ("NAME=a#b", "a#b"),
        ("NAME=a=b=c", "a=b=c"),
        ("NAME=$HOME/${x}", "$HOME/${x}"),
    ],
)
def test_a_line_has_one_meaning(tmp_path, line, value):
    file = tmp_path / ".env"
    file.write_text(f"# a comment\n\n{line}\n")
    assert read_env_file(file) == {"NAME": value}


@pytest.mark.parametrize("line", ["NAME=", "NAME=''", "NAME= # nothing"])
def test_a_name_without_a_value_counts_as_not_given(tmp_path, line):
    file = tmp_path / ".env"
    file.write_text(line)
    assert read_env_file(file) == {}


def test_a_file_from_windows_is_read_as_it_is_meant(tmp_path):
    file = tmp_path / ".env"
    file.write_bytes(b"\xef\xbb\xbfNAME=value\r\nOTHER=2\r\n")
    assert read_env_file(file) == {"NAME": "value", "OTHER": "2"}


def test_a_line_that_says_nothing_is_named_with_its_number(tmp_path):
    file = tmp_path / ".env"
    file.write_text("NAME=value\nnonsense\n")
    with pytest.raises(CannotStart, match=r"\.env:2: expected NAME=value, found “nonsense”"):
        read_env_file(file)


def test_a_missing_file_has_no_values(tmp_path):
    assert read_env_file(tmp_path / ".env") == {}


def test_a_private_file_can_be_read_by_its_owner_alone(tmp_path):
    file = tmp_path / "secrets.env"
    write_private_env_file(file, {"SECRET_KEY": "a=b#c"})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_env_file(file) == {"SECRET_KEY": "a=b#c"}
