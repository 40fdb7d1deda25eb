"""A submission's plugin folder: Brain-Score's files, and the part of this package they need."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from brainscore_wiring import __version__
from brainscore_wiring.architectures import Architecture, architecture
from brainscore_wiring.cards import card
from brainscore_wiring.catalogue import BIBTEX
from brainscore_wiring.checkpoints.resolve import ResolvedModel
from brainscore_wiring.submission.bucket_weights_file import BucketWeightsFile
from brainscore_wiring.submission.fetched_weights_file import FetchedWeightsFile
from brainscore_wiring.submission.metadata import description, limitations, metadata
from brainscore_wiring.submission.names import refuses_labels
from brainscore_wiring.submission.vendored import PACKAGE, vendored
from brainscore_wiring.submission.weights_file import WeightsFile

#: The subpackage of a plugin folder that holds our modules.
VENDORED = "wiring"
#: What plugins need beyond what Brain-Score itself brings.
REQUIREMENTS = "safetensors>=0.5\n"

#: How `model.py` finds weights, by the class of their file: the module of that class that travels
#: along, what is imported, and the verified file.
_LOADING: dict[type, tuple[str, str, str]] = {
    WeightsFile: (
        "weights_file",
        "from pathlib import Path\n",
        "WEIGHTS[identifier].path(Path(__file__).parent)",
    ),
    FetchedWeightsFile: (
        "fetched_weights_file",
        "from pathlib import Path\n",
        "WEIGHTS[identifier].path(Path(__file__).parent)",
    ),
    BucketWeightsFile: (
        "weights_file",
        "from brainscore_core.supported_data_standards.brainio.s3 import load_weight_file\n",
        "WEIGHTS[identifier].verified(load_weight_file(**IN_BUCKET[identifier]))",
    ),
}

INIT_TEXT = '''"""{title}, see README.md."""

from brainscore_vision import model_registry

from .model import load_model

{registrations}
'''
MODEL_TEXT = '''"""{title}.

Heavy imports wait until a model is asked for.
"""

{imports}
from .{copied}.architectures import architecture
from .{copied}.submission.{module} import {weights_class}

#: Model -> the safetensors file with its weights: name, bytes, SHA-256{and_url}.
WEIGHTS = {{
{weights}
}}
{in_bucket}COMMITMENT = architecture("{architecture}").region_map
BIBTEX = """{bibtex}"""


def load_model(identifier):
    """A `BrainModel`; its weights, and what they leave out and is sampled, are verified."""
    from .{copied}.brain.from_checkpoint import model_from_checkpoint
    return model_from_checkpoint(identifier, {path})


def get_model_list():
    return list(WEIGHTS)


def get_model(identifier):
    """The activations model: images -> activations of named layers."""
    return load_model(identifier).activations_model


def get_layers(identifier):
    """The layers of V1, V2, V4, IT and behaviour, each once."""
    return list(dict.fromkeys([*COMMITMENT.regions.values(), COMMITMENT.behaviour]))


def get_bibtex(identifier):
    return BIBTEX
'''
IN_BUCKET = """#: Where Brain-Score's storage has them.
IN_BUCKET = {{
{arguments}
}}
"""
TEST_TEXT = '''"""What Brain-Score asks of every model, offline; responses are those at export."""

import functools
import json
import tempfile
from pathlib import Path

{metadata_import}from brainscore_vision import load_model as brainscore_load_model

from .model import get_layers, get_model_list
from .{copied}.submission import checks

HERE = Path(__file__).parent
PICTURES = tempfile.TemporaryDirectory()
STIMULI = checks.stimuli(Path(PICTURES.name))
{names_images}

@functools.lru_cache(maxsize=1)
def load_model(identifier):
    return brainscore_load_model(identifier)


@functools.lru_cache
def recorded(identifier, region):
    return checks.recording(load_model(identifier), region, STIMULI)


def pytest_generate_tests(metafunc):
    metafunc.parametrize("identifier", get_model_list())


def test_identifier_and_visual_degrees(identifier):
    checks.identity(load_model(identifier), identifier)


{recordings}def test_responses_are_those_at_export(identifier):
    for region, expected in json.loads((HERE / "responses.json").read_text())[identifier].items():
        checks.same(checks.recording_summary(recorded(identifier, region)), expected)


def test_the_same_images_have_the_same_responses(identifier):
    again = checks.recording(load_model(identifier), "IT", STIMULI)
    assert (again.values == recorded(identifier, "IT").values).all()


def test_probabilities_are_in_0_to_1(identifier):
    checks.probabilities(load_model(identifier), STIMULI)


{labels}def test_region_layer_map_names_the_layers_that_are_recorded(identifier):
    mapped = json.loads((HERE / "region_layer_map" / f"{{identifier}}.json").read_text())
    assert mapped == load_model(identifier).region_layer_map
    assert set(mapped.values()) <= set(get_layers(identifier))
{metadata}'''
RECORDING = """def test_{region}_can_be_recorded(identifier):
    recorded(identifier, "{region}")


