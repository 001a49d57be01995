"""A small GPT, written number by number, that learns to spell names.

Run it as `python examples/scalar_gpt.py`, or with a file of words, one a line, of which there may
be thousands: `python examples/scalar_gpt.py --words words.txt`. Every product and sum of the
model is a scalar operation in plain Python loops; `trace` records them once for each length of a
word, and the training replays them in compiled code.

The architecture is that of GPT-2 (Radford et al., 2019) with one layer, RMSNorm (Zhang & Sennrich,
2019) for layer norm, relu for gelu, and no biases.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence
from math import exp
from operator import mul
from pathlib import Path
from typing import Any

import numpy as np
from example import Example, Save

import viz
from autograd import Value, maximum, no_grad, stop_gradient, take, trace
from autograd.errors import FormatError
from autograd.update_rules import adam

NAMES = Path(__file__).with_name("names.txt")
BOUNDARY = "."
ALPHABET = BOUNDARY + "abcdefghijklmnopqrstuvwxyz"
WIDTH = 16
HEADS = 4
HIDDEN = 64
POSITIONS = 16
DEVIATION = 0.08
BATCH_SIZE = 8
LEARNING_RATE = 0.02
BETAS = (0.85, 0.99)
REPORT_EVERY = 100

Vector = list[Any]
Matrix = list[Vector]


class GPT:
    """Predicts each letter of a word from those before it; a letter is its place in ALPHABET."""

    def __init__(self, rng: random.Random) -> None:
        def matrix(rows: int, columns: int) -> Matrix:
            return [[Value(rng.gauss(0.0, DEVIATION)) for _ in range(columns)] for _ in range(rows)]

        self.letters = matrix(len(ALPHABET), WIDTH)
        self.positions = matrix(POSITIONS, WIDTH)
        self.query = matrix(WIDTH, WIDTH)
        self.key = matrix(WIDTH, WIDTH)
        self.value = matrix(WIDTH, WIDTH)
        self.mix = matrix(WIDTH, WIDTH)
        self.expand = matrix(HIDDEN, WIDTH)
        self.contract = matrix(WIDTH, HIDDEN)
        self.scores = matrix(len(ALPHABET), WIDTH)

    def loss(self, letters: Sequence[Any]) -> Any:
        """The mean cross-entropy of all letters but the first, in nats."""
        keys: Matrix = []
        values: Matrix = []
        losses = []
        for position, letter in enumerate(letters[:-1]):
            logits = self.logits(letter, position, keys, values)
            losses.append(cross_entropy(logits, letters[position + 1]))
        return sum(losses) / len(losses)

    def logits(self, letter: Any, position: int, keys: Matrix, values: Matrix) -> Vector:
        """The logits of the next letter; what this one has to tell is added to keys and values."""
        x = added(take(self.letters, letter), self.positions[position])
        x = added(x, self.attention(normalised(x), keys, values))
        hidden = [unit.relu() for unit in applied(self.expand, normalised(x))]
        x = added(x, applied(self.contract, hidden))
        return applied(self.scores, normalised(x))

    def attention(self, x: Vector, keys: Matrix, values: Matrix) -> Vector:
        """What each head looks up among the letters so far."""
        query = applied(self.query, x)
        keys.append(applied(self.key, x))
        values.append(applied(self.value, x))
        size = WIDTH // HEADS
        found: Vector = []
        for start in range(0, WIDTH, size):
            head = slice(start, start + size)
            weights = softmax([dot(query[head], key[head]) / size**0.5 for key in keys])
            columns = zip(*(value[head] for value in values), strict=True)
            found += [dot(weights, column) for column in columns]
        return applied(self.mix, found)


def dot(left: Sequence[Any], right: Sequence[Any]) -> Any:
    """The sum of the products of two vectors of one length."""
    return sum(map(mul, left, right))


def added(left: Vector, right: Vector) -> Vector:
    """The sum of two vectors."""
    return [x + y for x, y in zip(left, right, strict=True)]


def applied(matrix: Matrix, x: Vector) -> Vector:
    """The product of a matrix and a vector."""
    return [dot(row, x) for row in matrix]


def normalised(x: Vector) -> Vector:
    """The vector, scaled to a root mean square of one."""
    scale = (dot(x, x) / len(x) + 1e-5) ** -0.5
    return [each * scale for each in x]


def largest_of(logits: Vector) -> Any:
    """The largest logit, to be subtracted so that no exponential overflows: a mere shift."""
    largest = logits[0]
    for logit in logits[1:]:
        largest = maximum(largest, logit)
    return stop_gradient(largest)


def softmax(logits: Vector) -> Vector:
    """The probabilities that are proportional to the exponentials of the logits."""
    shift = largest_of(logits)
    powers = [(logit - shift).exp() for logit in logits]
    total = sum(powers)
    return [power / total for power in powers]


def cross_entropy(logits: Vector, label: Any) -> Any:
    """The negative logarithm of the probability that softmax gives to the label, in nats."""
    shift = largest_of(logits)
    return sum((logit - shift).exp() for logit in logits).log() + shift - take(logits, label)


def load_words(path: Path) -> list[str]:
    """The words of a file, one a line, in small letters.

    Raises:
        FormatError: the file cannot be read, has no words, or a line that is none; it is named.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{path}: {error}") from error
    words = []
    for number, line in enumerate(lines, 1):
        word = line.strip().lower()
        if not set(word) <= set(ALPHABET[1:]):
            raise FormatError(f"{path}:{number}: {line!r} is not a word of the letters a to z")
        if word:
            words.append(word)
    if not words:
        raise FormatError(f"{path}: there are no words in it")
    return words


