"""Networks of others: by name, by function, as objects; with layers that are given or searched."""

from __future__ import annotations

import copy
import csv
import functools
import importlib.util
import linecache
import sys
import threading
import types
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from urllib.error import URLError

import numpy as np
import pytest
import torch
from brainscore_core.metrics import Score
from brainscore_vision.benchmarks import BenchmarkBase
from brainscore_vision.model_helpers.activations.pytorch import PytorchWrapper
from brainscore_vision.model_interface import BrainModel
from small_experiments import draw
from torch import nn

import brainscore_wiring
from brainscore_wiring.architectures import Preprocessing
from brainscore_wiring.brain.own_network import brain_model, penultimate, run_modules
from brainscore_wiring.commands import main
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.networks.code import code_of
from brainscore_wiring.networks.recording import record
from brainscore_wiring.scoring import layer_search, own_models
from brainscore_wiring.scoring.loading import check_model_name
from brainscore_wiring.scoring.own_models import OwnModel, is_own, with_options
from brainscore_wiring.scoring.stock_models import record_stock_on

UPDATES = "Geiger2022-supervised_synaptic_updates"
LAYERS = {"V1": "early", "IT": "late"}
FILE = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.early = nn.Sequential(nn.Conv2d(3, 4, 7, 16), nn.ReLU(inplace=True))
        self.relu = nn.ReLU(inplace=True)
        self.late = nn.Conv2d(4, 6, 3, 2)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(6, 1000)

    def forward(self, images):
        late = self.relu(self.late(self.relu(self.early(images))))
        return self.fc(self.pool(late).flatten(1))

def net(): return Net()
def with_layers(): return Net(), {"V1": "early", "IT": "late"}
def model():
    from brainscore_wiring import brain_model
    return brain_model(Net(), {"V1": "early"}, "mine", labelled_images=0)
def nothing(): return 3
def broken(): raise ValueError("no weights here")
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("own") / "my_models.py"
    path.write_text(FILE)
    return str(path)


@pytest.fixture
def network(file):
    from brainscore_wiring.scoring.own_models import _from_function

    torch.manual_seed(0)
    return _from_function(file, "net")[0]


class MeanIT(BenchmarkBase):
    """The mean response of IT to two images, between 0 and 1."""

    def __init__(self, paths, identifier="MeanIT"):
        self.paths = paths
        super().__init__(
            identifier=identifier,
            version=1,
            parent="IT",
            bibtex="",
            ceiling_func=lambda: Score(1.0),
        )

    def __call__(self, candidate):
        candidate.start_recording("IT", time_bins=[(70, 170)])
        responses = candidate.look_at(self.paths)
        score = Score(1 / (1 + np.exp(-float(responses.mean()))))
        score.attrs.update(raw=score.copy(), ceiling=self.ceiling)
        return score


def test_modules_that_run_once_are_known_in_their_order(network):
    ran = run_modules(network, 224)
    assert [one.name for one in ran] == ["early.0", "early", "late", "pool", "fc"]
    assert ran[-1].units == 1000 and penultimate(ran) == "pool"
    with pytest.raises(WiringError, match="Conv2d does not take images of shape"):
        run_modules(nn.Conv2d(1, 1, 1), 32)


def test_a_region_of_an_own_network_answers_with_its_layer(network, tmp_path):
    model = brain_model(network, LAYERS, identifier="net")
    paths = draw(tmp_path, 2)
    model.start_recording("IT", [(70, 170)])
    images = torch.stack([model.activations_model._image(str(path)) for path in paths])
    expected = record(network, images, ["late"])["late"][0].flatten(1)
    np.testing.assert_allclose(model.look_at(paths).values[..., 0], expected, rtol=1e-4, atol=1e-5)
    assert model.region_layer_map == LAYERS and model.region_map.behaviour == "pool"
    with pytest.raises(WiringError, match="net has no region 'V4', only V1, IT"):
        model.start_recording("V4", None)


class Tokens(nn.Module):
    """Tokens before images, as in CLIP: 49 of an image of 224 pixels."""

    def __init__(self):
        super().__init__()
        self.patches, self.tokens, self.fc = nn.Conv2d(3, 8, 32, 32), nn.Identity(), nn.Linear(8, 9)

    def forward(self, images):
        patches = self.patches(images).flatten(2).permute(2, 0, 1)
        return self.fc(self.tokens(patches).mean(0))


def test_a_module_that_runs_several_times_is_recorded_at_its_last_as_brainscore_does(
    network, tmp_path, monkeypatch
):
    monkeypatch.setenv("RESULTCACHING_DISABLE", "1")
    model, paths = brain_model(network, {"IT": "relu"}), draw(tmp_path, 9)
    model.record_on(batch_size=4)
    model.start_recording("IT", [(70, 170)])
    ours = model.look_at(paths).values[..., 0]
    theirs = PytorchWrapper(
        identifier="theirs",
        model=network,
        preprocessing=lambda files: np.stack(
            [model.activations_model._image(str(file)).numpy() for file in files]
        ),
    )(list(map(str, paths)), layers=["relu"])
    np.testing.assert_allclose(ours, theirs.values, rtol=1e-4, atol=1e-5)


def test_a_layer_whose_first_dimension_is_not_the_images_is_refused(tmp_path):
    with pytest.raises(WiringError, match=r"'tokens' gives \(49, 2, 8\) for 2 images: its fir"):
        brain_model(Tokens(), {"IT": "tokens"})
    model, paths = brain_model(Tokens(), {"IT": "patches"}), draw(tmp_path, 3)
    with pytest.raises(WiringError, match=r"'tokens' gives \(49, 3, 8\) for 3 images"):
        model.activations_model(paths, layers=["tokens"])


