"""Tries an installed wheel, with nothing else installed: it trains a net and draws pictures.

    python tests/installed_wheel.py

It is a program rather than a test, for the environment that it runs in has no pytest.
"""

from __future__ import annotations

import importlib.metadata
import sys
import tempfile
from pathlib import Path

import numpy as np

import autograd
import nn
import viz

KINDS = {".py", ".pyx", ".pxd", ".pyi", ".h", ".css", ".js", ".so", ".pyd", ".typed"}


def main() -> None:
    """Raise an AssertionError where something does not work."""
    home = Path(autograd.__file__).resolve().parent.parent
    assert home != Path(__file__).resolve().parent.parent, f"{home} is the source, not a wheel"
    assert autograd.engine == "native", f"the engine is {autograd.engine}"
    assert autograd.__version__ == importlib.metadata.version("gategrad")

    files = importlib.metadata.files("gategrad") or []
    strange = [
        str(file)
        for file in files
        if file.parts[0] in ("tests", "examples", "benchmarks", "docs")
        or (file.parts[0] in ("autograd", "nn", "viz") and file.suffix not in KINDS | {".pyc"})
    ]
    assert not strange, strange

    rng = np.random.default_rng(0)
    x, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])
    net = nn.Sequential(nn.Linear(2, 8, rng=rng), nn.Tanh(), nn.Linear(8, 2, rng=rng))
    adam = nn.Adam(net.parameters(), lr=0.05)
    history = nn.fit(
        net, (x, y), nn.cross_entropy, adam, epochs=100, rng=rng, metrics=[nn.accuracy],
        progress=False,
    )  # fmt: skip
    assert history["accuracy"][-1] == 1.0, history["accuracy"][-1]

    drawing = viz.draw(net, sample=x, loss=lambda h: nn.cross_entropy(h, y))
    with tempfile.TemporaryDirectory() as folder:
        for suffix in ("svg", "png", "html", "json", "mmd", "dot"):
            assert drawing.save(Path(folder, f"net.{suffix}")).stat().st_size > 500
        node = (autograd.Value(2.0, name="x") * 3.0).exp()
        assert viz.steps(node).save(Path(folder, "steps.html")).stat().st_size > 500
    print(
        f"gategrad {autograd.__version__} works: Python {sys.version.split()[0]}, "
        f"NumPy {np.__version__}, {len(files)} files"
    )


if __name__ == "__main__":
    main()
