"""The report page: what it says, and how it behaves in a real browser."""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
import sys
import threading
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import shared
from PIL import Image

from brainscore_wiring.catalogue import CATALOGUE
from brainscore_wiring.checkpoints.initial_weights import birth_state_of
from brainscore_wiring.checkpoints.resolve import resolve
from brainscore_wiring.commands import main
from brainscore_wiring.errors import WiringError
from brainscore_wiring.paper.report.comparison import compare
from brainscore_wiring.paper.report.networks import own_networks
from brainscore_wiring.paper.report.pictures import first_kernels
from brainscore_wiring.paper.report.report_page import report_html, write_report_page
from brainscore_wiring.paper.report.runs import read_runs
from brainscore_wiring.paper.report.serve import ReportServer
from brainscore_wiring.scoring.result import SCORED, Result
from brainscore_wiring.scoring.table import read_results, write_results

DOCS = Path(__file__).parents[1] / "docs"
#: Some of the package's own table.
SHOWN = [
    row
    for row in read_results(DOCS / "scores.csv")
    if row.model in ("pixels", "cornet_s_kn", *(f"cornet_s_wc_ct{end}" for end in ("", "_seed1")))
    and row.benchmark in ("MacaqueV1Tuning", "Kriegeskorte2008.IT-rdm", "MacaqueV1Tuning.v2")
]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
PRIVATE_MEAN = "Geiger2022-brain_predictivity.private"
altair = pytest.importorskip("altair", reason="altair is absent: pip install '.[report]'")


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    """What a training left, made of a record in docs."""
    folder = tmp_path_factory.mktemp("runs") / "cornet_s_ct"
    folder.mkdir()
    record = DOCS / "records" / "cornet_s_ct_100k_images_5_epochs.json"
    shutil.copy(record, folder / "record.json")
    losses = json.loads(record.read_text())["loss"]
    lines = [f"{epoch}.0,100000,{loss},0.1" for epoch, loss in enumerate(losses, 1)]
    (folder / "log.csv").write_text("\n".join(["epoch,images,loss,learning_rate", *lines]) + "\n")
    return folder


@pytest.fixture(scope="module")
def page(tmp_path_factory, run_folder):
    """The page of an own table and a run, beside the published networks."""
    folder = tmp_path_factory.mktemp("report")
    write_results(folder / "scores.csv", SHOWN)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BRAINSCORE_WIRING_DATA", str(shared("reference")))
        return write_report_page(
            [folder / "scores.csv"], [run_folder], folder / "report.html", "brainscore report"
        )


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is absent")
    if CHROMIUM is None:
        pytest.skip("no Chromium is on this machine: apt-get install chromium")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def tab(browser, page):
    """The page in a tab that the tests share, with its complaints and requests; each test leaves
    the filters empty.
    """
    tab = browser.new_page(viewport={"width": 1300, "height": 900}, color_scheme="light")
    tab.troubles, tab.requests = [], []
    tab.on("pageerror", lambda error: tab.troubles.append(str(error)))
    tab.on("console", lambda message: tab.troubles.append(message.text))
    tab.on("request", lambda request: tab.requests.append(request.url))
    tab.goto(page.as_uri())
    return tab


def column(tab, number):
    return tab.eval_on_selector_all(
        "#all tbody tr:not([hidden])",
        f"rows => rows.map(row => row.cells[{number}].dataset.value ?? "
        f"row.cells[{number}].textContent)",
    )


def heading(tab, words):
    heads = tab.locator("#all thead th").all_inner_texts()
    return next(number for number, text in enumerate(heads) if words in text.replace("\n", " "))


def test_everything_is_in_one_file_that_asks_no_network(page):
    text = page.read_text(encoding="utf-8")
    assert page.stat().st_size < 5_000_000
    assert not re.search(r"""<(?:script|link|img|iframe)[^>]+(?:src|href)=["']?https?:""", text)
    pictures = re.findall(r"<img [^>]*data:image[^>]*>", text)
    assert len(pictures) > 4 and all(' alt="' in picture for picture in pictures)


def test_a_browser_draws_every_chart_without_a_word_of_complaint(tab):
    for place in tab.locator("[data-chart]").all():
        place.scroll_into_view_if_needed()
        place.locator("svg").wait_for()
    tab.wait_for_function("document.querySelectorAll('[data-chart]:not([data-drawn])').length == 0")
    assert tab.troubles == [] and all(url.startswith(("file:", "data:")) for url in tab.requests)
    seeds = tab.locator("[data-chart='0'] [aria-roledescription='circle']")
    scored = [row for row in SHOWN if row.benchmark == "MacaqueV1Tuning"]
    assert seeds.count() == len(scored) and "weights: " in seeds.first.get_attribute("aria-label")


