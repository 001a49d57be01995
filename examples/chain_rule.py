"""The chain rule, gate by gate: on f = (x + y) z, and on a sigmoid neuron in full and as one gate.

Each graph is drawn, and played step by step on a page in English and one in Korean.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from example import Example, Save

import autograd
import viz
from autograd import Value


def product_of_a_sum(save: Save) -> None:
    """The gradients of (x + y) z: a sum hands them on, a product exchanges its operands."""
    x, y, z = Value(-2.0), Value(5.0), Value(-4.0)
    q = x + y
    f = q * z
    f.backward()
    print(f"(x + y) z = {f.data:g}; gradients by x {x.grad:g}, y {y.grad:g}, z {z.grad:g}")
    print(viz.explain(f, x, names=locals()))
    save(viz.draw(f, names=locals()), "product.svg")
    walk = viz.steps(f, names=locals())
    save(walk, "product_steps.html")
    for frame in walk.frames:
        print("  ", *frame.lines, sep="  ")


def sigmoid_neuron(save: Save) -> None:
    """A neuron of two inputs: the gates of the sigmoid, and the sigmoid as one gate."""
    w0, w1, w2 = Value(2.0), Value(-3.0), Value(-3.0)
    x0, x1 = Value(-1.0), Value(-2.0)
    h = w0 * x0 + w1 * x1 + w2
    f = 1 / (1 + autograd.exp(-h))
    f.backward()
    in_full = [node.grad for node in (w0, x0, w1, x1, w2)]
    save(viz.draw(f, names=locals(), title="a sigmoid neuron"), "neuron.svg")
    save(viz.steps(f, names=locals()), "neuron_steps.html")

    for node in (w0, x0, w1, x1, w2):
        node.zero_grad()
    f = autograd.sigmoid(h)
    f.backward()
    as_one = [node.grad for node in (w0, x0, w1, x1, w2)]
    save(viz.draw(f, names=locals(), title="the sigmoid as one gate"), "neuron_one_gate.svg")
    print(f"sigmoid neuron {f.data:.2f}; gradients {np.round(in_full, 2).tolist()}")
    print(f"the sigmoid as one gate gives the same: {np.allclose(in_full, as_one)}")


def run(options: argparse.Namespace, rng: np.random.Generator, save: Save) -> None:
    """Draw and play both graphs."""
    product_of_a_sum(save)
    sigmoid_neuron(save)


main = Example(run, __doc__)

if __name__ == "__main__":
    sys.exit(main())
