"""The published scores: read as the authors' database has them, and our own tables in the same
form.
"""

from __future__ import annotations

import csv
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass, replace

import pytest
from conftest import shared

from brainscore_wiring.catalogue import BIRTH_SEEDS, CATALOGUE
from brainscore_wiring.catalogue.paper_runs import FULL, RUNS
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.paper.own_scores import STANDINS, own
from brainscore_wiring.paper.trained_on import trained_on
from brainscore_wiring.scoring.brainscore_data import PAPER_BENCHMARKS
from brainscore_wiring.scoring.points import (
    REGIONS,
    TOP1,
    Scores,
    _births_of,
    is_converged,
    model_of,
    one_stored,
)
from brainscore_wiring.scoring.published_scores import published
from brainscore_wiring.scoring.result import SCORED, Result
from brainscore_wiring.scoring.table import write_results

CSV_REGIONS = {"behavior": "behaviour", "imagenet_top1": TOP1}
#: Rows under whose names scores of another network are stored too, and a name that has no others.
WITH_ANOTHER_NETWORKS = ("mobilenet_wc_ct_mapping_1", "mobilenet_wc_ct_mapping_2")
TRAINED_ALONE = "mobilenet_v2_CORnet-S_cluster2_v2_IT_trconv3_bi_epoch_43"


@pytest.fixture(scope="module")
def scores() -> Scores:
    return published(path=shared("reference/scores.sqlite"))


@pytest.mark.parametrize("private", [True, False])
def test_every_stored_score_is_the_one_that_others_read_from_the_database(private):
    twin = "" if private else "_public"
    read = published(private, shared(f"reference/scores{twin}.sqlite"))
    mine = {point.row.original_name: point for point in read.points}
    compared, elsewhere = set(), set()
    with open(shared(f"reference/published_scores{twin}.csv"), newline="") as file:
        for row in csv.DictReader(file):
            point = mine.get(row["original_name"])
            if point is None:
                elsewhere.add(row["original_name"])
                continue
            region = CSV_REGIONS.get(row["benchmark"], row["benchmark"])
            if point.row.identifier in WITH_ANOTHER_NETWORKS:
                compared.add((point.row.identifier, region))
                continue
            assert point.scores[region] == pytest.approx(float(row["score"]), abs=6e-7), row
            assert (point.seed, point.row.epochs) == (int(row["seed"]), float(row["epochs"]))
            compared.add((point.row.identifier, region))
    more = {
        (point.row.identifier, region) for point in read.points for region in point.scores
    } - compared
    assert {region for name, region in more if name == "pixels"} == (
        {"V1", "V2"} if private else set()
    )
    # V4 and IT of a continued training are stored under the benchmarks' later name, which the
    # others did not read
    assert {(name.split("_full")[0], region) for name, region in more if name != "pixels"} == (
        {("cornet_s_wc_ct_continued", "V4"), ("cornet_s_wc_ct_continued", "IT")}
        if private
        else set()
    )
    # the latter is in the public database alone
    assert not (
        {name for name in elsewhere if not name.endswith("_epoch_00")}
        - {"pixels_epoch_06", "CORnet-S_full_seed42_epoch_09", TRAINED_ALONE}
    )


def test_every_row_of_the_catalogue_with_a_stored_name_is_read(scores):
    named = {row.original_name for row in CATALOGUE.values() if row.original_name}
    assert {point.row.original_name for point in scores.points} == named


def test_the_standard_model_is_two_runs_together(scores):
    assert [(point.seed, point.row.epochs) for point in scores.standard] == [(0, 43), (42, 29)]
    assert scores.reference == pytest.approx(0.42150, abs=5e-6)
    assert scores.relative(scores.standard[0]) != scores.relative(scores.standard[1])


def test_pixels_have_the_scores_that_were_stored_as_if_of_an_epoch(scores):
    pixels = scores.one(model="pixels")
    assert set(pixels.scores) == set(REGIONS)
    assert pixels.scores["V1"] == pytest.approx(0.034889, abs=1e-6)


def test_no_partly_trained_or_broken_birth_is_among_the_births(scores):
    for model in ("cornet_s_wc", "cornet_s_kn"):
        assert [point.seed for point in scores.select(model=model)] == sorted(BIRTH_SEEDS)
        assert all(point.scores.get(TOP1, 0) < 0.005 for point in scores.select(model=model))
        assert all(
            0.35 < scores.relative(point) / 100 < 0.6 for point in scores.select(model=model)
        )
    assert "CORnet-S_cluster2_v2_IT_trconv3_bi_seed94_epoch_00" in scores.left_out


