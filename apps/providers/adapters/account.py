"""What it takes to speak for one connection."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Account:
    """Where requests go, and as whom."""

    base_url: str
    key: str
    organization: str = ""
    project: str = ""
    details: Mapping[str, str] = field(default_factory=dict)  # what only its profile asks for
    deploy_secret: str = ""  # Azure: of the application that deploys
    keeps_sockets: bool = False  # of answers, for the next question on this event loop

    @property
    def origin(self) -> str:
        """`https://host:port`, for the words about it."""
        scheme, _, rest = self.base_url.partition("://")
        return f"{scheme}://{rest.split('/')[0]}"
