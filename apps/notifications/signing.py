"""Signs what a webhook is sent, as standardwebhooks.com says; OpenAI's SDK can check it (pure)."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

PREFIX = "whsec_"


def new_secret() -> str:
    """Return a secret of 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(body: bytes, *, message_id: str, secret: str, at: datetime) -> dict[str, str]:
    """Return the headers that prove who wrote this body, and when."""
    seconds = str(int(at.timestamp()))
    signed = b".".join([message_id.encode(), seconds.encode(), body])
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{signature}",
    }
