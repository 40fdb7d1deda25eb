"""A name or file is resolved once: networks are built, genomes parsed, files read and hashed no
more often than needed.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from brainscore_wiring import architectures, downloads, files, folders, public_files
from brainscore_wiring.architectures import Preprocessing
from brainscore_wiring.benchmarks.kriegeskorte2008 import experiment
from brainscore_wiring.brain.load import load_wiring_model
from brainscore_wiring.checkpoints import header, training_record
from brainscore_wiring.checkpoints.resolve import resolve
from brainscore_wiring.errors import WiringError
from brainscore_wiring.scoring.score import score_many
from brainscore_wiring.scoring.table import ResultTable
from brainscore_wiring.weight_compression.genome import Genome


@pytest.fixture
def calls(monkeypatch) -> Counter:
    """How often each of the expensive functions was really called, by name."""
    counts: Counter = Counter()

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            counts[name] += 1
            return function(*arguments, **options)

        return call

    cornet_s = architectures.architecture("cornet_s")
    small_images = replace(cornet_s.region_map, preprocessing=Preprocessing(image_size=32))
    monkeypatch.setitem(
        architectures._ARCHITECTURES,
        "cornet_s",
        replace(cornet_s, network=counted("build", cornet_s.network), region_map=small_images),
    )
    monkeypatch.setattr(Genome, "_of", counted("genome", Genome._of))
    monkeypatch.setattr(
        header, "safetensors_metadata", counted("header", files.safetensors_metadata)
    )
    monkeypatch.setattr(
        header, "header_sha256", counted("check of the header", header.header_sha256)
    )
    monkeypatch.setattr(
        training_record.TrainingRecord,
        "_check_counts_agree",
        counted("check of the record", training_record.TrainingRecord._check_counts_agree),
    )
    monkeypatch.setattr(public_files, "digest", counted("digest", downloads.digest))
    read = experiment.read_dissimilarities
    monkeypatch.setattr(experiment, "read_dissimilarities", counted("experiment", read))
    return counts


def test_a_birth_state_is_one_network_and_one_genome(calls):
    load_wiring_model("cornet_s_wc")
    assert calls == {"build": 1, "genome": 1}


def test_a_checkpoint_is_one_network_and_its_header_and_record_are_checked_once(calls):
    load_wiring_model("cornet_s_wc_ct")
    assert calls == {
        "build": 1,
        "genome": 1,
        "header": 1,
        "check of the header": 1,
        "check of the record": 1,
    }


def test_nothing_is_built_or_parsed_to_resolve_a_model(calls):
    resolve("cornet_s_wc"), resolve("cornet_s_wc_ct")
    assert calls == {"header": 1, "check of the header": 1, "check of the record": 1}


def test_scoring_hashes_each_data_file_once_and_reads_the_experiment_once(
    calls, kriegeskorte2008, monkeypatch
):
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(kriegeskorte2008))
    public_files._digest_of.cache_clear()
    experiment._read_once.cache_clear()
    results = score_many(
        ["cornet_s_wc_ct"],
        [
            "Kriegeskorte2008.IT-rdm",
            "Kriegeskorte2008.IT-rdm.human",
            "Geiger2022-supervised_synaptic_updates",
        ],
        batch_size=92,
    )
    assert [result.status for result in results] == ["scored"] * 3
    assert (
        calls["digest"] == len(public_files.GROUPS["kriegeskorte2008"].files) == 2
        and calls["experiment"] == 1
    )
    assert calls["header"] == calls["check of the record"] == calls["build"] == 1


def test_resolved_models_are_scored_in_place_of_their_names(tmp_path):
    names = ["cornet_s_wc_ct", "mobilenet_random"]
    asked = ["Geiger2022-supervised_synaptic_updates"]
    by_name = score_many(names, asked, ResultTable(tmp_path / "names.csv"))
    resolved = [resolve(name) for name in names]
    assert score_many(resolved, asked, ResultTable(tmp_path / "resolved.csv")) == by_name
    assert {*resolved} == {resolve(name) for name in names}


def test_a_checkpoint_that_was_replaced_since_it_was_resolved_is_said_to_be(tmp_path):
    file = tmp_path / "mine.safetensors"
    shutil.copy(folders.packaged() / "cornet_s_wc_ct.safetensors", file)
    model = resolve(file)
    shutil.copy(folders.packaged() / "cornet_s_ct.safetensors", file)
    with pytest.raises(WiringError, match="has been replaced since it was looked at: resolve"):
        load_wiring_model(model)
