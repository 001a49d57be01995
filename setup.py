"""Builds the compiled engine where a C compiler is found; all else is in pyproject.toml."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).parent
GENERATED = ROOT / "build" / "kernel"

# The kernel is written from the gate table, which is read from the source that is being built.
os.environ["GATEGRAD_ENGINE"] = "python"
sys.path.insert(0, str(ROOT))
from autograd.engine_choice import MODULES  # noqa: E402 - the path is set above
from autograd.kernel_source import kernel_source  # noqa: E402
from autograd.lane_source import lane_source  # noqa: E402
from autograd.tape.kernel_source import tape_kernel_source  # noqa: E402


class OptionalBuild(build_ext):
    """Goes on as plain Python, and says so once, where the engine cannot be compiled."""

    explained = False

    def finalize_options(self) -> None:
        """Compile as many modules at once as there are processors."""
        super().finalize_options()
        self.parallel = self.parallel or os.cpu_count()

    def run(self) -> None:
        """Compile, or explain why not: a compiler can fail in every way."""
        try:
            super().run()
        except Exception as error:
            self._explain(error)

    def build_extension(self, extension: Extension) -> None:
        """Compile one extension, or explain why not."""
        try:
            super().build_extension(extension)
        except Exception as error:
            self._explain(error)

    def _explain(self, error: Exception) -> None:
        if os.environ.get("GATEGRAD_REQUIRE_NATIVE"):
            raise error
        if self.explained:
            return
        self.explained = True
        print(
            "gategrad: the compiled engine could not be built; the plain Python engine, which is "
            f"slower and gives the same results, will run ({error})",
            file=sys.stderr,
        )


def extensions() -> list[Extension]:
    """The compiled modules, from the same files that run as plain Python."""
    GENERATED.mkdir(parents=True, exist_ok=True)
    (GENERATED / "gate_kernel.h").write_text(kernel_source(), encoding="utf-8")
    (GENERATED / "tape_kernel.h").write_text(tape_kernel_source(), encoding="utf-8")
    (GENERATED / "lane_kernel.h").write_text(lane_source(), encoding="utf-8")
    flags = []
    if os.name != "nt":
        # -ffp-contract=off: a fused multiply-add would round otherwise than Python and NumPy do.
        # -g0: what a debugger wants would be four fifths of the wheel.
        flags = ["-O3", "-g0", "-fno-math-errno", "-ffp-contract=off"]
    headers = [*GENERATED.glob("*.h"), *Path("autograd").glob("**/*.h")]
    sources = {module: f"autograd/{module.replace('.', '/')}.py" for module in MODULES}
    # What runs in the compiled engine alone.
    sources["tape.native_machine"] = "autograd/tape/native_machine.pyx"
    native = [
        Extension(
            f"autograd.{module}",
            [source],
            include_dirs=[str(GENERATED), "autograd", "autograd/tape"],
            depends=list(map(str, headers)),
            extra_compile_args=flags,
        )
        for module, source in sources.items()
    ]
    directives = {"language_level": 3, "annotation_typing": False}
    return cythonize(native, build_dir="build/cython", compiler_directives=directives)


setup(ext_modules=extensions(), cmdclass={"build_ext": OptionalBuild})
