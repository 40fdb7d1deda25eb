"""The examples of docs/extending.md, run as they stand there: each adds one file, or one folder,
and changes none.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import fresh_process
import numpy as np
import pytest
from PIL import Image

PAGE = (Path(__file__).parents[1] / "docs/extending.md").read_text(encoding="utf-8")
#: Runs each line of standard input as a command, in one process; the first that fails ends it.
SHELL = """
import shlex, sys
from brainscore_wiring.commands import main
for line in sys.stdin:
    print("$", line, end="", flush=True)
    try:
        main(shlex.split(line)[1:])
    except SystemExit as exit:
        if exit.code:
            sys.exit(exit.code)
"""


def example(heading: str) -> tuple[dict[str, str], str]:
    """The texts of the files below a heading, by name, and the commands."""
    section = PAGE.split(f"\n## {heading}")[1].split("\n## ")[0]
    blocks = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    files = {re.match(r"# ([\w/]+\.py)\n", block)[1]: block for block in blocks}
    return files, re.search(r"```sh\n(.*?)```", section, re.DOTALL)[1]


def run(folder: Path, code: str, *arguments: str, text: str = "") -> str:
    """What a Python process says that finds the extensions in `folder`; it works in the folder
    above.
    """
    extended = {
        "BRAINSCORE_WIRING_EXTENSIONS": str(folder),
        "BRAINSCORE_WIRING_HOME": str(folder.parent / "home"),
    }
    environment = {**os.environ, **extended}
    done = fresh_process.run(
        code, *arguments, text=text, environment=environment, folder=folder.parent
    )
    assert not done.returncode, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def extended(tmp_path, request):
    """The folder with the files of the example of a heading, images beside it, and the example's
    commands.
    """
    files, commands = example(request.param)
    for name, code in files.items():
        (tmp_path / "extensions" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "extensions" / name).write_text(code)
    generator = np.random.default_rng(0)
    for number in range(8):
        folder = tmp_path / "images" / "train" / f"class {number % 2}"
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(generator.integers(0, 256, (40, 40, 3), np.uint8)).save(
            folder / f"{number}.png"
        )
    return tmp_path / "extensions", commands


def in_order(said: str, *parts: str) -> None:
    """Each part is there, after the ones before it."""
    place = 0
    for part in parts:
        found = said.find(part, place)
        assert found >= 0, f"'{part}' is missing after {place} in:\n{said[-6000:]}"
        place = found


def test_all_kinds_of_entries_that_describe_convolutions_are_listed():
    listed = re.search(r"a kind of entry: one of yours, or(.*?)\. `needs`", PAGE, re.DOTALL)[1]
    code = """
from brainscore_wiring.weight_compression import entry
entry._import_all()
print(*(kind for kind, one in entry._CLASSES.items() if one.sample is not entry.Entry.sample))
kinds = "kaiming_normal", "orthogonal", "smooth_filters"
assert not any(entry.entry_class(kind)().stored_numbers() for kind in kinds)
"""
    kinds = fresh_process.run(code).stdout.split()
    assert {*re.findall("`([a-z_]+)`", listed)} == {*kinds} - {"aligned_channels"}  # of others


@pytest.mark.parametrize("extended", ["A birth state"], indirect=True)
def test_a_birth_state_is_one_file(extended):
    folder, commands = extended
    said = run(folder, SHELL, text=commands)
    in_order(
        said,
        "cornet_s_sign_constrained ",
        "cornet_s_sign_constrained_bn",
        "cornet_s_sign_constrained_noise",
        "CORnet-S at birth from weights of one sign per neuron.",
        "no stored number",
        "# cornet_s_sign_constrained",
        "at_birth.safetensors",
        "batch-norm statistics measured on 8 unlabelled images",
        "| supervised updates",
        "$ brainscore score",
        "1.000",
    )


@pytest.mark.parametrize("extended", ["A birth state"], indirect=True)
def test_the_weights_of_the_example_have_one_sign_for_each_input_channel(extended):
    code = """
