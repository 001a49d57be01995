"""A training on a page: what the recorder keeps of a net, and what the page shows of it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from browser import browser, complaints, open_page, prefer, requests, settle
from hostile_names import HOSTILE_NAMES
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd.errors import (
    FormatError,
    LabelError,
    OperandError,
    SettingError,
    ShapeError,
)
from viz import TrainingRecorder, training

Array = npt.NDArray[Any]


def two_rings(count: int = 60) -> tuple[Array, Array]:
    rng = np.random.default_rng(3)
    angle, inner = rng.uniform(0, 2 * np.pi, count), np.arange(count) % 2
    radius = np.where(inner == 1, 0.5, 1.5) + 0.1 * rng.normal(size=count)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1), inner


def small_net(inputs: int = 2, outputs: int = 2, *, seed: int = 0) -> nn.Sequential:
    rng = np.random.default_rng(seed)
    return nn.Sequential(nn.Linear(inputs, 5, rng=rng), nn.Tanh(), nn.Linear(5, outputs, rng=rng))


def trained(
    recorder: TrainingRecorder | None,
    net: nn.Module,
    data: tuple[Array, Array],
    loss: Any = nn.cross_entropy,
    *,
    epochs: int = 4,
    **settings: Any,
) -> nn.History:
    return nn.fit(
        net,
        data,
        loss,
        nn.Adam(net.parameters(), lr=0.02),
        epochs=epochs,
        rng=np.random.default_rng(1),
        callbacks=[*settings.pop("callbacks", []), *([] if recorder is None else [recorder])],
        progress=False,
        **settings,
    )


def page_data(html: str) -> dict[str, Any]:
    found = re.search(r'id="data">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    read: dict[str, Any] = json.loads(found.group(1))
    return read


def floats(text: str) -> Array:
    return np.frombuffer(base64.b64decode(text), "<f4")


@settings(max_examples=30, deadline=None)
@given(epochs=st.integers(1, 40), every=st.integers(1, 6), most=st.integers(3, 9))
def test_first_and_last_epoch_are_kept_and_no_more_frames_than_asked_for(
    epochs: int, every: int, most: int
) -> None:
    x, y = two_rings(6)
    recorder = TrainingRecorder((x, y), every=every, most=most)
    trained(
        recorder,
        nn.Sequential(nn.Linear(2, 2, rng=np.random.default_rng(0))),
        (x, y),
        epochs=epochs,
    )
    kept = [frame.epoch for frame in recorder.frames]
    assert kept[0] == 0 and kept[-1] == epochs
    assert len(kept) <= most and kept == sorted(set(kept))
    steps = set(np.diff(kept[:-1]).tolist())
    assert len(steps) <= 1 and all(step % every == 0 for step in steps)


def test_recording_changes_nothing_in_the_course_of_a_training() -> None:
    data = two_rings()
    plain, watched = small_net(), small_net()
    watched.eval()
    trained(None, plain, data)
    trained(TrainingRecorder(data, every=3), watched, data)
    for one, other in zip(plain.parameters(), watched.parameters(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not watched.training


def test_frames_hold_what_the_net_is_and_gives_after_their_epoch() -> None:
    x, y = two_rings()
    net, recorder = small_net(), TrainingRecorder(two_rings())
    trained(recorder, net, (x, y))
    last = recorder.frames[-1]
    first_layer, last_layer = net[0], net[2]
    np.testing.assert_array_equal(last.weights[0], np.float32(first_layer.weight))
    np.testing.assert_array_equal(last.biases[1], np.float32(last_layer.bias))
    chosen = x[recorder.points][recorder.samples]
    np.testing.assert_array_equal(last.columns[0], np.float32(chosen))
    np.testing.assert_allclose(last.columns[-1], nn.predict(net, chosen, "outputs"), rtol=1e-6)
    np.testing.assert_allclose(last.outputs, nn.predict(net, chosen, "probabilities"), rtol=1e-6)
    assert recorder.surface is not None and last.surface is not None
    np.testing.assert_allclose(
        last.surface, nn.predict(net, recorder.surface.inputs, "probabilities"), rtol=1e-6
    )


def test_gradients_by_layer_are_the_mean_sizes_over_the_batches() -> None:
    x, y = two_rings(8)
    net = nn.Sequential(nn.Linear(2, 2, rng=np.random.default_rng(0)))
    seen: list[float] = []

    class Look(nn.Callback):
        def on_batch(self, training: Any) -> None:
            parts = [np.asarray(p.grad).ravel() for p in training.model.parameters()]
            seen.append(float(np.abs(np.concatenate(parts)).mean()))

    recorder = TrainingRecorder((x, y))
    trained(recorder, net, (x, y), epochs=1, batch_size=4, callbacks=[Look()])
    assert recorder.frames[0].gradients is None
    assert len(seen) == 2
    np.testing.assert_allclose(recorder.frames[1].gradients, [np.mean(seen)], rtol=1e-6)


def test_page_carries_the_numbers_of_every_frame() -> None:
    data = two_rings()
    net, recorder = small_net(), TrainingRecorder(data, class_names=["outer", "inner"])
    history = trained(recorder, net, data, metrics=[nn.accuracy], validation=data)
    read = page_data(training(recorder).html())
    assert read["epochs"] == [0, 1, 2, 3, 4] and read["total"] == 4
    assert read["classes"] == ["outer", "inner"]
    assert read["losses"]["training"] == pytest.approx(history["loss"], rel=1e-6)
    assert [measure["label"] for measure in read["measures"]] == [
        "loss",
        "validation loss",
        "accuracy",
        "validation accuracy",
    ]
    weights = floats(read["net"]["weights"]).reshape(5, -1)
    np.testing.assert_array_equal(
        weights[-1],
        np.concatenate([np.float32(layer.weight).ravel() for layer in (net[0], net[2])]),
    )
    outputs = floats(read["outputs"]).reshape(5, len(read["samples"]), 2)
    np.testing.assert_allclose(outputs.sum(axis=2), 1.0, rtol=1e-6)
    column = read["net"]["columns"][1]
    levels = np.frombuffer(base64.b64decode(column["levels"]), "<i2") * column["scale"]
    kept = np.stack([frame.columns[1] for frame in recorder.frames]).ravel()
    np.testing.assert_allclose(levels, kept, atol=column["scale"])


def test_same_training_gives_the_same_page_to_the_byte() -> None:
    def page() -> str:
        data = two_rings(20)
        recorder = TrainingRecorder(data)
        trained(recorder, small_net(), data, epochs=2)
        return training(recorder).html()

    assert page() == page()


def test_one_output_is_binary_and_real_targets_are_a_regression() -> None:
    x, y = two_rings(20)
    recorder = TrainingRecorder((x, y))
    trained(
        recorder, small_net(outputs=1), (x, y[:, None] * 1.0), nn.binary_cross_entropy_with_logits
    )
    assert recorder.task.kind == "binary"
    assert recorder.surface is not None and recorder.surface.kind == "regions"
    line = np.linspace(-1, 1, 20)[:, None]
    recorder = TrainingRecorder((line, np.sin(line)))
    trained(recorder, small_net(1, 1), (line, np.sin(line)), nn.mse)
    assert recorder.task.kind == "regression"
    assert recorder.surface is not None and recorder.surface.kind == "curve"


def test_two_of_many_features_span_the_boundary_and_the_others_keep_their_mean() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(30, 4)), np.arange(30) % 3
    recorder = TrainingRecorder((x, y), features=(2, 0))
    trained(recorder, small_net(4, 3), (x, y), epochs=1)
    assert recorder.surface is not None
    inputs = recorder.surface.inputs
    np.testing.assert_allclose(inputs[:, [1, 3]] - x.mean(axis=0)[[1, 3]], 0.0, atol=1e-12)
    assert np.ptp(inputs[:, 2]) > np.ptp(x[:, 2]) and np.ptp(inputs[:, 0]) > np.ptp(x[:, 0])
    without = TrainingRecorder((x, y))
    trained(without, small_net(4, 3), (x, y), epochs=1)
    assert without.surface is None
    assert page_data(training(without).html())["surface"] is None


def test_net_that_is_no_chain_of_layers_is_shown_without_its_neurons() -> None:
    data = two_rings(12)
    rng = np.random.default_rng(0)
    net = nn.Sequential(nn.Residual(nn.Linear(2, 2, rng=rng)), nn.Linear(2, 2, rng=rng))
    recorder = TrainingRecorder(data)
    trained(recorder, net, data, epochs=1)
    read = page_data(training(recorder).html())
    assert read["net"] is None and read["surface"] is not None


def test_page_of_a_history_alone_shows_its_losses() -> None:
    read = page_data(
        training(nn.History([{"loss": 0.9, "lr": 0.1}, {"loss": float("nan"), "lr": 0.1}])).html()
    )
    assert read["epochs"] == [1, 2] and read["net"] is None
    assert read["losses"] == {"training": [0.9, "nan"]}


def test_end_before_the_last_epoch_is_told() -> None:
    data = two_rings(12)
    recorder = TrainingRecorder(data)
    stopping = nn.EarlyStopping("loss", patience=1, least_gain=100.0)
    history = trained(recorder, small_net(), data, epochs=30, callbacks=[stopping])
    assert history.stopped is not None
    assert history.stopped in page_data(training(recorder).html())["notes"][0]
    assert recorder.frames[-1].epoch == len(history) < 30

    class Breaking(nn.Callback):
        def on_epoch(self, training: Any) -> None:
            if training.epoch == 3:
                raise KeyboardInterrupt

    recorder = TrainingRecorder(data)
    with pytest.raises(KeyboardInterrupt):
        trained(recorder, small_net(), data, epochs=30, callbacks=[Breaking()])
    assert "of 30" in page_data(training(recorder).html())["notes"][0]


def test_what_cannot_be_recorded_is_refused() -> None:
    x, y = two_rings(10)
    with pytest.raises(ShapeError, match=r"pass \(n, features\)"):
        TrainingRecorder((x[:, :, None], y))
    with pytest.raises(OperandError, match="nan"):
        TrainingRecorder((np.where(x > 0, np.nan, x), y))
    with pytest.raises(SettingError, match="at least 3"):
        TrainingRecorder((x, y), most=2)
    with pytest.raises(SettingError, match=r"two places in range\(2\)"):
        TrainingRecorder((x, y), features=(0, 2))
    with pytest.raises(SettingError, match="1 feature_names for 2 features"):
        TrainingRecorder((x, y), feature_names=["one"])
    with pytest.raises(SettingError, match="'ternary'"):
        TrainingRecorder((x, y), task="ternary")  # type: ignore[arg-type]
    rng = np.random.default_rng(0)
    large = nn.Sequential(nn.Linear(2, 2000, rng=rng), nn.Linear(2000, 2, rng=rng))
    with pytest.raises(SettingError, match=r"10,002 parameters"):
        trained(TrainingRecorder((x, y)), large, (x, y))
    with pytest.raises(SettingError, match="3 class_names for 2 classes"):
        trained(TrainingRecorder((x, y), class_names="abc"), small_net(), (x, y))
    with pytest.raises(LabelError, match="label 7"):
        trained(TrainingRecorder((x, y + 7)), small_net(), (x, y))


def test_page_of_nothing_and_a_wrong_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OperandError, match="nothing yet"):
        training(TrainingRecorder(two_rings(4)))
    with pytest.raises(OperandError, match="no epoch yet"):
        training(nn.History())
    with pytest.raises(OperandError, match="is a list"):
        training([0.9, 0.4])  # type: ignore[arg-type]
    replay = training(nn.History([{"loss": 0.9}]))
    with pytest.raises(FormatError, match=r"end the name in \.html"):
        replay.save(tmp_path / "training.svg")
    with pytest.raises(FormatError, match="lang='fr'"):
        replay.html("fr")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def recorder() -> TrainingRecorder:
    data = two_rings()
    kept = TrainingRecorder(data, class_names=["outer", "inner"], feature_names=["width", "height"])
    trained(kept, small_net(), data, epochs=6, metrics=[nn.accuracy])
    return kept


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def text(driver: Any, element: str) -> str:
    return str(driver.find_element("id", element).text)


def press(driver: Any, key: str) -> None:
    driver.find_element("tag name", "body").send_keys(key)


LEFT, RIGHT, HOME, END = "\ue012", "\ue014", "\ue011", "\ue010"
WORDS = {
    "en": ("before the training", "epoch {} of 6", "true {} → predicted {} ({})"),
    "ko": ("학습 전", "에폭 {} / 6", "정답 {} → 예측 {} ({})"),
}


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_numbers_of_every_epoch_are_told_in_both_languages(
    driver: Any, recorder: TrainingRecorder, tmp_path: Path, lang: Any
) -> None:
    open_page(driver, training(recorder).save(tmp_path / "training.html", lang=lang))
    before, after, verdict = WORDS[lang]
    names = ["outer", "inner"]
    target = names[int(recorder.y[recorder.points[recorder.samples[0]]])]
    for frame in recorder.frames:
        assert text(driver, "epoch") == (after.format(frame.epoch) if frame.epoch else before)
        if frame.epoch:
            shown = driver.find_element("css selector", "[data-measure=loss]").text
            assert float(shown) == pytest.approx(
                recorder.history["loss"][frame.epoch - 1], rel=1e-3
            )
        best = int(frame.outputs[0].argmax())
        told = text(driver, "told").replace("\u2068", "").replace("\u2069", "")
        chance = re.findall(r"[\d.]+", told)[-1]
        assert float(chance) == pytest.approx(frame.outputs[0, best], rel=5e-3)
        assert told == verdict.format(target, names[best], chance)
        press(driver, RIGHT)
    assert driver.find_element("tag name", "html").get_attribute("lang") == lang
    assert complaints(driver) == [] and requests(driver) == []


def test_replay_is_controlled_by_mouse_and_keyboard(
    driver: Any, recorder: TrainingRecorder, tmp_path: Path
) -> None:
    open_page(driver, training(recorder).save(tmp_path / "training.html"))
    for control, epoch in [("next", 1), ("last", 6), ("back", 5)]:
        driver.find_element("id", control).click()
        assert text(driver, "epoch") == f"epoch {epoch} of 6"
    driver.find_element("id", "first").click()
    assert text(driver, "epoch") == "before the training"
    driver.execute_script("document.activeElement.blur()")
    for key, epoch in [(RIGHT, 1), (END, 6), (LEFT, 5)]:
        press(driver, key)
        assert text(driver, "epoch") == f"epoch {epoch} of 6"
    press(driver, HOME)
    assert text(driver, "epoch") == "before the training"
    slide = "const s = document.getElementById('slider'); s.value = 4;"
    driver.execute_script(f"{slide} s.dispatchEvent(new Event('input'))")
    assert text(driver, "epoch") == "epoch 4 of 6"
    press(driver, HOME)
    driver.find_element("id", "speed").send_keys(HOME)
    driver.execute_script("document.activeElement.blur()")
    press(driver, " ")
    assert text(driver, "play") == "Pause"
    driver.find_element("id", "play").click()
    assert text(driver, "play") == "Play"
    click_at(driver, "#losses .plot > svg", 0.99, 0.5)
    assert text(driver, "epoch") == "epoch 6 of 6"
    assert complaints(driver) == []


def click_at(driver: Any, selector: str, right: float, down: float) -> None:
    """Click within an element, so far from its left and its upper edge, as parts of its size."""
    script = """
    const [selector, right, down] = arguments, element = document.querySelector(selector);
    const { x, y, width, height } = element.getBoundingClientRect();
    const place = { clientX: x + width * right, clientY: y + height * down };
    element.dispatchEvent(new MouseEvent("click", { bubbles: true, ...place }));"""
    driver.execute_script(script, selector, right, down)


def test_data_point_is_chosen_in_the_picture_and_by_name(
    driver: Any, recorder: TrainingRecorder, tmp_path: Path
) -> None:
    open_page(driver, training(recorder).save(tmp_path / "training.html"))
    select = driver.find_element("id", "sample")
    assert select.get_property("value") == "0"
    click_at(driver, "#surface .plot > svg", 0.98, 0.02)
    chosen = int(select.get_property("value"))
    x = recorder.x[recorder.points][recorder.samples]
    assert x[chosen].sum() > 0.5
    select.send_keys(HOME)
    assert select.get_property("value") == "0"
    first_input = driver.find_elements("css selector", "#net text.quiet")
    assert f"{x[0, 0]:.3g}".replace("-", "−") in [element.text for element in first_input]


def test_neuron_tells_its_numbers_when_it_is_pointed_at(
    driver: Any, recorder: TrainingRecorder, tmp_path: Path
) -> None:
    open_page(driver, training(recorder).save(tmp_path / "training.html"))
    press(driver, END)
    neuron = driver.find_elements("css selector", "#net .neuron")[2]
    driver.execute_script("arguments[0].dispatchEvent(new PointerEvent('pointerenter'))", neuron)
    told = driver.find_element("css selector", "#net .reading").text
    activation, bias = (
        float(number.replace("−", "-")) for number in re.findall(r"−?[\d.]+", told)[-2:]
    )
    assert told.startswith("layer 1, neuron 1: activation")
    last = recorder.frames[-1]
    assert bias == pytest.approx(last.biases[0][0], rel=1e-3)
    assert activation == pytest.approx(last.columns[1][0, 0], rel=1e-2)
    driver.find_element("css selector", ".numbers summary").click()
    settle(driver)
    cells = driver.find_elements("css selector", "#table tbody td")
    assert float(cells[2].text) == pytest.approx(np.abs(last.weights[0]).mean(), rel=1e-2)


def test_page_fits_a_phone_and_a_screen(
    driver: Any, recorder: TrainingRecorder, tmp_path: Path
) -> None:
    path = training(recorder).save(tmp_path / "training.html", lang="ko")
    for width, height in [(390, 844), (1280, 800)]:
        prefer(driver, dark=width == 390)
        open_page(driver, path, width=width, height=height)
        assert driver.execute_script("return document.documentElement.scrollWidth") == width
        sizes = "return [...document.querySelectorAll('.plot')].map(p => p.clientHeight)"
        assert min(driver.execute_script(sizes)) > 150
    assert driver.execute_script("return document.documentElement.scrollHeight") == 800
    prefer(driver)


def test_hostile_names_are_text_on_the_page(driver: Any, tmp_path: Path) -> None:
    x, y = two_rings(20)
    for start in range(0, len(HOSTILE_NAMES), 100):
        names = HOSTILE_NAMES[start : start + 100]
        count = len(names)
        wide = np.concatenate([x, np.zeros((20, count - 2))], axis=1)
        recorder = TrainingRecorder(
            (wide, y), class_names=names[-10:], feature_names=names, features=(0, 1)
        )
        rng = np.random.default_rng(0)
        net = nn.Sequential(nn.Linear(count, 10, rng=rng))
        trained(recorder, net, (wide, y), epochs=1, metrics={names[0]: nn.accuracy})
        recorder.history.stopped = names[1]
        replay = training(recorder, title=names[2])
        open_page(driver, replay.save(tmp_path / "training.html"))
        found = "return document.querySelectorAll('script, iframe, img, a, object').length"
        assert driver.execute_script(found) == 2
        assert driver.execute_script("return window.run") is None
        assert complaints(driver) == [] and requests(driver) == []
