"""Tells a provider's own webhooks from forged ones: signed as the Standard Webhooks are (pure).

Headers `webhook-id`, `webhook-timestamp`, `webhook-signature`; HMAC-SHA256 over
`id.timestamp.body` with what stands behind `whsec_` in base64.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from secrets import token_bytes

PREFIX = "whsec_"
TOLERANCE_SECONDS = 300
SHORTEST_SECRET = 16  # bytes; less could be guessed
NOBODYS_SECRET = token_bytes(32)  # checked in vain, so that an unknown address takes as long


def key_of(secret: str) -> bytes | None:
    """Return the bytes of a signing secret as providers show it; None when it is none."""
    try:
        key = base64.b64decode(secret.strip().removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) >= SHORTEST_SECRET else None


def is_genuine(body: bytes, headers: Mapping[str, str], key: bytes | None, *, at: float) -> bool:
    """Tell whether this body was signed with the key within five minutes of now (Unix seconds)."""
    sent_at = headers.get("webhook-timestamp", "")
    message = f"{headers.get('webhook-id', '')}.{sent_at}.".encode() + body
    signature = base64.b64encode(hmac.digest(key or NOBODYS_SECRET, message, "sha256"))
    told = headers.get("webhook-signature", "").encode().split(b" ")[:10]
    matches = [hmac.compare_digest(each, b"v1," + signature) for each in told]
    return any(matches) and key is not None and _is_fresh(sent_at, at)


def _is_fresh(sent_at: str, at: float) -> bool:
    is_number = sent_at.isascii() and sent_at.isdigit() and len(sent_at) < 16
    return is_number and abs(int(sent_at) - at) <= TOLERANCE_SECONDS
