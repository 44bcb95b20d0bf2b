"""What the names that providers give to tuned models say. Pure."""

import re

CHECKPOINT = re.compile(r":ckpt-step-(\d+)$")
# ft:base:organisation:suffix:id · base.ft-id · base.ft-id-suffix · base-LoRa:name-id
FORMS = (
    re.compile(r"^ft:(?P<base>[^:]+)(:|$)"),
    re.compile(r"^(?P<base>.+?)\.ft-"),
    re.compile(r"^(?P<base>.+?)-LoRa:", re.IGNORECASE),
)
SHOWN = 34


def is_tuned(name: str) -> bool:
    """Say whether a name looks like a tuned model's; providers list all models together."""
    return any(form.match(name) for form in FORMS)


def base_of(name: str) -> str:
    """Return the base model that a tuned model's name tells; "" when it tells none."""
    found = (form.match(name) for form in FORMS)
    return next((match["base"] for match in found if match), "")


def step_of(name: str) -> int | None:
    """Return the step of a checkpoint by its name; None for any other model."""
    match = CHECKPOINT.search(name)
    return int(match[1]) if match else None


def shortened(name: str) -> str:
    """Return the end of a long name: what comes first is the same for every tuned model."""
    return name if len(name) <= SHOWN else f"…{name[-SHOWN:]}"


def last_part(name: str) -> str:
    """Return what tells a tuned model from its sisters: what follows the last colon or slash."""
    return re.split(r"[:/]", name.rstrip(":/"))[-1] or name
