"""How long a page of `brainscore report` takes to open and to answer in a browser: of the package's
own table, and of one of 873 invented rows, each of another model.

    python speed/report.py [--repeats 5] [--screenshots FOLDER]

Headless Chromium opens each page from disk, clicks and types as a reader would, and says how long
it took: until the page can be used (the load event), until every chart is drawn after scrolling
through it, and from a click to the next frame; minima over repeats. `--screenshots` keeps pictures:
light, dark, and at the width of a phone. Needs `pip install '.[report]' playwright` and Chromium.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
OWN = Path(__file__).parents[1] / "docs" / "scores.csv"
ROWS = 873
SCREENS = {"light": (1280, 900), "dark": (1280, 900), "narrow": (390, 844)}
#: What is done in turn: in words, and in JavaScript.
ACTIONS = {
    "sort by a click": "document.querySelectorAll('#all thead button')[6].click()",
    "sort the other way": "document.querySelectorAll('#all thead button')[6].click()",
    "type a filter": "enter(document.querySelector('input'), 'ct')",
    "empty the filter": "enter(document.querySelector('input'), '')",
    "choose own networks": "enter(document.querySelector('select'), 'own')",
    "choose all": "enter(document.querySelector('select'), 'all')",
}
ENTER = (
    "const enter = (box, value) => { box.value = value; box.dispatchEvent(new Event('input')); }"
)


def invented(path: Path) -> Path:
    """A table of `ROWS` models with scores that mean nothing."""
    from brainscore_wiring.scoring.result import SCORED, Result
    from brainscore_wiring.scoring.table import write_results

    numbers = random.Random(0)
    rows = [
        Result(
            f"network_{place}",
            "Kriegeskorte2008.IT-rdm",
            SCORED,
            numbers.random(),
            fingerprint=f"{place:08x}",
            training_images=place,
            supervised_updates=place,
            supervised_synaptic_updates=place * 10**9,
            benchmark_version="1",
        )
        for place in range(ROWS)
    ]
    write_results(path, rows)
    return path


def draw_all(tab: Any) -> None:
    """Scroll to every chart until it is drawn."""
    for place in tab.locator("[data-chart]").all():
        place.scroll_into_view_if_needed()
        place.locator("svg").first.wait_for()


def measured(browser: Any, page: Path) -> dict[str, float]:
    """Seconds until the page can be used, until all its charts are drawn, and of each action."""
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    troubles: list[str] = []
    tab.on("pageerror", lambda error: troubles.append(str(error)))
    tab.on("console", lambda message: troubles.append(message.text))
    started = time.perf_counter()
    tab.goto(page.as_uri())
    seconds = {"open": time.perf_counter() - started}
    started = time.perf_counter()
    draw_all(tab)
    seconds["scroll to every chart until it is drawn"] = time.perf_counter() - started
    for words, action in ACTIONS.items():
        milliseconds = tab.evaluate(
            f"""() => new Promise(done => {{ {ENTER}; const start = performance.now(); {action};
            requestAnimationFrame(() => setTimeout(() => done(performance.now() - start))); }})"""
        )
        seconds[words] = milliseconds / 1000
    started = time.perf_counter()
    tab.locator("#all tbody tr:not([hidden]) td").nth(3).hover()
    tab.locator("#hint").wait_for()
    seconds["point at a cell until its note is there"] = time.perf_counter() - started
    started = time.perf_counter()
    tab.locator("#all tbody [tabindex='0']").focus()
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    tab.wait_for_function("document.getElementById('said').textContent.startsWith('Copied')")
    seconds["arrow key and Enter until the row's command is copied"] = time.perf_counter() - started
    tab.close()
    if troubles:
        raise SystemExit(f"The browser complained: {troubles[0]}")
    return seconds


def keep_pictures(browser: Any, page: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, (width, height) in SCREENS.items():
        tab = browser.new_page(
            viewport={"width": width, "height": height},
            color_scheme="dark" if name == "dark" else "light",
        )
        tab.goto(page.as_uri())
        draw_all(tab)
        tab.evaluate("window.scrollTo(0, 0)")
        tab.screenshot(path=folder / f"{page.stem}_{name}.png", full_page=True)
        tab.close()


def main() -> None:
    from playwright.sync_api import sync_playwright

    from brainscore_wiring.paper.report.report_page import write_report_page

    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--screenshots", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as started:
        tables = {"own": OWN, "invented": invented(Path(scratch) / "invented.csv")}
        pages, rows = {}, {}
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, table in tables.items():
            begun = time.process_time()
            path = Path(scratch) / f"{name}.html"
            pages[name] = write_report_page([table], [], path, "brainscore report")
            making = time.process_time() - begun
            turns = [measured(browser, path) for _ in range(asked.repeats)]
            fastest = {words: min(turn[words] for turn in turns) for words in turns[0]}
            rows[name] = {"make the page, processor time": making} | fastest
        print(f"| seconds | docs/scores.csv | {ROWS} invented rows |\n|---|---:|---:|")
        for words in rows["own"]:
            print(f"| {words} | " + " | ".join(f"{one[words]:.2f}" for one in rows.values()) + " |")
        sizes = (f"{path.stat().st_size / 1e6:.1f}" for path in pages.values())
        print("| *megabytes* | " + " | ".join(sizes) + " |")
        if asked.screenshots:
            for path in pages.values():
                keep_pictures(browser, path, asked.screenshots)
        browser.close()


if __name__ == "__main__":
    main()
