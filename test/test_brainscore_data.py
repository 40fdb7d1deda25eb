"""The paper's five benchmarks: the table of their files is upstream's, and what is missing is said
in one sentence.
"""

from __future__ import annotations

import hashlib
import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import served

from brainscore_wiring.errors import WiringError
from brainscore_wiring.scoring import brainscore_data
from brainscore_wiring.scoring.brainscore_data import (
    BENCHMARK_FILES,
    BRAIN_PREDICTIVITY,
    MEANS,
    PAPER_BENCHMARKS,
    PRIVATE_BENCHMARKS,
    PRIVATE_BRAIN_PREDICTIVITY,
    DataFile,
    benchmarks_of,
    missing_files,
    missing_sentence,
)

STOCK = [identifier for identifier in BENCHMARK_FILES if identifier not in MEANS]
PRIVATE_TWINS = {
    "FreemanZiemba2013.V1-pls": "FreemanZiemba2013public.V1-pls",
    "FreemanZiemba2013.V2-pls": "FreemanZiemba2013public.V2-pls",
    "MajajHong2015.V4-pls": "MajajHong2015public.V4-pls",
    "MajajHong2015.IT-pls": "MajajHong2015public.IT-pls",
    "Rajalingham2018-i2n": "Rajalingham2018public-i2n",
    PRIVATE_BRAIN_PREDICTIVITY: BRAIN_PREDICTIVITY,
}

UPSTREAM_DATA = ("freemanziemba2013", "majajhong2015", "rajalingham2018")


@pytest.fixture(autouse=True)
def brainio_home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("BRAINIO_HOME", str(tmp_path / "brainio"))
    monkeypatch.setenv("BS_INSTALL_DEPENDENCIES", "no")
    return tmp_path / "brainio"


class _Loaded(Exception):
    """Ends upstream's loading of an assembly once everything it asks for is known."""


def _asked_for_by_upstream(identifier: str, monkeypatch) -> set[tuple[Path, str, str]]:
    """(path, SHA-1, version) of each file that upstream's own code asks for when it loads a
    benchmark and its data.
    """
    import brainscore_vision
    from brainscore_core.supported_data_standards.brainio import fetch as upstream_fetch
    from brainscore_core.supported_data_standards.brainio import s3

    monkeypatch.setattr(upstream_fetch, "_local_data_path", None)
    # an assembly that is kept under its name is not asked for
    monkeypatch.setenv("RESULTCACHING_DISABLE", "1")
    asked = set()

    def fetch_file(location_type, location, sha1=None, version_id=None):
        fetcher = upstream_fetch.BotoFetcher(
            location=location, local_filename=sha1, version_id=version_id
        )
        asked.add((Path(fetcher.output_filename), sha1, version_id))
        return fetcher.output_filename

    def load_stimulus_set(identifier, bucket, csv_sha1, zip_sha1, csv_version_id, zip_version_id):
        bucket, folder = bucket.split("/")
        s3.get_path(identifier, "csv", bucket, csv_version_id, csv_sha1, folder_name=folder)
        s3.get_path(identifier, "zip", bucket, zip_version_id, zip_sha1, folder_name=folder)

    def load_assembly(identifier, version_id, sha1, bucket, cls, stimulus_set_loader):
        bucket, folder = bucket.split("/")
        s3.get_path(identifier, "nc", bucket, version_id, sha1, folder_name=folder)
        stimulus_set_loader()
        raise _Loaded

    monkeypatch.setattr(s3, "fetch_file", fetch_file)
    for name in UPSTREAM_DATA:
        module = importlib.import_module(f"brainscore_vision.data.{name}")
        monkeypatch.setattr(module, "load_stimulus_set_from_s3", load_stimulus_set)
        monkeypatch.setattr(module, "load_assembly_from_s3", load_assembly)
    with pytest.raises(_Loaded):
        benchmark = brainscore_vision.load_benchmark(identifier)
        _ = benchmark._assembly.stimulus_set  # the private behavioural one is loaded at first use
    return asked


@pytest.mark.parametrize("identifier", STOCK)
def test_the_files_of_a_benchmark_are_those_that_upstream_asks_for(identifier, monkeypatch):
    ours = {(file.path, file.sha1, file.version) for file in BENCHMARK_FILES[identifier]}
    assert ours == _asked_for_by_upstream(identifier, monkeypatch)


