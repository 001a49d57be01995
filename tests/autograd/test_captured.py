"""What a function captures: every change is noticed and named, and no change is imagined."""

from __future__ import annotations

import argparse
import collections
import functools
import os
import random
import re
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import normal

import autograd
import nn
from autograd import Tensor, Value
from autograd import captured as captured_room
from autograd.captured import Captured
from autograd.modes import tracing

rate = 0.5
rng = np.random.default_rng(0)


class Neuron:
    scale = 2.0

    def __init__(self, count: int) -> None:
        self.weights = [Value(0.1 * i) for i in range(count)]
        self.bias = Value(0.0)
        self.slope = 0.01

    def __call__(self, xs: Any) -> Any:
        return sum((w * x for w, x in zip(self.weights, xs, strict=True)), self.bias)


class Layer:
    def __init__(self, inputs: int, outputs: int) -> None:
        self.neurons = [Neuron(inputs) for _ in range(outputs)]

    def __call__(self, xs: Any) -> Any:
        return [neuron(xs) for neuron in self.neurons]


class Slotted:
    __slots__ = ("__hidden", "rate", "unset")

    def __init__(self) -> None:
        self.rate = 0.1
        self.__hidden = [1.0]

    def hidden(self) -> list[float]:
        return self.__hidden


def set_attribute(holder: Any, name: str, item: Any) -> Callable[[], None]:
    return lambda: setattr(holder, name, item)


def capturing(thing: Any) -> Callable[[], Any]:
    def f() -> Any:
        return thing

    return f


def in_a_list() -> Any:
    numbers = [0.1, 0.2, 0.3]
    return capturing(numbers), lambda: numbers.append(0.4)


def same_length() -> Any:
    numbers = [0.1, 0.2, 0.3]
    return capturing(numbers), lambda: numbers.__setitem__(1, 0.5)


def another_value() -> Any:
    values = [Value(1.0), Value(2.0)]
    return capturing(values), lambda: values.__setitem__(0, Value(1.0))


def in_a_dict() -> Any:
    settings = {"rate": 0.1}
    return capturing(settings), lambda: settings.update(rate=0.2)


def key_of_a_dict() -> Any:
    settings = {"rate": 0.1}
    return capturing(settings), lambda: (settings.pop("rate"), settings.update(speed=0.1))


def in_a_set() -> Any:
    chosen = {1, 2}
    return capturing(chosen), lambda: (chosen.remove(1), chosen.add(3))


def in_a_deque() -> Any:
    recent = collections.deque([1.0], maxlen=1)
    return capturing(recent), lambda: recent.append(2.0)


def deep_in_containers() -> Any:
    nested: Any = ({"layers": [[0.1], [0.2]]},)
    return capturing(nested), lambda: nested[0]["layers"][1].append(0.3)


def in_a_cycle() -> Any:
    cycle: list[Any] = [1.0]
    cycle.append(cycle)
    return capturing(cycle), lambda: cycle.append(2.0)


def attribute_of_a_model() -> Any:
    layer = Layer(2, 2)
    return capturing(layer), lambda: setattr(layer.neurons[1], "slope", 0.2)


def weights_of_a_model() -> Any:
    layer = Layer(2, 2)
    return capturing(layer), lambda: layer.neurons[1].weights.pop()


def new_attribute_of_a_model() -> Any:
    neuron = Neuron(2)
    return capturing(neuron), set_attribute(neuron, "mask", [1, 0])


def model_itself() -> Any:
    layer = Layer(2, 2)
    return layer, set_attribute(layer.neurons[0], "slope", 0.2)


def bound_method() -> Any:
    neuron = Neuron(2)
    return neuron.__call__, set_attribute(neuron, "bias", Value(0.0))


def method_of_a_list() -> Any:
    steps: list[int] = []
    return capturing(steps.count), lambda: steps.append(1)


def slot() -> Any:
    slotted = Slotted()
    return capturing(slotted), set_attribute(slotted, "rate", 0.2)