from brainscore_wiring.catalogue import variant
from brainscore_wiring.checkpoints.initial_weights import birth_of
birth = birth_of(variant("cornet_s_sign_constrained"))
weights = birth.state()["V2.conv1.weight"].flatten(1)
excitatory, inhibitory = (weights >= 0).all(0), (weights <= 0).all(0)
assert (excitatory | inhibitory).all() and 0 < inhibitory.float().mean() < 0.5
from brainscore_wiring.weight_compression.genome import Genome
assert Genome.from_json(birth.genome.to_json()) == birth.genome
"""
    run(extended[0], code)


@pytest.mark.parametrize("extended", ["A fitted birth state"], indirect=True)
def test_a_fitted_birth_state_is_one_file_and_its_genome_is_found(extended):
    folder, commands = extended
    said = run(folder, SHELL, text=commands)
    in_order(
        said,
        "cornet_s_layer_normal.genome.json",
        "92 numbers as the paper counts = 58 (batch norm normals of 29 layers) + 34 (layer normal",
        "CORnet-S at birth from one normal for each layer.",
        "yes, sampled at birth",
        "# cornet_s_layer_normal",
        "its synapses are sampled from the genome in the weight store",
        "| genome | not counted in the paper",
        "genome from Tiny ImageNet",
        "1.000",
    )
    away = brainscore(folder, "show", "cornet_s_layer_normal")  # another home has no such genome
    assert "`brainscore compress CHECKPOINT --as layer_normal` fits it" in away.stdout


@pytest.mark.parametrize("extended", ["A trainable set"], indirect=True)
def test_a_trainable_set_is_one_file(extended):
    folder, commands = extended
    said = run(folder, SHELL, text=commands)
    synapses = 2**14 + 2**16 + 2**18  # the skip connections of V2, V4 and IT
    in_order(
        said,
        "cornet_s_skip ",
        "cornet_s_wc_skip ",
        "CORnet-S from Kaiming Normal; trained: the skip connections; 20 epochs",
        "CORnet-S from weight compression; trained: the skip connections; 20 epochs",
        f"8 supervised updates of {synapses + 513_000:,} parameters",
        "`IT.skip`",
        f"{synapses + 128 + 256 + 512:,} as the paper counts",
        "$ brainscore score",
    )
    first = "from brainscore_wiring.accounting import expected_synapses as asked\n"
    assert (
        run(folder, f"{first}assert asked('cornet_s', 'kaiming_normal', 'skip_connections')") == ""
    )


@pytest.mark.parametrize("extended", ["An architecture"], indirect=True)
def test_an_architecture_is_one_file(extended):
    folder, commands = extended
    said = run(folder, SHELL, text=commands)
    down_sampling = 4 * (96 * 192 + 192 * 384 + 384 * 768)
    biases, decoder = 192 + 384 + 768, 769_000
    in_order(
        said,
        "convnext_tiny_kn ",
        "convnext_tiny_wc ",
        "convnext_tiny ",
        "convnext_tiny_wc_full ",
        "convnext_tiny_ct ",
        "convnext_tiny_wc_ct ",
        "ConvNeXt-Tiny from weight compression; trained: the down-sampling layers",
        "# convnext_tiny_wc",
        "ConvNeXt-Tiny, 28,589,128 parameters",
        "at_birth.safetensors",
        f"8 supervised updates of {down_sampling + biases + decoder:,} parameters",
        f"{down_sampling:,} as the paper counts",
        "$ brainscore score",
        "1.000",
    )
    assert "convnext_tiny_kn_bn" not in said  # nothing in it has statistics to measure


@pytest.mark.parametrize("extended", ["An architecture"], indirect=True)
def test_the_code_of_an_architecture_of_an_extension_is_part_of_a_training(extended):
    code = """
from brainscore_wiring.architectures import architecture
from brainscore_wiring.training.request import Training
assert not architecture("cornet_s").of_an_extension
assert architecture("convnext_tiny").of_an_extension
asked = dict(trainable=[], recipe="small", changes={}, seed=None)
print(Training.asked("convnext_tiny_ct", "visual-atoms", **asked).code)
"""
    assert re.fullmatch(r"[0-9a-f]{8}\n", run(extended[0], code))


@pytest.mark.parametrize("extended", ["An architecture"], indirect=True)
def test_a_network_of_an_extension_is_born_whole(extended):
    code = """