def test_births_of_a_model_have_seen_nothing():
    births = [CATALOGUE[name] for name in _births_of("cornet_s_wc")]
    assert len(births) == len(BIRTH_SEEDS) and not any(one.measured_statistics for one in births)


def test_a_missing_score_is_missing_and_not_zero(scores):
    point = scores.one(model="cornet_s", images=FULL, epochs=9, seed=0)
    assert "V1" not in point.scores
    assert point.average is None and scores.relative(point) is None
    assert all(0 not in point.scores.values() for point in scores.points)


def test_repeated_rows_are_averaged_and_empty_ones_skipped(tmp_path):
    path = tmp_path / "scores.sqlite"
    shutil.copy(shared("reference/scores.sqlite"), path)
    with sqlite3.connect(path) as database:
        database.execute("DELETE FROM raw_scores WHERE modification = 'CORnet-S_full_epoch_43'")
        database.executemany(
            "INSERT INTO raw_scores (model, benchmark, score, modification) VALUES ('', ?, ?, ?)",
            [
                ("dicarlo.Majaj2015.IT-pls", 0.25, "CORnet-S_full_epoch_43"),
                ("dicarlo.MajajHong2015.IT-pls", 0.75, "CORnet-S_full_epoch_43"),
                ("dicarlo.Majaj2015.V4-pls", None, "CORnet-S_full_epoch_43"),
                ("dicarlo.Majaj2015public.V4-pls", 0.9, "CORnet-S_full_epoch_43"),
            ],
        )
    database.close()
    point = published(path=path).one(model="cornet_s", images=FULL, seed=0, converged=True)
    assert (point.scores, point.stored) == ({"IT": 0.5}, {"IT": (0.25, 0.75)})


def test_the_first_or_the_last_of_repeated_scores_can_stand_alone(scores):
    found = [
        one.one(model="cornet_s", images=FULL, epochs=1, seed=0).scores[TOP1]
        for one in (one_stored(scores, 0), scores, one_stored(scores, -1))
    ]
    assert (found[0], found[2]) == pytest.approx((0.14028, 0.16400), abs=1e-5)
    assert found[0] < found[1] < found[2]


def test_scores_of_the_trained_mobilenet_under_other_names_are_left_out(scores):
    trained = scores.one(model="mobilenet").scores
    for number in (1, 2, 4, 5, 6, 7):
        model = "mobilenet_wc_ct" + (f"_mapping_{number}" if number != 6 else "")
        for point in scores.select(model=model):
            for region, values in point.stored.items():
                assert all(abs(value / trained[region] - 1) > 1e-3 for value in values)
    second = scores.one(model="mobilenet_wc_ct_mapping_2")
    assert scores.percent(second) == pytest.approx(55.75, abs=0.01)
    # stored after epoch 43 is the trained one alone
    assert second.row.epochs == 26
    assert scores.one(model="mobilenet_wc_ct_mapping_1").average is None


def test_reading_writes_nothing_beside_the_database(tmp_path):
    path = tmp_path / "scores.sqlite"
    shutil.copy(shared("reference/scores.sqlite"), path)
    path.chmod(0o400)
    published(path=path)
    assert [file.name for file in tmp_path.iterdir()] == ["scores.sqlite"]


@pytest.mark.parametrize(
    "content", [b"", b"no database, as its name would say", b"SQLite format 3\0" + b"\0" * 200]
)
def test_another_file_in_its_place_is_one_sentence(tmp_path, content):
    path = tmp_path / "scores.sqlite"
    path.write_bytes(content)
    with pytest.raises(
        WiringError, match="is not a score database of the paper's authors or is damaged"
    ):
        published(path=path)


def test_the_database_is_fetched_by_its_hash(monkeypatch, tmp_path):
    (tmp_path / "scores.sqlite").write_bytes(b"something else")
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(tmp_path))
    with pytest.raises(WiringError, match="is not the published scores.sqlite"):
        published()


def test_runs_are_split_into_model_and_moment():
    for model, images, seed, moments in RUNS:
        rows = [
            row
            for row in CATALOGUE.values()
            if row.training_data == "any"
            and not row.at_birth
            and (model_of(row), row.images, row.seed) == (model, images, seed)
        ]
        # not those of recipes that the authors ran otherwise
        rows = [row for row in rows if row.original_name]
        assert {row.epochs for row in rows} == {
            float(epochs.rstrip("*")) for epochs in moments.split()
        }
        assert [row.epochs for row in rows if is_converged(row)] == [
            float(epochs[:-1]) for epochs in moments.split() if epochs.endswith("*")
        ]