"""
METADATA_IMPORT = "from brainscore_core.metadata import load as load_metadata\n"
METADATA = """

def test_metadata_keeps_the_contract(identifier):
    assert identifier in load_metadata((HERE / "metadata.yaml").read_text(), "vision")["models"]
"""
NAMES_IMAGES = """#: Models whose decoder has ImageNet's classes; others refuse to name images.
NAME_IMAGES = {names!r}
"""
LABELS = """def test_labels_are_classes_of_imagenet_or_refused(identifier):
    check = checks.labels if identifier in NAME_IMAGES else checks.no_labels
    check(load_model(identifier), STIMULI)


"""
README_TEXT = """# {title}

{what}

## In this folder

- `model.py` loads, `__init__.py` registers, and `test.py` checks without a network connection.
- `region_layer_map/`: the module of each region{steps}.
- {weights}
- `responses.json`: responses to three generated pictures at export, which `test.py` compares with.
- `cards/`: the model cards that brainscore_wiring prints (`brainscore card`).
- `{copied}/`: the modules of brainscore_wiring {version} that are needed, unchanged but for import
  lines, which are relative here, and for registries, which name what is here.
"""


@dataclass(frozen=True)
class Submitted:
    """A model's public identifier, weights file, and responses to the pictures of `checks`."""

    identifier: str
    model: ResolvedModel
    weights: WeightsFile
    kinds: frozenset[str]  # modules of the genome entries that its synapses are sampled from
    responses: dict[str, Any]

    @property
    def fetched(self) -> bool:
        return isinstance(self.weights, (FetchedWeightsFile, BucketWeightsFile))


def folder_name(models: Sequence[Submitted]) -> str:
    """What a folder is called: its model, or the first one and how many more there are."""
    more = f"_and_{len(models) - 1}_more" if len(models) > 1 else ""
    return re.sub(r"\W", "_", models[0].identifier) + more


def plugin_folder(models: Sequence[Submitted], with_metadata: bool = True) -> dict[str, str]:
    """Path -> text of the files of models of one architecture, weights files aside."""
    built = architecture(models[0].model.row.architecture)
    names = [model.identifier for model in models]
    kept = models[0].weights
    module, imports, path = _LOADING[type(kept)]
    weights_class = "FetchedWeightsFile" if isinstance(kept, FetchedWeightsFile) else "WeightsFile"
    words = {"title": _title(built, names), "copied": VENDORED, "architecture": built.name}
    commitment = built.region_map
    kinds = frozenset().union(*(model.kinds for model in models))
    needed = vendored(
        [
            f"{PACKAGE}.brain.from_checkpoint",
            f"{PACKAGE}.submission.{module}",
            f"{PACKAGE}.submission.checks",
            built.module,
            *kinds,
        ]
    )
    regions = json.dumps(commitment.regions, indent=2) + "\n"
    return {
        "__init__.py": INIT_TEXT.format(
            **words, registrations="\n".join(map(_registration, names))
        ),
        "model.py": MODEL_TEXT.format(
            **words,
            module=module,
            weights_class=weights_class,
            bibtex=BIBTEX,
            imports=imports,
            path=path,
            in_bucket=_in_bucket(models),
            and_url=" and address" if isinstance(kept, FetchedWeightsFile) else "",
            weights="\n".join(_weights(model, weights_class) for model in models),
        ),
        "test.py": TEST_TEXT.format(
            **words,
            names_images=_names_images(models) if built.classifier else "",
            labels=LABELS if built.classifier else "",
            metadata_import=METADATA_IMPORT if with_metadata else "",
            metadata=METADATA if with_metadata else "",
            recordings="".join(RECORDING.format(region=region) for region in commitment.regions),
        ),
        **(
            {"metadata.yaml": metadata({one.identifier: one.model for one in models})}
            if with_metadata
            else {}
        ),
        "requirements.txt": REQUIREMENTS,
        "responses.json": json.dumps(
            {model.identifier: model.responses for model in models}, indent=1
        )
        + "\n",
        "README.md": _readme(models, words),
        **{f"cards/{one.identifier}.md": _card(one) for one in models},
        **{f"region_layer_map/{name}.json": regions for name in names},
        **{f"{VENDORED}/{path}": text for path, text in needed.items()},
    }