def test_sorting_is_by_number_and_what_is_missing_comes_last(tab):
    number = heading(tab, "synaptic updates")
    button = tab.locator("#all thead th").nth(number).locator("button")
    for expected in ("descending", "ascending"):
        button.click()
        assert button.locator("..").get_attribute("aria-sort") == expected
        values = column(tab, number)
        there = [float(value) for value in values if value]
        assert values[len(there) :] == [""] * (len(values) - len(there))
        assert there == sorted(there, reverse=expected == "descending") and len(there) > 700


def test_filters_leave_the_rows_that_match_and_count_them(tab):
    tab.locator("input").fill("wc_ct tiny")
    names = column(tab, 0)
    assert set(names) == {row.model for row in SHOWN if "wc_ct" in row.model}
    assert tab.locator("#all-shown").inner_text().startswith(f"{len(names)} of ")
    tab.locator("input").fill("")
    tab.locator("select").select_option("published")
    assert set(column(tab, 1)) == {"published"}
    assert set(column(tab, heading(tab, "MacaqueV1Tuning.v2"))) == {""}  # never of own benchmarks
    tab.locator("select").select_option("all")


def test_all_rows_are_sorted_and_filtered_without_lag(tab):
    milliseconds = tab.evaluate(
        """() => { const start = performance.now(), input = document.querySelector('input');
        document.querySelectorAll('#all thead button')[6].click();
        input.value = 'ct'; input.dispatchEvent(new Event('input')); document.body.offsetHeight;
        const took = performance.now() - start;
        input.value = ''; input.dispatchEvent(new Event('input'));
        return took; }"""
    )
    assert milliseconds < 2_000  # 60 on an idle machine


def test_pointing_and_moving_by_keyboard_show_what_a_number_comes_from(tab):
    tab.reload()  # own networks come first
    number = heading(tab, "Kriegeskorte2008.IT-rdm")
    row = next(row for row in SHOWN if row.benchmark == "Kriegeskorte2008.IT-rdm")
    place = column(tab, 0).index(row.model)
    tab.locator("#all tbody tr").nth(place).locator("td").nth(number - 1).hover()
    hint = tab.locator("#hint")
    assert f"{row.model}@{row.fingerprint}" in hint.inner_text() and "raw" in hint.inner_text()
    tab.locator("#all tbody [tabindex='0']").focus()
    tab.keyboard.press("ArrowDown")
    focused = tab.evaluate("document.activeElement.textContent")
    assert focused == column(tab, 0)[1] and focused in hint.inner_text()
    tab.keyboard.press("Enter")
    tab.wait_for_function("document.getElementById('said').textContent.startsWith('Copied')")
    assert f"brainscore score --model {focused}" in tab.locator("#said").inner_text()
    tab.keyboard.press("Escape")
    assert not hint.is_visible()


def test_tab_reaches_the_content_first_and_the_table_in_one_step(tab):
    tab.reload()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    assert tab.locator("#all tbody [tabindex='0']").count() == 1


def test_dark_mode_turns_the_page_and_its_charts(tab):
    shades = {}
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        tab.locator("[data-chart='0']").scroll_into_view_if_needed()
        fill = "#1b1b1b" if scheme == "light" else "#e8e8e8"
        tab.locator(f"[data-chart='0'] svg text[fill='{fill}']").first.wait_for()
        shades[scheme] = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert shades == {"light": "rgb(255, 255, 255)", "dark": "rgb(22, 24, 28)"}


def test_a_narrow_screen_scrolls_down_alone(tab):
    tab.set_viewport_size({"width": 390, "height": 800})
    assert tab.evaluate("document.documentElement.scrollWidth") == 390


def test_names_from_tables_are_text(tmp_path):
    name = "<script>alert(1)</script>"
    write_results(tmp_path / "t.csv", [Result(name, "x</script>", SCORED, 0.5, diet="<b>")])
    text = report_html([tmp_path / "t.csv"])
    assert "<script>alert" not in text and "&lt;script&gt;alert(1)" in text
    assert "x</script>" not in text and "<b>" not in text


