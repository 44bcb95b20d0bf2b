"""How values are written to the cache, and over which connections."""

import json
from functools import cache
from typing import Any

from redis import ConnectionPool


class SharedConnections:
    """The connections of this process: Django would open a new one for each request."""

    from_url = staticmethod(cache(ConnectionPool.from_url))


class JSONSerializer:
    """What is read from the cache can never be code.

    Django's own serializer pickles; whoever can write to Redis could then run anything.
    """

    def dumps(self, value: Any) -> str:
        """Return JSON; raises TypeError for what JSON cannot hold. Whole numbers stay countable."""
        return json.dumps(value)

    def loads(self, data: bytes) -> Any:
        """Return the value; what an older version wrote and JSON cannot read counts as missing."""
        try:
            return json.loads(data)
        except ValueError:
            return None
