"""Layers: the modules that networks are built of."""

from __future__ import annotations

from nn.layers.attention import MultiHeadAttention, attention_weights, scaled_dot_product_attention
from nn.layers.convolution import Conv2d
from nn.layers.dropout import Dropout
from nn.layers.embedding import Embedding
from nn.layers.flatten import Flatten
from nn.layers.linear import Linear
from nn.layers.maxout import Maxout
from nn.layers.normalization import BatchNorm, LayerNorm, RMSNorm
from nn.layers.pooling import AvgPool2d, MaxPool2d
from nn.layers.recurrent import GRU, LSTM, RNN
from nn.layers.repeat_vector import RepeatVector
from nn.layers.residual import Residual
from nn.layers.sequential import Sequential

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "AvgPool2d",
    "BatchNorm",
    "Conv2d",
    "Dropout",
    "Embedding",
    "Flatten",
    "LayerNorm",
    "Linear",
    "MaxPool2d",
    "Maxout",
    "MultiHeadAttention",
    "RMSNorm",
    "RepeatVector",
    "Residual",
    "Sequential",
    "attention_weights",
    "scaled_dot_product_attention",
]
