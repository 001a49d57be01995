"""A headless Chromium for the tests of pages, which tells what a page complains of and asks for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
)


@contextmanager
def browser(profile: Path) -> Iterator[Any]:
    """A driver of Chromium with a profile of its own; the test is skipped where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    chromedriver = shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        pytest.skip("needs the programs chromium and chromedriver, which are not on the PATH")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in (*ARGUMENTS, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(chromedriver))
    try:
        yield driver
    finally:
        driver.quit()


def open_page(driver: Any, path: Path, *, width: int = 1280, height: int = 800) -> None:
    """Open a file in a window whose inside has this size, as a phone has below 500 pixels."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    driver.get_log("performance")
    driver.get_log("browser")
    driver.get(path.as_uri())
    settle(driver)


def settle(driver: Any) -> None:
    """Wait for what a page does by itself after an event: it fits its pictures to the window."""
    frames = "const [done] = arguments; requestAnimationFrame(() => requestAnimationFrame(done))"
    driver.execute_async_script(frames)


def prefer(driver: Any, *, dark: bool = False, reduced_motion: bool = False) -> None:
    """What the user of the browser prefers, from the next page on."""
    features = [
        {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
        {"name": "prefers-reduced-motion", "value": "reduce" if reduced_motion else ""},
    ]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def complaints(driver: Any) -> list[str]:
    """What the console says since the page was opened: errors and warnings."""
    return [entry["message"] for entry in driver.get_log("browser")]


def requests(driver: Any) -> list[str]:
    """What the page asked for since it was opened, besides itself and data within it."""
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    sent = [m["params"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    # The window that Chromium opens by itself asks for parts of the program.
    asked = [each for each in sent if not each["documentURL"].startswith("chrome")]
    urls = [each["request"]["url"] for each in asked]
    return [url for url in urls if url != driver.current_url and not url.startswith("data:")]
