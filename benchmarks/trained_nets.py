"""The trainings that ``trainings.py`` records: data, net, and what became of it.

Each takes a seed, from which all of its random numbers come, and returns one number, measured on
data that it has not learned from, or drawn anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

import nn
from autograd import no_grad

__all__ = ["TRAININGS", "Training", "mnist"]

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"

Array = npt.NDArray[np.generic]


@dataclass(frozen=True)
class Training:
    """What is trained, and how good it is to be.

    Args:
        name: of the data and the net.
        run: from a seed to the number.
        measure: what the number is.
        goal: the number at the least, or where `smaller` is better at the most.
        smaller: which of both.
    """

    name: str
    run: Callable[[int], float]
    measure: str
    goal: float
    smaller: bool = False

    def reaches(self, number: float) -> bool:
        """Whether the number is as good as it is to be."""
        return number <= self.goal if self.smaller else number >= self.goal


def iris(seed: int) -> float:
    """The accuracy of 4-4-3 in ten-fold cross-validation over the flowers."""
    data = nn.read_csv(ROOT / "examples" / "iris.csv", label="species")

    def net(rng: np.random.Generator) -> nn.Module:
        return nn.Sequential(nn.Linear(4, 4, rng=rng), nn.Tanh(), nn.Linear(4, 3, rng=rng))

    return _cross_validated(data, net, seed, folds=10, epochs=100, lr=0.03)


def zoo(seed: int) -> float:
    """The accuracy of 16-32-7 in five-fold cross-validation over the animals."""
    data = nn.read_csv(SHARED / "zoo.csv", label=-1)

    def net(rng: np.random.Generator) -> nn.Module:
        hidden = nn.Linear(16, 32, rng=rng, init=nn.he_uniform)
        return nn.Sequential(hidden, nn.ReLU(), nn.Linear(32, 7, rng=rng))

    return _cross_validated(data, net, seed, folds=5, epochs=50, lr=0.01)


def digits_mlp(seed: int) -> float:
    """The accuracy of 64-128-10 on a quarter of scikit-learn's digits."""
    rng = np.random.default_rng(seed)
    net = nn.Sequential(
        nn.Linear(64, 128, rng=rng, dtype=np.float32, init=nn.he_uniform),
        nn.ReLU(),
        nn.Linear(128, 10, rng=rng, dtype=np.float32),
    )
    return _test_accuracy(net, _digits(rng), rng, epochs=40, lr=0.003)


def digits_cnn(seed: int) -> float:
    """The accuracy of two convolutions and a layer on a quarter of scikit-learn's digits."""
    rng = np.random.default_rng(seed)
    net = nn.Sequential(
        _convolution(1, 32, 3, rng, padding="same"),
        nn.ReLU(),
        _convolution(32, 64, 3, rng, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.4, rng=rng),
        nn.Linear(64 * 4 * 4, 10, rng=rng, dtype=np.float32),
    )
    x_train, x_test, y_train, y_test = _digits(rng)
    images = nn.Split(x_train.reshape(-1, 1, 8, 8), x_test.reshape(-1, 1, 8, 8), y_train, y_test)
    return _test_accuracy(net, images, rng, epochs=25, lr=0.002)


def mnist_mlp(seed: int) -> float:
    """The accuracy of 784-128-10 on 2,000 of the handwritten digits, trained on 8,000."""
    rng = np.random.default_rng(seed)
    net = nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 128, rng=rng, dtype=np.float32, init=nn.he_uniform),
        nn.ReLU(),
        nn.Linear(128, 10, rng=rng, dtype=np.float32),
    )
    return _test_accuracy(net, mnist(), rng, epochs=10, lr=0.001)


def mnist_lenet(seed: int) -> float:
    """The accuracy of LeNet-5, with relu and max pooling, on the same."""
    rng = np.random.default_rng(seed)
    net = nn.Sequential(
        _convolution(1, 6, 5, rng, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2),
        _convolution(6, 16, 5, rng),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120, rng=rng, dtype=np.float32, init=nn.he_uniform),
        nn.ReLU(),
        nn.Linear(120, 84, rng=rng, dtype=np.float32, init=nn.he_uniform),
        nn.ReLU(),
        nn.Linear(84, 10, rng=rng, dtype=np.float32),
    )
    return _test_accuracy(net, mnist(), rng, epochs=10, lr=0.002)