def in_a_hidden_slot() -> Any:
    slotted = Slotted()
    return capturing(slotted), lambda: slotted.hidden().append(2.0)


def argument_of_a_partial() -> Any:
    numbers = [1.0]
    return functools.partial(lambda x, numbers: x, numbers=numbers), lambda: numbers.append(2.0)


def default_of_a_parameter() -> Any:
    numbers = [1.0]

    def f(x: Any, y: Any = numbers, *, z: Any = None) -> Any:
        return x

    return f, lambda: numbers.append(2.0)


def variable_that_is_set_anew() -> Any:
    speed = 0.1

    def f() -> float:
        return speed

    def change() -> None:
        nonlocal speed
        speed = 0.2

    return f, change


def variable_that_becomes_an_array() -> Any:
    speed: Any = np.ones(2)

    def f() -> Any:
        return speed

    def change() -> None:
        nonlocal speed
        speed = np.zeros(2)

    return f, change


def variable_of_a_function_that_is_called() -> Any:
    speed = 0.1

    def inner() -> float:
        return speed

    def f() -> float:
        return inner()

    def change() -> None:
        nonlocal speed
        speed = 0.2

    return f, change


def wrapped_function() -> Any:
    numbers = [1.0]
    return functools.lru_cache(capturing(numbers)), lambda: numbers.append(2.0)


def differentiated_function() -> Any:
    numbers = [1.0]
    return autograd.grad(lambda x: x * numbers[0]), lambda: numbers.append(2.0)


def array_of_numbers() -> Any:
    data = np.ones((3, 2))
    return capturing(data), lambda: data.__setitem__((0, 1), 2.0)


def large_array_of_numbers() -> Any:
    data = np.ones(10_000)
    return capturing(data), lambda: data.__setitem__(7_777, 2.0)


def array_of_objects() -> Any:
    values = np.array([Value(1.0), Value(2.0)])
    return capturing(values), lambda: values.__setitem__(1, Value(2.0))


def within_an_array_of_objects() -> Any:
    rows = np.empty(2, dtype=object)
    rows[:] = [[1.0], [2.0]]
    return capturing(rows), lambda: rows[1].append(3.0)


def settings_of_a_command_line() -> Any:
    options = argparse.Namespace(rate=0.1)
    return capturing(options), set_attribute(options, "rate", 0.2)


def namespace() -> Any:
    options = types.SimpleNamespace(rate=0.1)
    return capturing(options), set_attribute(options, "rate", 0.2)