def _title(built: Architecture, names: list[str]) -> str:
    models = "Models" if len(names) > 1 else "A model"
    return f'{models} of "Wiring Up Vision" (Geiger et al. 2022): {built.words}'


def _registration(name: str) -> str:
    """A line whose last bracket ends the name, as Brain-Score's parser reads it."""
    line = f"model_registry['{name}'] = lambda: load_model('{name}')"
    return (
        line
        if len(line) <= 120
        else f"model_registry['{name}'] = (\n    lambda: load_model('{name}'))"
    )


def _weights(model: Submitted, weights_class: str) -> str:
    file = model.weights
    url = f",\n        {json.dumps(file.url)}" if isinstance(file, FetchedWeightsFile) else ""
    return (
        f'    "{model.identifier}": {weights_class}(\n        {json.dumps(file.name)}, '
        f"{file.size},\n"
        f'        "{file.sha256}"{url}),'
    )


def _names_images(models: Sequence[Submitted]) -> str:
    return NAMES_IMAGES.format(
        names=[one.identifier for one in models if not refuses_labels(one.model)]
    )


def _in_bucket(models: Sequence[Submitted]) -> str:
    """The arguments of `load_weight_file` of models whose weights are in a bucket."""
    files = {one.identifier: one.weights for one in models}
    names = ("bucket", "folder_name", "relative_path", "version_id", "sha1")
    lines = [
        f'    "{identifier}": dict(\n'
        + "".join(f"        {name}={json.dumps(getattr(file, name))},\n" for name in names)
        + "    ),"
        for identifier, file in files.items()
        if isinstance(file, BucketWeightsFile)
    ]
    return IN_BUCKET.format(arguments="\n".join(lines)) if lines else ""


def _readme(models: Sequence[Submitted], words: dict[str, str]) -> str:
    weights = (
        "weights are fetched once from where `model.py` says, kept below `BRAINSCORE_HOME`, "
        "and verified\n"
        "  by SHA-256 each time a model is loaded."
        if models[0].fetched
        else "`*.safetensors`: what was learned or measured, and what all other synapses are "
        "sampled from. Files\n"
        "  and sampled layers are verified by SHA-256 each time a model is loaded."
    )
    steps = (
        ";\n  in a recurrent area its step is the one nearest to the time bin that is recorded"
        if architecture(words["architecture"]).region_map.steps
        else ""
    )
    what = [
        f"- `{one.identifier}`: {' '.join([description(one.model), *limitations(one.model)])}"
        for one in models
    ]
    return README_TEXT.format(
        **words, what="\n".join(what), weights=weights, steps=steps, version=__version__
    )


def _card(one: Submitted) -> str:
    """The model's card under its public identifier, which says what its weights learned from in
    place of what the recipe asks for; without the names of folders on this machine.
    """
    model = one.model
    head, text = card(model).split(model.row.summary, 1)
    text = f"{head.replace(model.identifier, one.identifier, 1)}{description(model)}{text}"
    return text.replace(f"{model.weights.path.parent}/", "") if model.weights else text
