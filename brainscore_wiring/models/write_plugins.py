"""Write what Brain-Score reads from the catalogue.

`python -m brainscore_wiring.models.write_plugins`. Brain-Score finds models by reading
`__init__.py` files for literal `model_registry["identifier"]` lines without running them, so the
lines have to be there in full. Names that brainscore_vision has itself are left to it. With
`BRAINSCORE_WIRING_EXTENSIONS` set, the rows of extensions are written too. The table of layers
(`architectures.layers`) is written along.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from brainscore_wiring.accounting import account_of_variant, parameter_count
from brainscore_wiring.architectures import architecture, layers
from brainscore_wiring.catalogue import CATALOGUE, Variant
from brainscore_wiring.errors import WiringError
from brainscore_wiring.files import write_text
from brainscore_wiring.formatting import LICENCE, PAPER_URL
from brainscore_wiring.scoring.plugin_folders import STOCK, plugin_folders

#: Plugin folder -> what it holds; Brain-Score takes at most 100 described models in one.
FOLDERS = {
    "birth_states": "Models at birth, and fixed computations",
    "trained_models": "Trained models",
}
PLUGIN_INIT = '''"""{title}, of Wiring Up Vision and beyond it.

Written from the catalogue by `brainscore_wiring.models.write_plugins`, one line a model.
"""
# fmt: off
# ruff: noqa: E501

from brainscore_vision import model_registry

from brainscore_wiring.models.plugin import load_model

{registrations}
'''
REGISTRATION = 'model_registry["{identifier}"] = lambda: load_model("{identifier}")'
PAPER = {"kind": "paper", "url": PAPER_URL}
IMAGENET_DATASET = {
    "identifier": "imagenet-1k",
    "name": "ImageNet-1k (ILSVRC-2012)",
    "role": "training",
}


def written_files() -> dict[Path, str]:
    """File -> its text, for everything that is written."""
    stock = plugin_folders(STOCK, "models")
    rows = [row for row in CATALOGUE.values() if row.identifier not in stock]
    files = {layers.LAYERS_FILE: layers.layers_text()}
    for name, title in FOLDERS.items():
        inside = [row for row in rows if folder_of(row) == name]
        lines = "\n".join(REGISTRATION.format(identifier=row.identifier) for row in inside)
        folder = Path(__file__).parent / name
        files |= {
            folder / "__init__.py": PLUGIN_INIT.format(title=title, registrations=lines),
            folder / "metadata.yaml": _metadata(inside),
        }
    return files


def folder_of(row: Variant) -> str:
    """The plugin folder that registers a row."""
    return "birth_states" if row.at_birth else "trained_models"


def _metadata(rows: list[Variant]) -> str:
    """Metadata (schema 2.0) of converged models.

    Those along the way and other seeds share their model's.
    """
    models = {
        row.identifier: entry(row)
        for row in rows
        if not row.seed and not row.identifier.endswith("_epochs")
    }
    document = {"schema_version": "2.0", "domain": "vision", "models": models}
    return yaml.safe_dump(document, sort_keys=False, width=200, default_flow_style=None)


def entry(row: Variant) -> dict[str, Any]:
    """A catalogue row as Brain-Score describes a model (schema 2.0)."""
    built = architecture(row.architecture)
    model = {
        "display_name": row.identifier,
        "architecture": {"family": built.words},
        "recurrent": bool(built.region_map.steps),
        "visual_degrees": built.region_map.visual_degrees,
    }
    if parameter_count(built.name):
        model["parameter_count"] = parameter_count(built.name)
    described = {
        "model": model,
        "training": {"process": f"{row.summary} {_updates(row)}".rstrip()},
        "legal": {"license": LICENCE},
        "sources": {"paper": dict(PAPER)},
    }
    if row.training_data == "imagenet" and not row.at_birth:
        described["data"] = {"training_datasets": [dict(IMAGENET_DATASET)]}
    return described


def _updates(row: Variant) -> str:
    try:
        return (
            f"Supervised synaptic updates: {account_of_variant(row).supervised_synaptic_updates:,}."
        )
    except WiringError:
        return ""  # a trainable set that its architecture does not have


def main() -> None:
    for path, text in written_files().items():
        write_text(path, text)


if __name__ == "__main__":
    main()