HAS_CHANGED: dict[Callable[[], Any], str] = {
    in_a_list: "the list `thing`, which f captured, had 3 items when it was traced, and has 4: "
    "it is traced again",
    same_length: "`thing[1]`, which f captured, was 0.2 when it was traced, and is 0.5: it is",
    another_value: "`thing[0]`, which f captured, was Value(data=1.0, grad=0.0) when it was "
    "traced, and is another Value",
    in_a_dict: "`thing['rate']`, which f captured, was 0.1 when it was traced, and is 0.2",
    key_of_a_dict: "`thing['rate']`, which f captured, was 0.1 when it was traced, and is no more",
    in_a_set: "the set `thing`, which f captured, held other items when it was traced",
    in_a_deque: "`thing[0]`, which f captured, was 1.0 when it was traced, and is 2.0",
    deep_in_containers: "the list `thing[0]['layers'][1]`, which f captured, had 1 item when",
    in_a_cycle: "the list `thing`, which f captured, had 2 items when it was traced, and has 3",
    attribute_of_a_model: "`thing.neurons[1].slope`, which f captured, was 0.01 when",
    weights_of_a_model: "the list `thing.neurons[1].weights`, which f captured, had 2 items when",
    new_attribute_of_a_model: "the object `thing`, which f captured, had 3 items when it was "
    "traced, and has 4",
    model_itself: "`self.neurons[0].slope`, which Layer captured, was 0.01 when",
    bound_method: "`self.bias`, which __call__ captured, was Value(data=0.0, grad=0.0) when",
    method_of_a_list: "the list `thing`, which f captured, had 0 items when it was traced",
    slot: "`thing.rate`, which f captured, was 0.1 when it was traced, and is 0.2",
    in_a_hidden_slot: "the list `thing._Slotted__hidden`, which f captured, had 1 item when",
    argument_of_a_partial: "the list `self.keywords['numbers']`, which <lambda> captured, had",
    default_of_a_parameter: "the list `y`, which f captured, had 1 item when it was traced",
    variable_that_is_set_anew: "`speed`, which f captured, was 0.1 when it was traced, and is 0.2",
    variable_that_becomes_an_array: "`speed`, which f captured, was array([1., 1.]) when",
    variable_of_a_function_that_is_called: "`speed`, which f captured, was 0.1 when it was traced",
    wrapped_function: "the list `thing`, which f captured, had 1 item when it was traced",
    differentiated_function: "the list `numbers`, which grad_of_<lambda> captured, had 1 item",
    array_of_numbers: "the array `thing`, which f captured, had other elements when it was traced",
    large_array_of_numbers: "the array `thing`, which f captured, had other elements when it was",
    array_of_objects: "the array `thing`, which f captured, had other elements when it was traced",
    within_an_array_of_objects: "the list `thing[(1,)]`, which f captured, had 1 item when",
    settings_of_a_command_line: "`thing.rate`, which f captured, was 0.1 when it was traced",
    namespace: "`thing.rate`, which f captured, was 0.1 when it was traced, and is 0.2",
}


@pytest.mark.parametrize("capture", HAS_CHANGED, ids=lambda capture: capture.__name__)
def test_change_of_what_is_captured_is_named(capture: Callable[[], Any]) -> None:
    f, change = capture()
    captured = Captured(f)
    assert captured.changes() is None
    change()
    message = captured.changes()
    assert message is not None
    where, _, what = message.partition(": ")
    assert re.fullmatch(r".+\.py:\d+", where)
    assert what.startswith(HAS_CHANGED[capture])
    assert what.endswith("to pass it as an argument takes none of that")
    assert Captured(f).changes() is None


def test_global_variables_are_captured_where_they_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def inner() -> float:
        return rate

    def f() -> float:
        return max(inner() for _ in range(2))

    def other() -> Any:
        return rng

    captured, beside = Captured(f), Captured(other)
    monkeypatch.setitem(globals(), "rate", 0.7)
    told = captured.changes()
    assert told is not None
    assert "`rate`, which f captured, was 0.5 when it was traced, and is 0.7: it is traced" in told
    assert beside.changes() is None
    monkeypatch.delitem(globals(), "rate")
    message = captured.changes()
    assert message is not None
    assert "`rate`, which f captured, was 0.5 when it was traced, and is no more" in message


def test_constants_of_a_class_are_captured(monkeypatch: pytest.MonkeyPatch) -> None:
    captured = Captured(Neuron(2))
    monkeypatch.setattr(Neuron, "scale", 3.0)
    message = captured.changes()
    assert message is not None
    assert ": `Neuron.scale`, which Neuron captured, was 2.0 when" in message


def test_variables_of_a_module_are_captured_and_those_of_a_library_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings: Any = types.ModuleType("settings_of_a_user")
    settings.inner = types.ModuleType("settings_of_a_user.inner")
    settings.inner.rate, settings.unused = 0.1, 0.1
    monkeypatch.setitem(globals(), "settings", settings)

    def f() -> Any:
        return settings_of_globals.inner.rate + np.pi  # type: ignore[name-defined]  # noqa: F821

    monkeypatch.setitem(globals(), "settings_of_globals", settings)
    captured = Captured(f)
    settings.unused = 0.2
    monkeypatch.setattr(np, "pi", 3.0)
    assert captured.changes() is None
    settings.inner.rate = 0.2
    message = captured.changes()
    assert message is not None
    assert ": `rate`, which f captured, was 0.1 when it was traced, and is 0.2" in message


