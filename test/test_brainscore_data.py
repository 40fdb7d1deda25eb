"""The paper's five benchmarks: the table of their files is upstream's, and what is missing is said in one sentence."""

from __future__ import annotations

import hashlib
import importlib
import subprocess
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.scoring import brainscore_data
from brainscore_wiring.scoring.brainscore_data import (BENCHMARK_FILES, BRAIN_PREDICTIVITY, PAPER_BENCHMARKS, DataFile,
                                                       fetch, files_of, missing_files, missing_sentence)

STOCK = [identifier for identifier in BENCHMARK_FILES if identifier != BRAIN_PREDICTIVITY]
PRIVATE_TWINS = {"FreemanZiemba2013.V1-pls": "FreemanZiemba2013public.V1-pls",
                 "FreemanZiemba2013.V2-pls": "FreemanZiemba2013public.V2-pls",
                 "MajajHong2015.V4-pls": "MajajHong2015public.V4-pls",
                 "MajajHong2015.IT-pls": "MajajHong2015public.IT-pls",
                 "Rajalingham2018-i2n": "Rajalingham2018public-i2n"}

UPSTREAM_DATA = ("freemanziemba2013", "majajhong2015", "rajalingham2018")


@pytest.fixture(autouse=True)
def brainio_home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("BRAINIO_HOME", str(tmp_path / "brainio"))
    monkeypatch.setenv("BS_INSTALL_DEPENDENCIES", "no")
    return tmp_path / "brainio"


class _Loaded(Exception):
    """Ends upstream's loading of an assembly once everything it asks for is known."""


def _asked_for_by_upstream(identifier: str, monkeypatch) -> set[tuple[Path, str, str]]:
    """(path, SHA-1, version) of each file that upstream's own code asks for when it loads a benchmark and its data."""
    import brainscore_vision
    from brainscore_core.supported_data_standards.brainio import fetch as upstream_fetch, s3

    monkeypatch.setattr(upstream_fetch, "_local_data_path", None)
    asked = set()

    def fetch_file(location_type, location, sha1=None, version_id=None):
        fetcher = upstream_fetch.BotoFetcher(location=location, local_filename=sha1, version_id=version_id)
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
        benchmark._assembly.stimulus_set  # the private behavioural one is loaded at first use
    return asked


@pytest.mark.parametrize("identifier", STOCK)
def test_the_files_of_a_benchmark_are_those_that_upstream_asks_for(identifier, monkeypatch):
    ours = {(file.path, file.sha1, file.version) for file in files_of(identifier)}
    assert ours == _asked_for_by_upstream(identifier, monkeypatch)


def test_without_data_every_file_is_missing_and_the_sentence_says_what_to_type():
    for identifier in PAPER_BENCHMARKS:
        missing = missing_files(identifier)
        sentence = missing_sentence(identifier)
        assert missing == list(files_of(identifier)) and len(missing) == 3
        assert "3 of Brain-Score's data files" in sentence and f"`brainscore data fetch {identifier}`" in sentence
        assert sentence.startswith(identifier) and sentence.endswith(".") and "\n" not in sentence


@pytest.mark.parametrize("private, public", PRIVATE_TWINS.items())
def test_private_data_point_to_the_public_twin(private, public):
    assert missing_sentence(private).endswith(f"score {public} here instead.")


def test_a_file_in_its_place_is_not_missing(brainio_home):
    first, *others = files_of("MajajHong2015public.IT-pls")
    first.path.parent.mkdir(parents=True)
    first.path.write_bytes(b"something else")
    assert missing_files("MajajHong2015public.IT-pls") == others
    assert "needs 2 of Brain-Score's" in missing_sentence("MajajHong2015public.IT-pls")
    assert first.state == "damaged" and others[0].state == "missing"


def test_the_behavioural_readout_is_fitted_on_public_images_in_both_twins():
    stimuli = {"stimulus_objectome_public.csv", "stimulus_objectome_public.zip"}
    for identifier in ("Rajalingham2018public-i2n", "Rajalingham2018-i2n"):
        assert stimuli <= {file.name for file in files_of(identifier)}


