"""The layers of sequences to try the laws of `test_layer_laws.py` on: one row each."""

from __future__ import annotations

from typing import Any

import numpy as np
from layer_examples import Draw, LayerExample, normal

from nn import (
    GRU,
    LSTM,
    RNN,
    Embedding,
    Linear,
    Module,
    MultiHeadAttention,
    RepeatVector,
    Sequential,
    scaled_dot_product_attention,
)

SEQUENCE = (normal(2, 3, 2),)
# One query that may attend to all keys, and one that may not.
MASK = np.array([[True, True, True], [True, False, False]])


class Continued(Module):
    """The outputs and the last state of a recurrent layer that goes on from a state."""

    def __init__(self, layer: Any) -> None:
        self.layer = layer

    def forward(self, x: Any, *state: Any) -> Any:
        return self.layer.run(x, state if len(state) > 1 else state[0])


class Attention(Module):
    """Attention without weights, under a mask or not."""

    def __init__(self, **settings: Any) -> None:
        self.keywords = settings

    def forward(self, query: Any, key: Any, value: Any) -> Any:
        return scaled_dot_product_attention(query, key, value, **self.keywords)


def indices(*shape: int, count: int) -> Draw:
    return lambda rng: rng.integers(count, size=shape)


def torch_weights(torch: Any, parameters: dict[str, Any], prefix: str = "") -> list[Any]:
    """The weights of one layer as PyTorch has them: transposed, and with two biases."""
    p = {path.removeprefix(prefix): value for path, value in parameters.items()}
    hidden = p["weight_hidden"].shape[0]
    of_hidden = torch.zeros_like(p["bias"])
    if "bias_hidden" in p:
        of_hidden = torch.cat((of_hidden[: 2 * hidden], p["bias_hidden"]))
    return [p["weight_input"].T, p["weight_hidden"].T, p["bias"], of_hidden]


def torch_run(
    torch: Any, kind: str, parameters: dict[str, Any], x: Any, *state: Any, prefix: str = ""
) -> Any:
    """The outputs and the last state, without the axis that PyTorch has for layers."""
    weights = torch_weights(torch, parameters, prefix)
    hidden = parameters[f"{prefix}weight_hidden"].shape[0]
    parts = 2 if kind == "lstm" else 1
    state = state or (torch.zeros(len(x), hidden, dtype=x.dtype),) * parts
    start = [part[None] for part in state]
    run = getattr(torch, kind)
    outputs, *last = run(
        x, start if parts > 1 else start[0], weights, True, 1, 0.0, True, False, True
    )
    return outputs, [part[0] for part in last]


def torch_attention(torch: Any, parameters: dict[str, Any], *inputs: Any, **settings: Any) -> Any:
    """`torch.nn.MultiheadAttention` of two heads with these weights."""
    weights = [parameters[f"{name}.weight"].T for name in ("query", "key", "value")]
    biases = [parameters[f"{name}.bias"] for name in ("query", "key", "value")]
    layer = torch.nn.MultiheadAttention(4, 2, batch_first=True, dtype=torch.float64)
    state = {
        "in_proj_weight": torch.cat(weights),
        "in_proj_bias": torch.cat(biases),
        "out_proj.weight": parameters["output.weight"].T,
        "out_proj.bias": parameters["output.bias"],
    }
    query, key, value = inputs if len(inputs) == 3 else inputs * 3
    settings = {"need_weights": False, **settings}
    return torch.func.functional_call(layer, state, (query, key, value), settings)[0]