def test_without_data_every_file_is_missing_and_the_sentence_says_what_to_type():
    for identifier in PAPER_BENCHMARKS:
        missing = missing_files(identifier)
        sentence = missing_sentence(identifier)
        assert missing == list(BENCHMARK_FILES[identifier]) and len(missing) == 3
        assert (
            "3 of Brain-Score's data files" in sentence
            and f"`brainscore data fetch {identifier}`" in sentence
        )
        assert sentence.startswith(identifier) and sentence.endswith(".") and "\n" not in sentence


@pytest.mark.parametrize("private, public", PRIVATE_TWINS.items())
def test_private_data_point_to_the_public_twin(private, public):
    assert missing_sentence(private).endswith(f"score {public} here instead.")


def test_a_file_in_its_place_is_not_missing(brainio_home):
    first, *others = BENCHMARK_FILES["MajajHong2015public.IT-pls"]
    first.path.parent.mkdir(parents=True)
    first.path.write_bytes(b"something else")
    assert missing_files("MajajHong2015public.IT-pls") == others
    assert "needs 2 of Brain-Score's" in missing_sentence("MajajHong2015public.IT-pls")
    assert first.state().state == "damaged" and others[0].state().state == "missing"


def test_the_behavioural_readout_is_fitted_on_public_images_in_both_twins():
    stimuli = {"stimulus_objectome_public.csv", "stimulus_objectome_public.zip"}
    for identifier in ("Rajalingham2018public-i2n", "Rajalingham2018-i2n"):
        assert stimuli <= {file.name for file in BENCHMARK_FILES[identifier]}


@pytest.fixture
def bucket(tmp_path, monkeypatch):
    """A local bucket with one file of one benchmark; yields (file, folder of the bucket)."""
    folder = tmp_path / "bucket"
    folder.mkdir()
    with served(folder) as address:
        file = DataFile("assy_small.nc", hashlib.sha1(b"data").hexdigest())
        monkeypatch.setattr(brainscore_data, "BUCKET", f"{address}/")
        monkeypatch.setitem(BENCHMARK_FILES, "Small-pls", (file,))
        yield file, folder


def test_fetching_puts_a_file_where_brain_score_looks(bucket):
    file, folder = bucket
    (folder / file.name).write_bytes(b"data")
    assert missing_files("Small-pls") == [file]
    assert file.fetch() == file.fetch() == file.path and file.state().state == "present"
    assert missing_sentence("Small-pls") == ""


def test_a_damaged_file_is_replaced_by_fetching_it(bucket):
    file, folder = bucket
    (folder / file.name).write_bytes(b"data")
    file.path.parent.mkdir(parents=True)
    file.path.write_bytes(b"date")
    assert file.state().state == "damaged" and file.fetch().read_bytes() == b"data"


def test_a_fetched_file_with_another_content_is_not_kept(bucket, brainio_home):
    file, folder = bucket
    (folder / file.name).write_bytes(b"date")
    with pytest.raises(WiringError, match="not the published assy_small.nc"):
        file.fetch()
    assert [path for path in brainio_home.rglob("*") if path.is_file()] == []


def test_private_data_are_not_fetched():
    for file in BENCHMARK_FILES["MajajHong2015.IT-pls"]:
        with pytest.raises(WiringError, match="only Brain-Score's own servers"):
            file.fetch()


def test_the_private_twins_are_those_of_the_public_benchmarks():
    assert (
        list(PRIVATE_BENCHMARKS.values())
        == list(PAPER_BENCHMARKS.values())
        == ["V1", "V2", "V4", "IT", "behaviour"]
    )
    assert list(PRIVATE_BENCHMARKS) == [name for name in PRIVATE_TWINS if name not in MEANS]


@pytest.mark.parametrize("mean, parts", MEANS.items())
def test_a_mean_reads_each_file_of_its_parts_once(mean, parts):
    files = BENCHMARK_FILES[mean]
    assert len(files) == len(set(files)) and set(files) == {
        file for part in parts for file in BENCHMARK_FILES[part]
    }


def test_a_file_knows_the_benchmarks_that_read_it():
    for identifier in STOCK:
        assert all(identifier in benchmarks_of(file) for file in BENCHMARK_FILES[identifier])
    assert not set(MEANS) & {
        name for file in BENCHMARK_FILES[BRAIN_PREDICTIVITY] for name in benchmarks_of(file)
    }


def test_the_table_needs_no_brain_score():
    code = (
        "import sys, brainscore_wiring.scoring.brainscore_data; "
        "print({'brainscore_core', 'brainscore_vision', 'torch', 'numpy'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
