"""The steps of a pass: what is said of each gate, and the page that plays them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import browser, complaints, open_page, prefer, requests
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import Tensor, Value, exp
from autograd.errors import FormatError, SettingError
from viz import steps
from viz.stepping import Walk

LIT = "return [...document.querySelectorAll('.lit')].map(e => e.dataset.key)"
SHOWN = "return [...document.querySelectorAll('.gg-CLASS:not(.unknown)')].map(e => e.textContent)"


def lecture() -> Walk:
    x, y, z = Value(-2.0), Value(5.0), Value(-4.0)
    q = x + y
    f = q * z
    return steps(f, names={"x": x, "y": y, "z": z, "q": q, "f": f})


def lines(walk: Walk, phase: str) -> list[tuple[str, ...]]:
    return [frame.lines for frame in walk.frames if frame.phase == phase]


def test_forward_steps_have_the_numbers_of_the_lecture() -> None:
    assert lines(lecture(), "forward") == [
        ("q = x + y = -2 + 5 = 3",),
        ("f = q × z = 3 × (-4) = -12",),
    ]


def test_backward_steps_multiply_what_comes_by_the_local_derivative() -> None:
    assert lines(lecture(), "seed") == [("∂f/∂f = 1",)]
    assert lines(lecture(), "backward") == [
        ("∂f/∂q = ∂f/∂f · ∂f/∂q = 1 · (-4) = -4", "∂f/∂z = ∂f/∂f · ∂f/∂z = 1 · 3 = 3"),
        ("∂f/∂x = ∂f/∂q · ∂q/∂x = -4 · 1 = -4", "∂f/∂y = ∂f/∂q · ∂q/∂y = -4 · 1 = -4"),
    ]


def test_leaves_are_updated_by_the_learning_rate() -> None:
    assert lines(lecture(), "update")[0] == ("x ← x - η · ∂f/∂x = -2 - 0.1 · (-4) = -1.60",)
    assert lines(steps(Value(1.0).exp(), lr=None), "update") == []


def test_contributions_of_a_node_that_is_used_twice_are_summed_in_a_step_of_their_own() -> None:
    x = Value(3.0, name="x")
    walk = steps(x * x + exp(x), "y")
    [summed] = lines(walk, "sum")
    assert summed == ("∂y/∂x = 20.09 + 3 + 3 = 26.09",) or summed == (
        "∂y/∂x = 3 + 3 + 20.09 = 26.09",
    )
    phases = [frame.phase for frame in walk.frames]
    assert phases.index("sum") > max(i for i, p in enumerate(phases) if p == "backward")


def test_gradients_of_the_nodes_stay_as_they_were() -> None:
    x = Value(2.0, name="x")
    y = x * x
    y.backward()
    y.backward()
    steps(y)
    assert (x.grad, y.grad) == (8.0, 1.0)
    w = Tensor([1.0, 2.0])
    loss = (w * w).sum()
    steps(loss)
    assert w.grad is None and loss.grad is None


GATES = {
    "+": lambda x, y: x + y,
    "×": lambda x, y: x * y,
    "tanh": lambda x, _: x.tanh(),
    "by a constant": lambda x, _: x * 0.5,
}
PLACE = st.integers(0, 99)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(GATES)), PLACE, PLACE), min_size=1, max_size=12))
def test_every_number_of_a_graph_has_appeared_at_its_end(made: list[tuple[str, int, int]]) -> None:
    nodes = [Value(0.5), Value(-2.0)]
    for gate, one, other in made:
        nodes.append(GATES[gate](nodes[one % len(nodes)], nodes[other % len(nodes)]))
    walk = steps(nodes[-1])
    values = {key for frame in walk.frames for key in frame.values}
    gradients = {key for frame in walk.frames for key in frame.gradients}
    wires = walk.drawing.circuit.wires
    assert values == {wire.key for wire in wires}
    assert gradients == {wire.key for wire in wires if wire.gradient is not None}


def test_steps_of_arrays_have_their_numbers_and_shapes() -> None:
    weights, x = Tensor([[0.1, 0.5], [-0.3, 0.8]]), Tensor([0.2, 0.4])
    q = weights @ x
    f = (q**2).sum()
    walk = steps(f, names={"W": weights, "x": x, "q": q, "f": f}, digits=3)
    assert lines(walk, "forward")[0] == (
        "q = W @ x = [[0.100, 0.500], [-0.300, 0.800]] @ [0.200, 0.400] = [0.220, 0.260]",
    )
    assert ("∂f/∂q = ∂f/∂v4 · ∂v4/∂q = [0.440, 0.520]",) in lines(walk, "backward")


def test_too_large_a_graph_and_a_wrong_rate_are_refused() -> None:
    node = Value(1.0)
    for _ in range(2001):
        node = node + 1.0
    with pytest.raises(SettingError, match=r"2,002 nodes, more than 2,000"):
        steps(node)
    with pytest.raises(SettingError, match="lr is nan"):
        steps(Value(1.0).exp(), lr=float("nan"))


def test_page_has_another_suffix_than_pictures(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"end the name in \.html"):
        lecture().save(tmp_path / "steps.svg")
    with pytest.raises(FormatError, match="lang='fr'"):
        lecture().save(tmp_path / "steps.html", lang="fr")  # type: ignore[arg-type]


def test_page_of_two_hundred_gates_is_smaller_than_a_megabyte() -> None:
    rng = np.random.default_rng(0)
    node = Value(0.5, name="x")
    for number in range(100):
        node = (node * Value(rng.normal(), name=f"w{number}")).tanh()
    walk = steps(node)
    assert walk.drawing.circuit.gate_count == 200
    assert len(walk.html().encode()) < 1_000_000


def test_frames_are_saved_as_numbered_pictures(tmp_path: Path) -> None:
    walk = lecture()
    saved = walk.save_frames(tmp_path / "stills")
    assert [path.name for path in saved[:2]] == ["step-001.svg", "step-002.svg"]
    assert len(saved) == len(walk.frames)
    texts = [
        [
            "".join(text.itertext())
            for text in ET.parse(path).iter("{http://www.w3.org/2000/svg}text")
        ]
        for path in saved
    ]
    assert "-12.00" not in texts[1] and "-12.00" in texts[2]
    assert "q = x + y = -2 + 5 = 3" in texts[1]
    assert len({ET.parse(path).getroot().get("height") for path in saved}) == 1
    [png] = walk.save_frames(tmp_path / "png", format="png", scale=1.0)[:1]
    assert png.read_bytes().startswith(b"\x89PNG")


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def press(driver: Any, *keys: str) -> None:
    for key in keys:
        driver.find_element("tag name", "body").send_keys(key)


def card(driver: Any) -> list[str]:
    shown: list[str] = driver.find_element("id", "card").text.splitlines()
    return shown


def slide(driver: Any, name: str, value: float) -> None:
    script = "const s = document.getElementById(arguments[0]); s.value = arguments[1];"
    driver.execute_script(f"{script} s.dispatchEvent(new Event('input'))", name, value)


LEFT, RIGHT, HOME, END = "\ue012", "\ue014", "\ue011", "\ue010"


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_page_tells_every_step_in_both_languages(driver: Any, tmp_path: Path, lang: Any) -> None:
    walk = lecture()
    open_page(driver, walk.save(tmp_path / "steps.html", lang=lang))
    headings = {"en": "Forward: the gate add makes q", "ko": "순전파: add 게이트에서 q 계산"}
    for number, frame in enumerate(walk.frames):
        told = card(driver)
        assert [line for line in told if line in frame.lines] == list(frame.lines)
        if number == 1:
            assert told[0].endswith(headings[lang])
        press(driver, RIGHT)
    assert driver.find_element("tag name", "html").get_attribute("lang") == lang
    assert complaints(driver) == [] and requests(driver) == []


def test_numbers_appear_on_the_wires_when_their_step_has_come(driver: Any, tmp_path: Path) -> None:
    open_page(driver, lecture().save(tmp_path / "steps.html"))
    values, gradients = SHOWN.replace("CLASS", "value"), SHOWN.replace("CLASS", "gradient")
    assert sorted(driver.execute_script(values)) == ["-2.00", "-4.00", "5.00"]
    press(driver, RIGHT)
    assert "3.00" in driver.execute_script(values)
    assert driver.execute_script(gradients) == []
    press(driver, RIGHT, RIGHT, RIGHT)
    assert sorted(driver.execute_script(gradients)) == ["-4.00", "1.00", "3.00"]
    assert "n4" in driver.execute_script(LIT)


def test_controls_work_by_mouse_and_keyboard(driver: Any, tmp_path: Path) -> None:
    walk = lecture()
    open_page(driver, walk.save(tmp_path / "steps.html"))
    count = len(walk.frames)

    def place() -> str:
        return str(driver.find_element("id", "place").text)

    for control, number in [("next", 2), ("last", count), ("back", count - 1), ("first", 1)]:
        driver.find_element("id", control).click()
        assert place() == f"Step {number} of {count}"
    driver.execute_script("document.activeElement.blur()")
    for key, number in [(RIGHT, 2), (END, count), (LEFT, count - 1), (HOME, 1)]:
        press(driver, key)
        assert place() == f"Step {number} of {count}"
    slide(driver, "slider", 4)
    assert place() == f"Step 4 of {count}"
    slide(driver, "speed", 0.5)
    press(driver, " ")
    assert driver.find_element("id", "play").text == "Pause"
    driver.find_element("id", "play").click()
    assert driver.find_element("id", "play").text == "Play"
    assert complaints(driver) == []


def test_history_of_a_node_is_told_and_leads_to_its_steps(driver: Any, tmp_path: Path) -> None:
    open_page(driver, lecture().save(tmp_path / "steps.html"))
    search = driver.find_element("id", "search")
    search.send_keys("add")
    assert driver.find_element("id", "count").text == "1 / 1"
    entries = driver.find_elements("css selector", "#history button")
    assert entries[0].text == "q = x + y = -2 + 5 = 3"
    entries[1].click()
    assert card(driver)[1] == "∂f/∂x = ∂f/∂q · ∂q/∂x = -4 · 1 = -4"


def test_page_fits_a_phone_and_a_screen(driver: Any, tmp_path: Path) -> None:
    path = lecture().save(tmp_path / "steps.html", lang="ko")
    for width, height in [(390, 844), (1280, 800)]:
        prefer(driver, dark=width == 390, reduced_motion=True)
        open_page(driver, path, width=width, height=height)
        size = "const r = document.documentElement; return [r.scrollWidth, r.scrollHeight]"
        assert driver.execute_script(size) == [width, height]
    prefer(driver)


def test_hostile_names_are_text_on_the_page(driver: Any, tmp_path: Path) -> None:
    name = "</script><script>document.title='run'</script><img src=x onerror=alert(1)>"
    walk = steps(Value(1.0, name=name) * Value(2.0, name="\u202e'\"&{b}"), title=name)
    open_page(driver, walk.save(tmp_path / "steps.html"))
    assert driver.title == name
    assert driver.find_element("tag name", "h1").text == name
    assert complaints(driver) == [] and requests(driver) == []
    assert re.search(r"<img|onerror=alert\(1\)>", walk.html().replace("&lt;img", "")) is None