from brainscore_wiring.catalogue import variant
from brainscore_wiring.checkpoints.initial_weights import birth_of
state = birth_of(variant("convnext_tiny_wc")).state()
assert (state["features.0.1.weight"] == 1).all() and (state["features.0.1.bias"] == 0).all()
assert (state["features.1.0.layer_scale"] == 1e-6).all()
assert state["features.0.0.bias"].abs().max() > 0
assert state["features.1.0.block.0.weight"].std() > 0
"""
    assert run(extended[0], code) == ""


@pytest.mark.parametrize("extended", ["A benchmark"], indirect=True)
def test_a_benchmark_is_one_folder(extended):
    folder, commands = extended
    said = run(folder, SHELL, text=commands)
    words = "tolerance of eight images to being mirrored"
    in_order(
        said,
        "Kriegeskorte2008.IT-rdm ",
        "MirrorTolerance.IT-correlation ",
        f"IT: {words}",
        "Mur2013.behaviour-rdm",
        "$ brainscore score",
        "MirrorTolerance.IT-correlation ",
        "$ brainscore card",
        f"`MirrorTolerance.IT-correlation` | IT: {words} |",
    )


@pytest.mark.parametrize("extended", ["A benchmark"], indirect=True)
def test_a_benchmark_of_an_extension_is_listed_and_scored_by_default(extended):
    code = """
import brainscore_vision
import brainscore_wiring
from brainscore_wiring.scoring.benchmarks import BENCHMARKS
name = "MirrorTolerance.IT-correlation"
assert name in brainscore_wiring.list_benchmarks() and BENCHMARKS[name].default
brainscore_wiring.enable()
pixels = brainscore_wiring.load_model("pixels")
score = brainscore_vision.load_benchmark(name)(pixels)
assert 0 <= float(score) < 0.9 and float(score.attrs["ceiling"]) == 1
assert float(brainscore_wiring.score("pixels", name)) == float(score)
"""
    run(extended[0], code)


@pytest.mark.parametrize("extended", ["A benchmark", "Training data"], indirect=True)
def test_an_extension_is_known_without_torch_and_brain_score(extended):
    code = """
import sys
import brainscore_wiring.scoring.benchmarks, brainscore_wiring.catalogue
print({"brainscore_vision", "brainscore_core", "torch"} & set(sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "BRAINSCORE_WIRING_EXTENSIONS": str(extended[0])},
    )
    assert done.stdout == "set()\n", done.stderr


@pytest.mark.parametrize("extended", ["A benchmark"], indirect=True)
def test_a_benchmark_without_rows_is_described_by_its_docstring(extended):
    (extended[0] / "benchmarks/mirror_tolerance/rows.py").unlink()
    said = run(extended[0], fresh_process.COMMAND, "list", "benchmarks")
    in_order(
        said, "MirrorTolerance.IT-correlation ", "yes", "How alike IT answers an image and its"
    )


@pytest.mark.parametrize("extended", ["A benchmark"], indirect=True)
def test_files_of_a_benchmarks_own_are_listed_with_it(extended):
    rows = extended[0] / "benchmarks/mirror_tolerance/rows.py"
    group = """
from brainscore_wiring.public_files import PublicFile, register_group
register_group("blobs", PublicFile("blobs.zip", "https://x.org/blobs.zip", "0" * 64, 7, "made up"))
"""
    rows.write_text(group + rows.read_text().replace('mirrored"', 'mirrored", data=("blobs",)'))
    commands = "brainscore data status\nbrainscore list benchmarks\n"
    said = run(extended[0], SHELL, text=commands)
    in_order(said, "blobs  for MirrorTolerance.IT-correlation", "blobs.zip")
    in_order(said, "$ brainscore list", "\nMirrorTolerance.IT-correlation")
    json = run(extended[0], fresh_process.COMMAND, "list", "benchmarks", "--json")
    assert "blobs.zip is not on this machine: `brainscore data fetch blobs`" in json


