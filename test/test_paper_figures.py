"""Figures 1 to 9: all networks of the catalogue's panels are in them, axes are the paper's, words
are true and legible.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from conftest import shared
from matplotlib.text import Text

from brainscore_wiring.catalogue import CATALOGUE
from brainscore_wiring.commands import main
from brainscore_wiring.paper.figures.paper_figures import (
    FIGURES,
    draw_figure,
    figure_page,
    write_figures,
)
from brainscore_wiring.paper.own_scores import own
from brainscore_wiring.paper.panels import PaperFigure, groups
from brainscore_wiring.paper.plotting import save_figure, style
from brainscore_wiring.scoring.points import REGIONS, TOP1, Scores, in_order, point_of
from brainscore_wiring.scoring.published_scores import published

OWN_TABLE = "docs/scores.csv"
DRAWN_ROWS = {
    name: row
    for name, row in CATALOGUE.items()
    if row.figure != "none" and row.training_data == "any"
}
#: Panel of the catalogue -> the panel that draws it; the seeds of figure 2's text are dots of 2C.
PANELS = sorted({panel for row in DRAWN_ROWS.values() for panel in row.figure.split(";")})
DRAWN_IN = {"2text": "2C"}


def made_up(
    value=lambda name, region: 0.1 + zlib.crc32(f"{name} {region}".encode()) / 2**33,
) -> Scores:
    """Every network of the catalogue that a figure draws, with invented scores."""
    points = in_order(
        point_of(
            row,
            {region: [value(name, region)] for region in (*REGIONS, TOP1)},
            training_data="ImageNet",
        )
        for name, row in DRAWN_ROWS.items()
    )
    return Scores(
        name="published",
        source="made-up, SHA-256 0",
        measured_on="Invented scores.",
        training_data="ImageNet",
        benchmarks={region: region for region in (*REGIONS, TOP1)},
        points=points,
        standard_seeds=(0, 42),
    )


@pytest.fixture(scope="module")
def complete() -> Scores:
    return made_up()


@pytest.fixture(scope="module")
def figures(complete) -> dict[int, PaperFigure]:
    return {number: draw_figure(number, complete) for number in FIGURES}


@pytest.fixture(scope="module")
def own_scores(request) -> Scores:
    return own([request.config.rootpath / OWN_TABLE])


@pytest.fixture(scope="module")
def own_figures(own_scores) -> dict[int, PaperFigure]:
    return {number: draw_figure(number, own_scores) for number in FIGURES}


@pytest.fixture(scope="module")
def real() -> Scores:
    return published(path=shared("reference/scores.sqlite"))


@pytest.fixture(scope="module")
def real_figures(real) -> dict[int, PaperFigure]:
    return {number: draw_figure(number, real) for number in FIGURES}


def run(*arguments) -> int:
    with pytest.raises(SystemExit) as exit_:
        main(["figures", *map(str, arguments)])
        raise SystemExit(0)
    return exit_.value.code or 0


def words_of(figure: PaperFigure) -> str:
    return " ".join(text.get_text() for text in figure.page.findobj(Text))


def axes_titled(figure: PaperFigure, label: str):
    return next(axis for axis in figure.page.axes if label in axis.get_xlabel().replace("\n", " "))


@pytest.mark.parametrize("panel", PANELS)
def test_every_row_that_the_catalogue_marks_for_a_panel_is_in_it(panel, figures):
    place = DRAWN_IN.get(panel, panel)
    figure = figures[int(place[0])]
    marked = {name for name, row in DRAWN_ROWS.items() if panel in row.figure.split(";")}
    drawn = [
        point.row.identifier for point in (*figure.panels[place], *figure.outside.get(place, ()))
    ]
    assert marked <= set(drawn)
    assert len(drawn) == len(set(drawn))
    others = {
        row.identifier
        for row in map(CATALOGUE.get, drawn)
        if not {panel, *(of for of, at in DRAWN_IN.items() if at == place), place}
        & set(row.figure.split(";"))
    }
    assert not others


def test_a_network_without_a_score_is_not_drawn_and_named(complete):
    lacking = "cornet_s_kernel_normal_ct"
    points = tuple(
        replace(point, scores={"V1": 0.2}) if point.row.identifier == lacking else point
        for point in complete.points
    )
    figure = draw_figure(7, replace(complete, points=points))
    assert lacking not in {point.row.identifier for point in figure.panels["7"]}
    assert any(lacking in note for note in figure.notes)


def test_seeds_are_together_and_all_visible(figures):
    points = figures[2].panels["2C"]
    counts = sorted(len(group) for group in groups(points, lambda point: (point.model,)))
    assert counts == [1, 1, 2, 10, 10]  # pixels, WC trained, KN trained, both births
    bars = next(axis for axis in figures[2].page.axes if axis.containers)
    dots = [line for line in bars.lines if line.get_markersize() == 2.8]
    assert sorted(len(line.get_xdata()) for line in dots) == [2, 10, 10]
    means = sorted(bar.get_height() for container in bars.containers for bar in container)
    assert len(means) == 4


def test_a_mean_is_drawn_at_the_mean_of_its_seeds(complete, figures):
    axis = axes_titled(figures[1], "supervised updates")
    wanted = [
        complete.relative(point)
        for point in figures[1].panels["1A"]
        if point.model == "cornet_s" and point.row.images == 1_280_000 and point.row.epochs == 6
    ]
    drawn = [y for line in axis.lines for y in line.get_ydata()]
    assert len(wanted) == 2
    assert any(abs(y - sum(wanted) / 2) < 1e-9 for y in drawn)
    assert all(any(abs(y - value) < 1e-9 for y in drawn) for value in wanted)


def test_supervised_updates_and_synaptic_updates_are_logarithmic_as_in_the_paper(figures):
    for number in (1, 6):
        axis = axes_titled(
            figures[number], "supervised updates (training epochs x labelled images)"
        )
        assert axis.get_xscale() == "log" and axis.get_xlim()[1] == 1e8 and axis.get_xlim()[0] < 100
    for number in (4, 8):
        axis = axes_titled(figures[number], "trained synapses")
        assert axis.get_xscale() == "log"
        assert axis.get_xticklabels()[0].get_text() == "0"
        ticks = axis.get_xticks()
        assert list(ticks[1:]) == [1e11, 1e12, 1e13, 1e14, 1e15] and ticks[0] < 1e11


def test_shares_of_the_standard_begin_at_zero_with_lines_at_100_and_at_the_pixels(
    complete, figures
):
    pixels = complete.relative(next(point for point in complete.points if point.model == "pixels"))
    for number, label in (
        (1, "supervised updates"),
        (4, "trained synapses"),
        (6, "supervised updates"),
    ):
        axis = axes_titled(figures[number], label)
        assert axis.get_ylim()[0] == 0 and {0, 20, 40, 60, 80, 100} <= set(axis.get_yticks())
        level = {
            line.get_ydata()[0]: line
            for line in axis.lines
            if len(set(line.get_ydata())) == 1 and list(line.get_xdata()) == [0, 1]
        }
        assert set(level) == {100, pixels} and level[pixels].is_dashed()


def test_networks_left_of_figure_4s_axis_are_those_that_the_paper_leaves_out(figures):
    for number, panel in ((4, "4A"), (8, "8A")):
        assert all(0 < point.synaptic_updates < 1e11 for point in figures[number].outside[panel])
        assert all(not 0 < point.synaptic_updates < 1e11 for point in figures[number].panels[panel])
        assert f"({len(figures[number].outside[panel])} more left of the axis)" in words_of(
            figures[number]
        )


def test_figure_4_marks_the_star_model_with_its_share_of_updates(figures):
    assert "0.5% of the standard's updates" in words_of(figures[4])
    assert "13.8 trillion" in " ".join(figures[4].caption)


def test_parameters_of_figure_3_end_at_all_of_them(figures):
    for axis in (
        axis for axis in figures[3].page.axes if "trained parameters" in axis.get_xlabel()
    ):
        assert axis.get_xscale() == "linear" and axis.get_xlim()[1] == 55
        assert (
            max(x for line in axis.lines for x in line.get_xdata() if len(line.get_xdata()) > 2)
            == 52.860096
        )


def test_maps_say_what_the_scores_say(real_figures):
    """The corners of figure 4B that the paper's text names, and the birth states' difference in
    every row.
    """
    axis = next(axis for axis in real_figures[4].page.axes if axis.images)
    rows = [label.get_text() for label in axis.get_yticklabels()]
    columns = [label.get_text() for label in axis.get_xticklabels()]
    cells = {
        (
            rows[round(text.get_position()[1])],
            columns[round(text.get_position()[0])],
        ): text.get_text()
        for text in axis.texts
    }
    assert rows == ["100", "1,000", "10,000", "50,000", "100,000", "500,000", "1,280,000"]
    assert columns == ["0", "1", "3", "6", "10", "20", "end"]
    assert cells["1,000", "1"] == "+27" and cells["1,280,000", "end"] == "−17"
    assert {cells[row, "0"] for row in rows} == {"+11"}


def test_published_figure_1_states_what_few_updates_reach(real_figures):
    words = words_of(real_figures[1])
    assert (
        "pixels 7%" in words
        and "20% of updates:\n97%" in words
        and "2% of updates:\n75% (71 to 77%, n = 3)" in words
    )
    assert "private benchmarks" in words and "0.42" in words and "SHA-256" in words


def test_published_figure_5_is_of_each_networks_own_standard_training(real_figures):
    assert {"91", "78", "100"} <= set(words_of(real_figures[5]).split())


@pytest.mark.parametrize("number", FIGURES)
def test_no_words_overlap_or_leave_the_page(number, real_figures, own_figures):
    for figure in (real_figures[number], own_figures[number]):
        with style():
            renderer = figure.page.canvas.get_renderer()
            figure.page.draw(renderer)
            unseen = _unseen_ticks(figure)
            boxes = [
                (text.get_text(), text.get_window_extent(renderer))
                for text in figure.page.findobj(Text)
                if text.get_text().strip() and text not in unseen
            ]
        page = figure.page.bbox
        for words, box in boxes:
            assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= page.width and box.y1 <= page.height, (
                words
            )
        for place, (words, box) in enumerate(boxes):
            for other_words, other in boxes[place + 1 :]:
                across = min(box.x1, other.x1) - max(box.x0, other.x0)
                high = min(box.y1, other.y1) - max(box.y0, other.y0)
                assert across <= 1 or high <= 1, (words, other_words)


def _unseen_ticks(figure: PaperFigure) -> set[Text]:
    """The labels of ticks beyond their axis' end, which are not drawn."""
    unseen = set()
    for axis in figure.page.axes:
        for ticks, limits in ((axis.xaxis, axis.get_xlim()), (axis.yaxis, axis.get_ylim())):
            for tick in (*ticks.get_major_ticks(), *ticks.get_minor_ticks()):
                if not axis.axison or not min(limits) <= tick.get_loc() <= max(limits):
                    unseen |= {tick.label1, tick.label2}
    return unseen


