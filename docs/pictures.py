"""Draws the pictures of the README again, as `make docs` does, with the code of the demo."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Write docs/neuron.svg and say so."""
    demo = runpy.run_path(str(ROOT / "examples" / "iris_softmax.py"))
    picture = ROOT / "docs" / "neuron.svg"
    demo["draw_neuron"]().save(picture)
    print(f"wrote {picture.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
