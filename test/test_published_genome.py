"""The authors' parameter files as a genome: read without executing them, and births match them."""

from __future__ import annotations

import json
import math
import os
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

from brainscore_wiring.checkpoints.locate import packaged_genome
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.weight_compression.array_pickles import LARGEST_FILE, read_array_pickle
from brainscore_wiring.weight_compression.gabor import encode
from brainscore_wiring.weight_compression.genome import Genome
from brainscore_wiring.weight_compression.genome_file import genome_document
from brainscore_wiring.weight_compression.published import read_published

FOLDER = Path(__file__).parents[2] / "shared" / "reference" / "pretrained"
needs_files = pytest.mark.skipif(
    not FOLDER.is_dir(),
    reason="the authors' parameter files are not in shared/reference/pretrained",
)
SHAPES = {
    "V1.conv2": (64, 64, 3, 3),
    "V2.conv2": (512, 512, 3, 3),
    "V2.conv_input": (128, 64, 1, 1),
    "V4.conv1": (1024, 256, 1, 1),
    "IT.skip": (512, 512, 1, 1),
}


@pytest.fixture(scope="module")
def genome() -> Genome:
    return read_published(FOLDER)


@pytest.fixture
def copied(tmp_path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "pretrained"))


@needs_files
def test_the_genome_has_16_clustered_layers_a_gabor_mixture_and_no_batch_norm(genome):
    kinds = [layer.kind for layer in genome.layers.values()]
    assert kinds.count("clusters") == 16 and kinds.count("gabor_mixture") == 1 and len(kinds) == 17
    assert genome.stored_numbers() == 4166 - 58  # the paper's total less its batch-norm normals
    assert "no file" in genome.source["batch_norm"]
    assert Genome.from_json(genome.to_json()) == genome


@needs_files
def test_the_numbers_of_a_layer_are_those_of_its_file(genome):
    entry = genome.layers["V2.conv2"]
    np.testing.assert_allclose(entry.count_means, [93.23, 89.84, 102.64, 97.53, 128.75], atol=0.005)
    np.testing.assert_allclose(entry.count_stds, [31.61, 32.39, 26.72, 25.17, 26.79], atol=0.005)
    np.testing.assert_allclose(entry.noise, [0.0100, 0.0102, 0.0093, 0.0103, 0.0093], atol=5e-5)
    assert np.min(entry.centres) == pytest.approx(-0.0099, abs=5e-5)
    assert np.max(entry.centres) == pytest.approx(0.0202, abs=5e-5)
    assert entry.in_channels == 512


@needs_files
def test_the_gabor_mixture_has_the_mean_of_the_table(genome):
    mixture = genome.layers["V1.conv1"]
    table = encode(np.load(FOLDER / "gm_gabor_V1.conv1.npy", allow_pickle=False)[..., :8]).reshape(
        64, 30
    )
    assert len(mixture.weights) == 4
    np.testing.assert_allclose(
        np.array(mixture.weights) @ np.array(mixture.means), table.mean(axis=0), atol=1e-6
    )
    covariance = sum(
        w * (np.array(c) + np.outer(m, m))
        for w, m, c in zip(mixture.weights, mixture.means, mixture.covariances)
    ) - np.outer(*[table.mean(axis=0)] * 2)
    np.testing.assert_allclose(covariance, np.cov(table.T, bias=True), atol=1e-4)


@needs_files
@pytest.mark.parametrize("layer", SHAPES)
def test_sampled_layers_match_the_means_of_the_files(genome, layer):
    """Mean weight at each place of the kernel against frequencies times centres, within 4.5
    standard errors.
    """
    entry = genome.layers[layer]
    weights = np.concatenate([entry.sample(SHAPES[layer], seed, layer) for seed in range(4)])
    # kernels are drawn independently
    kernels = weights.astype(np.float64).mean(axis=1).reshape(len(weights), -1)
    expected = expected_shares(entry) @ np.array(entry.centres)
    error = kernels.std(axis=0) / math.sqrt(len(kernels))
    assert (np.abs(kernels.mean(axis=0) - expected) < 4.5 * error).all()


@needs_files
@pytest.mark.parametrize("layer", ["V1.conv2", "V2.conv2"])
def test_sampled_layers_match_the_variance_of_the_files(genome, layer):
    """Mean squared weight against frequencies times (centre squared + noise squared), within 4.5
    standard errors.
    """
    entry = genome.layers[layer]
    weights = np.concatenate([entry.sample(SHAPES[layer], seed, layer) for seed in range(4)])
    kernels = (weights.astype(np.float64) ** 2).mean(axis=1).reshape(len(weights), -1)
    expected = expected_shares(entry) @ (
        np.array(entry.centres) ** 2 + np.array(entry.noise)[:, None] ** 2
    )
    error = kernels.std(axis=0) / math.sqrt(len(kernels))
    assert (np.abs(kernels.mean(axis=0) - expected) < 4.5 * error).all()