def test_a_network_that_was_set_to_training_answers_as_before(tmp_path):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 4, 16, 16), nn.BatchNorm2d(4), nn.Flatten())
    model, paths = brain_model(network, {"IT": "1"}), draw(tmp_path, 2)
    model.start_recording("IT", [(70, 170)])
    before = model.look_at(paths)
    network.train()
    assert model.look_at(paths).equals(before)


def test_a_region_map_is_shown_images_as_it_is_asked(network):
    one = brain_model(network, LAYERS, preprocessing=Preprocessing(64), visual_degrees=12)
    same = brain_model(network, one.region_map)
    other = brain_model(
        network, one.region_map, preprocessing=Preprocessing(96), visual_degrees=4
    ).region_map
    assert same.region_map == one.region_map
    assert (other.preprocessing.image_size, other.visual_degrees) == (96, 4)
    assert other.regions == one.region_map.regions


def test_a_modules_name_may_look_like_a_step(tmp_path):
    network = nn.Sequential()
    for name, module in {"my-trunk": nn.Conv2d(3, 4, 16, 16), "x-t1": nn.Flatten()}.items():
        network.add_module(name, module)
    model, paths = brain_model(network, {"V1": "my-trunk", "IT": "x-t1"}), draw(tmp_path, 1)
    recorded = [model.activations_model(paths, layers=[name]) for name in ("my-trunk", "x-t1")]
    assert [one.shape for one in recorded] == [(1, 784), (1, 784)]
    with pytest.raises(WiringError, match="'my-trunk-t1' is one of 1 steps, counted from 0"):
        model.activations_model(paths, layers=["my-trunk-t1"])


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_a_network_of_another_precision_is_recorded(network, tmp_path, dtype):
    model = brain_model(network.to(dtype), LAYERS)
    model.start_recording("V1", None)
    assert model.look_at(draw(tmp_path, 1)).shape == (1, 784, 1)


def test_one_layer_is_a_name_and_an_unknown_one_is_told_where_names_are(network, tmp_path):
    answers = brain_model(network, LAYERS).activations_model
    [path] = draw(tmp_path, 1)
    assert answers(path, layers="early").equals(answers(path, layers=["early"]))
    with pytest.raises(WrongUsage, match="did you mean early.*`network.named_modules"):
        answers(path, layers="earli")


def test_regions_and_layers_that_there_are_not_are_named(network):
    with pytest.raises(WrongUsage, match="no region 'V3': did you mean V"):
        brain_model(network, {"V3": "late"})
    with pytest.raises(WrongUsage, match="no layer 'lat': did you mean late"):
        brain_model(network, {"IT": "lat"})


@pytest.mark.parametrize(
    "stated, said",
    [
        ({"labelled_images": -5}, "labelled_images=-5 .* of at least 0"),
        ({"labelled_images": 1.5}, "labelled_images=1.5 was given"),
        ({"labelled_images": 5, "epochs": -1}, "epochs=-1 was given"),
        ({"labelled_images": 5, "epochs": float("nan")}, "epochs=nan was given"),
        ({"labelled_images": 5, "trained_synapses": -1}, "trained_synapses=-1 was given"),
        ({"visual_degrees": 0}, "cannot span 0 degrees"),
        ({"visual_degrees": "8"}, "visual_degrees='8' was given"),
        ({"preprocessing": {"image_size": 64}}, "it takes a .*Preprocessing.image_size=64.\\."),
        ({"layers": None}, "layers=None was given: it takes a dictionary"),
        ({"layers": {"V1": ["early", "late"]}}, "A list is no name of a layer"),
        ({"network": "resnet18"}, "A str is no network: give a torch.nn.Module"),
    ],
)
def test_what_is_stated_wrongly_of_an_own_network_is_refused(network, stated, said):
    with pytest.raises(WrongUsage, match=said):
        brain_model(**{"network": network, "layers": LAYERS, **stated})


@pytest.mark.parametrize(
    "stated, said",
    [
        ({"image_size": "64"}, "image_size='64' was given"),
        ({"image_size": 0}, "image_size=0 was given: it takes a whole number of at least 1"),
        ({"mean": 0.5}, "mean=0.5 was given: it takes three numbers"),
        ({"std": (1, 1, 0)}, "three numbers above 0"),
        ({"std": (1, 1, "1")}, "std='1' was given"),
    ],
)
def test_a_preprocessing_that_cannot_be_is_refused(stated, said):
    with pytest.raises(WrongUsage, match=said):
        Preprocessing(**stated)


def test_a_preprocessing_of_numpys_numbers_is_pythons():
    ours, theirs = (
        Preprocessing(64, (0, 0, 0), (0.5, 0.5, 0.5)),
        Preprocessing(np.int64(64), np.zeros(3), np.full(3, 0.5)),
    )
    assert ours == theirs and type(theirs.image_size) is int


def test_numbers_of_numpy_make_the_same_account(network):
    ours, theirs = (
        brain_model(network, LAYERS, labelled_images=kind(100), epochs=kind(2)).account
        for kind in (int, np.int64)
    )
    assert ours == theirs and type(theirs.supervised_synaptic_updates) is int


def test_a_decoder_of_other_classes_names_no_images(network):
    model = brain_model(network, LAYERS)
    model.start_task(BrainModel.Task.label, "imagenet")
    network.fc = nn.Linear(6, 10)
    with pytest.raises(WiringError, match="its last layer has 10 units"):
        brain_model(network, LAYERS).start_task(BrainModel.Task.label, "imagenet")