@pytest.fixture
def bucket(tmp_path, monkeypatch):
    """A local bucket with one file of one benchmark; yields (benchmark, file, folder of the bucket)."""
    folder = tmp_path / "bucket"
    folder.mkdir()

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, *_arguments) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    file = DataFile("assy_small.nc", hashlib.sha1(b"data").hexdigest())
    monkeypatch.setattr(brainscore_data, "BUCKET", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setitem(BENCHMARK_FILES, "Small-pls", (file,))
    yield "Small-pls", file, folder
    server.shutdown()
    server.server_close()


def test_fetching_puts_a_file_where_brain_score_looks(bucket):
    identifier, file, folder = bucket
    (folder / file.name).write_bytes(b"data")
    assert fetch(identifier) == [file.path] and file.state == "present" and fetch(identifier) == []
    assert missing_sentence(identifier) == ""


def test_a_fetched_file_with_another_content_is_not_kept(bucket, brainio_home):
    identifier, file, folder = bucket
    (folder / file.name).write_bytes(b"date")
    with pytest.raises(WiringError, match="not the published assy_small.nc"):
        fetch(identifier)
    assert [path for path in brainio_home.rglob("*") if path.is_file()] == []


def test_private_data_are_not_fetched():
    with pytest.raises(WiringError, match="only Brain-Score's own servers"):
        fetch("MajajHong2015.IT-pls")


def test_an_unknown_benchmark_gets_the_nearest_names():
    with pytest.raises(WrongUsage, match="did you mean .*MajajHong2015.IT-pls"):
        missing_files("MajajHong2015.IT-plz")


def test_the_table_needs_no_brain_score():
    code = ("import sys, brainscore_wiring.scoring.brainscore_data; "
            "print({'brainscore_core', 'brainscore_vision', 'torch', 'numpy'} & set(sys.modules))")
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_brain_predictivity_is_refused_in_one_sentence_that_names_the_parts_without_data():
    from brainscore_wiring.benchmarks.brain_predictivity.benchmark import BrainPredictivity

    for file in files_of("Rajalingham2018public-i2n"):
        file.path.parent.mkdir(parents=True)
        file.path.write_bytes(b"here")
    with pytest.raises(WiringError, match="mean of 5 benchmarks and has no value without all of them") as error:
        BrainPredictivity()
    assert [identifier in str(error.value) for identifier in PAPER_BENCHMARKS] == [True, True, True, True, False]
    assert "\n" not in str(error.value)


class _Part:
    """A benchmark that scores as upstream's neural benchmarks do: raw ** 2 / ceiling."""

    def __init__(self, raw: float, ceiling: float):
        self.raw, self.own_ceiling = raw, ceiling

    def preallocate_memory(self, candidate) -> None:
        pass

    def __call__(self, candidate):
        from brainscore_core.metrics import Score

        score = Score(self.raw ** 2 / self.own_ceiling)
        score.attrs.update(raw=Score(self.raw), ceiling=Score(self.own_ceiling))
        return score


def _predictivity_of(monkeypatch, raw: dict[str, float]):
    import brainscore_vision
    from brainscore_wiring.benchmarks.brain_predictivity import benchmark

    parts = {identifier: _Part(raw[part], .8) for identifier, part in PAPER_BENCHMARKS.items()}
    monkeypatch.setattr(benchmark, "missing_sentence", lambda identifier: "")
    monkeypatch.setattr(brainscore_vision, "load_benchmark", parts.__getitem__)
    return benchmark.BrainPredictivity()(None)


def test_brain_predictivity_is_the_papers_mean_of_five(monkeypatch):
    score = _predictivity_of(monkeypatch, dict(V1=.2, V2=.3, V4=.4, IT=.5, behaviour=.6))
    expected = [.2 / .8, .3 / .8, .4 / .8, .5 / .8, .6 ** 2 / .8]  # behaviour: as Brain-Score itself gives it
    assert list(score.attrs["parts"].values()) == pytest.approx(expected)
    assert float(score) == float(score.raw) == pytest.approx(sum(expected) / 5)


def test_a_part_without_a_number_is_refused_and_never_counts_as_zero(monkeypatch):
    with pytest.raises(WiringError, match="The IT benchmark gave no number"):
        _predictivity_of(monkeypatch, dict(V1=.2, V2=.3, V4=.4, IT=float("nan"), behaviour=.6))


def test_relative_predictivity_is_the_fraction_of_a_measured_standard():
    from brainscore_core.metrics import Score
    from brainscore_wiring.benchmarks.brain_predictivity.benchmark import relative_to

    score = Score(.227)
    score.attrs["parts"] = {"V1": .2}
    relative = relative_to(score, Score(.42))
    assert relative.attrs == {"parts": {"V1": .2}, "relative": pytest.approx(.54, abs=.001)}
    assert "relative" not in score.attrs
