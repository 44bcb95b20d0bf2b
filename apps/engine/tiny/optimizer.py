"""AdamW with gradient clipping, and the learning rate over time."""

import math

import numpy as np

from apps.engine.tiny.model import Parameters

BETA_MEAN = 0.9
BETA_SQUARE = 0.95
EPSILON = 1e-8
CLIP_NORM = 1.0
FLOOR = 0.05  # the cosine ends at this share of the peak learning rate


class AdamW:
    """Adam with decoupled weight decay; its whole state is two moments and a step count."""

    def __init__(self, parameters: Parameters, weight_decay: float = 0.01) -> None:
        self.weight_decay = weight_decay
        self.means = {name: np.zeros_like(array) for name, array in parameters.items()}
        self.squares = {name: np.zeros_like(array) for name, array in parameters.items()}
        self.steps = 0

    def step(self, parameters: Parameters, gradients: Parameters, learning_rate: float) -> None:
        """Change the parameters in place by one step."""
        self.steps += 1
        clip_gradients(gradients)
        mean_correction = 1 - BETA_MEAN**self.steps
        square_correction = 1 - BETA_SQUARE**self.steps
        for name, weights in parameters.items():
            gradient, mean, square = gradients[name], self.means[name], self.squares[name]
            mean *= BETA_MEAN
            mean += (1 - BETA_MEAN) * gradient
            square *= BETA_SQUARE
            square += (1 - BETA_SQUARE) * (gradient * gradient)
            if weights.ndim > 1:  # norm gains are not decayed
                weights *= 1 - learning_rate * self.weight_decay
            denominator = np.sqrt(square / square_correction) + EPSILON
            weights -= (learning_rate / mean_correction) * mean / denominator


def clip_gradients(gradients: Parameters, limit: float = CLIP_NORM) -> float:
    """Scale the gradients in place so that their joint norm is at most `limit`; return the norm."""
    norm = math.sqrt(sum(float(np.vdot(array, array)) for array in gradients.values()))
    if norm > limit:
        for array in gradients.values():
            array *= limit / norm
    return norm


def warmup_then_cosine(progress: float, warmup: float) -> float:
    """Return the share of the peak learning rate at `progress` (0 to 1) through the training."""
    if progress < warmup:
        return progress / warmup
    decay = (progress - warmup) / max(1e-9, 1 - warmup)
    return FLOOR + (1 - FLOOR) * 0.5 * (1 + math.cos(math.pi * min(1.0, decay)))