def test_numbers_of_values_and_tensors_may_change() -> None:
    layer, tensor = Layer(2, 2), Tensor([1.0, 2.0])
    captured = Captured(capturing([layer, tensor]))
    layer.neurons[0].bias.data = 3.0
    layer.neurons[0].weights[0].grad = 1.0
    tensor.data[0] = 7.0
    assert captured.changes() is None


def test_what_is_replaced_by_its_equal_has_not_changed_until_it_differs() -> None:
    nested = [[1.0], float("nan")]
    captured = Captured(capturing(nested))
    nested[0] = [1.0]
    assert captured.changes() is None
    nested[0].append(2.0)
    assert captured.changes() is not None


ITEMS = st.integers(0, 3) | st.floats(allow_nan=False) | st.text(max_size=2)
TREES = st.recursive(ITEMS, lambda t: st.lists(t) | st.dictionaries(st.text(max_size=2), t))


def containers_in(tree: Any) -> list[Any]:
    if not isinstance(tree, (list, dict)):
        return []
    items = tree.values() if isinstance(tree, dict) else tree
    return [tree, *(inner for item in items for inner in containers_in(item))]


@given(tree=st.lists(TREES), data=st.data())
def test_any_change_in_any_tree_is_noticed_and_its_undoing_too(
    tree: list[Any], data: st.DataObject
) -> None:
    captured = Captured(capturing(tree))
    assert captured.changes() is None
    chosen = data.draw(st.sampled_from(containers_in(tree)))
    if isinstance(chosen, list):
        chosen.append(0)
        undo: Callable[[], Any] = chosen.pop
    else:
        chosen["new"] = 0
        undo = functools.partial(chosen.pop, "new")
    assert captured.changes() is not None
    undo()
    assert captured.changes() is None


def test_kinds_of_nodes_are_found_wherever_they_are() -> None:
    assert Captured(capturing([1.0, "a", None])).kinds == set()
    assert Captured(Layer(2, 2)).kinds == {Value}
    assert Captured(capturing({"a": (np.array([Value(1.0)]),)})).kinds == {Value}
    assert Captured(capturing([Tensor(1.0), {"b": Value(1.0)}])).kinds == {Tensor, Value}
    assert Captured(capturing(Value(1.0))).kinds == {Value}
    assert Captured(functools.partial(max, Tensor(1.0))).kinds == {Tensor}
    assert Captured(max).kinds == set()


def f_drawing(draw: Callable[[], Any]) -> Callable[[], Any]:
    def f() -> Any:
        return draw()

    return f


def drawn_from_a_captured_generator() -> Any:
    generator = np.random.default_rng(0)
    return f_drawing(lambda: generator.normal()), "generator"


def drawn_from_an_attribute() -> Any:
    layer: Any = Layer(1, 1)
    layer.rng = np.random.RandomState(0)
    return f_drawing(lambda: layer.rng.rand()), "layer.rng"


def drawn_from_a_random() -> Any:
    dice = [random.Random(0)]
    return f_drawing(lambda: dice[0].random()), "dice[0]"


def drawn_by_a_method() -> Any:
    return f_drawing(np.random.default_rng(0).normal), "draw"


def drawn_by_a_default() -> Any:
    def f(generator: Any = np.random.Generator(np.random.MT19937(0))) -> Any:  # noqa: B008
        return generator.normal()

    return f, "generator"


def drawn_from_a_global() -> Any:
    def f() -> Any:
        return rng.normal()

    return f, "rng"


def drawn_from_the_module_random() -> Any:
    return f_drawing(random.random), "the module random"


def drawn_from_numpy() -> Any:
    return f_drawing(lambda: normal()), "np.random"  # noqa: NPY002


DRAWS = [
    drawn_from_a_captured_generator,
    drawn_from_an_attribute,
    drawn_from_a_random,
    drawn_by_a_method,
    drawn_by_a_default,
    drawn_from_a_global,
    drawn_from_the_module_random,
    drawn_from_numpy,
]