@needs_files
@pytest.mark.parametrize("layer", ["V2.conv_input", "V4.conv1", "IT.skip"])
def test_pointwise_layers_match_the_frequencies_of_the_files_and_their_spread(genome, layer):
    entry = genome.layers[layer]
    weights = np.concatenate([entry.sample(SHAPES[layer], seed, layer) for seed in range(4)])
    assert set(np.unique(weights)) == set(np.float32(entry.centres).ravel())
    counts = (weights[:, :, 0, 0] == np.float32(entry.centres[0][0])).sum(axis=1)
    error = entry.count_stds[0] / math.sqrt(len(counts))
    assert abs(counts.mean() - entry.count_means[0]) < 4 * error
    spread = math.hypot(entry.count_stds[0], 12**-0.5)  # whole channels add a variance of 1/12
    assert counts.std() == pytest.approx(spread, rel=4 / math.sqrt(2 * len(counts)))


def expected_shares(entry) -> np.ndarray:
    """Expected frequencies by a plain kernel-by-kernel loop over the published sampler's rules
    (40,000 kernels).

    They differ from the files' means where a cluster's spread exceeds its mean (V1.conv2) or the
    counts overfill.
    """
    generator = np.random.default_rng(1)
    totals = np.zeros(len(entry.noise))
    for draws in generator.normal(
        entry.count_means, entry.count_stds, (40_000, len(totals))
    ).tolist():
        free = entry.in_channels
        for cluster, draw in enumerate(draws):
            taken = free if cluster == len(draws) - 1 else min(abs(round(draw)), free)
            totals[cluster] += taken
            free -= taken
    return totals / totals.sum()


@needs_files
@pytest.mark.parametrize("components", [0, 65])
def test_a_mixture_that_64_kernels_cannot_have_is_refused(components):
    with pytest.raises(WrongUsage, match=f"1 to 64 components, not {components}"):
        read_published(FOLDER, gabor_components=components)


@needs_files
def test_reading_twice_gives_the_same_genome(genome):
    assert read_published(FOLDER).sha256() == genome.sha256()


class Poison:
    """Pickles into a call that leaves a marker file behind."""

    def __init__(self, call, *values):
        self.call, self.values = call, values

    def __reduce__(self):
        return self.call, self.values


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("kind", ["os.system", "eval", "inside an array", "in a dict"])
def test_a_poisoned_pickle_is_refused_and_never_runs(tmp_path, protocol, kind):
    marker, file = tmp_path / "marker", tmp_path / "cluster_V1.conv2.pkl"
    call = Poison(os.system, f"touch {marker}")
    content = {
        "os.system": call,
        "eval": Poison(eval, f"open({str(marker)!r}, 'w')"),
        "inside an array": np.array([call], dtype=object),
        "in a dict": {"mean": [1.0, call]},
    }[kind]
    file.write_bytes(pickle.dumps(content, protocol=protocol))
    with pytest.raises(WiringError, match="cluster_V1.conv2.pkl"):
        read_array_pickle(file)
    assert not marker.exists()


def test_the_refusal_names_the_thing(tmp_path):
    file = tmp_path / "a.pkl"
    file.write_bytes(pickle.dumps(Poison(os.system, "true"), protocol=3))
    with pytest.raises(WiringError, match=rf"{os.system.__module__}.system"):
        read_array_pickle(file)


def test_an_array_of_objects_is_refused(tmp_path):
    file = tmp_path / "a.pkl"
    file.write_bytes(pickle.dumps(np.array([1, None], dtype=object), protocol=3))
    with pytest.raises(WiringError, match="O8"):
        read_array_pickle(file)


def test_plain_arrays_and_numbers_are_read(tmp_path):
    file = tmp_path / "a.pkl"
    content = {
        "a": np.arange(6, dtype=np.float32).reshape(2, 3),
        "b": [np.float64(0.5), 3, (True, None)],
        "c": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "d": np.arange(3, dtype=">f8"),
        "e": [],
    }
    file.write_bytes(pickle.dumps(content, protocol=3))
    found = read_array_pickle(file)
    for key in "acd":
        np.testing.assert_array_equal(found[key], content[key])
    assert found["b"] == content["b"] and found["e"] == []


def test_a_small_file_that_unfolds_without_end_is_refused(tmp_path):
    nested = [0] * 10
    for _ in range(30):
        nested = [nested] * 10
    file = tmp_path / "a.pkl"
    file.write_bytes(pickle.dumps(nested, protocol=3))
    with pytest.raises(WiringError, match="more than"):
        read_array_pickle(file)


def test_a_file_too_large_for_parameters_is_refused(tmp_path):
    file = tmp_path / "a.pkl"
    file.write_bytes(b"\0" * (LARGEST_FILE + 1))
    with pytest.raises(WiringError, match="larger than 1 MB"):
        read_array_pickle(file)


