"""Sockets to providers: each to an address that was checked, and kept where questions follow soon.

A new one costs two or three round trips before the provider is asked anything, and a person waits
for them. A kept one belongs to a server and not to a key: each request carries its own. Names are
looked up and checked again for every new one.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
import httpx2
from aiohttp.abc import AbstractResolver, ResolveResult

from apps.providers.network import guard

AT_ONCE = 64  # to one server, where sockets are not shared; callers ask for less
KEPT_SECONDS = 30.0  # unused; most servers wait a minute or longer

Key = tuple[asyncio.AbstractEventLoop, bool]  # of an event loop, and whether it trusts the server
_keepers: dict[Key, AsyncGenerator[aiohttp.TCPConnector]] = {}
_kept: dict[Key, aiohttp.TCPConnector] = {}


async def own(base_url: httpx2.URL) -> aiohttp.TCPConnector:
    """Return what connects to this server, and is closed by the caller."""
    return _connector(is_trusted=guard.is_trusted(base_url), limit=AT_ONCE)


async def kept(base_url: httpx2.URL) -> aiohttp.TCPConnector:
    """Return what connects for everybody on this event loop, and is closed with the loop."""
    key = asyncio.get_running_loop(), guard.is_trusted(base_url)
    if key not in _kept:
        _keepers[key] = _open_until_the_loop_ends(key)
        _kept[key] = await anext(_keepers[key])
    return _kept[key]


async def _open_until_the_loop_ends(key: Key) -> AsyncGenerator[aiohttp.TCPConnector]:
    """Yield once. What stands behind that is run by asyncio: it closes generators with the loop."""
    _loop, is_trusted = key
    connector = _connector(is_trusted=is_trusted, limit=0, keepalive_timeout=KEPT_SECONDS)
    try:
        yield connector
    finally:
        del _kept[key], _keepers[key]
        await connector.close()


def _connector(*, is_trusted: bool, **options: Any) -> aiohttp.TCPConnector:
    if is_trusted:
        return aiohttp.TCPConnector(ssl=guard.tls(), **options)
    return aiohttp.TCPConnector(
        ssl=guard.tls(), resolver=_Resolver(), socket_factory=_socket_to_checked, **options
    )


class _Resolver(AbstractResolver):
    """Looks names up, and refuses a name when one of its addresses is not public."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        addresses = await guard.checked_addresses(httpx2.URL(scheme="http", host=host, port=port))
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        pass


def _socket_to_checked(info: aiohttp.AddrInfoType) -> socket.socket:
    """Make the socket for this address, if it is public: an address in the URL needs no look-up."""
    family, kind, protocol, _name, address = info
    guard.check_address(str(address[0]))
    return socket.socket(family, kind, protocol)
