"""Figure 1 from our own trainings: the page is what its table gives, and the verdicts follow the
rules.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from conftest import shared

from brainscore_wiring.commands.sweep import training_of_job
from brainscore_wiring.errors import WiringError
from brainscore_wiring.paper.comparisons import t_interval
from brainscore_wiring.paper.development import trainings
from brainscore_wiring.paper.development.moments import (
    BIRTHS,
    DECODER,
    LAST_EPOCH,
    TRAININGS,
    asked_cells,
    development,
)
from brainscore_wiring.paper.development.page import (
    cells_sentence,
    development_parts,
    paper_table,
    read_development,
    scores_table,
)
from brainscore_wiring.paper.development.pictures import draw
from brainscore_wiring.paper.development.statements import (
    FAILS,
    HOLDS,
    NOT_SCORED,
    UNDECIDED,
    statements,
)
from brainscore_wiring.scoring.brainscore_data import OFFLINE_BENCHMARKS
from brainscore_wiring.scoring.published_scores import published
from brainscore_wiring.scoring.result import SCORED, Result
from brainscore_wiring.scoring.table import write_results

DOCS = Path(__file__).parents[1] / "docs"
GRIDS = [DOCS / "development" / name for name in ("grid.toml", "longer.toml")]
ASKED = asked_cells(GRIDS)
MOMENTS = (0.1, 0.2, 0.5, 1, 3, 5)
#: Training -> what its mean is at each moment; regions lie around it.
MEANS = {
    "cornet_s": (0.41, 0.46, 0.50, 0.54, 0.56, 0.60),
    "cornet_s_ct": (0.42, 0.45, 0.48, 0.52, 0.53, 0.54),
    "cornet_s_wc_ct": (0.50, 0.52, 0.53, 0.56, 0.56, 0.56),
    "cornet_s_dt_it": (0.41, 0.42, 0.43, 0.46, 0.47, 0.48),
    "cornet_s_dt_decoder": (0.40, 0.40, 0.40, 0.40, 0.40, 0.40),
}
BIRTH_MEANS = {"cornet_s_kn_bn": 0.40, "cornet_s_wc_bn": 0.48, "cornet_s_kn": 0.42}
#: V1 keeps what it has at birth, behaviour begins with little.
FROM_MEAN = {"V1": 0.2, "V4": 0.1, "IT": -0.05, "behaviour": -0.25}


@pytest.fixture(scope="module")
def scores():
    return published(path=shared("reference/scores.sqlite"))


def network(name: str, epochs: float, seed: int, mean: float) -> list[Result]:
    grown = 0 if epochs >= LAST_EPOCH else 1
    return [
        Result(
            model=name,
            benchmark=benchmark,
            status=SCORED,
            score=mean + grown * FROM_MEAN[region] + 0.002 * seed,
            seed=seed,
            fingerprint=f"{name}{epochs}{seed}",
            variant=name,
            supervised_updates=round(100_000 * epochs),
            supervised_synaptic_updates=round(100_000 * epochs) * 1000,
            training_data="Tiny ImageNet" if epochs else None,
            training_images=100_000 if epochs else 0,
            training_epochs=epochs * 0.999,
            image_size=64 if epochs else None,
        )
        for benchmark, region in OFFLINE_BENCHMARKS.items()
    ]


def table(seeds: int = 3, **means) -> list[Result]:
    """All cells of the grids, with other means for the trainings and births that are named."""
    changed = MEANS | BIRTH_MEANS | means
    rows = []
    for name, values in changed.items():
        moments = {0.0: values} if name in BIRTH_MEANS else dict(zip(MOMENTS, values))
        for epochs, mean in moments.items():
            for seed in range(seeds):
                rows += network(name, epochs, seed, mean)
    return rows


def verdicts(results: list[Result]) -> dict[int, str]:
    return {one.number: one.verdict for one in statements(development(results, ASKED))}


def test_the_page_is_what_its_table_gives():
    page = (DOCS / "development.md").read_text(encoding="utf-8")
    for name, part in development_parts(read_development(DOCS)).items():
        assert f"<!-- {name} -->\n{part}\n<!-- end of {name} -->" in page


def test_the_papers_points_are_those_of_its_database(scores):
    assert paper_table(scores) in (DOCS / "development.md").read_text(encoding="utf-8")


def test_the_rules_name_as_many_statements_as_are_judged():
    rules = (DOCS / "development.md").read_text(encoding="utf-8").partition("## Verdicts")[0]
    numbers = [int(number) for number in re.findall(r"^\| (\d+) \|", rules, re.MULTILINE)]
    assert numbers == [one.number for one in statements(development([], ASKED))]


def test_a_table_in_which_all_is_as_the_paper_says():
    assert set(verdicts(table()).values()) == {HOLDS}


@pytest.mark.parametrize(
    "number, changed, verdict",
    [
        (1, {"cornet_s": (0.41, 0.42, 0.43, 0.44, 0.5, 0.6)}, FAILS),
        (3, {"cornet_s_wc_bn": 0.3}, FAILS),
        (3, {"cornet_s_wc_bn": 0.4005}, UNDECIDED),
        (4, {"cornet_s_kn": 0.6}, FAILS),
        (5, {"cornet_s": (0.55, 0.46, 0.5, 0.54, 0.56, 0.6)}, FAILS),
        (6, {"cornet_s_ct": (0.4, 0.4, 0.4, 0.57, 0.57, 0.57)}, FAILS),
        (6, {"cornet_s_ct": (0.4, 0.4, 0.4, 0.5605, 0.57, 0.57)}, UNDECIDED),
        (7, {"cornet_s_wc_ct": (0.5, 0.52, 0.53, 0.56, 0.6, 0.7)}, FAILS),
        (8, {"cornet_s_dt_it": (0.4, 0.4, 0.4, 0.55, 0.6, 0.6)}, FAILS),
        (9, {"cornet_s_wc_ct": (0.5, 0.5, 0.5, 0.4, 0.6, 0.5)}, FAILS),
    ],
)
def test_the_verdict_follows_the_rules(number, changed, verdict):
    assert verdicts(table(**changed))[number] == verdict


def test_the_order_of_areas_fails_where_behaviour_comes_first():
    results = [
        replace(row, score=0.9 if row.benchmark == "Mur2013.behaviour-rdm" else 0.1 + row.seed / 99)
        if row.model == "cornet_s" and row.supervised_updates == 10_000
        else row
        for row in table()
    ]
    assert verdicts(results)[2] == FAILS


def test_births_meet_the_rule_on_the_order_of_areas_as_the_page_says():
    found = read_development(DOCS)
    final = {area: found.values("cornet_s", LAST_EPOCH, area)[0] for area in FROM_MEAN}
    births = [
        {area: found.values("cornet_s_kn_bn", 0, area)[seed] / final[area] for area in FROM_MEAN}
        for seed in found.values("cornet_s_kn_bn", 0)
    ]
    middle = [(one["V4"] + one["IT"]) / 2 for one in births]
    early = t_interval([one["V1"] - other for one, other in zip(births, middle)])
    late = t_interval([other - one["behaviour"] for one, other in zip(births, middle)])
    assert len(births) == 10 and early[0] > 0 and late[0] > 0


def test_two_seeds_decide_nothing_and_none_is_not_scored():
    assert set(verdicts(table(seeds=2)).values()) == {UNDECIDED}
    assert set(verdicts([]).values()) == {NOT_SCORED}


def test_one_side_of_two_seeds_decides_nothing_either():
    few = [row for row in table() if row.model != "cornet_s_wc_ct" or row.seed < 2]
    assert {verdicts(few)[number] for number in (5, 6, 7)} == {UNDECIDED}
    without = [row for row in table() if row.model != "cornet_s_ct"]
    assert verdicts(without)[6] == UNDECIDED  # two of its three comparisons are scored


def test_another_number_of_epochs_is_another_moment():
    asked = [*ASKED, ("cornet_s", 0.1, 7)]
    for epochs, known in ((0.0999, True), (0.12, False), (0.09, False)):
        rows = [replace(row, training_epochs=epochs) for row in network("cornet_s", 0.1, 7, 0.9)]
        assert bool(development(rows, asked).values("cornet_s", 0.1)) is known


def test_missing_cells_are_counted():
    whole = development(table(), ASKED)
    assert len(whole.asked) == len(TRAININGS) * len(MOMENTS) * 3
    assert whole.missing == []
    one = [
        row
        for row in table()
        if (row.model, row.supervised_updates, row.seed) != ("cornet_s_ct", 20_000, 1)
    ]
    found = development(one, ASKED)
    assert found.missing == [("cornet_s_ct", 0.2, 1)]
    assert cells_sentence(found).startswith("**89 of 90 cells are scored, 1 missing.**")


def test_what_the_decoder_alone_would_score_is_known():
    found = read_development(DOCS)
    at = [found.values(DECODER, epochs) for epochs in found.moments]
    assert all(scores == at[0] for scores in at if scores) and at[0]
    ends = [row for row in table() if row.model != DECODER or row.supervised_updates < 300_000]
    said = cells_sentence(development(ends, ASKED)).splitlines()[0]
    assert "6 missing.** 6 of them are of the decoder alone" in said


def test_a_network_without_all_regions_has_no_mean():
    results = [row for row in table() if row.benchmark != "Cowley2023.V4-pls"]
    assert len(development(results, ASKED).missing) == 90
    assert "0.61" in scores_table(development(results, ASKED))


def test_other_images_are_left_aside_and_repeats_are_counted():
    other = [replace(row, image_size=32) for row in network("cornet_s", 1, 0, 0.9)]
    again = [replace(row, fingerprint="again") for row in network("cornet_s", 1, 0, 0.9)]
    found = development([*table(), *other, *again], ASKED)
    assert found.repeats == 1
    assert found.values("cornet_s", 1)[0] == pytest.approx(0.54)
    assert "1 further networks" in cells_sentence(found)


def test_the_interval_of_a_mean_is_students():
    assert t_interval([1.0, 2.0, 3.0]) == pytest.approx((2 - 2.484, 2 + 2.484), abs=1e-3)


@pytest.mark.parametrize("results", [table(), []], ids=["all", "none"])
def test_the_pictures_show_what_part_of_the_grid_there_is(results, scores):
    page = draw(development(results, ASKED), scores, "updates")
    critical = [
        one for axis in page.axes[::2] for one in axis.get_lines() if one.get_marker() == "s"
    ]
    assert [len(one.get_xdata()) for one in critical] == [1 + len(MOMENTS)] * 5 * bool(results)
    words = " ".join(text.get_text() for text in page.texts)
    assert ("percent of the ceiling" in words) == (not results)


class Trained:
    """In place of a sweep's folder: writes weights of two sizes for each moment of a job."""

    made: ClassVar[list[str]] = []

    def __init__(self, jobs, data, folder, training_of):
        (self.job,), self.folder = jobs, folder

    def run_here(self, report):
        place = self.folder / self.job.name
        place.mkdir(parents=True)
        for epochs in self.job.epochs:
            path = place / f"model_{epochs:g}_epochs.safetensors"
            path.write_bytes(b"x" * (20 if self.job.model == "cornet_s" else 5))
        self.made.append(self.job.name)
        return {}

    def table(self):
        return [
            {"file": f"{self.job.name}/{path.name}"}
            for path in sorted((self.folder / self.job.name).iterdir())
        ]


