"""The three numbers a person may choose for a training, and what "auto" means for each."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

AUTO = "auto"
MAX_EPOCHS = 50
MAX_BATCH_SIZE = 256

# Measured on the sample dataset: this many steps of 4 learn its 92 short chats by heart, in half
# the time that as many steps of 8 take.
AUTO_STEPS = 300
# (examples up to, batch size): small batches learn more per second, large ones keep it short.
AUTO_BATCH_SIZES = ((256, 4), (1024, 8), (4096, 16), (16384, 32))
AUTO_LARGEST_BATCH_SIZE = 64


class BadHyperparameter(ValueError):
    """A value that cannot be trained with; `name` says which one."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass(frozen=True)
class Hyperparameters:
    """Values to train with, nothing automatic left."""

    n_epochs: int
    batch_size: int
    learning_rate_multiplier: float


def resolve_hyperparameters(n_examples: int, requested: Mapping[str, object]) -> Hyperparameters:
    """Check what was asked for and fill in what was left to "auto" or left out."""
    asked = {name: value for name, value in requested.items() if value not in (AUTO, None)}
    batch_size = _whole_number(asked, "batch_size", MAX_BATCH_SIZE) or _auto_batch_size(n_examples)
    n_epochs = _whole_number(asked, "n_epochs", MAX_EPOCHS) or _auto_epochs(n_examples, batch_size)
    return Hyperparameters(n_epochs, batch_size, _multiplier(asked) or 1.0)


def _auto_batch_size(n_examples: int) -> int:
    fitting = (size for limit, size in AUTO_BATCH_SIZES if n_examples <= limit)
    return next(fitting, AUTO_LARGEST_BATCH_SIZE)


def _auto_epochs(n_examples: int, batch_size: int) -> int:
    steps_per_epoch = math.ceil(n_examples / batch_size)
    return max(1, min(MAX_EPOCHS, round(AUTO_STEPS / max(1, steps_per_epoch))))


def _whole_number(asked: Mapping[str, object], name: str, largest: int) -> int | None:
    value = asked.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= largest:
        raise BadHyperparameter(
            name, f'{name} must be "auto" or a whole number from 1 to {largest}, not {value!r}.'
        )
    return value


def _multiplier(asked: Mapping[str, object]) -> float | None:
    value = asked.get("learning_rate_multiplier")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        number = math.nan
    else:
        number = float(value)
    if not 0 < number < math.inf:
        raise BadHyperparameter(
            "learning_rate_multiplier",
            f'learning_rate_multiplier must be "auto" or a number above 0, not {value!r}.',
        )
    return number