@pytest.mark.parametrize("extended", ["Training data"], indirect=True)
def test_training_data_are_one_file(extended):
    folder, commands = extended
    said = run(folder, SHELL, text=commands)
    in_order(
        said,
        "8 supervised updates of",
        "held-out accuracy",
        "# cornet_s_wc_ct",
        "8 plaids images",
        "$ brainscore score",
        "training data: 1 epoch of 8 plaids images",
    )


@pytest.mark.parametrize("extended", ["Training data"], indirect=True)
def test_generated_images_of_an_extension_are_functions_of_class_and_instance(extended):
    code = """
import numpy, torch
from brainscore_wiring.training.data import open_training_data
training, held_out = open_training_data("plaids")
assert len(training.classes) == 6 and not set(training.instances) & set(held_out.instances)
images, labels = training.plain_view(64).batch([0, 6, 5])
assert labels.tolist() == [0, 0, 5] and not torch.allclose(images[0], images[1], atol=0.1)
for image, angle in zip(images, (15, 15, 90)):  # the two peaks of the spectrum tell the class
    spectrum = torch.fft.fft2(image[0] - image[0].mean(), s=(512, 512)).abs()
    frequencies = numpy.fft.fftfreq(512)
    down, across = numpy.meshgrid(frequencies, frequencies, indexing="ij")
    spectrum = torch.where(torch.from_numpy((down > 0) | ((down == 0) & (across > 0))), spectrum, 0)
    directions = []
    for _ in range(2):
        row, column = divmod(int(spectrum.argmax()), 512)
        directions.append(numpy.arctan2(frequencies[row], frequencies[column]))
        away = numpy.hypot(down - frequencies[row], across - frequencies[column]) > 0.02
        spectrum = torch.where(torch.from_numpy(away), spectrum, 0)
    between = numpy.rad2deg(abs(directions[0] - directions[1]))
    assert abs(min(between, 180 - between) - angle) < 8, (between, angle)
"""
    run(extended[0], code)


@pytest.mark.parametrize("extended", ["Training data"], indirect=True)
def test_a_misspelt_name_of_training_data_is_one_sentence(extended):
    code = """
from brainscore_wiring.commands import main
main(["train", "mobilenet_wc_ct", "--data", "plaid", "-o", "trained"])
"""
    with pytest.raises(AssertionError, match="did you mean plaids.*plaids and visual-atoms"):
        run(extended[0], code)


@pytest.mark.parametrize("extended", ["A birth state", "An architecture"], indirect=True)
def test_a_submission_carries_an_extension_and_needs_neither_this_package_nor_the_folder(extended):
    folder, _ = extended
    name = next(folder.iterdir()).stem
    copy = f"""
from pathlib import Path
from brainscore_wiring.submission.vendored import PACKAGE, vendored
files = vendored([f"{{PACKAGE}}.checkpoints.wiring_checkpoint", f"{{PACKAGE}}.extensions.{name}"])
for path, text in files.items():
    place = Path("copied") / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
"""
    run(folder, copy)
    use = """
import sys
sys.modules["brainscore_wiring"] = None  # as if it were not installed
from copied.architectures import ARCHITECTURES, build
from copied.weight_compression.entry import entry_class
"""
    known = {
        "sign_constrained": "entry_class('sign_constrained')",
        "convnext_tiny": "build('convnext_tiny')",
    }[name]
    run(folder, f"{use}{known}")


BIRTH = "from brainscore_wiring.weight_compression.births import BirthState, register_birth_state\n"
TRAINABLE = "from brainscore_wiring.architectures import TrainableSet, register_trainable_set\n"


