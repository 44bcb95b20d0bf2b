"""How many epochs "auto" will probably mean at a provider (pure)."""

import math
from dataclasses import dataclass
from typing import Literal

from apps.providers.types import Hyperparameter


@dataclass(frozen=True, slots=True)
class AutoEpochs:
    """How many epochs "auto" will probably mean. `rule` says which of the numbers count."""

    rule: Literal["examples", "steps", "fixed"]
    maximum: int
    target: int = 0
    minimum_examples: int = 0
    maximum_examples: int = 0
    target_steps: int = 0
    batch_sizes: tuple[tuple[int, int], ...] = ()
    largest_batch_size: int = 0

    def epochs(self, examples: int, batch_size: Hyperparameter = "auto") -> int:
        """Return the likely number of epochs for this many examples."""
        if self.rule == "fixed":
            return self.target
        if self.rule == "steps":
            return self._epochs_for_steps(max(1, examples), batch_size)
        return self._epochs_for_examples(max(1, examples))

    def bounds(self, examples: int, batch_size: Hyperparameter = "auto") -> tuple[int, int]:
        """Return the fewest and the most epochs that the rule leaves room for."""
        likely = self.epochs(examples, batch_size)
        if self.rule != "examples":
            return likely, likely
        rows = max(1, examples)
        fewest = max(1, min(likely, self.minimum_examples // rows))
        return fewest, max(likely, min(self.maximum, self.maximum_examples // rows))

    def _epochs_for_examples(self, examples: int) -> int:
        if self.target * examples < self.minimum_examples:
            return min(self.maximum, self.minimum_examples // examples)
        if self.target * examples > self.maximum_examples:
            return max(1, self.maximum_examples // examples)
        return self.target

    def _epochs_for_steps(self, examples: int, batch_size: Hyperparameter) -> int:
        size = batch_size if isinstance(batch_size, int) else self._batch_size(examples)
        steps_per_epoch = math.ceil(examples / size)
        return max(1, min(self.maximum, round(self.target_steps / steps_per_epoch)))

    def _batch_size(self, examples: int) -> int:
        fitting = (size for limit, size in self.batch_sizes if examples <= limit)
        return next(fitting, self.largest_batch_size)
