"""Own networks in the paper's figures: only where benchmarks agree, and no more is said of them
than was measured.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import shared
from matplotlib.text import Text

from brainscore_wiring.commands import main
from brainscore_wiring.errors import WiringError
from brainscore_wiring.paper.figures.paper_figures import draw_figure, figure_page
from brainscore_wiring.paper.own_scores import own, with_added
from brainscore_wiring.scoring.result import SCORED, Result
from brainscore_wiring.scoring.table import write_results

PRIVATE = "Geiger2022-brain_predictivity.private"
PUBLIC = "Geiger2022-brain_predictivity"
V1, IT = "MacaqueV1Tuning", "Kriegeskorte2008.IT-rdm"


def scored(model, benchmark, score, updates=500_000, synaptic=689_280_000_000, **facts):
    facts = {"seed": 0, "fingerprint": f"{model[-4:]}0000", "variant": model, **facts}
    return Result(
        model, benchmark, SCORED, score, supervised_updates=updates,
        supervised_synaptic_updates=synaptic, **facts,
    )  # fmt: skip


@pytest.fixture
def table(tmp_path, monkeypatch):
    """Writes rows to a table, where the published scores are at hand."""
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(shared("reference")))

    def write(*rows) -> Path:
        path = tmp_path / "own.csv"
        write_results(path, rows)
        return path

    return write


def stars(figure):
    return [line for axis in figure.page.axes for line in axis.lines if line.get_markersize() == 10]


def trained(seed, epochs, score, model="cornet_s", **facts):
    return scored(
        model, V1, score, round(100_000 * epochs), 1, seed=seed, training_data="Tiny ImageNet",
        training_images=100_000, training_epochs=epochs, fingerprint=f"{seed} {score}", **facts,
    )  # fmt: skip


def test_100_percent_is_the_mean_over_seeds_of_the_ends_of_standard_trainings(table):
    rows = [trained(0, 5, 0.6), trained(1, 5, 0.4), trained(1, 5, 0.5), trained(0, 1, 0.1)]
    scores = own([table(*rows)])
    assert [(point.seed, point.updates) for point in scores.standard] == [
        (0, 500_000),
        (1, 500_000),
    ]
    assert scores.reference == pytest.approx((0.6 + 0.45) / 2)
    assert "Not drawn: 1 network left along the way of a longer training." in scores.measured_on
    draw_figure(1, scores)


def test_births_from_another_genome_are_no_seeds_of_the_rows_own(table):
    def birth(seed, score, genome="Tiny ImageNet"):
        model = "cornet_s_wc" if not seed else f"cornet_s_wc_seed{seed}"
        return scored(
            model, V1, score, 0, 0, seed=seed, genome_data=genome, fingerprint=f"{score}",
        )  # fmt: skip

    scores = own([table(birth(0, 0.5), birth(12, 0.4), birth(0, 0.1, "my photos (7712a198)"))])
    assert [point.average for point in scores.points] == [0.5, 0.4]
    assert "1 network from another genome than most of their kind" in scores.measured_on
    other = birth(12, 0.1, "a photo (7712a198)")  # as many: the row's own is the one without a hash
    assert [point.average for point in own([table(birth(0, 0.5), other)]).points] == [0.5]


def test_networks_on_the_papers_benchmarks_are_stars_at_their_updates_and_score(table):
    scores, left_out = with_added(
        [table(scored("cornet_s_wc_ct", PRIVATE, 0.35), scored("cornet_s_ct", V1, 0.6))]
    )
    figure = draw_figure(4, scores)
    (star,) = stars(figure)
    assert star.get_xdata() == [689_280_000_000]
    assert star.get_ydata() == [pytest.approx(100 * 0.35 / scores.reference)]
    assert "Not drawn: 1 own network, not" in left_out[0] and "cornet_s_ct" in left_out[0]
    assert "Orange stars in 4A: 1 own network, cornet_s_wc_ct@" in figure_page(figure, scores)
    assert "own networks (n = 1)" in {text.get_text() for text in figure.page.findobj(Text)}


def test_a_birth_is_at_zero_in_figure_4_and_beyond_the_axis_of_figure_1(table):
    scores, _ = with_added([table(scored("cornet_s_wc", PRIVATE, 0.2, 0, 0))])
    assert len(stars(draw_figure(4, scores))) == 1
    figure = draw_figure(1, scores)
    assert stars(figure) == [] and "beyond its axis: cornet_s_wc." in figure.notes[-1]


def test_public_data_stand_beside_published_scores_on_public_data(table):
    scores, _ = with_added([table(scored("cornet_s_wc_ct", PUBLIC, 0.3))])
    assert "public benchmarks of 2020" in scores.measured_on and len(scores.added) == 1
    both, left_out = with_added(
        [table(scored("cornet_s_wc_ct", PUBLIC, 0.3), scored("cornet_s_ct", PRIVATE, 0.3))]
    )
    assert [network.name for network in both.added] == ["cornet_s_ct"]
    assert "private benchmarks" in both.measured_on and "cornet_s_wc_ct" in left_out[0]


def test_a_network_with_other_layers_is_a_star_of_its_own(table):
    rows = (
        scored("my_net", PRIVATE, score, layers=f"IT={layer}")
        for layer, score in (("conv3", 0.2), ("conv5", 0.4))
    )
    assert [network.average for network in with_added([table(*rows)])[0].added] == [0.2, 0.4]


def test_other_benchmarks_are_refused_with_the_reason(table, capsys):
    path = table(scored("cornet_s_wc_ct", V1, 0.7), scored("cornet_s_wc_ct", IT, 0.3))
    with pytest.raises(WiringError, match=f"the table has {IT} and {V1}, which do not compare"):
        with_added([path])
    uncounted = scored("my_net", PRIVATE, 0.3, None, None)
    assert "whose updates are not counted: my_net" in with_added([table(uncounted)])[1][0]
    with pytest.raises(SystemExit) as exit_:
        main(["figures", "--from", "own", "--scores", "x.csv", "--add", "y.csv", "-o", "x"])
    assert exit_.value.code == 2 and "leave out --from own" in capsys.readouterr().err


def test_networks_of_two_tables_of_one_name_are_drawn(table, tmp_path):
    first = table(scored("cornet_s_wc_ct", PUBLIC, 0.3))
    second = tmp_path / "sub" / first.name
    second.parent.mkdir()
    write_results(second, [scored("cornet_s_ct", PUBLIC, 0.2)])
    assert [one.name for one in with_added([first, second])[0].added] == [
        "cornet_s_wc_ct",
        "cornet_s_ct",
    ]


def test_scores_in_another_unit_are_left_out_with_their_names(table):
    old = scored("cornet_s_wc_ct", PUBLIC, 0.6, benchmark_version="1")
    other = scored("cornet_s_ct", PUBLIC, 0.2, benchmark_version="2")
    found, left_out = with_added([table(old, other)])
    assert [one.name for one in found.added] == ["cornet_s_ct"]
    assert (
        "on another version of Geiger2022-brain_predictivity than 2: cornet_s_wc_ct" in left_out[0]
    )
    found, left_out = with_added([table(old, replace(old, score=0.4, benchmark_version="2"))])
    assert [one.average for one in found.added] == [0.4] and not left_out


def test_an_older_version_of_a_benchmark_is_in_no_mean(table):
    rows = [
        scored("cornet_s_wc_ct", V1, score, benchmark_version=version)
        for version, score in (("1", 0.2), ("2", 0.8))
    ]
    (point,) = own([table(*rows)]).points
    assert point.scores["V1"] == 0.8


def test_a_name_with_a_layer_that_there_is_not_is_a_foreign_one(table):
    rows = [scored(name, V1, 0.2) for name in ("cornet_s_wc_ct", "cornet_s+lora")]
    found = own([table(*rows)])
    assert len(found.points) == 1 and found.left_out == ("cornet_s+lora",)


@pytest.fixture
def own_table(table):
    """Standard training and WC+CT after one epoch, and births: two from KN, one from WC."""

    def rows(model, v1, it, images, **facts):
        trained = dict(training_data="CIFAR-10" if images else None, training_images=images)
        trained |= dict(training_epochs=1.0 if images else 0.0, image_size=64)
        return [
            scored(model, benchmark, score, images, images * 100, **trained, **facts)
            for benchmark, score in ((V1, v1), (IT, it))
        ]

    return table(
        *rows("cornet_s", 0.7, 0.4, 50_000),
        *rows("cornet_s_wc_ct", 0.68, 0.31, 50_000),
        *rows("cornet_s_kn", 0.6, 0.3, 0),
        *rows("cornet_s_kn_seed12", 0.61, 0.31, 0, seed=12, fingerprint="another0"),
        *rows("cornet_s_wc", 0.7, 0.28, 0),
    )


def test_a_cell_states_its_own_seeds_and_one_epoch_is_no_convergence(own_table):
    scores = own([own_table])
    figure = draw_figure(4, scores)
    words = {text.get_text() for text in figure.page.findobj(Text)}
    assert "1, 2" in words and not any("10 seeds" in text for text in words)
    assert "which is no convergence" in " ".join(figure.caption)
    assert not scores.converged
    assert "not to convergence" in " ".join(draw_figure(1, scores).caption)


def test_no_line_joins_default_and_measured_statistics(own_table):
    figure = draw_figure(1, own([own_table]))
    axis = next(axis for axis in figure.page.axes if axis.get_xlabel() == "training epochs")
    lines = [line for line in axis.lines if line.get_linestyle() == "-" and len(line.get_xdata())]
    drawn = [line for line in lines if line.get_marker() not in ("", "None")]
    assert drawn and all(len(line.get_xdata()) == 1 for line in drawn)


def test_published_trainings_have_converged(monkeypatch):
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(shared("reference")))
    from brainscore_wiring.scoring.published_scores import published

    assert published().converged