def test_points_are_sorted_and_selected_by_all_that_is_asked(scores):
    training = scores.select(model="cornet_s_wc_ct", images=FULL, seed=0)
    assert [point.epochs for point in training] == sorted(point.epochs for point in training)
    assert scores.select(model=("pixels", "hmax"), converged=True) == []
    assert {
        point.row.images for point in scores.select(model="cornet_s", epochs=3, images=(100, FULL))
    } == {100, FULL}
    assert scores.birth("cornet_s_wc_ct", 42).row.identifier == "cornet_s_wc_seed42"
    assert scores.birth("cornet_s").row.identifier == "cornet_s_kn"
    with pytest.raises(WiringError, match="points of the published scores are .* one was expected"):
        scores.one(model="cornet_s_wc_ct")


def test_updates_are_counted_as_the_paper_does(scores):
    star = scores.one(model="cornet_s_wc_ct", images=500_000, epochs=20, seed=0)
    assert (star.updates, star.synaptic_updates) == (10_000_000, 10_000_000 * 1_378_560)
    mapped = scores.one(model="mobilenet_wc_ct_mapping_1")
    assert mapped.synaptic_updates == mapped.updates * 3_129_344


# result tables of our own

HEADER = "model,benchmark,status,score,raw,ceiling,error,reason,fingerprint,weights,diet,seed"
CIFAR = "1 epoch of 50,000 CIFAR-10 images at 64 px"


@pytest.fixture
def table(tmp_path):
    def write(*rows: tuple[str, str, float, str], name: str = "scores.csv"):
        path = tmp_path / name
        lines = [
            f'{model},{benchmark},scored,{score},,,,,{abs(hash((model, diet))):08x},,"{diet}",0'
            for model, benchmark, score, diet in rows
        ]
        path.write_text("\n".join([HEADER, *lines]) + "\n")
        return path

    return write


def test_standins_are_named_on_axes_and_in_words(table):
    read = own(
        [
            table(
                *(
                    (model, benchmark, 0.5, CIFAR)
                    for model in ("cornet_s", "cornet_s_wc_ct")
                    for benchmark in STANDINS.values()
                )
            )
        ]
    )
    assert read.regions == ("V1", "IT")
    assert [read.label(region) for region in read.regions] == [
        "V1 (MacaqueV1Tuning)",
        "IT (Kriegeskorte2008.IT-rdm)",
    ]
    assert all(benchmark in read.measured_on for benchmark in STANDINS.values())
    assert "the average is over V1 and IT" in read.measured_on and read.unlike


@pytest.mark.parametrize("private", [False, True])
def test_the_papers_benchmarks_are_taken_where_they_are(table, private):
    names = [name.replace("public", "") if private else name for name in PAPER_BENCHMARKS]
    read = own(
        [
            table(
                *(
                    (model, name, score, "43 epochs of 1,280,000 ImageNet images")
                    for model, score in (("cornet_s", 0.4), ("resnet50", 0.2))
                    for name in names
                ),
                ("cornet_s", STANDINS["V1"], 0.9, "43 epochs of 1,280,000 ImageNet images"),
            )
        ]
    )
    assert list(read.benchmarks.values()) == names
    assert read.relative(read.one(model="resnet50")) == pytest.approx(50)
    assert not read.unlike and read.label("V1") == "V1"


def test_public_and_private_benchmarks_are_never_mixed(table):
    public, private = (
        list(PAPER_BENCHMARKS),
        [name.replace("public", "") for name in PAPER_BENCHMARKS],
    )
    read = own([table(*(("cornet_s", name, 0.4, CIFAR) for name in public[:2] + private[2:]))])
    assert set(read.benchmarks.values()) == set(private[2:])
    assert "average over V4, IT and behaviour alone" in read.unlike


def test_another_diet_is_another_point(table):
    sample = "1 epoch of 1,000 imagenet-sample-1000 images at 224 px"
    read = own(
        [
            table(
                ("cornet_s", STANDINS["V1"], 0.5, CIFAR),
                ("cornet_s_wc_ct", STANDINS["V1"], 0.4, CIFAR),
                ("cornet_s_wc_ct", STANDINS["V1"], 0.3, sample),
            )
        ]
    )
    assert [point.scores["V1"] for point in read.select(model="cornet_s_wc_ct")] == [0.4]
    assert [point.training_data for point in read.others] == ["imagenet-sample-1000 at 224 px"]


