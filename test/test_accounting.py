"""The account: the paper's arithmetic to the last digit, and the truth beside it."""

from __future__ import annotations

import copy
import csv
import dataclasses
import math
from dataclasses import replace

import pytest
from conftest import shared
from hypothesis import given
from hypothesis import strategies as st

from brainscore_wiring.accounting import (
    WAKING_SECONDS,
    account_of,
    account_of_variant,
    published_genome_numbers,
    standard_updates,
    trained_synapses,
)
from brainscore_wiring.architectures import architecture, trained_parameters
from brainscore_wiring.architectures.layers import parameter_counts
from brainscore_wiring.catalogue import CATALOGUE, variant
from brainscore_wiring.checkpoints.initial_weights import birth_of
from brainscore_wiring.checkpoints.training_record import TrainingRecord
from brainscore_wiring.errors import WiringError, WrongUsage

RECORD = {
    "variant": "cornet_s_wc_ct",
    "architecture": "cornet_s",
    "birth": "weight_compression",
    "genome_sha256": "0" * 64,
    "genome_numbers": 4_166,
    "trained": "critical_training",
    "seed": 0,
    "diet": {
        "name": "CIFAR-10",
        "images": 50_000,
        "classes": 10,
        "manifest_sha256": "0" * 64,
        "image_size": 64,
    },
    "epochs": 1.5,
    "images_shown": 75_000,
    "images_skipped": 0,
    "unlabelled_images": 0,
    "trained_parameters": 1_889_256,
    "trained_parameters_paper": 1_378_560,
    "supervised_updates": 75_000,
    "supervised_synaptic_updates": 75_000 * 1_378_560,
    "supervised_synaptic_updates_true": 75_000 * 1_889_256,
}
UPDATES = [
    "supervised_updates",
    "supervised_synaptic_updates",
    "supervised_synaptic_updates_true",
]
COUNTS = [
    "genome_numbers",
    "images_shown",
    "images_skipped",
    "unlabelled_images",
    "trained_parameters",
    "trained_parameters_paper",
    *UPDATES,
]


@pytest.mark.parametrize(
    "identifier, counted",
    [
        ("cornet_s", 52_860_096),
        ("cornet_s_kn", 0),
        ("cornet_s_dt_v2", 52_813_824),
        ("cornet_s_dt_v4", 50_298_880),
        ("cornet_s_dt_it", 40_239_104),
        ("cornet_s_dt_decoder", 0),
        ("cornet_s_ct", 1_376_256),
        ("cornet_s_ct_v4", 40_566_784),
        ("cornet_s_ct_v2", 50_364_416),
        ("cornet_s_conv1", 1_376_256),
        ("cornet_s_conv1_v4", 40_566_784),
        ("cornet_s_conv1_v2", 50_364_416),
        ("cornet_s_batchnorm", 0),
        ("cornet_s_batchnorm_v4", 40_239_104),
        ("cornet_s_batchnorm_v2", 50_298_880),
        ("cornet_s_wc", 0),
        ("cornet_s_wc_full", 52_881_856),
        ("cornet_s_wc_decoder", 0),
        ("cornet_s_wc_dt_it", 40_248_832),
        ("cornet_s_wc_dt_v4", 50_318_080),
        ("cornet_s_wc_ct", 1_378_560),
        ("cornet_s_wc_ct_v4", 40_577_792),
        ("cornet_s_wc_ct_v2", 50_383_872),
        ("cornet_s_mixture_gaussian_ct", 1_378_560),
        ("cornet_s_mixture_gaussian_decoder_it_conv3", 1_049_600),
        ("resnet50", 23_454_912),
        ("resnet50_wc_ct", 5_029_888),
        ("mobilenet", 4_231_976),
        ("mobilenet_wc_ct", 2_399_552),
        ("pixels", 0),
        ("hmax", 0),
    ],
)
def test_the_papers_count_of_trained_synapses(identifier, counted):
    assert trained_synapses(variant(identifier)).paper == counted


def test_the_papers_count_agrees_with_every_published_score():
    with open(shared("reference/published_scores.csv"), newline="") as file:
        published = {
            score["original_name"]: score["trained_parameters"] for score in csv.DictReader(file)
        }
    compared = 0
    for row in CATALOGUE.values():
        if not row.at_birth and published.get(row.original_name):
            assert trained_synapses(row).paper == int(published[row.original_name]), row.identifier
            compared += 1
    assert compared > 600


@pytest.mark.parametrize(
    "identifier, learning_synapses",
    [
        ("cornet_s", 53_416_616),
        ("cornet_s_ct", 1_889_256),
        ("cornet_s_wc_ct", 1_889_256),
        ("cornet_s_dt_decoder", 513_000),
        ("cornet_s_batchnorm", 43_520 + 513_000),
        ("cornet_s_kn", 0),
        ("resnet50", 25_557_032),
        ("resnet50_dt_decoder", 2_049_000),
    ],
)
def test_the_true_count_is_every_parameter_that_learns(identifier, learning_synapses):
    assert trained_synapses(variant(identifier)).true == learning_synapses


