"""What the messages of each kind of row may hold (pure)."""

from dataclasses import dataclass

ROLES = ("system", "user", "assistant", "tool", "function")
DEVELOPER = "developer"
MESSAGE_KEYS = {
    "system": ("role", "content", "name"),
    "developer": ("role", "content", "name"),
    "user": ("role", "content", "name"),
    "assistant": (
        "role", "content", "name", "weight", "tool_calls", "function_call", "refusal", "audio",
    ),
    "tool": ("role", "content", "tool_call_id"),
    "function": ("role", "content", "name"),
}  # fmt: skip
ALL_KEYS = tuple(dict.fromkeys(key for keys in MESSAGE_KEYS.values() for key in keys))
NEEDED = {"tool": "tool_call_id", "function": "name"}

# What other tools call the roles.
ROLE_ALIASES = {
    "developer": "system",
    "human": "user",
    "gpt": "assistant",
    "bot": "assistant",
    "model": "assistant",
    "ai": "assistant",
    "chatgpt": "assistant",
    "prompter": "user",
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a message may hold, by the kind of row it stands in."""

    weight: bool = True
    images: bool = True
    developer: bool = False

    @property
    def roles(self) -> tuple[str, ...]:
        return (*ROLES, DEVELOPER) if self.developer else ROLES

    def keys(self, role: str) -> tuple[str, ...]:
        """Return the keys that a message of this role may have."""
        known = MESSAGE_KEYS[role]
        return known if self.weight else tuple(key for key in known if key != "weight")


CHAT = Dialect()
COMPARED = Dialect(weight=False, images=False)  # preference rows: text only
TASK = Dialect(developer=True)  # reinforcement rows: for reasoning models


def meant_role(role: object) -> str:
    """Return the role itself, or the one that a known other name stands for."""
    if not isinstance(role, str):
        return ""
    return role if role in MESSAGE_KEYS else ROLE_ALIASES.get(role.strip().lower(), role)