def test_of_two_standards_the_one_with_most_updates_is_100_percent_unless_a_diet_is_asked_for(
    table,
):
    path = table(
        ("cornet_s", STANDINS["V1"], 0.5, CIFAR),
        ("cornet_s", STANDINS["V1"], 0.6, "2 epochs of 10 dots images"),
    )
    assert own([path]).reference == pytest.approx(0.5)
    assert own([path], training_data="dots").reference == pytest.approx(0.6)
    with pytest.raises(
        WrongUsage, match="No standard model trained on 'stars' .* dots and CIFAR-10 at 64 px"
    ):
        own([path], training_data="stars")


def test_without_a_standard_model_nothing_is_in_percent(table):
    read = own([table(("cornet_s_wc", STANDINS["V1"], 0.5, "none"))])
    assert read.reference is None and read.relative(read.points[0]) is None
    assert "nothing is known in percent" in read.measured_on


def test_updates_are_those_of_the_diet(table):
    point = own([table(("cornet_s_wc_ct", STANDINS["V1"], 0.5, CIFAR))]).points[0]
    assert (point.updates, point.synaptic_updates) == (50_000, 50_000 * 1_378_560)
    assert (point.images, point.epochs, point.training_data) == (50_000, 1, "CIFAR-10 at 64 px")


def test_models_of_others_are_left_out_and_said(table):
    read = own(
        [table(("cornet_s", STANDINS["V1"], 0.5, CIFAR), ("alexnet", STANDINS["V1"], 0.5, ""))]
    )
    assert read.left_out == ("alexnet",)


def test_a_table_without_such_scores_is_one_sentence(table):
    with pytest.raises(
        WiringError, match="There is no score of a model of the catalogue on the paper's benchmarks"
    ):
        own([table(("alexnet", "anything", 0.5, ""))])


@pytest.mark.parametrize(
    "words, found",
    [
        (CIFAR + "; genome from CIFAR-10", ("CIFAR-10", 50_000, 1, 64)),
        (
            "0.5 epochs of 1,280,000 ImageNet images (as its authors state)",
            ("ImageNet", 1_280_000, 0.5, None),
        ),
        (
            "none; statistics from 128 unlabelled imagenet-sample-1000 images at 224 px",
            ("", 0, 0, None),
        ),
        ("none", ("", 0, 0, None)),
        (None, ("", 0, 0, None)),
    ],
)
def test_training_data_of_older_tables_are_read_from_their_sentence(words, found):
    assert trained_on(Result("cornet_s", STANDINS["V1"], SCORED, 0.5, diet=words)) == found


@dataclass(frozen=True)
class Stated(Result):
    """A row of a table that has columns for its training data."""

    training_data: str | None = None
    training_images: int | None = None
    training_epochs: float | None = None
    image_size: int | None = None


def test_columns_say_what_was_trained_on_where_a_table_has_them():
    row = Stated(
        "cornet_s",
        STANDINS["V1"],
        SCORED,
        0.5,
        training_data="CIFAR-10",
        training_images=50_000,
        training_epochs=2.0,
        image_size=64,
    )
    assert trained_on(row) == ("CIFAR-10", 50_000, 2.0, 64)
    assert trained_on(row).label == "CIFAR-10 at 64 px"
    assert trained_on(replace(row, training_images=0)) == ("", 0, 0, None)


def test_training_data_that_cannot_be_read_are_an_error_and_a_stated_count_is_believed(
    table, tmp_path
):
    with pytest.raises(
        WiringError,
        match="cornet_s_wc_ct .* cannot be read from '1 pass on 50,000 CIFAR-10 images'",
    ):
        own([table(("cornet_s_wc_ct", STANDINS["V1"], 0.5, "1 pass on 50,000 CIFAR-10 images"))])
    path = tmp_path / "stated.csv"
    write_results(
        path,
        [
            Result(
                "cornet_s_wc_ct", STANDINS["V1"], SCORED, 0.5, diet=CIFAR, supervised_updates=49_000
            )
        ],
    )
    assert own([path]).points[0].updates == 49_000


def test_scores_are_read_without_torch_pandas_or_brainscore():
    code = (
        "import sys, brainscore_wiring.paper.claims.claims_table, "
        "brainscore_wiring.paper.own_scores; print([name for name in ('torch', 'pandas', 'xarray', "
        "'brainscore_vision', 'brainscore_core') if name in sys.modules])"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        == "[]\n"
    )
