"""A training that kills itself, as a crash would: `training_to_kill.py checkpoint [seed]`.

With a seed it ends by SIGKILL at a random batch; without one it goes on from its checkpoint to the
end, and prints a digest of all parameters.
"""

from __future__ import annotations

import hashlib
import os
import signal
import sys
from typing import Any

import numpy as np

from nn import Adam, BatchNorm, Callback, Dropout, Linear, Sequential, Tanh, cross_entropy, fit

EPOCHS, BATCHES = 6, 5


class Kill(Callback):
    def __init__(self, seed: int | None) -> None:
        last = EPOCHS * BATCHES
        self.at = None if seed is None else np.random.default_rng(seed).integers(1, last)

    def on_batch(self, training: Any) -> None:
        if training.epoch * BATCHES + training.batch == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    path, *seeds = sys.argv[1:]
    rng = np.random.default_rng(0)
    x = rng.normal(size=(BATCHES * 8, 2))
    model = Sequential(
        Linear(2, 6, rng=rng), BatchNorm(6), Tanh(), Dropout(0.25, rng=rng), Linear(6, 2, rng=rng)
    )
    fit(
        model, (x, (x[:, 0] > 0).astype(int)), cross_entropy, Adam(model.parameters()),
        epochs=EPOCHS, batch_size=8, rng=rng, checkpoint=path, resume=True,
        callbacks=[Kill(int(seeds[0]) if seeds else None)], progress=False,
    )  # fmt: skip
    bits = b"".join(array.tobytes() for array in model.state_dict().values())
    print(hashlib.sha256(bits).hexdigest())


if __name__ == "__main__":
    main()
