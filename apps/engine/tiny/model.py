"""The transformer: parameters, loss and gradients.

Decoder-only: token embedding + learned positions, then blocks of RMSNorm → causal attention and
RMSNorm → MLP with squared ReLU, a last RMSNorm, and the token embedding again as output layer.
Shapes use the letters of `layers`: N = batch × time, D = width, H = heads, T = time.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from apps.engine.tiny import layers
from apps.engine.tiny.layers import Array, AttentionCache, NormCache
from apps.engine.tiny.tokens import VOCABULARY_SIZE

IdArray = NDArray[np.integer[Any]]
Parameters = dict[str, Array]

MLP_RATIO = 4


@dataclass(frozen=True)
class ModelConfig:
    """The sizes of a model; the defaults are those of tiny-chat-1m."""

    vocabulary: int = VOCABULARY_SIZE
    width: int = 128
    layers: int = 5
    heads: int = 4
    context: int = 512

    @property
    def head_width(self) -> int:
        """Return the width of one attention head."""
        return self.width // self.heads


class Batch(NamedTuple):
    """Inputs, the id that follows each input, and how much it counts; all (batch, T)."""

    inputs: IdArray
    targets: IdArray
    weights: Array


class Result(NamedTuple):
    """Mean loss in nats and share of right guesses over the weighted tokens, and their weight."""

    loss: float
    accuracy: float
    weight: float


def initial_parameters(
    config: ModelConfig, seed: int = 0, dtype: DTypeLike = np.float32
) -> Parameters:
    """Draw the weights of an untrained model."""
    random = np.random.default_rng(seed)

    def normal(*shape: int, scale: float) -> Array:
        return (random.standard_normal(shape) * scale).astype(dtype)

    width, residual_scale = config.width, (2 * config.layers) ** -0.5
    hidden = MLP_RATIO * width
    parameters: Parameters = {
        "embedding": normal(config.vocabulary, width, scale=0.02),
        "positions": normal(config.context, width, scale=0.01),
        "final_norm": np.ones(width, dtype),
    }
    for block in block_names(config):
        parameters[f"{block}.attention_norm"] = np.ones(width, dtype)
        parameters[f"{block}.qkv"] = normal(width, 3 * width, scale=width**-0.5)
        parameters[f"{block}.projection"] = normal(width, width, scale=width**-0.5 * residual_scale)
        parameters[f"{block}.mlp_norm"] = np.ones(width, dtype)
        parameters[f"{block}.expand"] = normal(width, hidden, scale=width**-0.5)
        parameters[f"{block}.contract"] = normal(hidden, width, scale=hidden**-0.5 * residual_scale)
    return parameters


def block_names(config: ModelConfig) -> list[str]:
    """Return the prefixes of the parameters of each block, first block first."""
    return [f"block{number}" for number in range(config.layers)]


def parameter_count(parameters: Parameters) -> int:
    """Count the numbers that the model consists of."""
    return sum(array.size for array in parameters.values())


def evaluate(config: ModelConfig, parameters: Parameters, batch: Batch) -> Result:
    """Return loss and accuracy without learning."""
    return _forward(config, parameters, batch).result


def loss_and_gradients(
    config: ModelConfig, parameters: Parameters, batch: Batch
) -> tuple[Result, Parameters]:
    """Return loss and accuracy, and the gradient of the loss by every parameter."""
    forward = _forward(config, parameters, batch)
    return forward.result, _backward(config, parameters, batch, forward)


def hidden_states(
    config: ModelConfig, parameters: Parameters, inputs: IdArray, *, blocks: int
) -> Array:
    """Return what the first blocks make of ids (batch, T): (batch, T, D).

    Each position knows only those before it, so that padding at the end changes nothing.
    """
    size, time = inputs.shape
    hidden = _read(config, parameters, inputs)
    for block in block_names(config)[:blocks]:
        hidden, _cache = _block(config, parameters, block, hidden, (size, time))
    return hidden.reshape(size, time, config.width)


class _BlockCache(NamedTuple):
    attention_norm: NormCache
    attention_input: Array  # (N, D)
    attention: AttentionCache
    attention_output: Array  # (N, D)
    mlp_norm: NormCache
    mlp_input: Array  # (N, D)
    rectified: Array  # (N, 4D)
    squared: Array  # (N, 4D)


class _Forward(NamedTuple):
    result: Result
    blocks: list[_BlockCache]
    final_norm: NormCache
    counted: IdArray  # positions in N that carry weight
    counted_hidden: Array  # (counted, D)
    d_logits: Array  # (counted, vocabulary): gradient of the loss by the logits


def _forward(config: ModelConfig, parameters: Parameters, batch: Batch) -> _Forward:
    size, time = batch.inputs.shape
    hidden = _read(config, parameters, batch.inputs)
    caches = []
    for block in block_names(config):
        hidden, cache = _block(config, parameters, block, hidden, (size, time))
        caches.append(cache)
    normalised, norm_cache = layers.rms_norm(hidden, parameters["final_norm"])
    counted = np.flatnonzero(batch.weights)
    counted_hidden = normalised[counted]
    result, d_logits = _cross_entropy(
        counted_hidden @ parameters["embedding"].T,
        batch.targets.reshape(-1)[counted],
        batch.weights.reshape(-1)[counted],
    )
    return _Forward(result, caches, norm_cache, counted, counted_hidden, d_logits)


def _read(config: ModelConfig, parameters: Parameters, inputs: IdArray) -> Array:
    """Look ids (batch, T) up and add where they stand: (N, D)."""
    size, time = inputs.shape
    hidden: Array = parameters["embedding"][inputs] + parameters["positions"][:time]
    return hidden.reshape(size * time, config.width)


def _block(
    config: ModelConfig,
    parameters: Parameters,
    block: str,
    hidden: Array,
    batch_shape: tuple[int, int],
) -> tuple[Array, _BlockCache]:
    """Run one block on hidden (N, D)."""
    normed, attention_norm = layers.rms_norm(hidden, parameters[f"{block}.attention_norm"])
    qkv = (normed @ parameters[f"{block}.qkv"]).reshape(
        *batch_shape, 3, config.heads, config.head_width
    )
    queries, keys, values = qkv.transpose(2, 0, 3, 1, 4)
    mixed, attention = layers.causal_attention(queries, keys, values)
    mixed = mixed.transpose(0, 2, 1, 3).reshape(hidden.shape)
    hidden = hidden + mixed @ parameters[f"{block}.projection"]
    mlp_input, mlp_norm = layers.rms_norm(hidden, parameters[f"{block}.mlp_norm"])
    squared, rectified = layers.squared_relu(mlp_input @ parameters[f"{block}.expand"])
    hidden = hidden + squared @ parameters[f"{block}.contract"]
    return hidden, _BlockCache(
        attention_norm, normed, attention, mixed, mlp_norm, mlp_input, rectified, squared
    )


def _cross_entropy(logits: Array, targets: IdArray, weights: Array) -> tuple[Result, Array]:
    """Return the weighted mean loss with its gradient by the logits; overwrites the logits."""
    rows = np.arange(len(targets))
    total = float(weights.sum())
    accuracy = float(((logits.argmax(-1) == targets) * weights).sum()) / total
    probabilities = layers.softmax_in_place(logits)
    chosen = np.maximum(probabilities[rows, targets], np.finfo(logits.dtype).tiny)
    loss = float(-(np.log(chosen) * weights).sum()) / total
    probabilities[rows, targets] -= 1
    probabilities *= (weights / total)[:, None]
    return Result(loss, accuracy, total), probabilities


def _backward(
    config: ModelConfig, parameters: Parameters, batch: Batch, forward: _Forward
) -> Parameters:
    size, time = batch.inputs.shape
    embedding = parameters["embedding"]
    gradients: Parameters = {"embedding": forward.d_logits.T @ forward.counted_hidden}
    d_normalised = np.zeros((size * time, config.width), embedding.dtype)
    d_normalised[forward.counted] = forward.d_logits @ embedding
    d_hidden, gradients["final_norm"] = layers.rms_norm_backward(
        d_normalised, parameters["final_norm"], forward.final_norm
    )
    for block, cache in zip(reversed(block_names(config)), reversed(forward.blocks), strict=True):
        d_hidden = _mlp_backward(parameters, block, d_hidden, cache, gradients)
        d_hidden = _attention_backward(config, parameters, block, d_hidden, cache, gradients)
    gradients["embedding"] += _sum_by_id(d_hidden, batch.inputs, config.vocabulary)
    gradients["positions"] = np.zeros_like(parameters["positions"])
    gradients["positions"][:time] = d_hidden.reshape(size, time, config.width).sum(0)
    return gradients


def _mlp_backward(
    parameters: Parameters, block: str, d_hidden: Array, cache: _BlockCache, gradients: Parameters
) -> Array:
    gradients[f"{block}.contract"] = cache.squared.T @ d_hidden
    d_expanded = layers.squared_relu_backward(
        d_hidden @ parameters[f"{block}.contract"].T, cache.rectified
    )
    gradients[f"{block}.expand"] = cache.mlp_input.T @ d_expanded
    d_input, gradients[f"{block}.mlp_norm"] = layers.rms_norm_backward(
        d_expanded @ parameters[f"{block}.expand"].T,
        parameters[f"{block}.mlp_norm"],
        cache.mlp_norm,
    )
    return d_hidden + d_input


def _attention_backward(
    config: ModelConfig,
    parameters: Parameters,
    block: str,
    d_hidden: Array,
    cache: _BlockCache,
    gradients: Parameters,
) -> Array:
    size, heads, time, head_width = cache.attention.queries.shape
    gradients[f"{block}.projection"] = cache.attention_output.T @ d_hidden
    d_mixed = (d_hidden @ parameters[f"{block}.projection"].T).reshape(
        size, time, heads, head_width
    )
    d_queries_keys_values = layers.causal_attention_backward(
        d_mixed.transpose(0, 2, 1, 3), cache.attention
    )
    d_qkv = np.stack(d_queries_keys_values).transpose(1, 3, 0, 2, 4)
    d_qkv = d_qkv.reshape(size * time, 3 * config.width)
    gradients[f"{block}.qkv"] = cache.attention_input.T @ d_qkv
    d_input, gradients[f"{block}.attention_norm"] = layers.rms_norm_backward(
        d_qkv @ parameters[f"{block}.qkv"].T,
        parameters[f"{block}.attention_norm"],
        cache.attention_norm,
    )
    return d_hidden + d_input


def _sum_by_id(rows: Array, ids: IdArray, vocabulary: int) -> Array:
    """Sum rows (N, D) that share an id into (vocabulary, D); a product beats np.add.at here."""
    one_hot = np.zeros((ids.size, vocabulary), rows.dtype)
    one_hot[np.arange(ids.size), ids.reshape(-1)] = 1
    total: Array = one_hot.T @ rows
    return total
