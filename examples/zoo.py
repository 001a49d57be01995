"""Animals of seven kinds, by sixteen features, told apart by softmax.

It reads the Zoo data set of the UCI repository, as rows of 16 numbers and the kind, without names:
`python examples/zoo.py --data zoo.csv`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from example import Example, Save

import nn
import viz


def run(options: argparse.Namespace, rng: np.random.Generator, save: Save) -> None:
    """Train on two thirds of the animals, and judge the others."""
    animals = nn.read_csv(options.data, label=-1)
    split = nn.train_test_split(animals.x, animals.y, 1 / 3, rng, stratify=True)
    x_train, x_test = nn.standardize(split.x_train, split.x_test)
    kinds = int(animals.y.max()) + 1
    net = nn.Sequential(
        nn.Linear(animals.x.shape[1], 32, rng=rng, init=nn.he_uniform),
        nn.ReLU(),
        nn.Linear(32, kinds, rng=rng),
    )
    history = nn.fit(
        net, (x_train, split.y_train), nn.cross_entropy, nn.Adam(net.parameters(), lr=0.01),
        epochs=options.epochs, batch_size=16, rng=rng, validation=(x_test, split.y_test),
        metrics=[nn.accuracy], progress=False,
    )  # fmt: skip
    judged = nn.predict(net, x_test, "classes")
    print(f"accuracy {nn.accuracy(judged, split.y_test):.3f} on {len(judged)} animals of {kinds} "
          f"kinds; on the others {history['accuracy'][-1]:.3f}")  # fmt: skip
    save(viz.confusion_matrix(split.y_test, judged), "zoo_confusion.png")
    save(viz.training_curves(history)[0], "zoo_training.svg")


main = Example(
    run, __doc__, data=(Path("zoo.csv"), "the file of the animals"), epochs=(50, "of training")
)

if __name__ == "__main__":
    sys.exit(main())