@pytest.mark.parametrize("condition", architecture("cornet_s").trainable)
def test_the_decoder_learns_wherever_something_learns(condition):
    learned = trained_parameters(condition, parameter_counts("cornet_s"))
    assert ("decoder.linear.weight" in learned) == (condition != "nothing") == bool(learned)


def test_a_row_whose_architecture_has_no_such_set_is_refused_by_name():
    row = dataclasses.replace(variant("mobilenet_wc_ct"), trained="mapping_3")
    with pytest.raises(WiringError, match="mobilenet_wc_ct trains 'mapping_3'"):
        account_of_variant(row)


@pytest.mark.parametrize(
    "mapping, convolutions, norms",
    # pointwise layers 3 to 13 and all batch norms; these alone; three depthwise layers with theirs
    [
        (1, 128 * (128 + 256) + 256 * (256 + 512) + 512 * (5 * 512 + 1024) + 1024**2, 21_888),
        (2, 0, 21_888),
        (4, 9 * (64 + 256 + 512), 2 * (64 + 256 + 512)),
        (5, 9 * (64 + 256 + 512), 2 * (64 + 256 + 512)),
    ],
)
def test_the_authors_other_mappings_train_what_their_configurations_say(
    mapping, convolutions, norms
):
    found = trained_synapses(variant(f"mobilenet_wc_ct_mapping_{mapping}"))
    assert found == (convolutions, convolutions + norms + 1_025_000)


def test_the_standard_model_takes_55_million_updates_and_2909_trillion_synaptic_ones():
    account = account_of("cornet_s")
    assert account.supervised_updates == 55_040_000
    assert account.supervised_synaptic_updates == standard_updates() == 43 * 1_280_000 * 52_860_096
    assert account.supervised_synaptic_updates // 10**12 == 2_909
    assert account.updates_per_second == pytest.approx(5.504)
    assert account.status == "planned" and account.value == 0


def test_500000_images_and_20_epochs_of_wc_ct_take_13_786_trillion():
    account = account_of("cornet_s_wc_ct_500k_images_20_epochs")
    assert account.supervised_updates == 10_000_000
    assert account.supervised_synaptic_updates == 13_785_600_000_000
    assert (
        account.genome_numbers == 4_166
        and account.labelled_images == 500_000
        and account.epochs == 20
    )


@pytest.mark.parametrize(
    "identifier, updates",
    [
        ("cornet_s_1k_images_0p2_epochs", 200),
        ("cornet_s_10k_images_0p3_epochs", 3_000),
        ("cornet_s_0p7_epochs", 896_000),
        ("cornet_s_100k_images_1_epochs", 100_000),
    ],
)
def test_parts_of_an_epoch_are_counted_exactly(identifier, updates):
    assert account_of(identifier).supervised_updates == updates


def test_nothing_is_learned_at_birth():
    for row in CATALOGUE.values():
        if row.at_birth:
            account = account_of_variant(row)
            assert (
                account.supervised_updates,
                account.supervised_synaptic_updates,
                account.value,
            ) == (0, 0, 1)
            assert account.status == "at birth" and account.labelled_images == 0


@pytest.mark.parametrize(
    "identifier",
    [
        "cornet_s_wc_clustered_v1_conv1_ct_v4",
        "cornet_s_wc_raw_mixture_v1_conv1_ct_v4_6_epochs",
        "cornet_s_wc_raw_mixture_v1_conv1_ct_v2_6_epochs",
        "cornet_s_wc_ct_v4",
    ],
)
def test_areas_that_are_not_compressed_need_no_numbers(identifier):
    planned = account_of(identifier).genome_numbers
    whole = account_of(identifier.partition("_ct")[0]).genome_numbers
    assert planned == birth_of(variant(identifier)).genome_numbers() < whole


def test_unlabelled_images_are_counted_apart():
    assert (
        account_of("cornet_s_wc_bn").unlabelled_images
        == variant("cornet_s_wc_bn").unlabelled_images
        > 0
    )
    noise = account_of("cornet_s_wc_noise")
    assert (noise.unlabelled_images, noise.noise_images) == (0, 128)
    for one in (account_of("cornet_s_wc"), account_of("cornet_s_wc_bn")):
        assert one.noise_images == 0
    assert account_of("cornet_s_wc").unlabelled_images == 0


def test_going_on_with_training_counts_what_was_learned_before():
    before, after = account_of("cornet_s_wc_ct"), account_of("cornet_s_wc_ct_continued_full")
    assert after.supervised_updates == before.supervised_updates + 20 * 1_280_000
    assert (
        after.supervised_synaptic_updates
        == before.supervised_synaptic_updates + 20 * 1_280_000 * 52_860_096
    )
    assert (
        after.supervised_synaptic_updates_true
        == before.supervised_synaptic_updates_true + 20 * 1_280_000 * 53_416_616
    )
    assert (after.epochs, after.genome_numbers) == (before.epochs + 20, before.genome_numbers)
    for one in (before, after):
        assert one.updates_per_second == one.supervised_updates / WAKING_SECONDS


