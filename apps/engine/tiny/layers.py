"""The layers of the model, each with its backward pass written by hand.

Shapes are named like this: N = batch × time, D = width, H = heads, T = time, S = head width.
Every ``*_backward`` takes the gradient of the loss by the layer's output (`d_…`) and returns the
gradient by its inputs. `tests/engine/tiny/test_model.py` checks them all by finite differences.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

NORM_EPSILON = 1e-5
MASKED_SCORE = -1e9


class NormCache(NamedTuple):
    """What `rms_norm_backward` needs: the normalised input (N, D) and 1/rms (N, 1)."""

    normalised: Array
    inverse_rms: Array


def rms_norm(x: Array, gain: Array) -> tuple[Array, NormCache]:
    """Scale each row of x (N, D) to root mean square 1, then by gain (D)."""
    mean_square = np.einsum("nd,nd->n", x, x)[:, None] / x.shape[1]
    inverse_rms = 1 / np.sqrt(mean_square + x.dtype.type(NORM_EPSILON))
    normalised = x * inverse_rms
    return normalised * gain, NormCache(normalised, inverse_rms)


def rms_norm_backward(d_out: Array, gain: Array, cache: NormCache) -> tuple[Array, Array]:
    """Return the gradients by x (N, D) and by gain (D)."""
    normalised, inverse_rms = cache
    d_gain = np.einsum("nd,nd->d", d_out, normalised)
    d_normalised = d_out * gain
    projection = np.einsum("nd,nd->n", d_normalised, normalised)[:, None] / normalised.shape[1]
    return (d_normalised - normalised * projection) * inverse_rms, d_gain


class AttentionCache(NamedTuple):
    """Queries, keys, values (batch, H, T, S) and attention probabilities (batch, H, T, T)."""

    queries: Array
    keys: Array
    values: Array
    probabilities: Array


def causal_attention(queries: Array, keys: Array, values: Array) -> tuple[Array, AttentionCache]:
    """Let each position mix the values of itself and of the positions before it."""
    scale = queries.shape[-1] ** -0.5
    scores = queries @ keys.swapaxes(-1, -2)
    scores *= scale
    scores += causal_mask(scores.shape[-1], scores.dtype)
    probabilities = softmax_in_place(scores)
    return probabilities @ values, AttentionCache(queries, keys, values, probabilities)


def causal_attention_backward(d_out: Array, cache: AttentionCache) -> tuple[Array, Array, Array]:
    """Return the gradients by queries, keys and values."""
    queries, keys, values, probabilities = cache
    d_values = probabilities.swapaxes(-1, -2) @ d_out
    d_scores = d_out @ values.swapaxes(-1, -2)
    d_scores -= np.einsum("bhij,bhij->bhi", d_scores, probabilities)[..., None]
    d_scores *= probabilities
    d_scores *= queries.shape[-1] ** -0.5
    return d_scores @ keys, d_scores.swapaxes(-1, -2) @ queries, d_values


def squared_relu(x: Array) -> tuple[Array, Array]:
    """Return relu(x)² and relu(x), the latter for the backward pass."""
    rectified = np.maximum(x, 0)
    return rectified * rectified, rectified


def squared_relu_backward(d_out: Array, rectified: Array) -> Array:
    """Return the gradient by x; overwrites d_out, which nobody else needs."""
    d_out *= rectified
    d_out *= 2
    return d_out


def softmax_in_place(scores: Array) -> Array:
    """Turn scores into probabilities along the last axis, in the same memory."""
    scores -= scores.max(-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(-1, keepdims=True)
    return scores


def causal_mask(time: int, dtype: np.dtype[Any]) -> Array:
    """Return (time, time): 0 where a position may look, very negative where it may not."""
    power_of_two = 1 << (time - 1).bit_length()  # few sizes to keep, whatever the lengths
    return _causal_mask(power_of_two, dtype)[:time, :time]


@lru_cache
def _causal_mask(size: int, dtype: np.dtype[Any]) -> Array:
    mask: Array = np.triu(np.full((size, size), MASKED_SCORE, dtype), 1)
    mask.setflags(write=False)
    return mask
