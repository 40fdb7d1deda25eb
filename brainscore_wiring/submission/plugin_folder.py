"""A submission's plugin folder: Brain-Score's files, and the part of this package they need.

`templates/` has the files that differ in names and numbers alone.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from brainscore_wiring import __version__
from brainscore_wiring.architectures import architecture
from brainscore_wiring.cards.model_card import card
from brainscore_wiring.catalogue import BIBTEX
from brainscore_wiring.checkpoints.resolve import ResolvedModel
from brainscore_wiring.submission.fetched_weights_file import FetchedWeightsFile
from brainscore_wiring.submission.metadata import description, limitations, metadata
from brainscore_wiring.submission.names import refuses_labels
from brainscore_wiring.submission.vendored import PACKAGE, vendored
from brainscore_wiring.submission.weights_file import WeightsFile

#: The subpackage of a plugin folder that holds our modules.
VENDORED = "wiring"
#: What plugins need beyond what Brain-Score itself brings.
REQUIREMENTS = "safetensors>=0.5\n"
TEMPLATES = ("__init__.py", "model.py", "test.py", "README.md")


@dataclass(frozen=True)
class Submitted:
    """A model's public identifier, weights file, and responses to the pictures of `checks`.

    `in_bucket`: the arguments of Brain-Score's `load_weight_file`, where that fetches the file.
    """

    identifier: str
    model: ResolvedModel
    weights: WeightsFile
    in_bucket: dict[str, str] | None
    kinds: frozenset[str]  # modules of the genome entries that its synapses are sampled from
    responses: dict[str, Any] = field(default_factory=dict)


def folder_name(models: Sequence[Submitted]) -> str:
    """What a folder is called: its model, or the first one and how many more there are."""
    more = f"_and_{len(models) - 1}_more" if len(models) > 1 else ""
    return re.sub(r"\W", "_", models[0].identifier) + more


def plugin_folder(models: Sequence[Submitted], with_metadata: bool = True) -> dict[str, str]:
    """Path -> text of the files of models of one architecture, weights files aside."""
    built = architecture(models[0].model.row.architecture)
    names = [model.identifier for model in models]
    fetched = isinstance(models[0].weights, FetchedWeightsFile)
    module = "fetched_weights_file" if fetched else "weights_file"
    facts = {
        "title": f"{'Models' if len(names) > 1 else 'A model'} of "
        f'"Wiring Up Vision" (Geiger et al. 2022): {built.words}',
        "copied": VENDORED,
        "version": __version__,
        "architecture": built.name,
        "bibtex": BIBTEX,
        "registrations": [_registration(name) for name in names],
        "files": {model.identifier: model.weights for model in models},
        "fetched": fetched,
        "in_bucket": {one.identifier: one.in_bucket for one in models if one.in_bucket},
        "module": module,
        "weights_class": "FetchedWeightsFile" if fetched else "WeightsFile",
        "classifier": built.classifier,
        "name_images": [one.identifier for one in models if not refuses_labels(one.model)],
        "regions": list(built.region_map.regions),
        "recurrent": bool(built.region_map.steps),
        "with_metadata": with_metadata,
        "what": {
            one.identifier: " ".join([description(one.model), *limitations(one.model)])
            for one in models
        },
    }
    files = {name: _templates().get_template(f"{name}.j2").render(facts) for name in TEMPLATES}
    if with_metadata:
        files["metadata.yaml"] = metadata({one.identifier: one.model for one in models})
    files["requirements.txt"] = REQUIREMENTS
    responses = {model.identifier: model.responses for model in models}
    files["responses.json"] = json.dumps(responses, indent=1) + "\n"
    needed = vendored(
        [
            f"{PACKAGE}.brain.from_checkpoint",
            f"{PACKAGE}.submission.{module}",
            f"{PACKAGE}.submission.checks",
            built.module,
            *frozenset().union(*(model.kinds for model in models)),
        ]
    )
    regions = json.dumps(built.region_map.regions, indent=2) + "\n"
    return {
        **files,
        **{f"cards/{one.identifier}.md": _card(one) for one in models},
        **{f"region_layer_map/{name}.json": regions for name in names},
        **{f"{VENDORED}/{path}": text for path, text in needed.items()},
    }


@functools.cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader(__package__),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters["json"] = json.dumps
    return templates


def _registration(name: str) -> str:
    """A line whose last bracket ends the name, as Brain-Score's parser reads it."""
    line = f"model_registry['{name}'] = lambda: load_model('{name}')"
    if len(line) <= 120:
        return line
    return f"model_registry['{name}'] = (\n    lambda: load_model('{name}'))"


def _card(one: Submitted) -> str:
    """The model's card under its public identifier, which says what its weights were trained on in
    place of what the recipe asks for; without the names of folders on this machine.
    """
    model = one.model
    head, text = card(model).split(model.row.summary, 1)
    text = f"{head.replace(model.identifier, one.identifier, 1)}{description(model)}{text}"
    return text.replace(f"{model.place_asked.parent}/", "") if model.place_asked else text
