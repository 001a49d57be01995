"""Data: files and data sets as arrays, and what is done with them before a net sees them.

The first axis of every array counts the samples.
"""

from __future__ import annotations

from nn.data.batching import batches
from nn.data.csv_files import read_csv
from nn.data.dataset import Dataset, Table
from nn.data.datasets import load_dataset
from nn.data.idx import read_idx
from nn.data.labels import one_hot
from nn.data.splits import Split, train_test_split
from nn.data.standardizing import Standardizer, standardize

__all__ = [
    "Dataset",
    "Split",
    "Standardizer",
    "Table",
    "batches",
    "load_dataset",
    "one_hot",
    "read_csv",
    "read_idx",
    "standardize",
    "train_test_split",
]