def letters_of(word: str) -> list[int]:
    """A word between two boundaries; as much of it as there are positions for."""
    return [ALPHABET.index(letter) for letter in BOUNDARY + word + BOUNDARY][: POSITIONS + 1]


def spelled(model: GPT, rng: random.Random, temperature: float) -> str:
    """A new word, letter by letter, each drawn with the probability that the model gives it."""
    word, letter = "", 0
    keys: Matrix = []
    values: Matrix = []
    for position in range(POSITIONS):
        with no_grad():
            logits = model.logits(letter, position, keys, values)
        weights = [exp(float(logit) / temperature) for logit in logits]
        (letter,) = rng.choices(range(len(ALPHABET)), weights)
        if not letter:
            break
        word += ALPHABET[letter]
    return word


def train(model: GPT, words: Sequence[str], steps: int) -> list[float]:
    """Train on the words in order and print how it goes; the loss of each step."""
    losses: list[float] = []

    def report(step: int, loss: float) -> None:
        losses.append(loss)
        if (step + 1) % REPORT_EVERY == 0 or step + 1 == steps:
            recent = losses[-REPORT_EVERY:]
            print(f"step {step + 1:5}: loss {sum(recent) / len(recent):.3f}")

    optimizer = adam(lr=lambda step: LEARNING_RATE * (1 - step / steps), betas=BETAS)
    samples = [(letters_of(word),) for word in words]
    trace(model.loss).minimize(optimizer, steps, samples, batch_size=BATCH_SIZE, callback=report)
    return losses


def draw_attention(model: GPT) -> viz.Drawing:
    """How much each of three letters counts for the last one, in the first head."""
    size = WIDTH // HEADS
    x = [normalised(row[:]) for row in model.letters[1:4]]
    query = applied(model.query, x[-1])[:size]
    scores = [dot(query, applied(model.key, each)[:size]) / size**0.5 for each in x]
    logits = [
        Value(score.data, name=f"score {letter}")
        for score, letter in zip(scores, "abc", strict=True)
    ]
    weights = softmax(logits)
    weights[0].backward()
    return viz.draw(weights[0], names={"weight of a": weights[0]})


def run(options: argparse.Namespace, _: np.random.Generator, save: Save) -> None:
    """Train, and spell new words."""
    words = load_words(options.words)
    rng = random.Random(options.seed)
    rng.shuffle(words)
    model = GPT(rng)
    start = time.perf_counter()
    losses = train(model, words, options.steps)
    seconds = time.perf_counter() - start
    print(f"{options.steps} steps of {BATCH_SIZE} words in {seconds:.1f} s, tracing included")
    for _ in range(options.samples):
        print(spelled(model, rng, options.temperature))
    save(draw_attention(model), "gpt_attention.svg")
    axes = viz.loss_curve(losses)
    axes.set_xlabel("step")
    save(axes, "gpt_loss.svg")


main = Example(
    run, __doc__, words=(NAMES, "words, one a line"), steps=(1000, "of training"),
    samples=(10, "words to spell"), temperature=(0.7, "the daring"), seed=(1, "of all chance"),
)  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