@pytest.mark.parametrize("number", [4, 7])
def test_the_same_scores_give_the_same_bytes(number, complete, figures, tmp_path):
    files = [
        path.read_bytes()
        for folder, figure in (("a", figures[number]), ("b", draw_figure(number, complete)))
        for path in save_figure(figure.page, tmp_path / folder, "figure")
    ]
    assert files[:2] == files[2:]


def test_own_tables_never_claim_the_papers_benchmarks(own_scores, own_figures):
    for number, figure in own_figures.items():
        words = words_of(figure)
        assert (
            "brain predictivity" not in words.lower()
            and "Published" not in words
            and "private" not in words
        )
        assert (
            "MacaqueV1Tuning" in words
            and "Kriegeskorte2008.IT-rdm" in words
            and "Tiny ImageNet" in words
        )
        assert "stand in for the paper's benchmarks" in re.sub(r"\s+", " ", words)
        assert "brain predictivity" not in " ".join(figure.caption).lower(), number


def test_the_paper_s_own_words_are_on_axes_of_its_benchmarks(figures):
    assert "brain predictivity (% of standard training)" in words_of(figures[1])


def test_a_panel_without_scores_says_so_in_its_place(own_figures):
    assert own_figures[3].empty == {"3D": "ImageNet accuracy was not measured."}
    assert "Not drawn: ImageNet" in words_of(own_figures[3])
    assert not own_figures[7].panels["7"]


