"""A transformer with one layer, written with single numbers: every product is a node of its own.

The model is generic in the scalar: any class with ``+``, ``*``, ``**``, ``exp``, ``log``, ``relu``
and ``data`` will do. A vector is a list of scalars, a matrix is a list of its rows, and what the
layers compute is the architecture of GPT-2 (Radford et al., 2019) with the changes that small
models make since: RMSNorm (Zhang & Sennrich, NeurIPS 2019) without weights, relu for gelu, and no
biases.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from operator import getitem, mul
from typing import Any, NamedTuple

__all__ = ["ALPHABET", "GPT", "Sizes", "tokens_of"]

Vector = list[Any]
Matrix = list[list[Any]]

BOUNDARY = "."
ALPHABET = BOUNDARY + "abcdefghijklmnopqrstuvwxyz"


def tokens_of(document: str) -> list[int]:
    """The letters of a document as places in the alphabet, with a boundary at either end.

    >>> tokens_of("abba")
    [0, 1, 2, 2, 1, 0]
    """
    return [ALPHABET.index(letter) for letter in f"{BOUNDARY}{document}{BOUNDARY}"]


class Sizes(NamedTuple):
    """How large the model is: ``heads`` divides ``width``."""

    width: int = 16
    heads: int = 4
    positions: int = 16
    hidden: int = 64
    vocabulary: int = len(ALPHABET)


class GPT:
    """Predicts each token of a document from those before it.

    Args:
        scalar: the class of the parameters, called with a float.
        sizes: the width, the heads, the positions, the hidden units and the vocabulary.
        seed: what the initial parameters are drawn with: normal, of deviation 0.08.
        take: takes an element of a list by a token.
        largest: the largest of some logits, as a constant; traced code must not read numbers.
    """

    def __init__(
        self,
        scalar: Callable[[float], Any],
        sizes: Sizes | None = None,
        seed: int = 1,
        take: Callable[[Sequence[Any], Any], Any] = getitem,
        largest: Callable[[Vector], Any] | None = None,
    ) -> None:
        self.sizes = sizes = sizes or Sizes()
        self.take = take
        self.largest = largest or largest_number
        rng = random.Random(seed)

        def matrix(rows: int, columns: int) -> Matrix:
            return [[scalar(rng.gauss(0.0, 0.08)) for _ in range(columns)] for _ in range(rows)]

        self.token_embedding = matrix(sizes.vocabulary, sizes.width)
        self.position_embedding = matrix(sizes.positions, sizes.width)
        self.query = matrix(sizes.width, sizes.width)
        self.key = matrix(sizes.width, sizes.width)
        self.value = matrix(sizes.width, sizes.width)
        self.mix = matrix(sizes.width, sizes.width)
        self.expand = matrix(sizes.hidden, sizes.width)
        self.contract = matrix(sizes.width, sizes.hidden)
        self.unembedding = matrix(sizes.vocabulary, sizes.width)

    def parameters(self) -> Iterator[Any]:
        """Every scalar that is learnt."""
        for matrix in vars(self).values():
            if isinstance(matrix, list):
                for row in matrix:
                    yield from row

    def loss(self, tokens: Sequence[Any]) -> Any:
        """The mean of the cross-entropies of all tokens but the first, in nats."""
        keys: Matrix = []
        values: Matrix = []
        losses = []
        for position, token in enumerate(tokens[:-1]):
            logits = self.logits(token, position, keys, values)
            losses.append(self.cross_entropy(logits, tokens[position + 1]))
        return sum(losses) * (1.0 / len(losses))

    def logits(self, token: Any, position: int, keys: Matrix, values: Matrix) -> Vector:
        """The logits of the next token; to ``keys`` and ``values`` those of this one are added.

        That these hold only what came before is what makes the attention causal.
        """
        x = added(self.take(self.token_embedding, token), self.position_embedding[position])
        x = added(x, self._attention(normalised(x), keys, values))
        hidden = [h.relu() for h in applied(self.expand, normalised(x))]
        x = added(x, applied(self.contract, hidden))
        return applied(self.unembedding, normalised(x))

    def exponentials(self, logits: Vector) -> tuple[Vector, Any]:
        """exp(logit - shift) of each, and the shift: the largest logit, so that none overflows."""
        shift = self.largest(logits)
        return [(logit + -shift).exp() for logit in logits], shift

    def softmax(self, logits: Vector) -> Vector:
        """The probabilities that are proportional to the exponentials of the logits."""
        powers, _ = self.exponentials(logits)
        scale = sum(powers) ** -1.0
        return [power * scale for power in powers]

    def cross_entropy(self, logits: Vector, label: Any) -> Any:
        """The negative logarithm of the probability that softmax gives to the label, in nats."""
        powers, shift = self.exponentials(logits)
        total: Any = sum(powers)
        return total.log() + shift + self.take(logits, label) * -1.0

    def _attention(self, x: Vector, keys: Matrix, values: Matrix) -> Vector:
        query = applied(self.query, x)
        keys.append(applied(self.key, x))
        values.append(applied(self.value, x))
        size = self.sizes.width // self.sizes.heads
        heads: Vector = []
        for start in range(0, self.sizes.width, size):
            part = slice(start, start + size)
            scores = [dot(query[part], key[part]) * size**-0.5 for key in keys]
            weights = self.softmax(scores)
            columns = zip(*(value[part] for value in values), strict=True)
            heads += [dot(weights, column) for column in columns]
        return applied(self.mix, heads)


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
    scale = (dot(x, x) * (1.0 / len(x)) + 1e-5) ** -0.5
    return [each * scale for each in x]


def largest_number(logits: Vector) -> float:
    """The number of the largest logit."""
    shift: float = max(logit.data for logit in logits)
    return shift
