"""How values are written to the cache: as JSON, so that what is read there can never be code."""

import json
from typing import Any


class JSONSerializer:
    """Django's own serializer pickles; whoever can write to Redis could then run anything."""

    def dumps(self, value: Any) -> str:
        """Return JSON; raises TypeError for what JSON cannot hold. Whole numbers stay countable."""
        return json.dumps(value)

    def loads(self, data: bytes) -> Any:
        """Return the value; what an older version wrote and JSON cannot read counts as missing."""
        try:
            return json.loads(data)
        except ValueError:
            return None
