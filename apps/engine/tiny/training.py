"""Fine-tuning: prepared rows in, one result per step out; can be stopped and resumed at any step.

The order of the rows follows from seed and epoch alone, so a resumed training takes exactly the
steps that an uninterrupted one would have taken.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from apps.engine.tiny.batches import epoch_order, pad_batch, split_by_memory
from apps.engine.tiny.hyperparameters import (
    BadHyperparameter,
    Hyperparameters,
    resolve_hyperparameters,
)
from apps.engine.tiny.model import (
    ModelConfig,
    Parameters,
    Result,
    evaluate,
    loss_and_gradients,
)
from apps.engine.tiny.optimizer import AdamW, warmup_then_cosine
from apps.engine.tiny.tokens import EncodedConversation, Message, encode_conversation
from apps.engine.tiny.weights import write_atomically

__all__ = [
    "BadHyperparameter",
    "Hyperparameters",
    "NothingToLearn",
    "PreparedRows",
    "StateDoesNotFit",
    "StepResult",
    "Training",
    "prepare",
    "resolve_hyperparameters",
]

CONFIG = ModelConfig()
BASE_LEARNING_RATE = 1e-3  # measured: twice that learns the sample dataset no better
MOST_WARMUP_STEPS = 10
STEPS_BETWEEN_VALIDATIONS = 10

MEANS, SQUARES, WEIGHTS = "mean/", "square/", "weights/"  # prefixes in a state file


class NothingToLearn(ValueError):
    """Rows without a single assistant turn to learn from."""


class StateDoesNotFit(ValueError):
    """A saved state of another training: other rows, other hyperparameters, another seed."""


@dataclass(frozen=True)
class PreparedRows:
    """Encoded rows, and the lines (counted from 1) that did not go in as they were."""

    rows: list[EncodedConversation]
    shortened: list[int] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)

    @property
    def tokens(self) -> int:
        """Count the tokens of all rows, read or learned."""
        return sum(len(row.ids) for row in self.rows)


@dataclass(frozen=True)
class StepResult:
    """What one step showed; the validation figures are None on steps without validation."""

    step: int
    total_steps: int
    epoch: int
    is_epoch_end: bool
    train_loss: float
    train_mean_token_accuracy: float
    valid_loss: float | None = None
    valid_mean_token_accuracy: float | None = None
    full_valid_loss: float | None = None
    full_valid_mean_token_accuracy: float | None = None


def prepare(conversations: Iterable[Sequence[Message]]) -> PreparedRows:
    """Encode the messages of each line; rows without anything to learn are left out."""
    prepared = PreparedRows([])
    for line, messages in enumerate(conversations, 1):
        row = encode_conversation(messages, CONFIG.context)
        if row.was_shortened:
            prepared.shortened.append(line)
        if row.trained_tokens:
            prepared.rows.append(row)
        else:
            prepared.skipped.append(line)
    if not prepared.rows:
        raise NothingToLearn("No row has an assistant message to learn from within 512 bytes.")
    return prepared


class Training:
    """One fine-tuning in memory. Changes the `parameters` it is given."""

    def __init__(
        self,
        parameters: Parameters,
        train: PreparedRows,
        validation: PreparedRows | None,
        hyperparameters: Hyperparameters,
        seed: int,
    ) -> None:
        self.parameters = parameters
        self.train = train
        self.validation = validation
        self.hyperparameters = hyperparameters
        self.seed = seed
        self.optimizer = AdamW(parameters)

    @property
    def step(self) -> int:
        """Return how many steps are done."""
        return self.optimizer.steps

    @property
    def steps_per_epoch(self) -> int:
        """Return how many batches the rows make."""
        return -(-len(self.train.rows) // self.hyperparameters.batch_size)

    @property
    def total_steps(self) -> int:
        """Return how many steps the whole training has."""
        return self.steps_per_epoch * self.hyperparameters.n_epochs

    @property
    def is_finished(self) -> bool:
        """Say whether every step is done."""
        return self.step >= self.total_steps

    @property
    def trained_tokens(self) -> int:
        """Count the tokens read so far, over all epochs."""
        whole_epochs, steps = divmod(self.step, self.steps_per_epoch)
        begun = self._order(whole_epochs)[:steps]
        lengths = (len(self.train.rows[number].ids) for batch in begun for number in batch)
        return whole_epochs * self.train.tokens + sum(lengths)

    def steps(self) -> Iterator[StepResult]:
        """Take the steps that are left, one per result; may be left between any two."""
        while not self.is_finished:
            epoch, position = divmod(self.step, self.steps_per_epoch)
            for numbers in self._order(epoch)[position:]:
                trained = self._learn([self.train.rows[number] for number in numbers])
                yield self._report(epoch + 1, trained)

    def save(self, path: Path) -> None:
        """Write everything needed to go on from here (about 13 MB)."""
        arrays: dict[str, np.ndarray] = {
            "step": np.array(self.step),
            "fingerprint": np.array(self._fingerprint()),
        }
        for prefix, group in self._state().items():
            arrays |= {prefix + name: array for name, array in group.items()}
        write_atomically(path, lambda file: np.savez(file, **arrays))  # type: ignore[arg-type]

    def restore(self, path: Path) -> None:
        """Go on from a saved state; StateDoesNotFit if it belongs to another training."""
        with np.load(path, allow_pickle=False) as archive:
            if str(archive["fingerprint"]) != self._fingerprint():
                raise StateDoesNotFit("The saved state belongs to other rows or settings.")
            for prefix, group in self._state().items():
                for name, array in group.items():
                    array[...] = archive[prefix + name]
            self.optimizer.steps = int(archive["step"])

    def _state(self) -> dict[str, Parameters]:
        return {
            WEIGHTS: self.parameters,
            MEANS: self.optimizer.means,
            SQUARES: self.optimizer.squares,
        }

    def _fingerprint(self) -> str:
        digest = hashlib.sha256(repr((self.hyperparameters, self.seed)).encode())
        for row in self.train.rows:
            digest.update(row.ids.tobytes() + row.weights)
        return digest.hexdigest()

    def _order(self, epoch: int) -> list[list[int]]:
        return epoch_order(self.train.rows, self.hyperparameters.batch_size, self.seed, epoch)

    def _learn(self, rows: Sequence[EncodedConversation]) -> Result:
        """Take one step on these rows, in as many passes as memory asks for."""
        total = sum(row.trained_tokens for row in rows)
        gradients: Parameters = {}
        results = []
        for part in split_by_memory(rows):
            result, part_gradients = loss_and_gradients(CONFIG, self.parameters, pad_batch(part))
            results.append(result)
            _add_scaled(gradients, part_gradients, result.weight / total)
        self.optimizer.step(self.parameters, gradients, self._learning_rate())
        return _mean(results)

    def _learning_rate(self) -> float:
        warmup_steps = min(MOST_WARMUP_STEPS, max(1, self.total_steps // 10))
        progress = (self.step + 1) / self.total_steps
        peak = BASE_LEARNING_RATE * self.hyperparameters.learning_rate_multiplier
        return peak * warmup_then_cosine(progress, warmup_steps / self.total_steps)

    def _report(self, epoch: int, trained: Result) -> StepResult:
        is_epoch_end = self.step % self.steps_per_epoch == 0
        valid = full_valid = None
        if self.validation and self.step % STEPS_BETWEEN_VALIDATIONS == 0:
            valid = self._evaluate(self._validation_batch(self.validation.rows))
        if self.validation and is_epoch_end:
            full_valid = self._evaluate(self.validation.rows)
        return StepResult(
            step=self.step,
            total_steps=self.total_steps,
            epoch=epoch,
            is_epoch_end=is_epoch_end,
            train_loss=trained.loss,
            train_mean_token_accuracy=trained.accuracy,
            valid_loss=valid and valid.loss,
            valid_mean_token_accuracy=valid and valid.accuracy,
            full_valid_loss=full_valid and full_valid.loss,
            full_valid_mean_token_accuracy=full_valid and full_valid.accuracy,
        )

    def _validation_batch(self, rows: Sequence[EncodedConversation]) -> list[EncodedConversation]:
        """Return the next few validation rows, round and round."""
        size = min(self.hyperparameters.batch_size, len(rows))
        first = (self.step // STEPS_BETWEEN_VALIDATIONS - 1) * size
        return [rows[(first + offset) % len(rows)] for offset in range(size)]

    def _evaluate(self, rows: Sequence[EncodedConversation]) -> Result:
        parts = split_by_memory(rows)
        return _mean([evaluate(CONFIG, self.parameters, pad_batch(part)) for part in parts])


def _add_scaled(total: Parameters, part: Parameters, share: float) -> None:
    """Add share × part to total, in place."""
    for name, array in part.items():
        array *= share
        total[name] = total[name] + array if name in total else array


def _mean(results: Sequence[Result]) -> Result:
    """Return loss and accuracy over all tokens of several passes."""
    weight = sum(result.weight for result in results)
    loss = sum(result.loss * result.weight for result in results) / weight
    accuracy = sum(result.accuracy * result.weight for result in results) / weight
    return Result(loss, accuracy, weight)