def test_the_account_is_what_is_stated(network):
    account = brain_model(network, LAYERS, labelled_images=100, epochs=2.5).account
    true = sum(parameter.numel() for parameter in network.parameters())
    convolutions = 4 * 3 * 49 + 6 * 4 * 9
    assert account.status == "stated" and account.supervised_updates == 250
    stated = brain_model(network, LAYERS, labelled_images=100, epochs=2.5)
    assert stated.provenance["diet"] == "2.5 epochs of 100 images (as stated)"
    assert brain_model(network, LAYERS).provenance["diet"] == "unknown"
    assert account.supervised_synaptic_updates == 250 * convolutions
    assert account.supervised_synaptic_updates_true == 250 * true
    fewer = brain_model(network, LAYERS, labelled_images=100, trained_synapses=7).account
    assert fewer.supervised_synaptic_updates == 700
    born = brain_model(network, LAYERS, labelled_images=0)
    assert (born.account.status, brainscore_wiring.account(born).value) == ("at birth", 1.0)
    with pytest.raises(WiringError, match="state the labelled images"):
        brainscore_wiring.account(brain_model(network, LAYERS))


def test_names_of_own_networks():
    own = ("torchvision:resnet18", "timm:vit", "a/b.py:net", "package.module:net")
    assert all(map(is_own, own))
    assert not any(map(is_own, ("resnet18", "cornet_s_wc+IT.conv2", "a.safetensors", "a/b.py")))
    assert not any(map(is_own, ("run_12:30/model.safetensors", "run:2/a.safetensors")))
    assert not is_own("blur25_convnext_tiny:in12k_ft_in1k")  # one of brainscore_vision's
    for name in own:
        check_model_name(name)


def test_torchvisions_networks_are_born_from_a_seed():
    layers = (("V1", "features.2"), ("IT", "features.12"))
    models = [OwnModel("torchvision:squeezenet1_1", layers, seed).load() for seed in (0, 0, 1)]
    first, again, other = (model.fingerprint for model in models)
    assert first == again != other
    assert models[0].provenance["weights"] == "torchvision's initialisation"
    assert models[0].provenance["layers"].startswith("V1=features.2 IT=features.12 behavior=")
    assert models[0].account.status == "at birth"
    assert models[0].identifier == "torchvision:squeezenet1_1"
    with pytest.raises(WrongUsage, match="'resnet19': did you mean torchvision:resnet1"):
        OwnModel("torchvision:resnet19").load()


def test_a_network_that_is_born_leaves_the_random_state_alone():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    OwnModel("torchvision:squeezenet1_1", (("IT", "features.12"),), 3).load()
    assert torch.equal(torch.rand(1), expected)


def test_timm_is_asked_for_where_it_is_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(WiringError, match="timm is not installed: `pip install timm`"):
        OwnModel("timm:vit_tiny_patch16_224").load()


def test_timms_networks_are_born_from_a_seed_and_unknown_ones_have_near_names():
    timm = pytest.importorskip("timm", reason="timm is not installed")
    model = OwnModel("timm:test_resnet", (("IT", "layer4"),)).load()
    assert model.account.status == "at birth" and model.identifier == "timm:test_resnet"
    assert model.provenance["weights"] == "timm's initialisation"
    config = timm.data.resolve_model_data_config(timm.create_model("test_resnet"))
    assert model.region_map.preprocessing.mean == tuple(config["mean"])
    for name, near in (("resnt18", "timm:resnet18"), ("resnet18.a1", "timm:resnet18.a1_in1k")):
        with pytest.raises(WrongUsage, match=f"did you mean .*{near}"):
            OwnModel(f"timm:{name}").load()


def test_weights_that_cannot_be_downloaded_are_one_sentence(monkeypatch):
    from torchvision import models

    def no_connection(*_, **__):
        raise URLError("Name or service not known")

    monkeypatch.setattr(models, "get_model", no_connection)
    with pytest.raises(WiringError, match="Name or service not known.*copy ~/.cache/torch/hub"):
        OwnModel("torchvision:resnet18", pretrained=True).load()


def test_a_function_gives_a_network_its_layers_or_a_brain_model(file):
    model = OwnModel(f"{file}:with_layers").load()
    assert model.region_layer_map == LAYERS and model.identifier == "my_models.py:with_layers"
    assert model.account is None and model.provenance["weights"] == "from my_models.py:with_layers"
    chosen = OwnModel(f"{file}:with_layers", (("V4", "late"),)).load()
    assert chosen.region_layer_map == {"V4": "late"}


@pytest.mark.parametrize(
    "name, error, said",
    [
        ("nett", WrongUsage, "has no function 'nett': did you mean .*my_models.py:net"),
        ("nothing", WiringError, "gives a int: it should give a BrainModel, a torch.nn.Module"),
        ("broken", WiringError, "failed with ValueError: no weights here"),
    ],
)
def test_a_function_that_gives_no_model_is_named(file, name, error, said):
    with pytest.raises(error, match=said):
        OwnModel(f"{file}:{name}").load()


def test_files_and_modules_that_are_not_there_are_named(file, tmp_path):
    with pytest.raises(WrongUsage, match="There is no file"):
        OwnModel("no_such.py:net").load()
    with pytest.raises(WrongUsage, match="my_models.py' is a Python file: name the function"):
        check_model_name(file)
    with pytest.raises(WrongUsage, match="The module 'no.such' cannot be imported"):
        OwnModel("no.such:net").load()
    (tmp_path / "faulty.py").write_text("import no_such_module_at_all")
    with pytest.raises(WiringError, match="faulty.py' cannot be imported: ModuleNotFoundError"):
        OwnModel(f"{tmp_path}/faulty.py:net").load()
    with pytest.raises(WrongUsage, match="--pretrained is for torchvision and timm"):
        OwnModel(f"{file}:net", pretrained=True).load()


