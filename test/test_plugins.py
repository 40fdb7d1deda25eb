"""The plugin folders, read the way Brain-Score reads them."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from brainscore_core.metadata import load
from brainscore_core.plugin_management.handle_metadata import validate_metadata_file
from brainscore_core.plugin_management.import_plugin import ImportPlugin

import brainscore_wiring
from brainscore_wiring.catalogue import CATALOGUE
from brainscore_wiring.errors import WrongUsage
from brainscore_wiring.models import plugin
from brainscore_wiring.models.write_plugins import FOLDERS, folder_of, written_files
from brainscore_wiring.scoring.plugin_folders import STOCK, plugin_folders

PACKAGE = Path(brainscore_wiring.__file__).parent


def folders(kind: str) -> list[Path]:
    return sorted(file.parent for file in (PACKAGE / kind).glob("*/__init__.py"))


def registrations(kind: str) -> list[str]:
    """Identifiers by the greedy pattern with which Brain-Score's submission parser reads each
    line.
    """
    pattern = re.compile(rf"{kind[:-1]}_registry\[.*\]")
    return [
        match[0].partition("[")[2][1:-2]
        for folder in folders(kind)
        for line in (folder / "__init__.py").read_text().splitlines()
        if (match := pattern.search(line))
    ]


def test_what_is_written_is_what_the_catalogue_and_the_networks_say():
    assert {path: path.read_text() for path in written_files()} == written_files()


def test_every_variant_that_brain_score_does_not_have_is_registered_exactly_once():
    counts, stock = Counter(registrations("models")), plugin_folders(STOCK, "models")
    assert set(counts) == set(CATALOGUE) - set(stock) and set(counts.values()) == {1}
    assert {
        "pixels",
        "hmax",
    } <= stock.keys()  # a copy of the folder in brainscore_vision must not break its own models


@pytest.mark.parametrize(
    "identifier", [*list(CATALOGUE)[3::25], "cornet_s", "cornet_s_wc_ct", "cornet_s_imagenet"]
)
def test_brain_score_finds_a_variant_in_its_folder(identifier):
    found = ImportPlugin("brainscore_wiring", "models", identifier).plugin_dirname
    assert found == folder_of(CATALOGUE[identifier])


def test_brain_score_does_not_find_a_variant_that_does_not_exist():
    with pytest.raises(AssertionError, match="No registrations"):
        ImportPlugin("brainscore_wiring", "models", "cornet_s_wc_c")


@pytest.mark.parametrize("folder", FOLDERS)
def test_importing_a_folder_registers_all_its_models_without_loading_any(folder):
    from brainscore_vision import model_registry

    __import__(f"brainscore_wiring.models.{folder}")
    rows = [name for name in registrations("models") if folder_of(CATALOGUE[name]) == folder]
    assert rows and all(callable(model_registry[name]) for name in rows)


def test_every_converged_model_of_seed_0_has_metadata_that_keep_brain_scores_contract():
    described = {
        name
        for folder in folders("models")
        for name in load((folder / "metadata.yaml").read_text(), "vision")["models"]
    }
    assert described == {
        name
        for name in registrations("models")
        if not CATALOGUE[name].seed and not name.endswith("_epochs")
    }


@pytest.mark.parametrize("folder", folders("models"), ids=lambda folder: folder.name)
def test_a_model_folder_offers_what_brain_score_asks_for(folder):
    module = __import__(f"brainscore_wiring.models.{folder.name}.model", fromlist=["get_bibtex"])
    assert "openreview.net/forum?id=g1SzIRLQXMM" in module.get_bibtex("cornet_s_wc")
    assert module.get_model is plugin.get_model and module.get_layers is plugin.get_layers
    assert (folder / "test.py").is_file()


def test_layers_are_given_in_the_order_of_the_ventral_stream():
    assert plugin.get_layers("cornet_s_wc") == [
        "V1.output",
        "V2.output",
        "V4.output",
        "IT.output",
        "decoder.avgpool",
    ]


def test_layers_of_other_architectures_are_their_own():
    assert plugin.get_layers("mobilenet_wc_ct") == [
        "block1",
        "block4",
        "block9",
        "block13",
        "avgpool",
    ]


def test_an_unknown_identifier_has_no_reference():
    with pytest.raises(WrongUsage):
        plugin.get_bibtex("cornet_s_wc_c")


def test_every_benchmark_is_registered_exactly_once():
    counts = Counter(registrations("benchmarks"))
    assert counts["Geiger2022-supervised_synaptic_updates"] == 1 and set(counts.values()) == {1}


@pytest.mark.parametrize("folder", folders("benchmarks"), ids=lambda folder: folder.name)
def test_brain_score_finds_every_benchmark_and_accepts_its_metadata(folder):
    lines = (folder / "__init__.py").read_text()
    for identifier in re.findall(r"benchmark_registry\['([^']+)'\]", lines):
        assert (
            ImportPlugin("brainscore_wiring", "benchmarks", identifier).plugin_dirname
            == folder.name
        )
    errors, document = validate_metadata_file(folder / "metadata.yaml")
    assert errors == [] and set(document["benchmarks"]) <= set(registrations("benchmarks"))
