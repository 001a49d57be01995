"""LeNet on handwritten digits: drawn as its layers, trained, and its feature maps shown.

With `--data` and a folder that holds MNIST these are its digits, else scikit-learn's small ones,
for which the kernels are smaller, too.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from digits import load_digits
from example import Example, Save

import nn
import viz


def lenet(side: int, rng: np.random.Generator) -> nn.Sequential:
    """Two convolutions, each with relu and pooling, and three layers (LeCun et al., 1998)."""
    kernel = 5 if side == 28 else 3

    def convolution(inputs: int, outputs: int) -> nn.Conv2d:
        return nn.Conv2d(inputs, outputs, kernel, padding="same", rng=rng, dtype=np.float32,
                         init=nn.he_uniform)  # fmt: skip

    def linear(inputs: int, outputs: int) -> nn.Linear:
        return nn.Linear(inputs, outputs, rng=rng, dtype=np.float32, init=nn.he_uniform)

    return nn.Sequential(
        convolution(1, 6), nn.ReLU(), nn.MaxPool2d(2),
        convolution(6, 16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(),
        linear(16 * (side // 4) ** 2, 120), nn.ReLU(), linear(120, 84), nn.ReLU(), linear(84, 10),
    )  # fmt: skip


def run(options: argparse.Namespace, rng: np.random.Generator, save: Save) -> None:
    """Draw, train, test and look inside."""
    split = load_digits(options.data, rng)
    net = lenet(split.x_train.shape[-1], rng)
    adam = nn.Adam(net.parameters(), lr=0.002)
    history = nn.fit(
        net, (split.x_train, split.y_train), nn.cross_entropy, adam, epochs=options.epochs,
        batch_size=32, rng=rng, scheduler=nn.Scheduler(adam, nn.cosine(options.epochs)),
        validation=(split.x_test, split.y_test), metrics=[nn.accuracy], progress=False,
    )  # fmt: skip
    print(f"accuracy {history['validation_accuracy'][-1]:.3f} on {len(split.y_test)} test images, "
          f"after {options.epochs} epochs of {len(split.y_train)}")  # fmt: skip
    image, label = split.x_test[:1], split.y_test[:1]
    layers = viz.draw(net, sample=image, loss=lambda h: nn.cross_entropy(h, label))
    save(layers, "lenet.svg")
    save(viz.kernel_images(net[0]), "lenet_kernels.png")
    save(viz.feature_maps(net, image)[0], "lenet_maps.png")


main = Example(run, __doc__, data=(None, "a folder with MNIST"), epochs=(6, "of training"))

if __name__ == "__main__":
    sys.exit(main())
