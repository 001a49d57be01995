"""Attention: means of values, weighed by how well a query fits the key of each."""

from __future__ import annotations

import math
from typing import Any, ClassVar, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from autograd import Tensor, softmax
from autograd.errors import OperandError, SettingError, ShapeError
from nn.arguments import require_count
from nn.init import Initializer, xavier_uniform
from nn.layers.linear import Linear
from nn.module import Module

__all__ = ["MultiHeadAttention", "attention_weights", "scaled_dot_product_attention"]

Numbers: TypeAlias = Tensor | npt.NDArray[Any]
Mask: TypeAlias = npt.NDArray[np.bool_]


def attention_weights(
    query: Numbers, key: Numbers, *, mask: Mask | None = None, causal: bool = False
) -> Tensor:
    """softmax(query @ key^T / sqrt(features)): for each query weights of the keys that add up to 1.

    Args:
        query: (..., queries, features).
        key: (..., keys, features).
        mask: True where a query may attend to a key, False where the weight is 0; it broadcasts to
            (..., queries, keys). By default each may attend to all.
        causal: whether, beside that, query i may attend to the keys 0 to i alone.

    Returns:
        the weights (..., queries, keys).

    Raises:
        ShapeError: the shapes do not fit, or there are no keys.
        OperandError: the mask is not of booleans.
        SettingError: a query may attend to nothing.

    >>> x = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    >>> attention_weights(Tensor(x), x, causal=True).data.round(2)
    array([[1.  , 0.  , 0.  ],
           [0.5 , 0.5 , 0.  ],
           [0.25, 0.25, 0.5 ]])
    """
    features = _matrix_shape("query", query)[-1]
    *_, keys, key_features = _matrix_shape("key", key)
    if key_features != features or not keys:
        raise ShapeError(
            f"attention: query {np.shape(query)} and key {np.shape(key)}; they must have as many "
            "features, and there must be a key"
        )
    scores: Any = query @ np.swapaxes(key, -1, -2) / math.sqrt(features)
    allowed = _allowed(mask, causal, scores.shape)
    # The largest score of a row is removed in softmax. It is finite, as each may attend to one.
    return cast(Tensor, softmax(scores if allowed is None else np.where(allowed, scores, -np.inf)))


def scaled_dot_product_attention(
    query: Numbers,
    key: Numbers,
    value: Numbers,
    *,
    mask: Mask | None = None,
    causal: bool = False,
) -> Tensor:
    """For each query the mean of the values by `attention_weights`, (..., queries, features).

    Args:
        query: (..., queries, features of the keys).
        key: (..., keys, features of the keys).
        value: (..., keys, features).
        mask: as `attention_weights` takes it.
        causal: as `attention_weights` takes it.

    Raises:
        ShapeError: the shapes do not fit, or there are no keys.
        OperandError: the mask is not of booleans.
        SettingError: a query may attend to nothing.

    Source: Vaswani et al., NeurIPS 2017, equation 1.

    >>> x = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    >>> values = np.array([[4.0], [0.0], [2.0]])
    >>> scaled_dot_product_attention(Tensor(x), x, values, causal=True).data.round(1).ravel()
    array([4., 2., 2.])
    """
    if _matrix_shape("value", value)[-2] != _matrix_shape("key", key)[-2]:
        raise ShapeError(
            f"attention: key {np.shape(key)} and value {np.shape(value)}; there must be a value "
            "for each key"
        )
    return attention_weights(query, key, mask=mask, causal=causal) @ value


