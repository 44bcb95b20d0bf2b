"""Whether an answer follows the schema that was asked for, and where it does not (pure)."""

import json
from functools import lru_cache

from apps.evals.graders.schemas import json_schema
from apps.evals.graders.types import Grade, Grading

MOST_STEPS = 20_000  # rules looked at for one answer of a page: about a fifth of a second


def follows(schema: str, text: str) -> Grade:
    """Compare an answer with a schema, written as JSON. `why` names the place and the rule."""
    return _grading(schema)("", text)


@lru_cache(maxsize=64)  # all answers of a page mostly have the same
def _grading(schema: str) -> Grading:
    options = {"schema": json.loads(schema), "allow_fence": False}
    return json_schema(options, most_steps=MOST_STEPS)