@pytest.mark.parametrize("capture", DRAWS, ids=lambda capture: capture.__name__)
def test_random_numbers_that_are_drawn_are_named_with_their_generator(
    capture: Callable[[], Any],
) -> None:
    f, name = capture()
    captured = Captured(f)
    f()
    assert captured.changed_within() == [
        f"{__file__}:{f.__code__.co_firstlineno}: random numbers were drawn from {name} while f "
        "was traced; they would be the same at each call: pass them as arguments"
    ]
    assert captured.changed_within() == []


def test_generators_that_are_at_rest_or_of_the_operating_system_are_not_named() -> None:
    system, generator = random.SystemRandom(), np.random.default_rng(0)
    f = f_drawing(lambda: (system.random(), generator.bit_generator))
    captured = Captured(f)
    f()
    assert captured.changed_within() == []


def test_what_a_function_changes_itself_is_named_once() -> None:
    steps: list[Any] = []
    count = 0

    def f(x: Any) -> Any:
        nonlocal count
        count += 1
        steps.append(x * 2)
        return x

    captured = Captured(f)
    with tracing():
        f(Value(1.0))
        warnings = captured.changed_within()
    begin = f"{__file__}:{f.__code__.co_firstlineno}: f changed what it captured while it was "
    assert sorted(warnings) == [
        f"{begin}traced: `count` was 0, and is 1; its program will not change it: return the new "
        "value, or change it where the function is called",
        f"{begin}traced: the list `steps` had 0 items, and has 1; its program will not change it: "
        "return the new value, or change it where the function is called",
    ]
    assert captured.changes() is None
    assert captured.changed_within() == []
    f(Value(1.0))
    assert captured.changes() is not None


def test_line_is_that_of_the_code_that_runs() -> None:
    neuron = Neuron(1)

    def draw(x: Any) -> float:
        return random.random()

    for f, line in [
        (functools.partial(draw, 1.0), draw.__code__.co_firstlineno),
        (functools.wraps(draw)(lambda x: draw(x)), draw.__code__.co_firstlineno),
        (neuron, Neuron.__call__.__code__.co_firstlineno),
    ]:
        captured = Captured(f)
        random.random()
        assert captured.changed_within()[0].startswith(f"{__file__}:{line}: ")
    captured = Captured(max)
    random.random()
    assert captured.changed_within()[0].startswith("<built-in function max>: ")


def test_so_many_containers_are_looked_into_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captured_room, "MOST_CONTAINERS", 50)
    rows = [[float(i)] for i in range(100)]
    captured = Captured(capturing(rows))
    warning = re.escape("f captures more than 50 objects; what changes in the others will not be")
    assert re.search(warning, captured.changed_within()[0])
    rows[0].append(1.0)
    assert captured.changes() is not None


def test_objects_of_libraries_are_not_looked_into() -> None:
    captured = Captured(capturing([sys.stdout, re.compile("a"), iter([1]), np.random, max]))
    assert captured.changes() is None
    assert captured.changed_within() == []


def test_layers_are_looked_into_also_where_they_are_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Shifted(nn.Sequential):
        """One of a package of somebody else, which is installed too."""

    Shifted.__module__ = "somebody"
    somebody = types.ModuleType("somebody")
    monkeypatch.setitem(sys.modules, "somebody", somebody)
    for package in (nn, somebody):
        file = os.path.join(os.sep, "site-packages", package.__name__, "__init__.py")
        monkeypatch.setattr(package, "__file__", file, raising=False)
    layer = nn.Linear(1, 1, rng=np.random.default_rng(0))
    net = nn.Sequential(Shifted(layer))
    captured = Captured(lambda x: net(x))
    assert captured.kinds == {Tensor}
    assert captured.changes() is None
    layer.eval()
    assert "net.layers[0].layers[0]" in (captured.changes() or "")
