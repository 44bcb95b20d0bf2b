"""Make the base weights from generated conversations.

``OPENBLAS_NUM_THREADS=1 python -m apps.engine.tiny.make_base --seconds 1500`` makes the weights
that ship with the project. The budget is processor time, so a busy machine only takes longer.
"""

import argparse
import json
import logging
import random
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from apps.engine.tiny import corpus
from apps.engine.tiny.batches import pad_batch, split_by_memory
from apps.engine.tiny.model import (
    Batch,
    ModelConfig,
    Parameters,
    initial_parameters,
    loss_and_gradients,
    parameter_count,
)
from apps.engine.tiny.optimizer import AdamW, warmup_then_cosine
from apps.engine.tiny.weights import BASE_MODEL, BASE_WEIGHTS, save_weights, write_atomically

logger = logging.getLogger(__name__)

PEAK_LEARNING_RATE = 3e-3
WARMUP_SHARE = 0.03
WEIGHT_DECAY = 0.02
TOKENS_PER_BATCH = 2048
ROWS_SORTED_AT_ONCE = 256  # sorting by length before batching keeps the padding small
SECONDS_BETWEEN_SAVES = 60
LOSSES_AVERAGED = 100


@dataclass
class Progress:
    """How a base was made so far; written as json beside the weights."""

    model: str
    parameters: int
    context: int
    seed: int
    steps: int = 0
    tokens: int = 0
    cpu_seconds: float = 0.0
    loss: float = 0.0


def make_base(
    seconds: float, out: Path, *, seed: int = 0, most_steps: int | None = None
) -> Progress:
    """Train new base weights for `seconds` of processor time and write them to `out`.

    Weights so far are saved about once a minute, so an interrupted run leaves a usable base.
    """
    config = ModelConfig()
    parameters = initial_parameters(config, seed)
    optimizer = AdamW(parameters, WEIGHT_DECAY)
    progress = Progress(BASE_MODEL, parameter_count(parameters), config.context, seed)
    losses: deque[float] = deque(maxlen=LOSSES_AVERAGED)
    started, saved = time.process_time(), 0.0
    for batch in islice(_batches(seed, config.context), most_steps):
        rate = PEAK_LEARNING_RATE * warmup_then_cosine(
            max(progress.cpu_seconds / seconds, 1e-4), WARMUP_SHARE
        )
        result, gradients = loss_and_gradients(config, parameters, batch)
        optimizer.step(parameters, gradients, rate)
        losses.append(result.loss)
        progress.steps += 1
        progress.tokens += int(result.weight)
        progress.cpu_seconds = round(time.process_time() - started, 1)
        progress.loss = round(sum(losses) / len(losses), 4)
        if progress.cpu_seconds - saved >= SECONDS_BETWEEN_SAVES:
            saved = progress.cpu_seconds
            _save(out, parameters, progress)
        if progress.cpu_seconds >= seconds:
            break
    _save(out, parameters, progress)
    return progress


def _batches(seed: int, context: int) -> Iterator[Batch]:
    rows = corpus.encoded_conversations(seed, context)
    order = random.Random(seed)  # noqa: S311
    while True:
        groups = split_by_memory(list(islice(rows, ROWS_SORTED_AT_ONCE)), TOKENS_PER_BATCH)
        order.shuffle(groups)
        yield from (pad_batch(group) for group in groups)


def _save(out: Path, parameters: Parameters, progress: Progress) -> None:
    logger.info("base so far: %s", progress)
    save_weights(out, parameters)
    text = json.dumps(asdict(progress), indent=2) + "\n"
    write_atomically(out.with_suffix(".json"), lambda file: file.write(text.encode()))


def main() -> None:
    """Read the command line and make the base."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1500, help="processor time to spend")
    parser.add_argument("--out", type=Path, default=BASE_WEIGHTS, help="where to write the .npz")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    make_base(arguments.seconds, arguments.out, seed=arguments.seed)


if __name__ == "__main__":
    main()
