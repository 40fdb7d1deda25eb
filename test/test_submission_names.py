"""Public identifiers: a name promises a recipe; what the weights' record says differs from it has
to be in the name.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from brainscore_wiring.catalogue import CATALOGUE
from brainscore_wiring.checkpoints.header import Header
from brainscore_wiring.checkpoints.resolve import ResolvedModel, StoredWeights
from brainscore_wiring.checkpoints.training_record import GenomeSource, TrainingRecord
from brainscore_wiring.errors import WiringError
from brainscore_wiring.scoring.plugin_folders import STOCK, plugin_folders
from brainscore_wiring.submission.names import check_name, public_identifier
from brainscore_wiring.submission.zip_file import model_to_export

TRAINED = "cornet_s_wc_ct"
PUBLIC = "cornet_s_wc_ct_tiny_imagenet_100k_images_5_epochs"


def refusal(model: str, name: str | None = None) -> str:
    """The sentence with which a model is refused under a name, by default its own; empty where it
    is not.
    """
    try:
        one = model_to_export(model)
        check_name(name or one.identifier, one, plugin_folders(STOCK, "models"))
        return ""
    except WiringError as error:
        return str(error)


@pytest.mark.parametrize(
    "model, name",
    [
        ("cornet_s_kn", None),
        ("cornet_s_kn_bn_seed12", None),
        ("mobilenet_random", None),
        ("cornet_s_orthogonal", None),
        ("hmax", "hmax_dead_leaves"),
        (TRAINED, PUBLIC),
        (TRAINED, "Geiger2022_Tiny-ImageNet_100k-images_5-epochs"),
        ("cornet_s_wc", "cornet_s_wc_tiny_imagenet"),
        ("cornet_s_wc_bn", "cornet_s_wc_bn_genome_tiny_imagenet"),
    ],
)
def test_a_name_that_says_all_that_differs_from_the_paper_is_taken(model, name):
    assert refusal(model, name) == ""


@pytest.mark.parametrize(
    "model, name, reason",
    [
        (
            TRAINED,
            None,
            f"promises the paper's 38 epochs of 1,280,000 ImageNet-1k images.*`--as {PUBLIC}`",
        ),
        (TRAINED, "cornet_s_wc_ct_tiny_imagenet", "has? ?.*100,000 labelled images"),
        (TRAINED, "cornet_s_wc_ct_cifar10_100k_images_5_epochs", "the training data Tiny ImageNet"),
        (TRAINED, PUBLIC.replace("_5_epochs", "_15_epochs"), "5 epochs"),
        (TRAINED, PUBLIC.replace("wc_ct", "ct"), "reads like the recipe cornet_s_ct"),
        (TRAINED, PUBLIC.replace("wc_ct", "wc"), "reads like the recipe cornet_s_wc "),
        (TRAINED, f"imagenet_{PUBLIC}", "names ImageNet"),
        ("cornet_s_kn", "cornet_s_kn_imagenet", "names ImageNet"),
        ("cornet_s_kn_seed12", "cornet_s_kn", "seed 12"),
        ("cornet_s_wc", None, "a genome from Tiny ImageNet"),
        ("pixels", None, "already has a model 'pixels'"),
        ("cornet_s_kn", "cornet-S", "already has a model 'CORnet-S'"),
        ("cornet_s_kn", "two words", "cannot be a public identifier"),
        ("cornet_s_kn", "a['b']", "cannot be a public identifier"),
        ("alexnet", None, "Brain-Score's own"),
        ("cornet_s_wc_c", None, "did you mean cornet_s_wc"),
        ("mobilenet", None, "no weights on this machine"),
        ("cornet_s", None, "no weights on this machine"),
        ("no_such.safetensors", None, "no file"),
    ],
)
def test_what_would_mislead_or_clash_is_refused_in_a_sentence(model, name, reason):
    sentence = refusal(model, name)
    assert re.search(reason, sentence) and "\n" not in sentence


def test_named_layers_have_a_public_identifier_of_their_own():
    row = CATALOGUE["cornet_s_wc+decoder"]  # cornet_s_wc_decoder is another recipe
    record = TrainingRecord.stated(row, "ImageNet-1k")
    record = replace(record, genome=GenomeSource("ImageNet-1k"))
    one = ResolvedModel("x", row, StoredWeights(Header(Path("x.safetensors"), {}), record))
    name = public_identifier(row.identifier)
    assert name == "cornet_s_wc_train_decoder"
    check_name(name, one, frozenset())
    for other in ("cornet_s_wc_decoder", "cornet_s_wc"):
        with pytest.raises(
            WiringError, match=f"reads like .* {other} .* begin the name with {name}"
        ):
            check_name(other, one, frozenset())
    for more in ("decoder_it", "it_conv3", "critical_training_v4"):  # in place of what is trained
        with pytest.raises(WiringError, match="reads like cornet_s_wc[+].*, but the weights are"):
            check_name(f"cornet_s_wc_train_{more}", one, frozenset())
    assert public_identifier("a+V2.conv3+IT") == "a_train_V2.conv3_IT"


@settings(deadline=None, max_examples=200)
@given(
    model=st.sampled_from(["cornet_s_wc_ct", "cornet_s_ct", "cornet_s_wc_ct_1k_images_1_epochs"]),
    data=st.sampled_from(
        [
            "ImageNet-1k",
            "CIFAR-10",
            "CIFAR-100",
            "visual-atoms",
            "my own pictures",
            "imagenet-sample-1000",
        ]
    ),
    genome=st.sampled_from([None, "ImageNet-1k", "CIFAR-10"]),
    images=st.integers(1, 2_000_000),
    epochs=st.integers(1, 9000).map(lambda hundredths: hundredths / 100),
    size=st.sampled_from([32, 64, 224]),
)
def test_the_name_that_a_refusal_suggests_is_always_taken(
    model, data, genome, images, epochs, size
):
    assume(images * epochs >= 1)
    row = CATALOGUE[model]
    record = TrainingRecord.stated(replace(row, images=images, epochs=epochs), data)
    record = replace(
        record, data=replace(record.data, image_size=size), genome=GenomeSource(genome)
    )
    one = ResolvedModel(model, row, StoredWeights(Header(Path("x.safetensors"), {}), record))
    try:
        check_name(model, one, frozenset())
        assert data == "ImageNet-1k" and genome in (None, data) and size == 224
        assert abs(images - row.images) <= 0.01 * row.images and abs(epochs - row.epochs) < 0.01
    except WiringError as error:
        check_name(re.search("`--as (.*)`", str(error))[1], one, frozenset())