@pytest.mark.parametrize(
    "model, status, said",
    [
        ("my_model.py:net", 2, "There is no file 'my_model.py': did you mean my_models.py?"),
        ("my_models.py:nett", 2, "my_models.py has no function 'nett': did you mean my_models.py:"),
        ("torchvision:resnt18", 2, "did you mean torchvision:resnet18 or"),
        ("torchvision:q", 2, "`torchvision.models.list_models()` names its"),
        ("my_models.py:broken", 1, "my_models.py:broken failed with ValueError"),
        ("no/model.safetensors", 1, "no folder 'no'; `brainscore train` leaves its model as"),
    ],
)
def test_a_model_that_cannot_be_loaded_is_one_sentence(
    file, monkeypatch, capsys, model, status, said
):
    monkeypatch.chdir(Path(file).parent)
    with pytest.raises(SystemExit) as left:
        main(["score", "--model", model])
    printed = capsys.readouterr()
    sentence = printed.err.splitlines()[-1]
    assert left.value.code == status and not printed.out
    assert sentence.startswith("brainscore: ") and said in sentence


def test_a_model_that_cannot_be_loaded_stops_no_other_and_is_named_once(tmp_path, capsys):
    table = tmp_path / "scores.csv"
    with pytest.raises(SystemExit) as left:
        main(
            [
                *("score", "--model", "nothing.py:f", "--model", "pixels", "--benchmark"),
                *(UPDATES, "--model", "no/model.safetensors", "--csv", str(table)),
            ]
        )
    printed = capsys.readouterr().out
    assert left.value.code == 1
    assert printed.count("cannot be loaded") == 2
    assert "no/model.safetensors cannot be loaded: There is no file" in printed
    assert "nothing.py:f cannot be loaded: There is no file 'nothing.py'" in printed
    rows = {row["model"]: row["status"] for row in csv.DictReader(table.open())}
    assert rows == {
        "nothing.py:f": "not run",
        "pixels": "scored",
        "no/model.safetensors": "not run",
    }


@pytest.mark.parametrize(
    "models, layers, options, said",
    [
        (["cornet_s_wc"], ["V1=a"], {}, "--layers is for a network of others"),
        (["cornet_s_wc"], [], {"seed": 3}, "--seed is for a network of others"),
        (["torchvision:a"], ["V1"], {}, "'V1' is no layer of a region"),
        (["torchvision:a", "torchvision:b"], ["V1=a"], {}, "--layers is of one network"),
        (["torchvision:a", "timm:b"], [], {"epochs": 2.0}, "--epochs is of one network"),
    ],
)
def test_options_that_nothing_takes_are_refused(models, layers, options, said):
    with pytest.raises(WrongUsage, match=said):
        with_options(models, layers, **options)


def test_an_own_network_is_scored_by_name_into_a_table(file, tmp_path, capsys):
    table = tmp_path / "scores.csv"
    command = [
        *("score", "--model", f"{file}:net", "--model", "pixels", "--benchmark", UPDATES),
        *("--labelled-images", "100", "--epochs", "2", "--csv", str(table)),
        *("--device", "cpu", "--batch-size", "3"),
    ]
    for layers in (["V1=early", "IT=late"], ["IT=pool"], ["IT=pool"]):
        main_without_exit([*command, "--layers", *layers])
    rows = [row for row in csv.DictReader(table.open()) if row["model"] == "my_models.py:net"]
    assert [row["layers"].partition("; code ")[0] for row in rows] == [
        "V1=early IT=late behavior=pool",
        "IT=pool behavior=pool",
    ]
    assert rows[0]["fingerprint"] == rows[1]["fingerprint"] and rows[0]["training_images"] == "100"
    assert rows[0]["raw"] == rows[0]["supervised_synaptic_updates"] == str(200 * (588 + 216))
    assert "layers: V1=early IT=late behavior=pool" in capsys.readouterr().out


def test_a_function_that_gives_a_model_is_scored_once_under_its_name(file, tmp_path):
    class Seen(MeanIT):
        def __call__(self, candidate):
            calls.append(candidate.identifier)
            score = Score(0.5)
            score.attrs.update(raw=score.copy(), ceiling=self.ceiling)
            return score

    calls: list[str] = []
    table = tmp_path / "scores.csv"
    for _ in range(2):
        [result] = brainscore_wiring.score_many([f"{file}:model"], [Seen([])], table)
    assert (result.model, result.training_images, calls) == ("mine", 0, ["mine"])