def test_own_tables_are_drawn_where_they_have_scores_and_the_rest_is_said(
    tmp_path, request, capsys
):
    table = request.config.rootpath / OWN_TABLE
    assert run("--scores", table, "--figure", 4, "--figure", "7", "-o", tmp_path / "new") == 1
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "figure_4.md",
        "figure_4.png",
        "figure_4.svg",
    ]
    assert "Figure 7 is not drawn: none of these compressions was scored" in capsys.readouterr().err
    words = " ".join(
        "".join(element.itertext())
        for element in ElementTree.parse(tmp_path / "new/figure_4.svg").iter()
        if element.tag.endswith("text")
    )
    assert "WC+CT minus standard" in words


def test_a_page_says_what_is_drawn_from_what_and_sets_the_claims_beside_it(complete, figures):
    page = figure_page(figures[4], complete)
    assert page.startswith("# Figure 4. ") and "![Figure 4](figure_4.png)" in page
    assert f"{len(figures[4].panels['4A'])} in 4A" in page and "SHA-256" in page
    assert (
        "| claim | paper's text | recomputed | verdict |" in page
        and "## The paper's claims in figure 4" in page
    )
    assert len(re.findall("^# ", page, re.MULTILINE)) == 1


def test_all_figures_come_with_the_table_of_claims_and_nothing_half_written(
    own_scores, tmp_path, monkeypatch
):
    from brainscore_wiring.paper.figures import paper_figures

    monkeypatch.setattr(paper_figures, "FIGURES", {5: FIGURES[5], 6: FIGURES[6]})
    written, skipped = write_figures(own_scores, tmp_path, (5, 6))
    assert sorted(path.name for path in written) == sorted(path.name for path in tmp_path.iterdir())
    assert {path.name for path in written} == {
        "claims.csv",
        "claims.md",
        "figure_5.md",
        "figure_5.png",
        "figure_5.svg",
    }
    assert list(skipped) == [6]