def hours_to_pass(seed: int) -> float:
    """How many of the five students who are asked about are judged as their hours suggest."""
    rng = np.random.default_rng(seed)
    hours = np.array([[2.0], [4.0], [6.0], [8.0], [10.0], [12.0], [14.0]])
    passed = np.array([[0.0], [0.0], [0.0], [1.0], [1.0], [1.0], [1.0]])
    net = nn.Sequential(nn.Linear(1, 1, rng=rng), nn.Sigmoid())
    nn.fit(
        net,
        (hours, passed),
        nn.binary_cross_entropy,
        nn.Adam(net.parameters(), lr=0.05),
        epochs=2000,
        batch_size=7,
        rng=rng,
        progress=False,
    )
    asked = np.array([[13.0], [11.0], [31.0], [3.0], [3.5]])
    judged = nn.predict(net, asked, "classes", logits=False)
    return float(np.sum(judged == [1, 1, 1, 0, 0]))


def lstm_adding(seed: int) -> float:
    """The mean squared error of an LSTM that adds the two marked numbers of twenty.

    Source: Hochreiter & Schmidhuber, Neural Computation 9(8), 1997.
    """
    rng = np.random.default_rng(seed)
    x_test, y_test = _marked_numbers(1000, rng)
    x_train, y_train = _marked_numbers(5000, rng)
    net = nn.Sequential(
        nn.LSTM(2, 32, rng=rng, returns="last", dtype=np.float32),
        nn.Linear(32, 1, rng=rng, dtype=np.float32),
    )
    adam = nn.Adam(net.parameters(), lr=0.005)
    nn.fit(
        net,
        (x_train, y_train),
        nn.mse,
        adam,
        epochs=30,
        batch_size=50,
        rng=rng,
        scheduler=nn.Scheduler(adam, nn.cosine(30)),
        progress=False,
    )
    return nn.evaluate(net, (x_test, y_test), nn.mse)["loss"]


def gan_of_two_gaussians(seed: int) -> float:
    """How far the samples of a generator lie from those of the mixture that it imitates.

    The distance of Wasserstein, in the unit of the data, whose two peaks are 4 apart: the mean
    way between the samples of both, in order. To one of the peaks alone it would be 2.
    """
    rng = np.random.default_rng(seed)
    generator = nn.Sequential(
        nn.Linear(4, 32, rng=rng, init=nn.he_uniform),
        nn.ReLU(),
        nn.Linear(32, 32, rng=rng, init=nn.he_uniform),
        nn.ReLU(),
        nn.Linear(32, 1, rng=rng),
    )
    discriminator = nn.Sequential(
        nn.Linear(1, 32, rng=rng, init=nn.he_uniform),
        nn.LeakyReLU(0.2),
        nn.Linear(32, 32, rng=rng, init=nn.he_uniform),
        nn.LeakyReLU(0.2),
        nn.Linear(32, 1, rng=rng),
    )
    makes = nn.Adam(generator.parameters(), lr=0.001, betas=(0.5, 0.999))
    judges = nn.Adam(discriminator.parameters(), lr=0.001, betas=(0.5, 0.999))
    for _ in range(4000):
        real, fake = _two_gaussians(128, rng), generator(rng.normal(size=(128, 4)))
        judges.zero_grad()
        nn.discriminator_loss(discriminator(real), discriminator(fake.detach())).backward()
        judges.step()
        makes.zero_grad()
        nn.generator_loss(discriminator(fake)).backward()
        makes.step()
    with no_grad():
        made = np.asarray(generator(rng.normal(size=(10_000, 4))))
    gaps = np.sort(made, axis=0) - np.sort(_two_gaussians(10_000, rng), axis=0)
    return float(np.abs(gaps).mean())


