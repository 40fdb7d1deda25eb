"""Figures of a genome: every entry draws, pictures say what the numbers say, and nothing is
half-written.
"""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from brainscore_wiring.checkpoints.initial_weights import read_genome
from brainscore_wiring.commands import main
from brainscore_wiring.errors import WiringError
from brainscore_wiring.folders import packaged
from brainscore_wiring.paper.figures.genome_pictures import convolution_layers, draw_genome
from brainscore_wiring.paper.figures.sampled_against_trained import (
    compare_convolutions,
    draw_distributions,
    draw_filters,
    principal_filters,
)
from brainscore_wiring.paper.plotting import colour_mosaic, save_figure
from brainscore_wiring.weight_compression.entries.batch_norm_normals import BatchNormNormals
from brainscore_wiring.weight_compression.entries.clusters import Clusters
from brainscore_wiring.weight_compression.entries.orthogonal import Orthogonal
from brainscore_wiring.weight_compression.genome import Genome

GENOME = read_genome(packaged() / "cornet_s.genome.json")
SMALL = Genome({name: GENOME.layers[name] for name in ("V1.conv1", "V1.conv2", "V2.skip")})
TILT = np.array([-1, 0, 1, -1, 0, 1, -1, 0, 1], float)


def run(*arguments) -> int:
    with pytest.raises(SystemExit) as exit_:
        main(["figures", *map(str, arguments)])
        raise SystemExit(0)
    return exit_.value.code or 0


def words_in(svg) -> str:
    return " ".join(
        "".join(element.itertext())
        for element in ElementTree.parse(svg).iter()
        if element.tag.endswith("text")
    )


def born(genome: Genome, seed: int) -> dict[str, np.ndarray]:
    return {
        f"{layer.name}.weight": layer.entry.sample(layer.shape, seed, layer.name)
        for layer in convolution_layers(genome)
    }


def test_figure_2b_of_a_model_names_its_layers_numbers_and_shares(tmp_path):
    assert run("2B", "cornet_s_wc", "-o", tmp_path / "new") == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["2B.png", "2B.svg"]
    assert Image.open(tmp_path / "new" / "2B.png").width == 1050
    words = words_in(tmp_path / "new" / "2B.svg")
    assert "4,166 numbers as the paper counts (4,224 in truth)" in words
    assert GENOME.source["diet"] in words
    assert all(layer.name in words for layer in convolution_layers(GENOME))
    clusters = GENOME.layers["V4.conv2"]
    assert f"{len(clusters.centres)} clusters" in words
    assert all(f"{mean / clusters.in_channels:.0%}" in words for mean in clusters.count_means)


def test_the_same_genome_gives_the_same_bytes(tmp_path):
    files = [
        path.read_bytes()
        for name in "ab"
        for path in save_figure(draw_genome(SMALL), tmp_path / name, "2B")
    ]
    assert files[:2] == files[2:]


def test_the_authors_files_draw(tmp_path):
    from conftest import shared

    assert run("2B", shared("reference/pretrained"), "-o", tmp_path) == 0
    assert "60%" in words_in(tmp_path / "2B.svg")  # of V1.conv2's channels nearly nothing


def test_weights_of_a_network_that_the_genome_was_not_fitted_to_are_drawn_and_said_to_be_another(
    tmp_path, capsys
):
    (tmp_path / "small.json").write_text(replace(SMALL, source=GENOME.source).to_json())
    assert (
        run(
            "2B",
            tmp_path / "small.json",
            "-o",
            tmp_path / "new",
            "--weights",
            packaged() / "cornet_s_wc_ct.safetensors",
        )
        == 0
    )
    assert sorted(path.stem for path in (tmp_path / "new").glob("*.svg")) == [
        "2B",
        "2B_filters",
        "2B_weights",
    ]
    fitted = GENOME.source["fingerprint"]
    assert fitted in capsys.readouterr().err
    assert f"fitted to another network, {fitted}" in words_in(tmp_path / "new" / "2B_weights.svg")


@pytest.mark.parametrize("layer", ["V1.conv1", "V1.conv2", "V2.skip"])
def test_an_entry_of_another_kind_is_shown_by_what_it_samples(layer, tmp_path):
    genome = Genome({layer: Orthogonal()})
    state = born(SMALL, 0)
    save_figure(draw_genome(genome), tmp_path, "2B")
    save_figure(
        draw_filters(compare_convolutions(genome, state), "another birth"), tmp_path, "2B_filters"
    )
    words = words_in(tmp_path / "2B.svg")
    assert layer in words and "clusters" not in words and "sample" in words


def test_a_birth_is_no_distance_from_itself_and_little_from_a_sibling():
    for comparison in compare_convolutions(SMALL, born(SMALL, 0)):
        assert (
            comparison.distance(comparison.sampled) == 0
            and comparison.trained.std == comparison.sampled.std
        )
    for comparison in compare_convolutions(SMALL, born(SMALL, 1)):
        assert 0 < comparison.distance(comparison.sampled) < 0.1
        assert comparison.distance(comparison.sampled) < comparison.distance(comparison.kaiming)