RECURRENT = [
    LayerExample(
        "RNN",
        lambda **settings: RNN(2, 3, **settings),
        lambda torch, p, x: torch_run(torch, "rnn_tanh", p, x)[0],
        SEQUENCE,
    ),
    LayerExample(
        "RNN of relu",
        lambda **settings: RNN(2, 3, activation="relu", **settings),
        lambda torch, p, x: torch_run(torch, "rnn_relu", p, x)[0],
        SEQUENCE,
        smooth=False,
    ),
    LayerExample(
        "LSTM",
        lambda **settings: LSTM(2, 2, **settings),
        lambda torch, p, x: torch_run(torch, "lstm", p, x)[0],
        SEQUENCE,
    ),
    LayerExample(
        "LSTM of one sequence",
        lambda **settings: LSTM(2, 2, **settings),
        lambda torch, p, x: torch_run(torch, "lstm", p, x[None])[0][0],
        (normal(3, 2),),
    ),
    LayerExample(
        "LSTM of the last step",
        lambda **settings: LSTM(2, 2, returns="last", **settings),
        lambda torch, p, x: torch_run(torch, "lstm", p, x)[0][:, -1],
        SEQUENCE,
    ),
    LayerExample(
        "Continued LSTM",
        lambda **settings: Continued(LSTM(2, 2, **settings)),
        lambda torch, p, x, *state: torch_run(torch, "lstm", p, x, *state, prefix="layer."),
        (*SEQUENCE, normal(2, 2), normal(2, 2)),
    ),
    LayerExample(
        "GRU",
        lambda **settings: GRU(2, 2, **settings),
        lambda torch, p, x: torch_run(torch, "gru", p, x)[0],
        SEQUENCE,
    ),
    LayerExample(
        "Continued GRU",
        lambda **settings: Continued(GRU(2, 2, **settings)),
        lambda torch, p, x, *state: torch_run(torch, "gru", p, x, *state, prefix="layer."),
        (*SEQUENCE, normal(2, 2)),
    ),
    LayerExample(
        "Sequential of recurrent layers on a repeated vector",
        lambda **settings: Sequential(
            RepeatVector(3),
            RNN(2, 2, **settings),
            RNN(2, 2, returns="last", **settings),
            Linear(2, 1, **settings),
        ),
        lambda torch, p, x: (
            torch_run(
                torch,
                "rnn_tanh",
                p,
                torch_run(torch, "rnn_tanh", p, x[:, None].expand(-1, 3, -1), prefix="1.")[0],
                prefix="2.",
            )[0][:, -1]
            @ p["3.weight"]
            + p["3.bias"]
        ),
        (normal(2, 2),),
    ),
]

LOOKED_UP = [
    LayerExample(
        "Embedding",
        lambda **settings: Embedding(4, 3, **settings),
        lambda torch, p, x: torch.nn.functional.embedding(x, p["weight"]),
        (indices(2, 5, count=4),),
    ),
    LayerExample(
        "Embedding of one word",
        lambda **settings: Embedding(4, 3, **settings),
        lambda torch, p, x: p["weight"][x],
        (indices(count=4),),
    ),
]

ATTENTION = [
    LayerExample(
        "Attention",
        lambda **settings: Attention(),
        lambda torch, p, *x: torch.nn.functional.scaled_dot_product_attention(*x),
        (normal(2, 3, 2), normal(2, 4, 2), normal(2, 4, 3)),
    ),
    LayerExample(
        "Attention under a mask",
        lambda **settings: Attention(mask=MASK),
        lambda torch, p, *x: torch.nn.functional.scaled_dot_product_attention(
            *x, attn_mask=torch.from_numpy(MASK)
        ),
        (normal(2, 2, 2), normal(2, 3, 2), normal(2, 3, 3)),
    ),
    LayerExample(
        "Attention under a mask, and causal",
        lambda **settings: Attention(mask=MASK, causal=True),
        lambda torch, p, *x: torch.nn.functional.scaled_dot_product_attention(
            *x, attn_mask=torch.from_numpy(MASK & np.tri(2, 3, dtype=bool))
        ),
        (normal(2, 2, 2), normal(2, 3, 2), normal(2, 3, 3)),
    ),
    # Of its parts, above and in `Linear`, the second derivatives are checked; of all it takes long.
    LayerExample(
        "MultiHeadAttention",
        lambda **settings: MultiHeadAttention(4, 2, **settings),
        torch_attention,
        (normal(2, 3, 4),),
        smooth=False,
    ),
    LayerExample(
        "MultiHeadAttention to another sequence",
        lambda **settings: MultiHeadAttention(4, 2, **settings),
        torch_attention,
        (normal(2, 2, 4), normal(2, 3, 4), normal(2, 3, 4)),
        smooth=False,
    ),
    LayerExample(
        "MultiHeadAttention, causal",
        lambda **settings: MultiHeadAttention(4, 2, causal=True, **settings),
        lambda torch, p, x: torch_attention(
            torch, p, x, attn_mask=torch.ones(3, 3).triu(1) == 1, is_causal=True
        ),
        (normal(2, 3, 4),),
        smooth=False,
    ),
]

SEQUENCE_EXAMPLES = RECURRENT + LOOKED_UP + ATTENTION