def main_without_exit(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert not left.value.code


def test_a_gpu_that_is_not_here_is_one_sentence(monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    with pytest.raises(SystemExit) as left:
        main(
            [
                "score",
                "--model",
                "cornet_s_wc",
                "--benchmark",
                "Kriegeskorte2008.IT-rdm",
                "--device",
                "cuda",
            ]
        )
    assert left.value.code == 1
    assert "brainscore: cuda was asked for; torch" in capsys.readouterr().err


def test_objects_are_scored_as_names_are(network, tmp_path):
    model = brain_model(network, LAYERS, identifier="net", labelled_images=0)
    benchmark = MeanIT(draw(tmp_path, 2))
    score = brainscore_wiring.score(model, benchmark)
    assert score.attrs["model_identifier"] == "net"
    assert score.attrs["benchmark_identifier"] == "MeanIT"
    assert float(score) == pytest.approx(float(benchmark(model)))
    table = tmp_path / "scores.csv"
    [one, updates] = brainscore_wiring.score_many([model], [benchmark, UPDATES], table)
    assert (one.score, one.fingerprint) == (float(score), model.fingerprint)
    assert (updates.score, updates.training_images) == (1.0, 0)
    [again] = brainscore_wiring.score_many([model], [benchmark], table)
    assert again.score == pytest.approx(one.score) and len(list(csv.reader(table.open()))) == 3


def test_a_network_that_was_changed_is_scored_under_no_other_networks_name(network, tmp_path):
    model, benchmark = brain_model(network, LAYERS, identifier="net"), MeanIT(draw(tmp_path, 2))
    table = tmp_path / "scores.csv"
    brainscore_wiring.score_many([model], [benchmark], table)
    with torch.no_grad():
        network.late.weight.mul_(2)
    for ask in (
        lambda: brainscore_wiring.score(model, benchmark),
        lambda: brainscore_wiring.score_many([model], [benchmark], table),
    ):
        with pytest.raises(WiringError, match=f"net@{model.fingerprint} has other weights than"):
            ask()
    again = brainscore_wiring.brain_model(model.network, model.region_layer_map, "net")
    [found] = brainscore_wiring.score_many([again], [benchmark], table)
    assert found.fingerprint == again.fingerprint != model.fingerprint


def test_responses_of_a_network_with_a_hook_are_not_those_without(network, tmp_path):
    model, paths = brain_model(network, LAYERS), list(map(str, draw(tmp_path, 2)))
    layer = LAYERS["IT"]

    def looked() -> np.ndarray:
        return model.activations_model(paths, layers=[layer]).values

    plain = looked()
    with model.activations_model.expecting([(paths, [layer])] * 6):
        assert np.array_equal(looked(), plain)
        silenced = network.get_submodule(layer).register_forward_hook(lambda *about: about[2] * 0)
        assert not looked().any()
        silenced.remove()
        assert np.array_equal(looked(), plain)
        module = network.get_submodule(layer)
        module.forward = lambda *about: type(module).forward(module, *about) * 0
        assert not looked().any()
        del module.forward
        assert np.array_equal(looked(), plain)


def test_another_network_is_not_put_into_a_model(network):
    model = brain_model(network, LAYERS)
    with pytest.raises(AttributeError, match="network"):
        model.network = copy.deepcopy(network)


def test_the_account_of_a_changed_network_is_not_that_of_the_model(network):
    model = brain_model(network, LAYERS, labelled_images=0)
    assert brainscore_wiring.account(model).supervised_updates == 0
    with torch.no_grad():
        network.late.weight.mul_(2)
    for ask in (brainscore_wiring.account, brainscore_wiring.load_benchmark(UPDATES)):
        with pytest.raises(WiringError, match="has other weights than when it was made"):
            ask(model)


def test_a_score_that_is_no_number_is_refused_with_its_reason(network, tmp_path):
    class NoNumber(MeanIT):
        def __call__(self, candidate):
            return Score(float("nan"))

    with pytest.raises(WiringError, match="on NoNumber: It gave no finite score"):
        brainscore_wiring.score(
            brain_model(network, LAYERS), NoNumber(draw(tmp_path, 2), "NoNumber")
        )


def test_layers_are_named_once_and_at_least_one(network, tmp_path):
    activations = brain_model(network, LAYERS).activations_model
    paths, layer = list(map(str, draw(tmp_path, 2))), LAYERS["IT"]
    once = activations(paths, layers=[layer])
    assert activations(paths, layers=[layer, layer]).shape == once.shape
    with pytest.raises(WrongUsage, match="No layers were named"):
        activations(paths, layers=[])


def test_what_is_no_model_or_benchmark_is_named(network, tmp_path):
    with pytest.raises(WrongUsage, match="Net is a network without regions: .*brain_model"):
        brainscore_wiring.score(network, UPDATES)
    with pytest.raises(WrongUsage, match="A int is no model"):
        brainscore_wiring.score_many([3], [UPDATES])
    with pytest.raises(WrongUsage, match="A int is no benchmark"):
        brainscore_wiring.score("pixels", 3)
    paths = draw(tmp_path, 1)
    with pytest.raises(WrongUsage, match="Two benchmarks are called MeanIT"):
        brainscore_wiring.score_many(["pixels"], [MeanIT(paths), MeanIT(paths)])


def test_a_benchmark_that_holds_something_else_gets_no_row_of_its_name(network, tmp_path):
    model, paths = brain_model(network, LAYERS), draw(tmp_path, 2)
    table = tmp_path / "scores.csv"
    [both], [again], [first] = (
        brainscore_wiring.score_many([model], [MeanIT(shown)], table)
        for shown in (paths, paths, paths[:1])
    )
    assert both.score == again.score != first.score
    assert both.benchmark_version == again.benchmark_version != first.benchmark_version


def test_brainscores_models_of_one_name_are_told_by_their_layers(network, tmp_path, monkeypatch):
    from brainscore_vision.model_helpers.brain_transformation import ModelCommitment

    monkeypatch.setenv("RESULTCACHING_DISABLE", "1")
    table, benchmark = tmp_path / "scores.csv", MeanIT(list(map(str, draw(tmp_path, 2))))

    def scored(layer):
        wrapper = PytorchWrapper(
            identifier="theirs",
            model=network,
            preprocessing=lambda files: np.ones((len(files), 3, 224, 224), np.float32),
        )
        layers = dict.fromkeys(("V1", "V2", "V4", "IT"), layer)
        model = ModelCommitment(
            "theirs",
            wrapper,
            layers=[layer],
            behavioral_readout_layer=layer,
            region_layer_map=layers,
        )
        return brainscore_wiring.score_many([model], [benchmark], table)[0]

    early, late = scored("early"), scored("late")
    assert early.fingerprint == late.fingerprint and early.score != late.score
    assert scored("early").score == early.score
    assert "IT=late behavior=late;" in late.layers


@dataclass(frozen=True)
class SearchOnDrawings:
    """Which layer's first unit follows a target: that of the layer `wanted`."""

    region: str
    benchmark: str
    wanted: str
    paths: tuple[str, ...]
    groups: tuple[str, ...] = ()
    words: str = "somewhere on drawings"

    def stimuli(self, degrees):
        from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet

        stimuli = StimulusSet({"stimulus_id": list(self.paths)})
        stimuli.stimulus_paths = dict(zip(self.paths, self.paths))
        return stimuli

    def fit(self):
        units = {"early": 784, "late": 216, "pool": 6}[self.wanted]
        return lambda responses: float(responses.shape[1] == units)


@pytest.fixture
def searches(monkeypatch, tmp_path):
    paths = tuple(map(str, draw(tmp_path, 2)))
    monkeypatch.setattr(
        layer_search,
        "SEARCHES",
        (
            SearchOnDrawings("V1", "Drawings.V1", "early", paths, words="V1 on drawings"),
            SearchOnDrawings("IT", "MeanIT", "late", paths, words="IT on drawings"),
        ),
    )
    return paths


def test_an_old_row_states_what_is_stated_of_its_network_today(network, searches, tmp_path):
    for images in (0, 1000):
        model = brain_model(network, LAYERS, labelled_images=images)
        table, benchmarks = tmp_path / "scores.csv", [MeanIT(list(searches))]
        [row] = brainscore_wiring.score_many([model], benchmarks, table)
    assert (row.training_images, row.supervised_updates) == (1000, 1000)
    assert row.diet == "1 epoch of 1,000 images (as stated)"


def test_a_row_is_of_one_way_of_showing_images_and_of_one_code(network, tmp_path):
    shown = [
        {},
        {"preprocessing": Preprocessing(image_size=64)},
        {"preprocessing": Preprocessing(mean=(0, 0, 0))},
        {"visual_degrees": 2},
    ]
    layers = {"V1": "early", "IT": "late"}
    found = {brain_model(network, layers, **one).provenance["layers"] for one in shown}
    found.add(
        brain_model(nn.Sequential(network), {"V1": "0.early", "IT": "0.late"}).provenance["layers"]
    )
    assert len(found) == 5


@pytest.mark.parametrize(
    "lesion",
    [
        lambda network: setattr(network, "relu", nn.Identity()),
        lambda network: network.late.register_forward_hook(lambda *given: -given[2]),
        lambda network: network.late.register_forward_pre_hook(lambda module, given: None),
    ],
)
def test_a_lesion_without_new_weights_gets_no_old_score(network, searches, tmp_path, lesion):
    model, benchmarks = brain_model(network, LAYERS, labelled_images=0), [MeanIT(list(searches))]
    [before] = brainscore_wiring.score_many([model], benchmarks, tmp_path / "scores.csv")
    lesion(model.network)
    with pytest.raises(WiringError, match="other modules, hooks or code than when it was made"):
        brainscore_wiring.score_many([model], benchmarks, tmp_path / "scores.csv")
    other = brain_model(model.network, model.region_layer_map, labelled_images=0)
    [after] = brainscore_wiring.score_many([other], benchmarks, tmp_path / "scores.csv")
    assert after.score is not None and after.layers != before.layers


def test_the_code_of_a_network_is_that_of_its_modules_and_their_file(tmp_path):
    def code(name, activation="relu", stride=1):
        file = tmp_path / f"{name}.py"
        file.write_text(
            "import torch\nfrom torch import nn\n"
            "class Net(nn.Module):\n"
            "    def __init__(self):\n"
            "        super().__init__()\n"
            f"        self.one = nn.Conv2d(3, 2, 3, {stride})\n"
            f"    def forward(self, x): return torch.{activation}(self.one(x))\n"
        )
        spec = importlib.util.spec_from_file_location(name, file)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        linecache.clearcache()
        return code_of(module.Net()), code_of(nn.Sequential(module.Net().one))

    first, again, other, strided = (
        code("code_one"),
        code("code_one"),
        code("code_one", "sin"),
        code("code_one", stride=2),
    )
    assert first == again
    assert first[0] != other[0] and first[1] == other[1]
    assert first[0] != strided[0] and first[1] != strided[1]
    network = nn.Sequential(nn.Identity())
    before = code_of(network)
    network.forward = lambda x: -x
    assert code_of(network) != before
    network = nn.Sequential(nn.Identity())
    network.forward = types.MethodType(lambda self, x: -x, network)
    bound = code_of(network)
    network.forward = types.MethodType(lambda self, x: 2 * x, network)
    assert len({before, bound, code_of(network)}) == 3
    network = nn.Sequential(nn.Identity())
    network.power = 3.0
    assert code_of(network) != before


def test_the_code_of_a_class_is_of_its_own_file_where_another_has_its_modules_name(tmp_path):
    def network(folder):
        (tmp_path / folder).mkdir()
        file = tmp_path / folder / "layers.py"
        file.write_text(
            "from torch import nn\nclass Net(nn.Module):\n"
            f"    def forward(self, x): return {folder}\n"
        )
        spec = importlib.util.spec_from_file_location("layers_of_two", file)
        sys.modules["layers_of_two"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["layers_of_two"])
        return sys.modules["layers_of_two"].Net()

    first = network("a")
    before = code_of(first)
    assert code_of(network("b")) != before == code_of(first)


@pytest.mark.parametrize(
    "mine",
    [
        "from helper_of_mine import act\n"
        "class Net(nn.Module):\n    def forward(self, x): return act(x)\n",
        "class Net(nn.Module):\n    @torch.no_grad()\n    def forward(self, x):\n"
        "        from helper_of_mine import act\n        return act(x)\n",
        "import helper_of_mine\nclass Net(nn.Sequential): pass\n",
    ],
    ids=["imported", "when it runs", "inherited"],
)
def test_the_code_of_a_network_is_that_of_what_its_file_imports_and_no_comment(
    tmp_path, monkeypatch, mine
):
    (tmp_path / "mine.py").write_text(f"import torch\nfrom torch import nn\n{mine}")
    monkeypatch.syspath_prepend(tmp_path)

    def code(helper):
        (tmp_path / "helper_of_mine.py").write_text(helper)
        importlib.invalidate_caches()
        for name in ("mine", "helper_of_mine"):
            sys.modules.pop(name, None)
        return code_of(importlib.import_module("mine").Net())

    first = code("import torch\ndef act(x): return torch.relu(x)\n")
    assert code("import torch\n# rectified\n\ndef act(x): return torch.relu(x)  # here\n") == first
    assert code("import torch\ndef act(x): return torch.tanh(x)\n") != first


@pytest.mark.parametrize(
    "one, other",
    [
        (1.0, 2.0),
        (np.float32(1), np.float32(2)),
        (torch.zeros(2), torch.ones(2)),
        (torch.zeros(2, dtype=torch.int32), torch.zeros(2)),
        (torch.zeros(2, dtype=torch.bfloat16), torch.ones(2, dtype=torch.bfloat16)),
        (torch.eye(2).to_sparse(), (2 * torch.eye(2)).to_sparse()),
        (functools.partial(sum, start=1), functools.partial(sum, start=2)),
        (torch.relu, torch.tanh),
        ({"a": [1, (2, 3)]}, {"a": [1, (2, 4)]}),
        ("0xdead", "0xbeef"),
        (np.array([1, "a"], dtype=object), np.array([1, "b"], dtype=object)),
    ],
    ids=range(11),
)
def test_the_code_of_a_network_has_its_attributes(one, other):
    def code(value, name):
        network = nn.Identity()
        setattr(network, name, value)
        return code_of(network)

    for name in ("power", "_power"):
        assert code(one, name) == code(copy.deepcopy(one), name) != code(other, name)


def test_no_attribute_is_too_odd_for_the_code_of_a_network():
    class Odd:
        def __repr__(self):
            raise RuntimeError

    network, itself = nn.Identity(), []
    itself.append(itself)
    network.odd = [Odd(), {Odd(): 1}, {Odd()}, itself, threading.Lock()]
    network.tensors = [torch.ones(2, device="meta"), torch.eye(2).to_sparse(), torch.ones(1).conj()]
    assert code_of(network) == code_of(network)


def test_what_a_network_notes_while_it_runs_is_no_change_of_it(tmp_path):
    pictures = draw(tmp_path, 2)

    class Counts(nn.Module):
        count = 0

        def __init__(self):
            super().__init__()
            self.one, self.count = nn.Conv2d(3, 2, 3), 0

        def forward(self, images):
            self.count += 1
            return self.one(images).flatten(1)

    model = brain_model(Counts(), {"IT": "one"})
    model.start_recording("IT", [(70, 170)])
    model.look_at(pictures)
    model.check_weights()
    model.network.count += 1
    with pytest.raises(WiringError, match="other modules, hooks or code"):
        model.check_weights()


def test_a_copy_of_a_recurrent_network_records_the_same_steps(tmp_path):
    pictures = draw(tmp_path, 2)
    model = brainscore_wiring.load_model("cornet_s_kn")
    copies = [brain_model(model.network, one) for one in (model.region_layer_map, model.region_map)]
    for region in ("V2", "IT"):
        found = []
        for one in (model, *copies):
            one.start_recording(region, [(70, 170)])
            found.append(one.look_at(pictures).values)
        assert (found[0] == found[1]).all() and (found[0] == found[2]).all()


def test_layers_are_searched_once_and_the_provenance_says_on_what(file, searches, monkeypatch):
    model = OwnModel(f"{file}:net").load()
    assert model.region_layer_map == {"V1": "early.0", "IT": "late"}
    assert model.provenance["layers"] == (
        "V1=early.0 IT=late behavior=pool (searched: V1 on drawings, IT on drawings); "
        f"code {code_of(model.network, Path(file))}"
    )
    [result] = brainscore_wiring.score_many([model], [MeanIT(list(searches))])
    assert "was searched on data of this benchmark" in result.reason and result.layers
    monkeypatch.setattr(layer_search, "_searched", lambda *_: pytest.fail("searched again"))
    assert OwnModel(f"{file}:net").load().region_layer_map == model.region_layer_map


def test_another_code_of_the_same_weights_is_searched_anew(tmp_path, searches, monkeypatch):
    monkeypatch.setenv("BRAINSCORE_WIRING_HOME", str(tmp_path / "home"))
    counted = []
    searched = layer_search._searched
    monkeypatch.setattr(
        layer_search, "_searched", lambda *given: counted.append(1) or searched(*given)
    )
    for text in (FILE, FILE.replace("self.relu(self.early", "-self.relu(self.early"), FILE):
        file = tmp_path / "edited.py"
        file.write_text(text)
        OwnModel(f"{file}:net").load()
    assert len(counted) == 2


def test_a_file_that_was_edited_is_imported_again(tmp_path):
    file, table = tmp_path / "edited.py", tmp_path / "scores.csv"
    benchmark, scores = MeanIT(draw(tmp_path, 2)), []
    for text in (FILE, FILE.replace("self.relu(self.early", "-self.relu(self.early")):
        file.write_text(text)
        [found] = brainscore_wiring.score_many(f"{file}:with_layers", [benchmark], table)
        scores.append((found.score, found.layers))
    assert len({score for score, _ in scores}) == len({layers for _, layers in scores}) == 2


def test_files_import_the_helper_of_their_own_folder(tmp_path, monkeypatch):
    mine = ModuleType("parts")
    mine.__file__ = str(tmp_path / "parts.py")
    monkeypatch.setitem(sys.modules, "parts", mine)
    for folder, units in (("one", 4), ("two", 5)):
        (tmp_path / folder / "more").mkdir(parents=True)
        (tmp_path / folder / "parts.py").write_text(f"UNITS = {units}\n")
        (tmp_path / folder / "more" / "parts.py").write_text(f"SIDE = {units}\n")
        (tmp_path / folder / "mine.py").write_text(
            "from torch import nn\nfrom parts import UNITS\nfrom more.parts import SIDE\n"
            "def net(): return nn.Sequential(nn.Conv2d(3, UNITS, SIDE, 16)), {'IT': '0'}\n"
        )
    models = [OwnModel(f"{tmp_path}/{folder}/mine.py:net").load() for folder in ("one", "two")]
    assert [model.network[0].weight.shape[::2] for model in models] == [(4, 4), (5, 5)]
    assert sys.modules["parts"] is mine


def test_a_file_is_executed_once_while_it_stays_what_it_is(tmp_path):
    file, helper = tmp_path / "counting.py", tmp_path / "counted.py"
    helper.write_text("TIMES = []\n")
    file.write_text(f"from counted import TIMES\n{FILE}\nTIMES.append(1)\nTHERE = TIMES\n")
    loaded = [OwnModel(f"{file}:with_layers", seed=seed).load().network for seed in (0, 1)]
    assert type(loaded[0]) is type(loaded[1])
    assert sys.modules[type(loaded[0]).__module__].THERE == [1]
    helper.write_text("TIMES = [0, 0]\n")
    again = OwnModel(f"{file}:with_layers").load().network
    assert sys.modules[type(again).__module__].THERE == [0, 0, 1]


@pytest.mark.parametrize("edited", ["a_module_of_mine", "a_helper_of_mine"])
def test_a_module_that_was_edited_after_its_import_is_refused(tmp_path, monkeypatch, edited):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "a_module_of_mine", raising=False)
    monkeypatch.delitem(own_models._LOADED, "a_module_of_mine", raising=False)
    (tmp_path / "a_helper_of_mine.py").write_text("GAIN = 1\n")
    (tmp_path / "a_module_of_mine.py").write_text(f"import a_helper_of_mine\n{FILE}")
    OwnModel("a_module_of_mine:with_layers").load()
    with (tmp_path / f"{edited}.py").open("a") as file:
        file.write("MORE = 1\n")
    with pytest.raises(WiringError, match="was edited after it was imported: start Python again"):
        OwnModel("a_module_of_mine:with_layers").load()


def test_a_kept_search_that_is_damaged_is_made_again(file, searches, monkeypatch, tmp_path):
    monkeypatch.setenv("BRAINSCORE_WIRING_HOME", str(tmp_path / "home"))
    found = OwnModel(f"{file}:net").load().region_layer_map
    [kept] = (tmp_path / "home").rglob("layers/*.json")
    sound = kept.read_text()
    kept.write_text(sound[:-3] + "1" + sound[-2:])
    assert OwnModel(f"{file}:net").load().region_layer_map == found and kept.read_text() == sound


def test_regions_follow_each_other_along_the_network():
    fits = {
        "IT": {"a": 0.9, "b": 0.5, "c": 0.4},
        "V1": {"a": 0.3, "b": 0.8, "c": 0.1},
    }
    assert layer_search.along_the_stream(fits, ["a", "b", "c"]) == {"V1": "b", "IT": "c"}
    with pytest.raises(WiringError, match="has 1 modules that could be regions and 2 regions"):
        layer_search.along_the_stream(fits, ["a"])


def test_without_recordings_layers_have_to_be_named(file, monkeypatch):
    monkeypatch.setattr(layer_search, "SEARCHES", ())
    with pytest.raises(WiringError, match="or name the layers, as in --layers"):
        OwnModel(f"{file}:net").load()


def test_ridge_predicts_what_is_linear_in_the_features_and_nothing_else():
    chance = np.random.default_rng(0)
    features = chance.normal(size=(200, 20))
    linear = features @ chance.normal(size=(20, 5)) + 3
    noise = chance.normal(size=(200, 5))
    assert layer_search.predictivity(features, linear) > 0.9
    assert abs(layer_search.predictivity(features, noise)) < 0.25


def test_candidates_are_outer_modules_thinned_out():
    class Deep(nn.Module):
        def __init__(self):
            super().__init__()
            blocks = [nn.Sequential(nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)) for _ in range(40)]
            self.blocks = nn.Sequential(*blocks)
            self.fc = nn.Linear(3 * 64, 10)

        def forward(self, images):
            return self.fc(self.blocks(images).flatten(1))

    found = layer_search.candidates(run_modules(Deep(), 8))
    assert len(found) == layer_search.MOST_CANDIDATES
    assert found[0] == "blocks.0" and "fc" not in found
    assert all(name.count(".") <= 1 for name in found)


def test_stock_models_are_recorded_on_a_device_as_far_as_they_are_networks(network):
    class Commitment:
        activations_model = PytorchWrapper(
            network, lambda paths: None, identifier="stock", batch_size=5
        )

    model = Commitment()
    record_stock_on(model, torch.device("cpu"), 3)
    assert model.activations_model._device == torch.device("cpu")
    assert model.activations_model._extractor._batch_size == 3
    record_stock_on(object(), torch.device("cpu"), 3)  # another framework's: as it is