def test_distributions_state_spreads_and_distances(tmp_path):
    comparisons = compare_convolutions(SMALL, born(SMALL, 1))
    save_figure(draw_distributions(comparisons, "a sibling"), tmp_path, "weights")
    words = words_in(tmp_path / "weights.svg")
    assert "Trained: a sibling." in words
    for comparison in comparisons:
        assert f"{comparison.trained.std:#.2g}" in words
        assert f"{comparison.distance(comparison.kaiming):.2f}" in words


def test_filters_are_drawn_beside_their_gabors_and_principal_filters(tmp_path):
    save_figure(
        draw_filters(compare_convolutions(SMALL, born(SMALL, 0)), "a birth"), tmp_path, "filters"
    )
    words = words_in(tmp_path / "filters.svg")
    assert "Principal filters" in words and "explain" in words
    explained = int(words.partition("(explain ")[2].partition("%")[0])
    assert explained >= 95  # a birth's first layer is made of Gabors


@settings(derandomize=True, deadline=None, max_examples=20)
@given(st.floats(0.01, 1), st.floats(0, 0.1))
def test_the_first_principal_filter_is_what_planted_clusters_differ_in(height, noise):
    planted = Clusters(
        [(height * TILT).tolist(), (-height * TILT).tolist()],
        [noise * height] * 2,
        [20, 20],
        [1, 1],
        40,
    )
    components, shares = principal_filters(
        planted.sample((50, 40, 3, 3), 0, "layer").reshape(-1, 9)
    )
    assert abs(components[0] @ TILT) / np.linalg.norm(TILT) == pytest.approx(1, abs=0.01)
    assert shares[0] > 0.95 and shares.sum() == pytest.approx(1)


@settings(derandomize=True, deadline=None, max_examples=20)
@given(st.integers(1, 20), st.sampled_from([3, 7]), st.floats(1e-4, 1e4))
def test_a_mosaic_shows_zero_as_grey_and_does_not_depend_on_a_kernels_scale(count, size, scale):
    kernels = np.random.default_rng(count).normal(size=(count, 3, size, size))
    kernels[:, :, 0, 0] = 0
    picture = colour_mosaic(kernels)
    np.testing.assert_allclose(colour_mosaic(kernels * scale), picture, atol=1e-9)
    assert picture.min() >= 0 and picture.max() <= 1 and (picture[0, 0] == 0.5).all()
    first = kernels[0].transpose(1, 2, 0)
    np.testing.assert_allclose(picture[:size, :size], 0.5 + 0.5 * first / np.abs(first).max())


@pytest.mark.parametrize(
    "genome, sentence",
    [
        (Genome({"V1.norm1": BatchNormNormals(1.0, 0.1, 0.0, 0.1)}), "no entry for a convolution"),
        (
            Genome({"V1.conv2": replace(GENOME.layers["V1.conv2"], centres=[[0.1] * 25] * 7)}),
            "have 25 weights",
        ),
    ],
    ids=["only batch norms", "centres of another size"],
)
def test_a_genome_that_cannot_be_drawn_is_said_to_be_one(genome, sentence):
    with pytest.raises(WiringError, match=sentence):
        draw_genome(genome)


@pytest.mark.parametrize(
    "arguments, status, sentence",
    [
        (["2b", "cornet_s_wc", "-o", "new"], 2, "did you mean 2B?"),
        (["2B", "cornet_s_wcc", "-o", "new"], 1, "cornet_s_wc"),
        (["2B", "nowhere.json", "-o", "new"], 1, "brainscore compress"),
        (["2B", "cornet_s_kn", "-o", "new"], 2, "not initialised from a genome"),
        (["2B", "cornet_s_wc_imagenet", "-o", "new"], 1, "brainscore compress cornet_s_imagenet"),
        (["2B", "cornet_s_wc", "-o", "file"], 1, "is a file, not a folder"),
        (["2B", "cornet_s_wc", "-o", "new", "--weights", "missing.pth"], 1, "missing.pth"),
        (
            ["2B", "cornet_s_wc", "-o", "new", "--weights", "another.safetensors"],
            1,
            "not a cornet_s checkpoint",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_mistake_ends_in_one_sentence_and_leaves_nothing_behind(
    arguments, status, sentence, tmp_path, monkeypatch, capsys
):
    import torch
    from safetensors.torch import save_file

    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    save_file({"conv1.weight": torch.zeros(64, 3, 7, 7)}, "another.safetensors")
    assert run(*arguments) == status
    said = capsys.readouterr().err
    assert (
        sentence in " ".join(said.split())
        and "Traceback" not in said
        and not (tmp_path / "new").exists()
    )
