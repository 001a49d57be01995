"""Event files of a training, which TensorBoard shows: curves, histograms and the graph."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from autograd import topological_order
from autograd.errors import MissingExtraError, OperandError
from autograd.exact import shortened
from nn.calls import recorded_calls
from nn.module import Module
from nn.training.callbacks import Callback

if TYPE_CHECKING:
    from nn.training.loop import Training

__all__ = ["TensorBoard"]

Array = npt.NDArray[Any]


class TensorBoard(Callback):
    """Writes what TensorBoard shows: ``tensorboard --logdir folder``.

    After each epoch come the numbers of the history and, as histograms, each parameter and its
    gradient of the last batch; at the start the graph of gates of the model, in boxes by layer.
    Needs the extra ``tensorboard``, which writes the files; TensorBoard itself shows them.

    Args:
        folder: where the event files go; each training needs one of its own.
        sample: an input of the model (n, ...), for the graph; without one, none is written.
        histograms: whether parameters and gradients are written.

    Raises:
        MissingExtraError: the package is not installed.

    >>> TensorBoard("runs/iris", histograms=False).folder.name
    'iris'
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        sample: Array | None = None,
        histograms: bool = True,
    ) -> None:
        try:
            import tensorboardX  # noqa: F401 - a training should not fail at its start for this
        except ImportError:
            raise MissingExtraError(
                package="tensorboardX", extra="tensorboard", purpose="TensorBoard"
            ) from None
        self.folder = Path(folder)
        self.sample = sample
        self.histograms = histograms
        self._writer: Any = None

    def on_start(self, training: Training) -> None:
        """Open a file, and write the graph."""
        from tensorboardX import SummaryWriter

        # What a killed training has written after its checkpoint is superseded.
        again = training.epoch + 1 if training.epoch else None
        self._writer = SummaryWriter(
            # Two trainings may start in one second, which is all that the name tells otherwise.
            str(self.folder),
            purge_step=again,
            filename_suffix=f".after_{training.epoch:06}",
        )
        if self.sample is not None and again is None:
            graph = (_graph_of(training.model, self.sample), _no_statistics())
            self._writer.file_writer.add_graph(graph)

    def on_epoch(self, training: Training) -> None:
        """Write the record of the epoch."""
        for name, value in training.history.last.items():
            self._writer.add_scalar(name, value, training.epoch)
        if self.histograms:
            for path, parameter in training.model.named_parameters():
                self._writer.add_histogram(path, parameter.data, training.epoch)
                if parameter.grad is not None:
                    self._writer.add_histogram(f"{path}.grad", parameter.grad, training.epoch)
        self._writer.flush()

    def on_end(self, training: Training) -> None:
        """Close the file."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def _no_statistics() -> Any:
    from tensorboardX.proto.tensor_pb2 import TensorProto

    return TensorProto()  # serialized it is empty, as are the statistics of no run


def _graph_of(model: Module, sample: Array) -> Any:
    """The gates of the output, named by the layer that made them."""
    from tensorboardX.proto.graph_pb2 import GraphDef
    from tensorboardX.proto.versions_pb2 import VersionDef

    found = recorded_calls(model, sample)
    if not getattr(found.output, "operands", ()):
        raise OperandError(
            f"TensorBoard: the model gives {shortened(found.output)}, which no gate made; it has "
            "no graph"
        )
    names: dict[int, str] = {}
    nodes = []

    def add(part: Any, owner: str, kind: str, own: str) -> None:
        names[id(part)] = _tensorflow_name(owner, own)
        operands = [names[id(operand)] for operand in getattr(part, "operands", ())]
        nodes.append(_graph_node(names[id(part)], kind, operands, np.shape(part)))

    for position, node in enumerate(topological_order(found.output)):
        place = found.owners.get(id(node))
        owner = "" if place is None else found.calls[place].path
        for place, operand in enumerate(node.operands):
            # What is no node is an array or a number.
            if id(operand) not in names:
                kind = "input" if operand is sample else "constant"
                add(operand, "" if kind == "input" else owner, kind, f"{kind}_{position}_{place}")
        if node.operands:
            add(node, owner, node.gate.name, f"{node.gate.name}_{position}")
        else:
            add(node, owner, "parameter", node.name or f"parameter_{position}")
    return GraphDef(node=nodes, versions=VersionDef(producer=22))


def _graph_node(name: str, kind: str, operands: list[str], shape: tuple[int, ...]) -> Any:
    from tensorboardX.proto.attr_value_pb2 import AttrValue
    from tensorboardX.proto.node_def_pb2 import NodeDef
    from tensorboardX.proto.tensor_shape_pb2 import TensorShapeProto

    sizes = [TensorShapeProto.Dim(size=size) for size in shape]
    shapes = AttrValue.ListValue(shape=[TensorShapeProto(dim=sizes)])
    return NodeDef(
        name=name, op=kind, input=operands, attr={"_output_shapes": AttrValue(list=shapes)}
    )


def _tensorflow_name(owner: str, name: str) -> str:
    """A name that TensorBoard takes, in which slashes make boxes in boxes."""
    path = "/".join(part for part in (owner.replace(".", "/"), name.replace(".", "/")) if part)
    return re.sub(r"[^A-Za-z0-9_./\\-]", "_", path)
