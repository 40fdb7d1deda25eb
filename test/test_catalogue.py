"""The catalogue: every run that the paper's authors published, once, under a clean name."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from dataclasses import asdict

import pytest
from conftest import shared
from test_published_scores import TRAINED_ALONE

from brainscore_wiring.architectures import ARCHITECTURES, TrainableSet, architecture
from brainscore_wiring.catalogue import (
    BIRTH_IMAGES,
    BIRTH_SEEDS,
    CATALOGUE,
    image_count,
    row_along_the_way,
    rows,
    variant,
)
from brainscore_wiring.catalogue.paper_runs import FULL, RUNS
from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.errors import WiringError, WrongUsage, nearest
from brainscore_wiring.weight_compression.births import BIRTH_STATES

PROMISED = """
cornet_s cornet_s_kn cornet_s_kn_bn cornet_s_wc cornet_s_wc_bn cornet_s_ct cornet_s_ct_v4
cornet_s_ct_v2 cornet_s_wc_ct cornet_s_wc_ct_v4 cornet_s_wc_ct_v2 cornet_s_dt_v2 cornet_s_dt_v4
cornet_s_dt_it cornet_s_dt_decoder cornet_s_wc_full cornet_s_wc_decoder cornet_s_wc_dt_it
cornet_s_wc_dt_v4 cornet_s_conv1 cornet_s_conv1_v4 cornet_s_conv1_v2 cornet_s_batchnorm
cornet_s_batchnorm_v4 cornet_s_batchnorm_v2 cornet_s_mixture_gaussian cornet_s_mixture_gaussian_ct
cornet_s_kernel_normal cornet_s_kernel_normal_ct cornet_s_no_gabor_prior cornet_s_no_gabor_prior_ct
cornet_s_learning_rate_1 cornet_s_adam cornet_s_adagrad cornet_s_schedule_alternative resnet50
resnet50_kn resnet50_wc resnet50_wc_ct mobilenet mobilenet_wc_ct hmax pixels cornet_s_6_epochs
cornet_s_1k_images_1_epochs cornet_s_wc_ct_500k_images_20_epochs cornet_s_ct_10k_images_0p2_epochs
cornet_s_seed42 cornet_s_wc_ct_seed94 cornet_s_wc_bn_seed42 cornet_s_imagenet cornet_s_wc_imagenet
cornet_s_wc_bn_imagenet cornet_s_ct_imagenet cornet_s_wc_ct_imagenet cornet_s_wc_ct_seed42_imagenet
cornet_s_wc_ct_seed94_imagenet
""".split()


@pytest.fixture(scope="module")
def published() -> list[dict[str, str]]:
    with open(shared("reference/published_scores.csv"), newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def by_original_name():
    return {
        row.original_name: row
        for row in CATALOGUE.values()
        if row.original_name and row.training_data == "any"
    }


@pytest.mark.parametrize("identifier", PROMISED)
def test_a_promised_identifier_is_a_row(identifier):
    assert variant(identifier).identifier == identifier


def test_every_published_training_run_is_a_row_with_its_epochs_images_and_seed(
    published, by_original_name
):
    for score in published:
        # under this name stand scores of another network alone
        if float(score["epochs"]) > 0 and score["original_name"] != TRAINED_ALONE:
            row = by_original_name[score["original_name"]]
            assert (row.epochs, row.images, row.seed) == (
                float(score["epochs"]),
                int(score["images"]),
                int(score["seed"]),
            ), score


def test_every_training_row_that_names_a_published_run_is_one(published, by_original_name):
    names = {score["original_name"] for score in published}
    assert [name for name in by_original_name if name not in names] == []


def test_every_run_is_drawn_in_the_published_panels(published, by_original_name):
    wrong = {
        (row.identifier, row.figure, score["figure"])
        for score in published
        if (row := by_original_name.get(score["original_name"]))
        and not row.at_birth
        and row.figure != score["figure"]
    }
    assert wrong == set()


def test_the_ten_births_of_figure_2_are_rows_each_with_measured_statistics_beside_it(
    published, by_original_name
):
    seeds = {int(score["seed"]) for score in published if "2text" in score["figure"]}
    assert seeds == set(BIRTH_SEEDS)
    for birth in ("cornet_s_kn", "cornet_s_wc"):
        for seed in seeds:
            suffix = f"_seed{seed}" if seed else ""
            plain, measured = variant(f"{birth}{suffix}"), variant(f"{birth}_bn{suffix}")
            assert plain.seed == measured.seed == seed and plain.at_birth and measured.at_birth
            assert measured.measured_statistics and not plain.measured_statistics


def test_a_published_run_has_one_row_only():
    names = [
        row.original_name
        for row in CATALOGUE.values()
        if row.original_name and row.training_data == "any"
    ]
    assert len(names) == len(set(names))


def test_identifiers_state_images_epochs_and_seed():
    for identifier, row in CATALOGUE.items():
        assert re.fullmatch(r"[a-z0-9_]+", identifier)
        plain = identifier.removesuffix("_imagenet")
        assert (f"_seed{row.seed}" in identifier) == (row.seed != 0)
        if cell := re.search(r"_(\d+p?\d*)_epochs", plain):
            assert row.epochs == float(cell[1].replace("p", "."))
        if row.images not in (0, FULL):
            assert f"_{image_count(row.images)}_images_" in identifier


def test_the_cells_of_the_grid_are_complete():
    for model, images, seed, moments in RUNS:
        cells = [
            row
            for row in CATALOGUE.values()
            if row.images == images
            and row.seed == seed
            and row.training_data == "any"
            and re.fullmatch(
                rf"{model}(_\d+k?_images)?(_[\dp]+_epochs)?(_seed\d+)?", row.identifier
            )
            and row.original_name
        ]
        assert sorted(row.epochs for row in cells) == sorted(
            float(moment.rstrip("*")) for moment in moments.split()
        )


@pytest.mark.parametrize(
    "identifier, epochs",
    [
        ("cornet_s", 43),
        ("cornet_s_seed42", 29),
        ("cornet_s_seed94", 28),
        ("cornet_s_ct", 29),
        ("cornet_s_wc_ct", 38),
        ("cornet_s_wc_ct_seed42", 40),
        ("cornet_s_wc_ct_seed94", 28),
        ("cornet_s_wc_ct_v4", 41),
        ("cornet_s_wc_ct_v2", 33),
        ("cornet_s_wc_full", 36),
        ("cornet_s_dt_it", 37),
        ("cornet_s_conv1", 30),
        ("resnet50_wc_ct", 22),
        ("mobilenet_wc_ct", 34),
        ("cornet_s_imagenet", 43),
    ],
)
def test_a_model_without_a_suffix_carries_the_papers_epochs_of_convergence(identifier, epochs):
    assert (variant(identifier).epochs, variant(identifier).images) == (epochs, 1_280_000)


def test_every_row_is_consistent():
    for row in CATALOGUE.values():
        assert row.architecture in ARCHITECTURES and row.birth in BIRTH_STATES
        assert row.at_birth == (row.trained == "nothing") == (row.epochs == 0) == (row.images == 0)
        assert bool(row.compressed) == BIRTH_STATES[row.birth].sampled
        assert row.section and row.summary.endswith(".")
        assert row.training_data in ("any", "imagenet") and row.identifier.endswith(
            "_imagenet"
        ) == (row.training_data == "imagenet")
        assert row.trained in architecture(row.architecture).trainable
        assert (row.birth == "trained") == bool(row.continues)
        assert set(row.recipe) <= set(Recipe.__dataclass_fields__)


def test_birth_states_beyond_the_paper_are_rows_with_zero_one_natural_and_noise_statistics():
    beyond = {
        f"cornet_s_{birth.identifier}": birth for birth in BIRTH_STATES.values() if birth.identifier
    }
    assert len(beyond) == 11
    for name, birth in beyond.items():
        for mark, images in (("_bn", (BIRTH_IMAGES, 0)), ("_noise", (0, BIRTH_IMAGES))):
            row = variant(f"{name}{mark}")
            assert row.at_birth and row.section == "beyond" and row.birth == birth.name
            assert (row.unlabelled_images, row.noise_images) == images
        assert (name in CATALOGUE) == (birth.needs != "images")


def test_weight_compression_reaches_as_far_as_the_name_says():
    assert variant("cornet_s_wc_ct").compressed == ("V1", "V2", "V4", "IT")
    assert variant("cornet_s_wc_ct_v4").compressed == ("V1", "V2", "V4")
    assert variant("cornet_s_wc_ct_v2").compressed == ("V1", "V2")


def test_batch_norms_beside_trained_down_sampling_layers_are_born_at_their_defaults():
    assert (
        variant("cornet_s_wc_ct").default_norms
        == variant("cornet_s_wc").default_norms
        == ("norm3_",)
    )
    assert variant("cornet_s_wc_decoder").default_norms == ()


def test_hyper_parameters_of_figure_6_differ_from_the_papers_in_one_value():
    assert variant("cornet_s_learning_rate_0p01").recipe == {"learning_rate": 0.01}
    assert variant("cornet_s_weight_decay_1e_3").recipe == {"weight_decay": 1e-3}
    assert variant("cornet_s").recipe == {}


def test_a_moment_of_a_training_has_the_name_of_its_row():
    longest = variant("cornet_s_wc_ct_1k_images_20_epochs")
    assert row_along_the_way(longest, 3).identifier == "cornet_s_wc_ct_1k_images_3_epochs"
    assert row_along_the_way(longest, 0.2).identifier == "cornet_s_wc_ct_1k_images_0p2_epochs"
    assert row_along_the_way(longest, 8.5) is longest
    whole = variant("cornet_s_wc_ct_imagenet")  # its name promises all epochs
    assert row_along_the_way(whole, 3).identifier == "cornet_s_wc_ct_3_epochs"
    assert row_along_the_way(whole, 8.5).identifier == "cornet_s_wc_ct"


def test_an_unknown_model_is_refused_with_the_nearest_names():
    with pytest.raises(WrongUsage, match="cornet_s_wc_ct.*brainscore list models"):
        variant("cornet_s_wcct")


@pytest.mark.parametrize(
    "asked, near",
    [
        ("MacaqueV1Tunning", ["MacaqueV1Tuning"]),
        ("V1", ["MacaqueV1Tuning", "FreemanZiemba2013.V1-pls"]),  # a region
        ("IT", ["MajajHong2015.IT-pls"]),  # in this case of letters first
        ("macaquev", ["MacaqueV1Tuning"]),
        ("V", []),
        ("behaviour", []),
    ],
)
def test_a_name_is_near_by_spelling_or_else_where_it_contains_what_was_asked(asked, near):
    names = ["FreemanZiemba2013.V1-pls", "MajajHong2015.IT-pls", "MacaqueV1Tuning", "Fidelity"]
    assert nearest(asked, names) == near


def test_rows_are_plain_data():
    assert (
        json.loads(json.dumps(asdict(variant("cornet_s_wc_ct_1k_images_1_epochs"))))["images"]
        == 1000
    )
    assert len({variant("cornet_s_learning_rate_1"), variant("cornet_s"), variant("cornet_s")}) == 2


def test_catalogue_account_and_synapses_import_neither_torch_nor_numpy_nor_brain_score():
    code = (
        "import sys, brainscore_wiring.catalogue, brainscore_wiring.accounting;"
        "print([name for name in ('torch', 'numpy', 'brainscore_core', 'brainscore_vision')"
        " if name in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip()
        == "[]"
    )


def test_cornet_s_conditions_all_have_a_row():
    assert {row.trained for row in CATALOGUE.values() if row.architecture == "cornet_s"} == set(
        architecture("cornet_s").trainable
    )


def test_a_recipe_without_a_row_is_refused_and_one_that_states_its_epochs_is_a_row(monkeypatch):
    monkeypatch.setitem(
        rows.PAPER_RECIPES, "cornet_s_seed7", ("", "everything", "beyond", {"seed": 7})
    )
    with pytest.raises(WiringError, match="The recipe cornet_s_seed7 has no row"):
        rows.catalogue()
    monkeypatch.setitem(
        rows.PAPER_RECIPES,
        "cornet_s_seed7",
        ("", "everything", "beyond", {"seed": 7, "epochs": 43}),
    )
    row = rows.catalogue()["cornet_s_seed7"]
    assert (row.seed, row.epochs, row.images, row.trained) == (7, 43, FULL, "everything")


def test_a_trainable_set_with_epochs_has_rows_from_each_birth_of_its_architecture(monkeypatch):
    trained = TrainableSet(("V2.skip", "decoder"), "one skip connection", epochs=3, suffix="skip")
    monkeypatch.setitem(architecture("cornet_s").trainable, "skip", trained)
    found = rows.catalogue()
    assert set(found) - set(CATALOGUE) == {"cornet_s_skip", "cornet_s_wc_skip"}
    assert (
        found["cornet_s_wc_skip"].birth == "weight_compression"
        and found["cornet_s_skip"].epochs == 3
    )


def test_two_rows_of_one_name_are_refused(monkeypatch):
    monkeypatch.setitem(
        architecture("cornet_s").trainable, "mine", TrainableSet((), "mine", epochs=1, suffix="ct")
    )
    with pytest.raises(WiringError, match="Two rows of the catalogue are called cornet_s_ct"):
        rows.catalogue()
