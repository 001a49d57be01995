"""Runs every example in full, and writes docs/examples.md: what each prints, and a picture of it.

    python docs/example_runs.py --data FOLDER

FOLDER holds the Zoo data set as zoo.csv, and MNIST in a folder mnist. What needs a file that is not
there is not run, and stays on the page as it was recorded before.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

__all__ = ["PAGE", "RUNS", "Run"]

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
PAGE = DOCS / "examples.md"
PICTURES = DOCS / "pictures" / "examples"

INTRODUCTION = """\
# The examples

One short program for each topic, to be read from top to bottom and changed. Each runs by itself in
less than a minute, has `--help`, `--seed` and `--out`, and saves its pictures. This page was
recorded by running them all, in full: `python docs/example_runs.py --data FOLDER`; times are those
of the machine that did it.
"""


class Run(NamedTuple):
    """One run of an example, with its place on the page."""

    title: str
    command: str
    """The name of the example and its options, in which DATA is the folder of data."""
    picture: str
    """The one of its pictures that is shown; "" for none."""
    needs: str = ""
    """A file of the folder of data, without which it cannot run."""


RUNS = (
    Run("Perceptrons, and XOR", "perceptron_gates", "xor.svg"),
    Run("The chain rule", "chain_rule", "neuron.svg"),
    Run("Numerical and analytic gradients", "numerical_gradient", "differences.svg"),
    Run("Linear regression", "linear_regression", "regression.svg"),
    Run("Learning rates", "learning_rates", "learning_rates.svg"),
    Run("Logistic regression", "logistic_regression", "zero_weights.png"),
    Run("Softmax by hand", "softmax_by_hand", "softmax.svg"),
    Run("A net of two layers, by hand and checked", "two_layer_net", "two_layers_loss.svg"),
    Run("The Iris flowers", "iris_softmax", "net.svg"),
    Run("Animals", "zoo --data DATA/zoo.csv", "zoo_confusion.png", "zoo.csv"),
    Run("One image, or a hundred", "batches", "batch.svg"),
    Run("Vanishing gradients", "vanishing_gradients", "vanishing_sigmoid.svg"),
    Run("Optimizers", "optimizers", "optimizers.svg"),
    Run("Dropout", "dropout", "dropout_0.5.svg"),
    Run("Digits by a multilayer perceptron", "mnist_mlp", "mlp_training.svg"),
    Run("MNIST by the same", "mnist_mlp --data DATA/mnist", "mlp_weights.png", "mnist"),
    Run("Digits by LeNet", "lenet", "lenet.svg"),
    Run("MNIST by the same LeNet", "lenet --data DATA/mnist", "lenet_maps.png", "mnist"),
    Run("Sequences: RNN and LSTM", "sequences", "sequences_net.svg"),
    Run("Two nets that play against each other", "gan", "gan.svg"),
    Run("A GPT of scalars, traced", "scalar_gpt", "gpt_attention.svg"),
)


def recorded(run: Run, data: Path) -> str:
    """Run an example and give its section of the page; its picture is put into its folder.

    Raises:
        subprocess.CalledProcessError: the example failed.
    """
    name, *options = run.command.split()
    arguments = [option.replace("DATA", str(data)) for option in options]
    with tempfile.TemporaryDirectory() as out:
        ran = subprocess.run(
            [sys.executable, f"examples/{name}.py", *arguments, "--out", out],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        if run.picture:
            PICTURES.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path(out, run.picture), PICTURES / run.picture)
    printed = re.sub(r"^wrote .*\n", "", ran.stdout, flags=re.MULTILINE)
    return section(run, printed.replace(f"{ROOT}/", "").rstrip())


def section(run: Run, printed: str) -> str:
    """The section of a run that printed some text."""
    name, *options = run.command.split()
    command = " ".join([f"python examples/{name}.py", *options])
    parts = [f"## {run.title}", f"```console\n$ {command}\n{printed}\n```"]
    if run.picture:
        parts.append(f"![{run.title}](pictures/examples/{run.picture})")
    return "\n\n".join(parts) + "\n"


def sections_of(page: str) -> dict[str, str]:
    """The sections of the page as it is, by their titles."""
    parts = re.split(r"^## (.*)\n", page, flags=re.MULTILINE)[1:]
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return {title: f"## {title}\n{text.rstrip()}\n" for title, text in pairs}


def main() -> None:
    """Run them all and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--data", type=Path, default=ROOT.parent / "shared" / "data", help="default: %(default)s"
    )
    data = parser.parse_args().data.resolve()
    kept = sections_of(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    sections = []
    for run in RUNS:
        if run.needs and not (data / run.needs).exists():
            print(f"{run.title}: not run, for want of {data / run.needs}")
            sections += [kept[run.title]] if run.title in kept else []
            continue
        print(run.title, flush=True)
        sections.append(recorded(run, data))
    PAGE.write_text("\n".join([INTRODUCTION, *sections]), encoding="utf-8")
    print(f"wrote docs/{PAGE.name}")


if __name__ == "__main__":
    main()