@pytest.mark.parametrize(
    "identifier, numbers",
    [
        ("cornet_s", 0),
        ("cornet_s_wc", 4_166),
        ("cornet_s_mixture_gaussian", 428_114),
        ("cornet_s_kernel_normal", 433_735),
        ("cornet_s_no_gabor_prior", 20_026),
        ("cornet_s_gabor_only_ct", 3_782),
        ("cornet_s_best_distribution_full", 433_750),
        ("cornet_s_wc_published", None),
    ],
)
def test_the_genome_is_as_large_as_published(identifier, numbers):
    assert published_genome_numbers(variant(identifier)) == numbers


def test_another_genomes_size_can_be_given():
    assert account_of_variant(variant("cornet_s_wc"), genome_numbers=4_000).genome_numbers == 4_000


@given(updates=st.integers(min_value=0, max_value=10**17))
def test_the_value_falls_from_1_to_0_on_a_logarithmic_axis(updates):
    account = replace(account_of("cornet_s"), supervised_synaptic_updates=updates)
    expected = 1 - math.log10(1 + updates) / math.log10(1 + standard_updates())
    assert account.value == pytest.approx(max(0, expected)) and 0 <= account.value <= 1
    assert replace(account, supervised_synaptic_updates=10 * updates + 1).value <= account.value


def test_an_unknown_model_has_no_account():
    with pytest.raises(WrongUsage, match="did you mean"):
        account_of("cornet_s_wc_cct")


def test_a_training_record_is_accounted_for_as_it_was_trained():
    account = TrainingRecord.from_json(RECORD).account
    assert (account.model, account.status) == ("cornet_s_wc_ct", "trained")
    assert account.supervised_updates == 75_000
    assert account.supervised_synaptic_updates == 75_000 * 1_378_560
    assert account.supervised_synaptic_updates_true == 75_000 * 1_889_256
    assert (account.labelled_images, account.epochs, account.genome_numbers) == (50_000, 1.5, 4_166)


def test_a_record_of_a_birth_state_with_measured_statistics_has_learned_nothing():
    record = RECORD | {
        "variant": "cornet_s_wc_bn",
        "trained": "nothing",
        "epochs": 0,
        "unlabelled_images": 128,
    }
    account = TrainingRecord.from_json(
        record | dict.fromkeys([*COUNTS[4:], "images_shown"], 0)
    ).account
    assert (account.status, account.supervised_synaptic_updates, account.value) == (
        "at birth",
        0,
        1,
    )
    assert (account.labelled_images, account.unlabelled_images) == (0, 128)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("value", [-1, 1.0, "1", None, True, math.nan])
def test_a_count_that_is_no_whole_number_is_refused_by_name(count, value):
    with pytest.raises(WiringError, match=f"'{count}'"):
        _ = TrainingRecord.from_json(RECORD | {count: value}).account


@pytest.mark.parametrize(
    "entry", [*COUNTS, "variant", "trained", "architecture", "birth", "diet", "epochs"]
)
def test_a_missing_entry_is_refused_by_name(entry):
    record = copy.deepcopy(RECORD)
    del record[entry]
    with pytest.raises(WiringError, match=f"no entry '{entry}'"):
        _ = TrainingRecord.from_json(record).account


@pytest.mark.parametrize(
    "change",
    [
        {"supervised_updates": 75_001},
        {"images_shown": 74_999},
        {"supervised_synaptic_updates": 1},
        {"supervised_synaptic_updates_true": 75_000 * 1_889_257},
        {"epochs": 1.0},
        {"epochs": 2},
        {"epochs": 1.50002},  # an image more
        {"epochs": 0, "images_shown": 0} | dict.fromkeys(UPDATES, 0),
        {"trained": "everything"},
        {"trained": "nothing"},
        {"diet": {"images": 10_000}},
        {"trained_parameters": 5, "supervised_synaptic_updates_true": 75_000 * 5},
        {"trained_parameters_paper": 5, "supervised_synaptic_updates": 75_000 * 5},
    ],
    ids=str,
)
def test_a_record_that_contradicts_itself_is_refused(change):
    with pytest.raises(WiringError, match="contradicts itself"):
        _ = TrainingRecord.from_json(RECORD | change).account


@pytest.mark.parametrize("epochs", [math.nan, math.inf, -1, "1", None])
def test_epochs_that_are_no_number_are_refused(epochs):
    with pytest.raises(WiringError, match="'epochs'"):
        _ = TrainingRecord.from_json(RECORD | {"epochs": epochs}).account


def test_something_that_is_no_record_is_refused():
    with pytest.raises(WiringError, match="not a mapping"):
        _ = TrainingRecord.from_json(["cornet_s"]).account
    with pytest.raises(WiringError, match="'diet.images'"):
        _ = TrainingRecord.from_json(RECORD | {"diet": {"name": "CIFAR-10"}}).account


def test_skipped_images_explain_a_gap_between_epochs_and_updates():
    record = RECORD | {"epochs": 1.50002, "images_skipped": 1}
    assert TrainingRecord.from_json(record).account.supervised_updates == 75_000