TRAININGS = (
    Training("Iris, MLP 4-4-3", iris, "accuracy in 10-fold cross-validation", 0.96),
    Training("zoo, MLP 16-32-7", zoo, "accuracy in 5-fold cross-validation", 0.93),
    Training("digits, MLP 64-128-10", digits_mlp, "test accuracy", 0.97),
    Training("digits, CNN", digits_cnn, "test accuracy", 0.985),
    Training("MNIST, MLP 784-128-10", mnist_mlp, "test accuracy", 0.95),
    Training("MNIST, LeNet", mnist_lenet, "test accuracy", 0.975),
    Training("hours to pass or fail, logistic", hours_to_pass, "right of 5", 5),
    Training("adding problem, LSTM of 32", lstm_adding, "mean squared error", 0.01, smaller=True),
    Training("two Gaussians, GAN", gan_of_two_gaussians, "distance", 0.3, smaller=True),
)


def _cross_validated(
    data: nn.Dataset,
    make: Callable[[np.random.Generator], nn.Module],
    seed: int,
    *,
    folds: int,
    epochs: int,
    lr: float,
) -> float:
    """The share of all samples that are judged rightly by a net that has not learned from them."""
    rng = np.random.default_rng(seed)
    right = 0.0
    # Class after class, in random order within each: so every fold has its part of all of them.
    order = np.lexsort((rng.random(len(data.y)), data.y))
    for test in (order[fold::folds] for fold in range(folds)):
        train = np.setdiff1d(np.arange(len(data.x)), test)
        x_train, x_test = nn.standardize(data.x[train], data.x[test])
        split = nn.Split(x_train, x_test, data.y[train], data.y[test])
        right += len(test) * _test_accuracy(
            make(rng), split, rng, epochs=epochs, lr=lr, batch_size=16
        )
    return right / len(data.x)


def _test_accuracy(
    net: nn.Module,
    split: nn.Split,
    rng: np.random.Generator,
    *,
    epochs: int,
    lr: float,
    batch_size: int = 32,
) -> float:
    """The accuracy on the test part, after training on the other with Adam and a cosine."""
    adam = nn.Adam(net.parameters(), lr=lr)
    nn.fit(
        net,
        (split.x_train, split.y_train),
        nn.cross_entropy,
        adam,
        epochs=epochs,
        batch_size=batch_size,
        rng=rng,
        scheduler=nn.Scheduler(adam, nn.cosine(epochs)),
        progress=False,
    )
    return nn.evaluate(net, (split.x_test, split.y_test), metrics=[nn.accuracy])["accuracy"]


def _convolution(
    inputs: int, outputs: int, size: int, rng: np.random.Generator, padding: int | str = 0
) -> nn.Conv2d:
    return nn.Conv2d(
        inputs, outputs, size, padding=padding, rng=rng, dtype=np.float32, init=nn.he_uniform
    )


def _digits(rng: np.random.Generator) -> nn.Split:
    data = nn.load_dataset("digits")
    x = (data.x / 16).astype(np.float32)
    return nn.train_test_split(x, data.y, 1 / 4, rng, stratify=True)


def mnist() -> nn.Split:
    """Images (n, 1, 28, 28) from 0 to 1 and labels (n,): 8,000 to train and 2,000 to test."""
    images = nn.read_idx(SHARED / "mnist" / "t10k-images-idx3-ubyte.gz")
    labels = nn.read_idx(SHARED / "mnist" / "t10k-labels-idx1-ubyte.gz")
    x = (images[:, np.newaxis] / 255).astype(np.float32)
    y = labels.astype(np.intp)
    return nn.Split(x[:8000], x[8000:], y[:8000], y[8000:])


def _marked_numbers(count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Sequences (count, 20, 2) of a number and a mark, and the sum (count, 1) of the two marked."""
    numbers = rng.uniform(size=(count, 20))
    marks = np.zeros_like(numbers)
    places = np.argsort(rng.uniform(size=numbers.shape), axis=1)[:, :2]
    np.put_along_axis(marks, places, 1.0, axis=1)
    sums = np.sum(numbers * marks, axis=1, keepdims=True)
    return np.stack([numbers, marks], axis=2).astype(np.float32), sums.astype(np.float32)


def _two_gaussians(count: int, rng: np.random.Generator) -> Array:
    """Samples (count, 1), half of them around -2 and half around 2."""
    return rng.normal(rng.choice([-2.0, 2.0], size=(count, 1)), 0.5)
