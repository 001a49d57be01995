"""Event files, read back with TensorBoard's own reader."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_nets import plain

from autograd.errors import MissingExtraError, OperandError
from nn import Module, Sequential, Tanh, cross_entropy, fit

pytest.importorskip("tensorboardX")
event_accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")

from nn import TensorBoard  # noqa: E402 - the class is of use only with the packages above


def read(folder: Path) -> Any:
    events = event_accumulator.EventAccumulator(
        str(folder), size_guidance={"histograms": 0, "scalars": 0}
    )
    return events.Reload()


def trained(board: TensorBoard, epochs: int = 3, **settings: Any) -> Any:
    problem = plain()
    history = fit(
        problem.model, problem.data, cross_entropy, problem.optimizer,
        epochs=epochs, rng=problem.rng, callbacks=[board], progress=False, **settings,
    )  # fmt: skip
    return problem, history


def test_the_numbers_of_the_history_are_curves(tmp_path: Path) -> None:
    _, history = trained(TensorBoard(tmp_path))
    events = read(tmp_path)
    assert sorted(events.Tags()["scalars"]) == sorted(history.names)
    for name in history.names:
        curve = events.Scalars(name)
        assert [event.step for event in curve] == [1, 2, 3]
        np.testing.assert_allclose([event.value for event in curve], history[name], rtol=1e-6)


def test_parameters_and_gradients_are_histograms(tmp_path: Path) -> None:
    problem, _ = trained(TensorBoard(tmp_path))
    events = read(tmp_path)
    names = [path for path, _ in problem.model.named_parameters()]
    assert sorted(events.Tags()["histograms"]) == sorted(names + [f"{name}.grad" for name in names])
    last = events.Histograms("0.weight")[-1]
    weight = problem.model[0].weight.data
    assert last.step == 3 and last.histogram_value.num == weight.size
    assert last.histogram_value.sum == pytest.approx(weight.sum())
    assert last.histogram_value.max == pytest.approx(weight.max())


def test_histograms_can_be_left_out(tmp_path: Path) -> None:
    trained(TensorBoard(tmp_path, histograms=False))
    assert read(tmp_path).Tags()["histograms"] == []


def test_the_graph_has_the_gates_in_boxes_by_layer(tmp_path: Path) -> None:
    trained(TensorBoard(tmp_path, sample=np.ones((7, 2))))
    from tensorboard.compat.proto.graph_pb2 import GraphDef

    graph = GraphDef.FromString(read(tmp_path).Graph().SerializeToString())
    nodes = {node.name: node for node in graph.node}
    kinds = {(node.name.split("/")[0], node.op) for node in graph.node}
    assert kinds == {
        ("input_1_0", "input"), ("0", "parameter"), ("0", "matmul"), ("0", "add"), ("1", "tanh"),
        ("2", "parameter"), ("2", "matmul"), ("2", "add"),
    }  # fmt: skip
    assert all(operand in nodes for node in graph.node for operand in node.input)
    (tanh,) = [node for node in graph.node if node.op == "tanh"]
    assert [d.size for d in tanh.attr["_output_shapes"].list.shape[0].dim] == [7, 5]
    assert nodes[tanh.input[0]].op == "add"


def test_a_resumed_training_replaces_what_came_after_its_checkpoint(tmp_path: Path) -> None:
    board, path = TensorBoard(tmp_path / "events"), tmp_path / "run.npz"
    trained(board, epochs=2, checkpoint=path)
    state = path.read_bytes()
    trained(board, epochs=4, checkpoint=path, resume=True)
    path.write_bytes(state)
    _, history = trained(board, epochs=3, checkpoint=path, resume=True)
    curve = read(tmp_path / "events").Scalars("loss")
    assert [event.step for event in curve] == [1, 2, 3]
    np.testing.assert_allclose([event.value for event in curve], history["loss"], rtol=1e-6)


def test_a_model_that_makes_no_graph_is_refused(tmp_path: Path) -> None:
    class Constant(Module):
        def forward(self, x: Any) -> Any:
            return np.zeros((len(x), 2))

    problem = plain()
    board = TensorBoard(tmp_path, sample=np.ones((1, 2)))
    with pytest.raises(OperandError, match=r"TensorBoard: the model gives .* it has no graph"):
        fit(
            Sequential(Tanh(), Constant()), problem.data, cross_entropy, problem.optimizer,
            epochs=1, rng=problem.rng, callbacks=[board], progress=False,
        )  # fmt: skip


def test_a_missing_package_is_named_with_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = builtins.__import__

    def without(name: str, *arguments: Any, **settings: Any) -> Any:
        if name == "tensorboardX":
            raise ImportError(name)
        return load(name, *arguments, **settings)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r'pip install "gategrad\[tensorboard\]"'):
        TensorBoard(tmp_path)