@pytest.fixture
def small(tmp_path, monkeypatch):
    grid = tmp_path / "grid.toml"
    grid.write_text('models = ["cornet_s", "cornet_s_ct"]\nepochs = [0.1, 1]\nseeds = [0, 1]\n')

    def score(weights, benchmarks, table):
        rows = table.read()
        for path in map(Path, weights):
            name, _, seed = path.parent.name.partition("_seed")
            epochs = float(path.name.split("_")[1])
            rows += network(name, epochs, int(seed or 0), 0.5)
        write_results(table.path, rows)

    monkeypatch.setattr(trainings, "SweepFolder", Trained)
    monkeypatch.setattr(trainings, "score_many", score)
    monkeypatch.setattr(trainings, "FULL_NETWORK", 10)
    monkeypatch.setattr(Trained, "made", [])
    return grid


def test_every_moment_is_scored_and_full_networks_are_removed(small, tmp_path):
    scores, runs = tmp_path / "scores.csv", tmp_path / "runs"
    trainings.train_and_score([small], "images", runs, scores, training_of_job, print, discard=True)
    assert len(Trained.made) == 4
    left = sorted(path.parent.name for path in runs.glob("grid/*/model*"))
    assert left == ["cornet_s_ct", "cornet_s_ct", "cornet_s_ct_seed1", "cornet_s_ct_seed1"]


def test_what_is_scored_is_not_trained_again(small, tmp_path):
    scores, runs = tmp_path / "scores.csv", tmp_path / "runs"
    write_results(scores, [*network("cornet_s", 0.1, 0, 0.4), *network("cornet_s", 1, 0, 0.5)])
    trainings.train_and_score([small], "images", runs, scores, training_of_job, print)
    assert sorted(Trained.made) == ["cornet_s_ct", "cornet_s_ct_seed1", "cornet_s_seed1"]
    assert len(list(runs.glob("grid/cornet_s_seed1/model*"))) == 2


def test_a_training_that_fails_ends_it_with_its_reason(small, tmp_path, monkeypatch):
    monkeypatch.setattr(Trained, "run_here", lambda self, report: {"cornet_s": "it is full"})
    with pytest.raises(WiringError, match="cornet_s of grid failed: it is full"):
        trainings.train_and_score(
            [small], "images", tmp_path / "runs", tmp_path / "scores.csv", training_of_job, print
        )


def test_births_are_those_of_the_three_states():
    found = development(table(), ASKED)
    assert {name: len(found.values(name, 0)) for name in BIRTHS} == dict.fromkeys(BIRTHS, 3)
