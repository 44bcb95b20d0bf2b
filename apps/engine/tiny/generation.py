"""Answers from the model, one piece of text at a time."""

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from apps.engine.tiny import layers
from apps.engine.tiny.layers import Array
from apps.engine.tiny.model import ModelConfig, Parameters, block_names
from apps.engine.tiny.tokens import (
    END_OF_TURN,
    EncodedPrompt,
    Message,
    encode_beginning,
    encode_prompt,
)
from apps.engine.tiny.utf8 import Allowed, Utf8Guard
from apps.engine.tiny.weights import load_weights

FinishReason = Literal["stop", "length"]

ROOM_KEPT_FOR_ANSWER = 96  # tokens; older turns are dropped from the prompt to keep it free


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen; names and defaults are those of the OpenAI API."""

    temperature: float = 1.0
    top_p: float = 1.0
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    alternatives: int | None = None  # to be told for each token; None tells of no token


@dataclass(frozen=True)
class TokenChoice:
    """One token, how likely it was in nats, and the likeliest ones there, the chosen one or not."""

    token: int
    logprob: float
    top: tuple[tuple[int, float], ...]


class ChatModel:
    """Weights that answer. Read-only, so any number of replies may run side by side."""

    def __init__(self, parameters: Parameters, config: ModelConfig | None = None) -> None:
        self.parameters = parameters
        self.config = config or ModelConfig()

    @classmethod
    def load(cls, path: Path) -> "ChatModel":
        """Read a model from a weights file."""
        return cls(load_weights(path))

    def reply(self, messages: Sequence[Message], sampling: Sampling | None = None) -> "Reply":
        """Begin an answer; raises at once what is wrong with the messages."""
        prompt = encode_prompt(messages, self.config.context, ROOM_KEPT_FOR_ANSWER)
        return Reply(self, prompt, sampling or Sampling())

    def complete(self, beginning: str, sampling: Sampling | None = None) -> "Reply":
        """Go on with a text as if the assistant had begun it; raises at once what is wrong."""
        prompt = encode_beginning(beginning, self.config.context)
        return Reply(self, prompt, sampling or Sampling())


class Reply:
    """An answer being written: iterate over its pieces of text, then ask how it ended.

    A piece never ends within a character and never contains a part of a stop string.
    """

    def __init__(self, model: ChatModel, prompt: EncodedPrompt, sampling: Sampling) -> None:
        self.prompt_tokens = len(prompt.ids)
        self.was_shortened = prompt.was_shortened
        self.completion_tokens = 0
        self.finish_reason: FinishReason | None = None
        self._choices: list[TokenChoice] = []
        self._told = 0
        self._pieces = self._write(_Reader(model), prompt.ids, sampling)

    def __iter__(self) -> Iterator[str]:
        return self._pieces

    def text(self) -> str:
        """Write the answer to its end and return the rest of it in one piece."""
        return "".join(self._pieces)

    def choices_of(self, text: str) -> list[TokenChoice]:
        """Return the choices that wrote this text, which follows the one asked for before.

        A token is a byte, so the text says how many there were.
        """
        start, self._told = self._told, self._told + len(text.encode())
        return self._choices[start : self._told]

    def _write(self, reader: "_Reader", prompt: list[int], sampling: Sampling) -> Iterator[str]:
        held_back = _StopStrings(sampling.stop)
        decoder = codecs.getincrementaldecoder("utf-8")()
        for token in self._tokens(reader, prompt, sampling):
            piece = held_back.feed(decoder.decode(bytes((token,))))
            if piece:
                yield piece
            if held_back.found:
                self.finish_reason = "stop"
                return
        if held_back.pending:  # the start of a stop string that never came
            yield held_back.pending

    def _tokens(self, reader: "_Reader", prompt: list[int], sampling: Sampling) -> Iterator[int]:
        """Yield bytes until the model ends its turn or the room is used up."""
        random = np.random.default_rng(None if sampling.seed is None else abs(sampling.seed))
        room = reader.context - len(prompt)
        limit = room if sampling.max_tokens is None else min(room, sampling.max_tokens)
        unread, guard = prompt, Utf8Guard()
        while self.completion_tokens < limit:
            logits = reader.read(unread)
            token = choose_token(logits, guard.allowed, sampling, random)
            if token == END_OF_TURN:
                self.finish_reason = "stop"
                return
            self.completion_tokens += 1
            guard.push(token)
            if sampling.alternatives is not None:
                self._choices.append(describe_choice(logits, token, sampling.alternatives))
            yield token
            unread = [token]
        self.finish_reason = "length"


def choose_token(
    logits: Array, allowed: Allowed, sampling: Sampling, random: np.random.Generator
) -> int:
    """Choose among the allowed tokens: the best one at temperature 0, else by chance.

    The others lose their logits.
    """
    logits[~allowed] = -np.inf
    if sampling.temperature <= 0:
        return int(logits.argmax())
    scaled = logits.astype(np.float64) / max(sampling.temperature, 1e-4)
    probabilities = keep_most_likely(layers.softmax_in_place(scaled), sampling.top_p)
    return int(random.choice(len(probabilities), p=probabilities))


def describe_choice(logits: Array, token: int, alternatives: int) -> TokenChoice:
    """Say how likely the token was among those that were allowed, before temperature and top_p."""
    shifted = logits.astype(np.float64) - logits.max()
    logprobs = shifted - np.log(np.exp(shifted).sum())
    order = np.argsort(-logprobs, kind="stable")[:alternatives]
    top = ((int(each), float(logprobs[each])) for each in order if np.isfinite(logprobs[each]))
    return TokenChoice(token, float(logprobs[token]), tuple(top))


def keep_most_likely(probabilities: Array, top_p: float) -> Array:
    """Keep the fewest tokens that together have the probability `top_p`."""
    if top_p >= 1:
        return probabilities
    order = np.argsort(-probabilities, kind="stable")
    before = np.cumsum(probabilities[order]) - probabilities[order]
    dropped = order[(before >= top_p) & (np.arange(len(order)) > 0)]
    probabilities[dropped] = 0
    kept: Array = probabilities / probabilities.sum()
    return kept


class _StopStrings:
    """Lets text pass until a stop string appears; holds back what may become one."""

    def __init__(self, stops: Sequence[str]) -> None:
        self.stops = [stop for stop in stops if stop]
        self.pending = ""
        self.found = False

    def feed(self, text: str) -> str:
        """Return what may be shown now."""
        text = self.pending + text
        cuts = [at for stop in self.stops if (at := text.find(stop)) >= 0]
        if cuts:
            self.found, self.pending = True, ""
            return text[: min(cuts)]
        safe = len(text) - max((_overlap(text, stop) for stop in self.stops), default=0)
        self.pending = text[safe:]
        return text[:safe]


def _overlap(text: str, stop: str) -> int:
    """Return how many characters at the end of text begin the stop string."""
    lengths = range(min(len(stop) - 1, len(text)), 0, -1)
    return next((length for length in lengths if text.endswith(stop[:length])), 0)


class _Reader:
    """Runs the model over tokens as they come, keeping keys and values of those before."""

    def __init__(self, model: ChatModel) -> None:
        config = model.config
        self.config, self.parameters = config, model.parameters
        self.context = config.context
        self.position = 0
        shape = (config.layers, config.heads, config.context, config.head_width)
        self.keys = np.zeros(shape, np.float32)
        self.values = np.zeros(shape, np.float32)

    def read(self, ids: Sequence[int]) -> Array:
        """Read ids and return the logits (vocabulary) of the token that follows them."""
        end = self.position + len(ids)
        hidden = self.parameters["embedding"][list(ids)]
        hidden = hidden + self.parameters["positions"][self.position : end]
        for number, block in enumerate(block_names(self.config)):
            hidden = hidden + self._attend(number, block, hidden)
            normed, _ = layers.rms_norm(hidden, self.parameters[f"{block}.mlp_norm"])
            squared, _ = layers.squared_relu(normed @ self.parameters[f"{block}.expand"])
            hidden = hidden + squared @ self.parameters[f"{block}.contract"]
        self.position = end
        last, _ = layers.rms_norm(hidden[-1:], self.parameters["final_norm"])
        logits: Array = (last @ self.parameters["embedding"].T)[0]
        return logits

    def _attend(self, number: int, block: str, hidden: Array) -> Array:
        """Return what attention adds to hidden (time, D); remembers the new keys and values."""
        start, end = self.position, self.position + len(hidden)
        normed, _ = layers.rms_norm(hidden, self.parameters[f"{block}.attention_norm"])
        qkv = (normed @ self.parameters[f"{block}.qkv"]).reshape(
            len(hidden), 3, self.config.heads, self.config.head_width
        )
        queries, keys, values = qkv.transpose(1, 2, 0, 3)
        self.keys[number, :, start:end] = keys
        self.values[number, :, start:end] = values
        scores = queries @ self.keys[number, :, :end].swapaxes(-1, -2)
        scores *= self.config.head_width**-0.5
        if len(hidden) > 1:
            scores += layers.causal_mask(end, scores.dtype)[start:]
        mixed = layers.softmax_in_place(scores) @ self.values[number, :, :end]
        added: Array = (
            mixed.transpose(1, 0, 2).reshape(hidden.shape) @ self.parameters[f"{block}.projection"]
        )
        return added