class MultiHeadAttention(Module):
    """Attention by several heads, each of which sees its own share of the projected features.

    The input is (n, time, features), or (time, features) for one sequence; so is the output. With
    one input it is self-attention; a key beside the query, and a value beside the key, are
    sequences of their own, of one length.

    The parts are four `Linear` layers (features, features), `query`, `key`, `value` and `output`.
    A head takes features / heads of the projections, in `scaled_dot_product_attention`.

    Args:
        features: of input and output, a multiple of heads.
        heads: how many, at least 1.
        rng: the generator that draws the weights.
        causal: whether step i may attend to the steps 0 to i alone.
        bias: whether the four layers add a bias.
        dtype: of the parameters, np.float64 or np.float32.
        init: draws the weights.

    Raises:
        OperandError: dtype is not a float type, or rng is not a generator.
        SettingError: features or heads are not whole numbers of at least 1, or features is not a
            multiple of heads.

    Source: Vaswani et al., NeurIPS 2017.

    >>> rng = np.random.default_rng(0)
    >>> layer = MultiHeadAttention(4, 2, rng=rng, causal=True)
    >>> layer(rng.normal(size=(8, 5, 4))).shape
    (8, 5, 4)
    """

    settings: ClassVar[tuple[str, ...]] = ("heads", "causal")

    def __init__(
        self,
        features: int,
        heads: int,
        *,
        rng: np.random.Generator,
        causal: bool = False,
        bias: bool = True,
        dtype: npt.DTypeLike = np.float64,
        init: Initializer = xavier_uniform,
    ) -> None:
        require_count(features, "MultiHeadAttention: features")
        require_count(heads, "MultiHeadAttention: heads")
        if features % heads:
            raise SettingError(
                f"MultiHeadAttention: {features} features are no multiple of {heads} heads; each "
                "head takes as many"
            )
        self.heads, self.causal = heads, causal
        self.query, self.key, self.value, self.output = (
            Linear(features, features, rng=rng, bias=bias, dtype=dtype, init=init) for _ in range(4)
        )

    def forward(
        self,
        query: Numbers,
        key: Numbers | None = None,
        value: Numbers | None = None,
        *,
        mask: Mask | None = None,
    ) -> Tensor:
        """The attended sequence.

        Args:
            query: (n, queries, features), or (queries, features) for one sequence.
            key: (n, keys, features); by default the query.
            value: (n, keys, features); by default the key.
            mask: True where a query may attend to a key, for all heads; it broadcasts to
                (n, queries, keys): (n, 1, keys) leaves out keys that are padding.

        Raises:
            ShapeError: an input or the mask does not have its shape.
            OperandError: the mask is not of booleans.
            SettingError: a query may attend to nothing.
        """
        key = query if key is None else key
        value = key if value is None else value
        self._require_sequences(query, key, value)
        attended: Any = scaled_dot_product_attention(
            self._by_heads(self.query(query)),
            self._by_heads(self.key(key)),
            self._by_heads(self.value(value)),
            mask=_for_all_heads(mask),
            causal=self.causal,
        )
        side_by_side = np.swapaxes(attended, -3, -2).reshape(np.shape(query))
        return cast(Tensor, self.output(side_by_side))

    def _by_heads(self, x: Any) -> Any:
        """From (n, time, features) to (n, heads, time, features of a head)."""
        *batch, time, features = x.shape
        return np.swapaxes(x.reshape(*batch, time, self.heads, features // self.heads), -3, -2)

    def _require_sequences(self, query: Numbers, key: Numbers, value: Numbers) -> None:
        features = self.query.weight.shape[0]
        batch = np.shape(query)[:-2]
        for name, x in (("query", query), ("key", key), ("value", value)):
            shape = np.shape(x)
            if len(shape) not in (2, 3) or shape[-1] != features:
                raise ShapeError(
                    f"MultiHeadAttention: {name} of shape {shape}, but the layer takes {features} "
                    f"features, as (n, time, {features}) or (time, {features})"
                )
            if shape[:-2] != batch:
                raise ShapeError(
                    f"MultiHeadAttention: query of shape {np.shape(query)} and {name} of shape "
                    f"{shape}; there must be as many sequences"
                )


def _matrix_shape(name: str, x: Numbers) -> tuple[int, ...]:
    shape = np.shape(x)
    if len(shape) < 2:
        raise ShapeError(f"attention: {name} of shape {shape}; pass (..., time, features)")
    return shape


def _for_all_heads(mask: Mask | None) -> Mask | None:
    if mask is None or np.ndim(mask) < 3:
        return mask
    return np.expand_dims(np.asarray(mask), -3)


def _allowed(mask: Mask | None, causal: bool, shape: tuple[int, ...]) -> Mask | None:
    """Where a query may attend to a key, of a shape that broadcasts to that of the scores."""
    if mask is None:
        # The first query may attend to the first key: there is nothing to refuse.
        return np.tri(*shape[-2:], dtype=np.bool_) if causal else None
    mask = np.asarray(mask)
    if mask.dtype != bool:
        raise OperandError(
            f"attention: the mask is of {mask.dtype}; pass booleans, True where a query may attend"
        )
    try:
        allowed = np.broadcast_to(mask, shape)
    except ValueError as error:
        raise ShapeError(
            f"attention: the mask has shape {mask.shape}, which does not broadcast to {shape}, "
            "(..., queries, keys)"
        ) from error
    if causal:
        allowed = allowed & np.tri(*shape[-2:], dtype=np.bool_)
    blind = np.argwhere(~allowed.any(axis=-1))
    if len(blind):
        raise SettingError(
            f"attention: the query at {blind[0].tolist()} may attend to nothing, so its mean is of "
            "no values; in a mask True is for what it may attend to"
        )
    return allowed
