"""One image after the other, or a hundred at once: the same answers, in a part of the time."""

from __future__ import annotations

import argparse
import sys
import time
from statistics import median

import numpy as np
from example import Example, Save

import nn
import viz
from autograd import no_grad


def run(options: argparse.Namespace, rng: np.random.Generator, save: Save) -> None:
    """Time both in turns."""
    net = nn.Sequential(
        nn.Linear(784, 50, rng=rng), nn.Sigmoid(), nn.Linear(50, 100, rng=rng), nn.Sigmoid(),
        nn.Linear(100, 10, rng=rng), nn.Softmax(),
    )  # fmt: skip
    images = rng.random((options.images, 784))
    singly, at_once = [], []
    with no_grad():
        for _ in range(options.rounds):
            started = time.perf_counter()
            one_by_one = np.concatenate([net(image[None]).data for image in images])
            middle = time.perf_counter()
            together = net(images).data
            ended = time.perf_counter()
            singly.append((middle - started) / len(images))
            at_once.append((ended - middle) / len(images))
    print(f"one image at a time: {median(singly) * 1e6:.1f} us an image")
    print(f"{len(images)} images at once: {median(at_once) * 1e6:.1f} us an image, "
          f"{median(singly) / median(at_once):.0f} times as fast")  # fmt: skip
    print(f"the answers are the same: {np.allclose(one_by_one, together)}")
    save(viz.draw(net, sample=images, title=f"{len(images)} images at once"), "batch.svg")


main = Example(run, __doc__, images=(100, "in a batch"), rounds=(20, "of which the median is told"))

if __name__ == "__main__":
    sys.exit(main())
