"""`brainscore compress`: what goes in, what comes out, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
from conftest import shared

from brainscore_wiring.checkpoints.initial_weights import read_genome
from brainscore_wiring.checkpoints.locate import packaged_genome
from brainscore_wiring.weight_compression.genome import Genome
from brainscore_wiring.weight_compression.genome_table import genome_table_in_words, layer_rows


@pytest.fixture(scope="module")
def at_birth(tmp_path_factory):
    """A file with a whole CORnet-S, as others write it."""
    from safetensors.torch import save_file

    from brainscore_wiring.weight_compression.birth import Birth

    path = tmp_path_factory.mktemp("at_birth") / "cornet_s.safetensors"
    state = Birth("cornet_s", 0, Genome.read(packaged_genome())).state()
    save_file({f"module.{name}": value for name, value in state.items()}, path)
    return path


def test_a_whole_network_is_described_as_asked_and_the_json_rows_are_the_genome_s(
    run, at_birth, tmp_path
):
    status, out, err = run(
        "compress", at_birth, "--as", "derivative_bank", "-o", tmp_path / "g.json", "--json"
    )
    rows, genome = json.loads(out), Genome.read(tmp_path / "g.json")
    assert status == 0 and [row["layer"] for row in rows] == list(genome.layers)
    assert sum(row["stored_numbers"] for row in rows) == genome.stored_numbers()
    assert sum(row["bits"] for row in rows) == genome.bits()
    assert {row["kind"] for row in rows} == {"derivative_bank", "batch_norm_normals"}
    assert "IT.conv2: derivative bank" in err


def test_the_authors_files_become_a_genome_with_the_same_entries(run, tmp_path):
    folder = shared("reference/pretrained")
    status, out, _ = run("compress", folder, "-o", tmp_path / "genome.json")
    assert status == 0 and "4,108" in out
    assert Genome.read(tmp_path / "genome.json").layers == read_genome(folder).layers


def test_the_mixture_of_the_authors_table_may_have_another_number_of_components(run, tmp_path):
    status, out, _ = run(
        "compress",
        shared("reference/pretrained"),
        "-o",
        tmp_path / "genome.json",
        "--gabor-components",
        2,
        "--json",
    )
    assert status == 0 and json.loads(out)[0] == {
        "layer": "V1.conv1",
        "kind": "gabor_mixture",
        "parts": 2,
        "stored_numbers": 1862,
        "true_numbers": 1862,
        "bits": 32 * 1862,
        "unexplained_variance": None,
    }


def test_the_packaged_genome_adds_up_to_4166_in_words_and_rows():
    genome = Genome.read(packaged_genome())
    words = genome_table_in_words(genome)
    for term in (
        "4,166 numbers as the paper counts = 3,724 (gabor mixture of V1.conv1)",
        "288 (clusters of 3 x 3 filters of 4 layers)",
        "96 (clusters of 1 x 1 filters of 12 layers)",
        "58 (batch norm normals of 29 layers)",
        "4,224 numbers in truth",
    ):
        assert term in words
    rows = {row["layer"]: row for row in layer_rows(genome)}
    assert (
        rows["V4.conv2"]["parts"] == 8
        and rows["V1.norm1"]["parts"] is None
        and rows["V1.norm1"]["bits"] == 128
    )


def test_options_reach_the_fit(monkeypatch, run, at_birth, tmp_path):
    """Quickly: without restarts, on a small subsample."""
    from brainscore_wiring.weight_compression import clusters_fit

    monkeypatch.setattr(clusters_fit, "_SUBSAMPLE", 500)
    monkeypatch.setattr(clusters_fit, "_RESTARTS", 1)
    status, _, _ = run(
        "compress",
        at_birth,
        "-o",
        tmp_path / "g.json",
        "--clusters",
        "paper",
        "--clusters",
        "IT.conv2=9",
        "--gabor-components",
        3,
        "--noise",
        "text",
    )
    genome = Genome.read(tmp_path / "g.json")
    assert (
        status == 0
        and len(genome.layers["IT.conv2"].centres) == 9
        and len(genome.layers["V4.conv2"].centres) == 8
    )
    assert len(genome.layers["V1.conv1"].weights) == 3
    # 1 x 1 weights at birth take two values: nothing to spread
    assert np.min(genome.layers["V2.skip"].noise) == 0
    assert (
        genome.source["fit"]["noise"] == "text"
        and 0 < genome.source["fit"]["unexplained_variance"]["V1.conv2"] < 1
    )


@pytest.mark.parametrize(
    "arguments, status, sentence",
    [
        (["x.pth", "-o", "g.json", "--as", "kernel_normals"], 2, "did you mean kernel_normal"),
        (
            ["x.pth", "-o", "g.json", "--clusters", "elbows"],
            2,
            "--clusters takes paper, elbow, or a layer's number",
        ),
        (["x.pth", "-o", "g.json", "--clusters", "V2.conv2=many"], 2, "V2.conv2=many"),
        (["x.pth", "-o", "g.json", "--clusters", "V2.conv=3"], 2, "V2.conv2"),
        (["x.pth", "-o", "g.json", "--clusters", "V2.conv2=0"], 2, "1 to 255 clusters, not 0"),
        (["x.pth", "-o", "g.json", "--gabor-components", "aic"], 2, "a number or bic"),
        (["x.pth", "-o", "g.json", "--noise", "texts"], 2, "did you mean text"),
        (
            ["x.pth", "-o", "g.json", "--as", "no_gabor_prior", "--clusters", "elbow"],
            2,
            "no layer by clusters",
        ),
        (
            ["x.pth", "-o", "g.json", "--as", "no_gabor_prior", "--gabor-components", "bic"],
            2,
            "no mixture over Gabors",
        ),
        (["x.pth", "-o", "g.json", "--as", "rainbow_16"], 2, "--data DIR"),
        (["x.pth", "-o", "g.json", "--data", "."], 2, "leave --data out"),
        (["x.pth", "-o", "g.json"], 1, "There is no checkpoint file 'x.pth'"),
        ([".", "-o", "g.json"], 1, "lacks"),
        ([".", "-o", "g.json", "--as", "kernel_normal"], 2, "only --gabor-components"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_mistake_ends_in_one_sentence_and_leaves_nothing(
    run, tmp_path, monkeypatch, arguments, status, sentence
):
    monkeypatch.chdir(tmp_path)
    found, out, err = run("compress", *arguments)
    said = " ".join((out + err).split())
    assert found == status and sentence in said and "Traceback" not in said
    assert not list(tmp_path.iterdir())


def test_a_run_s_folder_is_answered_with_the_network_in_it(run, tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"")
    status, _, err = run("compress", tmp_path, "-o", tmp_path / "g.json")
    assert status == 2 and f"brainscore compress {tmp_path / 'model.safetensors'}" in " ".join(
        err.split()
    )
