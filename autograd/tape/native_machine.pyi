import numpy as np
import numpy.typing as npt

from .schedule import Part

FINGERPRINT: int

class Plan:
    scratch: int
    def __init__(self, part: Part) -> None: ...
    def forward(self, values: npt.NDArray[np.float64]) -> int: ...
    def backward(
        self, values: npt.NDArray[np.float64], gradients: npt.NDArray[np.float64]
    ) -> None: ...
    def train(
        self,
        values: npt.NDArray[np.float64],
        gradients: npt.NDArray[np.float64],
        inputs: npt.NDArray[np.float64],
        first: int,
        rows: npt.NDArray[np.float64],
        rule: int,
        settings: npt.NDArray[np.float64],
        output: int,
        losses: npt.NDArray[np.float64],
        made: npt.NDArray[np.int64],
    ) -> int: ...

def run_batch(
    plan: Plan,
    rows: int,
    uniform: npt.NDArray[np.float64],
    wanted: npt.NDArray[np.int8],
    inputs: npt.NDArray[np.float64],
    outputs: npt.NDArray[np.int32],
    results: npt.NDArray[np.float64],
    seeds: npt.NDArray[np.float64] | None = ...,
    uniform_gradients: npt.NDArray[np.float64] | None = ...,
    input_gradients: npt.NDArray[np.float64] | None = ...,
    tangents: npt.NDArray[np.float64] | None = ...,
    result_tangents: npt.NDArray[np.float64] | None = ...,
) -> int: ...
def train_batches(
    uniform_plan: Plan,
    plan: Plan,
    rows_that_vary: int,
    values: npt.NDArray[np.float64],
    gradients: npt.NDArray[np.float64],
    wanted: npt.NDArray[np.int8],
    inputs: npt.NDArray[np.float64],
    samples: int,
    size: int,
    outputs: npt.NDArray[np.int32],
    first: int,
    parameters_at: int,
    rows: npt.NDArray[np.float64],
    rule: int,
    settings: npt.NDArray[np.float64],
    losses: npt.NDArray[np.float64],
    made: npt.NDArray[np.int64],
) -> int: ...