def test_every_truncation_of_a_file_is_refused(tmp_path):
    file = tmp_path / "a.pkl"
    content = pickle.dumps(
        {"mean": [np.float64(1.5)], "centers": np.ones((1, 2, 3, 3), np.float32)}, protocol=3
    )
    for length in range(len(content)):
        file.write_bytes(content[:length])
        with pytest.raises(WiringError, match="damaged"):
            read_array_pickle(file)


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning"
)  # from decoding broken escapes in obsolete instructions
def test_changed_bytes_never_raise_anything_but_a_wiring_error(tmp_path):
    file = tmp_path / "a.pkl"
    content = pickle.dumps(
        {"mean": [np.float64(1.5)], "centers": np.ones((1, 2, 3, 3), np.float32)}, protocol=3
    )
    generator = np.random.default_rng(0)
    refused = 0
    for _ in range(500):
        changed = bytearray(content)
        changed[generator.integers(len(content))] = generator.integers(256)
        file.write_bytes(changed)
        try:
            read_array_pickle(file)
        except WiringError:
            refused += 1
    assert refused > 30


@needs_files
@pytest.mark.parametrize("name", ["cluster_IT.conv2.pkl", "gm_gabor_V1.conv1.npy"])
def test_a_missing_file_is_named(copied, name):
    (copied / name).unlink()
    with pytest.raises(WiringError, match=f"lacks {name} of the authors"):
        read_published(copied)


@needs_files
@pytest.mark.parametrize("name", ["cluster_IT.conv2.pkl", "gm_gabor_V1.conv1.npy"])
def test_a_cut_or_exchanged_file_is_named(copied, name):
    path = copied / name
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(WiringError, match=name):
        read_published(copied)
    shutil.copy(FOLDER / "cluster_V2.conv2.pkl", path)
    with pytest.raises(WiringError, match=name):
        read_published(copied)


@needs_files
def test_a_table_of_objects_is_refused_and_never_unpickled(copied):
    marker = copied / "marker"
    np.save(
        copied / "gm_gabor_V1.conv1.npy",
        np.array([Poison(os.system, f"touch {marker}")]),
        allow_pickle=True,
    )
    with pytest.raises(WiringError, match="gm_gabor_V1.conv1.npy"):
        read_published(copied)
    assert not marker.exists()


@needs_files
def test_side_experiments_are_not_needed(copied, genome):
    for name in (
        "cluster_V1.conv1.pkl",
        "cluster_IT.conv2_comp4.pkl",
        "cluster_IT.conv2_comp8.pkl",
    ):
        (copied / name).unlink()
    assert read_published(copied).layers == genome.layers


@needs_files
@pytest.mark.parametrize("name", ["cluster_V4.conv2.pkl", "gm_gabor_V1.conv1.npy"])
def test_one_changed_bit_in_a_file_is_not_what_was_published(copied, name):
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / name).write_bytes(content)
    with pytest.raises(WiringError, match=f"{name}' is not the file that the paper's authors"):
        read_published(copied)


def changed(text: str) -> str:
    """The text with another last digit in one number."""
    place = next(i for i in range(len(text) // 2, len(text)) if text[i] in "123")
    return text[:place] + str(int(text[place]) + 1) + text[place + 1 :]


def test_a_genome_file_carries_its_own_hash(tmp_path):
    packaged = packaged_genome()
    genome = Genome.read(packaged)
    genome.write(tmp_path / "g.json")
    again = Genome.read(tmp_path / "g.json")
    assert again == genome and again.sha256() == genome.sha256()
    damaged = changed((tmp_path / "g.json").read_text())
    with pytest.raises(WiringError, match="does not match the SHA-256 that it carries"):
        Genome.from_json(damaged)


@pytest.mark.parametrize("path", sorted(packaged_genome().parent.glob("*.genome.json")))
def test_packaged_genomes_carry_their_hashes(path, tmp_path):
    text = path.read_text(encoding="utf-8")
    genome = Genome.read(path)
    genome.write(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_text(encoding="utf-8") == text
    assert json.loads(text)["sha256"] == genome.sha256()


def test_a_genome_of_version_0_1_is_read_and_said_to_carry_no_hash(tmp_path, caplog):
    genome = Genome.read(packaged_genome())
    assert not caplog.text
    (tmp_path / "g.json").write_text(genome.to_json())
    assert Genome.read(tmp_path / "g.json") == genome
    assert "g.json' carries no sha256" in caplog.text


def test_what_a_damaged_genome_says_of_its_source_is_not_believed(tmp_path):
    text = packaged_genome().read_text().replace("Tiny ImageNet", "CIFAR-10", 1)
    assert text != packaged_genome().read_text()
    (tmp_path / "g.json").write_text(text)
    with pytest.raises(WiringError, match="does not match the SHA-256 that it carries"):
        genome_document(tmp_path / "g.json")


@pytest.mark.parametrize("field", ["count_means", "count_stds"])
def test_a_genome_whose_numbers_cannot_belong_to_its_layers_is_refused(field):
    document = genome_document(packaged_genome())
    document["layers"]["V2.conv1"][field][0] = 1e6
    with pytest.raises(WiringError, match="V2.conv1: 1e\\+06 channels in a cluster, of 128"):
        Genome.from_json(json.dumps(document))


def test_no_error_shows_a_whole_file():
    with pytest.raises(WiringError) as error:
        Genome.from_json(json.dumps({"format": "x" * 10**6, "layers": {}}))
    assert len(str(error.value)) < 2_100 and str(error.value).endswith("this version reads 1.")
