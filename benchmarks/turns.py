"""Contestants that take turns: each runs in a process of its own, and one at a time is asked.

In one process the garbage of one engine would slow the collector of another. Taking turns spreads
what else the machine does over all contestants alike, so that the ratio of their medians holds
where the times themselves do not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

__all__ = ["Contestant", "answer"]

ROOT = Path(__file__).resolve().parent.parent


class Contestant:
    """A process that runs ``script`` as the contestant ``name``, for as long as the block lasts.

    Args:
        script: the script that calls ``answer`` when it gets the argument ``--contestant``.
        name: what to pass with that argument.
        engine: the scalar engine of gategrad that it is to run, "native" or "python".
    """

    def __init__(self, script: str, name: str, engine: str = "native") -> None:
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable, script, "--contestant", name],
            env={**os.environ, "GATEGRAD_ENGINE": engine, "PYTHONPATH": _search_path()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Contestant:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # The end of its input is what ends the process.
        self._process.communicate()

    def ask(self, **request: Any) -> Any:
        """What the contestant answers; all other contestants are idle meanwhile.

        Raises:
            RuntimeError: if its process ends instead; what it said stands on stderr.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            reply = ""
        else:
            reply = self._process.stdout.readline()
        if not reply:
            # A signal that ended it leaves nothing on stderr: its status is all that tells.
            status = self._process.wait()
            raise RuntimeError(f"the process of {self.name} ended without an answer: {status=}")
        return json.loads(reply)


def _search_path() -> str:
    """Where a contestant finds the packages of this tree, whether or not they are installed."""
    given = os.environ.get("PYTHONPATH")
    return os.pathsep.join([*([given] if given else []), str(ROOT)])


def answer(reply_to: Callable[..., Any]) -> int:
    """Serve a Contestant: call ``reply_to`` with each request until there are no more; then 0."""
    for line in sys.stdin:
        print(json.dumps(reply_to(**json.loads(line))), flush=True)
    return 0