def brainscore(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    """A command with the extensions of a folder."""
    environment = {**os.environ, "BRAINSCORE_WIRING_EXTENSIONS": str(folder)}
    return fresh_process.run(fresh_process.COMMAND, *arguments, environment=environment)


@pytest.mark.parametrize(
    "text, model, sentence",
    [
        (
            f"{BIRTH}register_birth_state(BirthState('orthogonal', 'mine'))",
            "cornet_s",
            "two birth states called 'orthogonal'",
        ),
        (
            f"{BIRTH}register_birth_state(BirthState('mine', 'mine', needs='luck'))",
            "cornet_s",
            "needs 'luck'; it can be",
        ),
        (
            f"{BIRTH}register_birth_state(BirthState('mine', 'mine', needs='none'))",
            "cornet_s",
            "does not say what it is made",
        ),
        (
            f"{TRAINABLE}register_trainable_set('cornet_s', 'mine', TrainableSet(('decoder',), "
            "'x', epochs=1, suffix='ct'))",
            "cornet_s",
            "Two rows of the catalogue are called cornet_s_ct",
        ),
        (
            f"{TRAINABLE}register_trainable_set('cornet_s', 'mine', TrainableSet(('V2.skp',), "
            "'x', epochs=1))",
            "cornet_s",
            "names 'V2.skp', which has no parameters there: did you mean V2.skip",
        ),
        (
            f"{BIRTH}register_birth_state(BirthState('my state', 'mine'))",
            "cornet_s",
            "mine.py': 'my state' is no name: one of the birth states has letters, digits",
        ),
        (
            f"{BIRTH}register_birth_state(BirthState('mine', 'mine', {{'V4.conv22': 'clusters'}}))",
            "cornet_s",
            "describes 'V4.conv22', which is no convolution of cornet_s: did you mean V4.conv2",
        ),
        (
            f"{TRAINABLE}register_trainable_set('mobilenet', 'mine', TrainableSet(('x',), 'x'))",
            "cornet_s",
            "mine.py': There is no architecture 'mobilenet': did you mean mobilenet_v1",
        ),
        ("import nothing_of_this_name", "cornet_s", "cannot be imported (ModuleNotFoundError"),
    ],
)
def test_a_mistake_in_an_extension_is_one_sentence(tmp_path, text, model, sentence):
    (tmp_path / "mine.py").write_text(text)
    done = brainscore(tmp_path, "show", model)
    assert done.returncode and sentence in done.stderr and done.stderr.count("\n") == 1, done.stderr


BENCHMARK = "benchmark_registry['Mine'] = None\n"
ROW = "from brainscore_wiring.scoring.benchmark_row import BenchmarkRow\n"


@pytest.mark.parametrize(
    "files, sentence",
    [
        (
            {"mine": BENCHMARK.replace("Mine", "MacaqueV1Tuning")},
            "two benchmarks called 'MacaqueV1Tuning'",
        ),
        (
            {"mine": BENCHMARK.replace("Mine", "MajajHong2015public.IT-pls")},
            "called 'MajajHong2015public.IT-pls', one of them Brain-Score's: rename the one of",
        ),
        ({"cowley2023": BENCHMARK}, "two folders of benchmarks called 'cowley2023'"),
        (
            {"mine": BENCHMARK, "mine/rows": f"{ROW}ROWS = [BenchmarkRow('Miné', 'IT', 'x')]"},
            "only one of the two has Mine and Miné",
        ),
        (
            {"mine": BENCHMARK, "mine/rows": f"{ROW}ROWS = [BenchmarkRow('Mine', 'LGN', 'x')]"},
            "Mine measures 'LGN'; it can be account, V1,",
        ),
        ({"mine": BENCHMARK, "mine/rows": "ROWS = rows"}, "cannot be read (NameError"),
        ({"mine": "", "mine/rows": "ROWS = []"}, "mine/__init__.py' belongs to no benchmark: each"),
    ],
)
def test_a_mistake_in_a_benchmark_is_one_sentence(tmp_path, files, sentence):
    for name, text in files.items():
        place = tmp_path / "benchmarks" / (f"{name}.py" if "/" in name else f"{name}/__init__.py")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    done = brainscore(tmp_path, "list", "benchmarks")
    assert done.returncode and sentence in done.stderr and done.stderr.count("\n") == 1, done.stderr


def test_a_benchmark_in_another_folder_is_told_where_it_belongs(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "__init__.py").write_text(BENCHMARK)
    done = brainscore(tmp_path, "show", "cornet_s")
    assert f"is a benchmark: put the folder into '{tmp_path / 'benchmarks'}'." in done.stderr


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path):
    done = brainscore(tmp_path / "away", "show", "cornet_s")
    assert done.returncode and "which is no folder" in done.stderr and done.stderr.count("\n") == 1