@pytest.mark.parametrize(
    "arguments, status, sentence",
    [
        ([], 2, "brainscore figures -o FOLDER"),
        (["4"], 2, "--figure 4"),
        (["3C"], 2, "--figure 3"),
        (["lerning"], 2, "did you mean learning"),
        (["--figure", "12", "-o", "x"], 2, "the paper has figures 1 to 9"),
        (["--figure", "4B", "-o", "x"], 2, "`--figure 4`"),
        (["--from", "owm", "-o", "x"], 2, "published or own"),
        (["--from", "own", "-o", "x"], 2, "--scores FILE"),
        (["--from", "published", "--scores", "x.csv", "-o", "x"], 2, "--from own"),
        (["--scores", "nowhere.csv", "-o", "x"], 1, "nowhere.csv"),
        (["--scores", "columns.csv", "-o", "x"], 1, "columns.csv"),
        (["-o", "columns.csv"], 1, "is a file, not a folder"),
    ],
)
def test_mistakes_end_in_one_sentence(arguments, status, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "columns.csv").write_text("model,score\ncornet_s,0.4\n")
    assert run(*arguments) == status
    said = capsys.readouterr().err
    assert (
        sentence in said
        and len([line for line in said.splitlines() if line.startswith("brainscore: ")]) == 1
    )
    assert [path.name for path in tmp_path.iterdir()] == ["columns.csv"]


def test_without_the_database_and_a_network_the_sentence_says_what_to_put_where(
    tmp_path, monkeypatch, capsys
):
    import requests

    def unplugged(*_, **__):
        raise requests.ConnectionError("unplugged")

    monkeypatch.setattr(requests, "get", unplugged)
    monkeypatch.setenv("BRAINSCORE_WIRING_HOME", str(tmp_path / "home"))
    assert run("-o", tmp_path / "new") == 1
    assert "scores.sqlite" in (said := capsys.readouterr().err) and "BRAINSCORE_WIRING_DATA" in said
    assert not (tmp_path / "new").exists()


def test_kaiming_normal_with_measured_statistics_stands_beside_the_two_births(real, real_figures):
    drawn = [point.row.identifier for point in real_figures[2].panels["2C"]]
    assert drawn.count("cornet_s_dt_decoder_1_epochs") == 1
    measured = real.one(model="cornet_s_dt_decoder", images=1_280_000, epochs=1, seed=0)
    assert f"{real.percent(measured):.0f}" in words_of(real_figures[2])
