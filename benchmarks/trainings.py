"""Trainings of nets on real and made data, each from several seeds: how good, and how long.

python benchmarks/trainings.py [--seeds 3] [--only MNIST]

The data sets in the folder ../shared/data are needed for the zoo and MNIST.
"""

from __future__ import annotations

import argparse
import time

from trained_nets import TRAININGS, Training


def main() -> None:
    """Print a row for each training; the exit status is 1 if one misses its goal."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=3, help="train from the seeds 0, 1, ...")
    parser.add_argument("--only", default="", help="those whose name has this text")
    arguments = parser.parse_args()
    print("| training | measure | goal | of each seed | seconds |\n|---|---|---|---|---|")
    chosen = [training for training in TRAININGS if arguments.only in training.name]
    results = [_report(training, arguments.seeds) for training in chosen]
    raise SystemExit(not all(results))


def _report(training: Training, seeds: int) -> bool:
    numbers, times = [], []
    for seed in range(seeds):
        started = time.perf_counter()
        try:
            numbers.append(training.run(seed))
        except FileNotFoundError as error:
            print(f"| {training.name} | left out, as there is no {error.filename} |")
            return True
        times.append(time.perf_counter() - started)
    sign = "≤" if training.smaller else "≥"
    print(
        f"| {training.name} | {training.measure} | {sign} {training.goal:g} | "
        f"{', '.join(f'{number:.4g}' for number in numbers)} | "
        f"{', '.join(f'{seconds:.1f}' for seconds in times)} |",
        flush=True,
    )
    return all(training.reaches(number) for number in numbers)


if __name__ == "__main__":
    main()
