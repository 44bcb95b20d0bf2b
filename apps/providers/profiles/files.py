"""The facts about providers as they stand in data/: one file for each provider."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data"
# In this order everywhere: what runs here, what people know, what is for anything else.
NAMES = ("engine", "openai", "azure", "nebius", "crusoe", "together", "fireworks", "generic")


@cache
def facts(name: str) -> dict[str, Any]:
    """Return the file of one provider. Nobody may change what is returned."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text())
