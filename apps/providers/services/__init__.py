"""What can be done with connections, and with what is known about their providers."""

from apps.providers.services.connections import (
    ConnectionInUse,
    KeyNeeded,
    connect_engine,
    create_connection,
    delete_connection,
    test_connection,
    update_connection,
)
from apps.providers.services.listing import (
    are_fresh,
    known_models,
    list_models,
    listed_models,
    refresh_models,
)
from apps.providers.services.overrides import keep_overrides

__all__ = [
    "ConnectionInUse",
    "KeyNeeded",
    "are_fresh",
    "connect_engine",
    "create_connection",
    "delete_connection",
    "keep_overrides",
    "known_models",
    "list_models",
    "listed_models",
    "refresh_models",
    "test_connection",
    "update_connection",
]
