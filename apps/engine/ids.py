"""Ids as OpenAI spells them: a word for the kind, then letters and digits by chance."""

import secrets
import string

ALPHABET = string.ascii_letters + string.digits


def random_part(length: int = 24) -> str:
    """Return letters and digits that nobody can guess."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def file_id() -> str:
    return f"file-{random_part()}"


def job_id() -> str:
    return f"ftjob-{random_part()}"


def event_id() -> str:
    return f"ftevent-{random_part()}"


def checkpoint_id() -> str:
    return f"ftckpt_{random_part()}"


def completion_id() -> str:
    return f"chatcmpl-{random_part()}"


def prompt_completion_id() -> str:
    return f"cmpl-{random_part()}"


def request_id() -> str:
    return f"req_{secrets.token_hex(16)}"