def test_own_scores_stand_with_published_ones_only_on_the_same_benchmark():
    own = Result("cornet_s_wc", PRIVATE_MEAN, SCORED, 0.2, seed=0, supervised_synaptic_updates=0)
    other = replace(own, benchmark="MacaqueV1Tuning")
    (network,) = own_networks(compare([own, other]))
    assert network.scores == {PRIVATE_MEAN: 0.2, "MacaqueV1Tuning": 0.2}
    from brainscore_wiring.paper.report.charts import plane

    stars = plane([network], PRIVATE_MEAN, "the paper's")
    assert "1 own ones (stars)" in stars.about
    elsewhere = replace(network, scores={"MacaqueV1Tuning": 0.2})
    assert plane([elsewhere], PRIVATE_MEAN, "the paper's") is None
    both = plane([network, elsewhere], PRIVATE_MEAN, "the paper's")
    assert "Not scored on this benchmark: 1 own network, marks" in both.about


def test_a_run_without_record_goes_on_and_a_folder_without_run_is_refused(run_folder, tmp_path):
    (run,) = read_runs([run_folder.parent])
    assert run.losses[-1] == pytest.approx(run.record.loss[-1]) and run.model == "cornet_s_ct"
    shutil.copy(run_folder / "log.csv", tmp_path / "log.csv")
    (going_on,) = read_runs([tmp_path])
    assert going_on.record is None and going_on.epochs == run.epochs
    (tmp_path / "log.csv").write_text("nothing\n")
    with pytest.raises(WiringError, match="no column epoch"):
        read_runs([tmp_path])
    (tmp_path / "log.csv").write_text("epoch,images,loss,learning_rate,sha256\n")
    with pytest.raises(WiringError, match="no epoch"):
        read_runs([tmp_path])
    with pytest.raises(WiringError, match="no run folder"):
        read_runs([DOCS])


def test_kernels_are_those_of_the_whole_network():
    whole = birth_state_of(CATALOGUE["mobilenet_wc"])
    first = next(iter(whole))
    assert np.array_equal(first_kernels(resolve("mobilenet_wc")), whole[first].numpy())
    with pytest.raises(WiringError, match="pixels"):
        first_kernels(resolve("pixels"))


def test_matrices_and_histograms_stand_beside_the_monkeys(monkeypatch):
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(shared("reference")))
    from brainscore_wiring.benchmarks.kriegeskorte2008.experiment import load_dissimilarities
    from brainscore_wiring.paper.report.recordings import matrices, tuning_charts

    monkey, human, model = matrices({"a monkey": load_dissimilarities().monkey})
    assert model.source == monkey.source != human.source
    assert "correlation with monkey IT 1.00" in model.alternative
    pixels = Image.open(io.BytesIO(base64.b64decode(model.source.partition(",")[2])))
    assert pixels.size == (92, 92)
    charts = {one.title: one for one in tuning_charts({"m": _Units()})}
    assert len(charts) == 7 and "selectivity for spatial frequency" in charts
    about = charts["peak spatial frequency"].about
    assert "macaque V1 (n = " in about and "m (n = 3) as lines" in about


class _Units(dict):
    """Three units of which all have every property, and one that has none."""

    def __missing__(self, name):
        return np.array([1.0, 1.0, 1.0, np.nan])


def test_a_server_on_this_machine_follows_the_table(tmp_path, run_folder):
    table = tmp_path / "scores.csv"
    table.write_text("one")
    made = []

    def make():
        made.append(table.read_text())
        return f"page of {made[-1]}"

    with ReportServer(0, [table], [run_folder], make) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        first = [ask(server.address), ask(server.address), ask(server.address + "changed")]
        table.write_text("two, and longer")
        assert first[:2] == ["page of one"] * 2 and made == ["one"]
        assert ask(server.address + "changed") != first[2]
        assert ask(server.address) == "page of two, and longer"
        foreign = urllib.request.Request(server.address, headers={"Host": "evil.example"})
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(foreign)
        with pytest.raises(WiringError, match="--port"):
            ReportServer(server.server_port, [table], [], make)
        server.shutdown()


def ask(address):
    with urllib.request.urlopen(address) as answer:
        return answer.read().decode()


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["x.csv"], "-o FILE.html or --serve"),
        ([str(DOCS), "-o", "x.html"], "needs a result table"),
        (["x.csv", "-o", "x.html", "--serve"], "either"),
    ],
)
def test_what_is_missing_on_the_command_line_is_said(arguments, words, capsys):
    with pytest.raises(SystemExit) as exit_:
        main(["report", *arguments])
    assert exit_.value.code == 2 and words in capsys.readouterr().err


def test_without_the_library_that_draws_the_way_to_get_it_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "altair", None)
    with pytest.raises(WiringError, match=r"needs altair: `pip install '.\[report"):
        report_html([DOCS / "scores.csv"])
