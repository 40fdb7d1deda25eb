"""Write the model plugin folders from the catalogue: `python -m brainscore_wiring.models.write_plugins`.

Brain-Score finds models by reading `__init__.py` files for literal `model_registry['identifier']` lines without running
them, so the lines have to be there in full. Nothing in the folders is written by hand.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from brainscore_wiring.accounting import account_of_variant, parameter_count
from brainscore_wiring.architectures import architecture
from brainscore_wiring.catalogue import CATALOGUE, Variant
from brainscore_wiring.errors import WiringError
from brainscore_wiring.files import write_text
from brainscore_wiring.sentences import LICENCE, PAPER_URL

#: Section of the paper -> (plugin folder, what it holds).
FOLDERS = {
    "2": ("reference_models", "Models to compare with (section 2)"),
    "3": ("fewer_supervised_updates", "Standard training with fewer epochs and images (section 3)"),
    "4": ("weight_compression", "Birth states and training from a compressed one (section 4)"),
    "5": ("critical_training", "Training fewer synapses from Kaiming Normal (section 5)"),
    "6": ("combined_reductions", "Weight compression, critical training and fewer updates together (section 6)"),
    "7": ("dissecting", "Weight compression with other trained synapses (section 7)"),
    "A": ("hyper_parameters", "Other hyper-parameters of standard training (appendix A, figure 6)"),
    "B.3": ("alternative_compressions", "Alternative weight compressions (appendix B.3, figure 7)"),
    "beyond": ("birth_states", "Birth states and trainings beyond the paper's"),
    "D.1": ("other_architectures", "Transfer to ResNet-50 and MobileNet (appendix D.1)"),
}
PAPER = {"kind": "paper", "url": PAPER_URL}
IMAGENET = {"identifier": "imagenet-1k", "name": "ImageNet-1k (ILSVRC-2012)", "role": "training"}
MODEL = '''"""What the models of this folder are made of, by Brain-Score's convention."""

from brainscore_wiring.models.plugin import get_bibtex, get_layers, get_model

__all__ = ["get_bibtex", "get_layers", "get_model"]
'''
TEST = '''from pathlib import Path

from brainscore_core.metadata import load
from brainscore_vision import model_registry

import brainscore_wiring.models.{folder}  # noqa: F401 registers the models
from brainscore_wiring.catalogue import CATALOGUE


def test_models_with_metadata_are_registered_catalogue_rows():
    described = load(Path(__file__).with_name("metadata.yaml").read_text(), "vision")["models"]
    assert described and set(described) <= set(model_registry) & set(CATALOGUE)
'''


def plugin_files() -> dict[str, str]:
    """Path below this folder -> text, for all plugin folders."""
    files = {}
    for section, (folder, title) in FOLDERS.items():
        rows = [row for row in CATALOGUE.values() if row.section == section]
        files |= {f"{folder}/__init__.py": _registrations(title, rows), f"{folder}/model.py": MODEL,
                  f"{folder}/test.py": TEST.format(folder=folder), f"{folder}/metadata.yaml": _metadata(rows)}
    return files


def _registrations(title: str, rows: list[Variant]) -> str:
    lines = "\n".join(_registration(row.identifier) for row in rows)
    return (f'"""{title}.\n\nWritten from the catalogue by `brainscore_wiring.models.write_plugins`.\n"""\n\n'
            "from brainscore_vision import model_registry\n\n"
            f"from brainscore_wiring.models.plugin import load_model\n\n{lines}\n")


def _registration(identifier: str) -> str:
    line = f"model_registry['{identifier}'] = lambda: load_model('{identifier}')"
    return line if len(line) <= 120 else f"model_registry['{identifier}'] = (\n    lambda: load_model('{identifier}'))"


def _metadata(rows: list[Variant]) -> str:
    """Metadata (schema 2.0) of the converged models; checkpoints along the way and other seeds share their model's."""
    models = {row.identifier: entry(row) for row in rows if not row.seed and not row.identifier.endswith("_epochs")}
    return yaml.safe_dump({"schema_version": "2.0", "domain": "vision", "models": models}, sort_keys=False, width=100)


def entry(row: Variant) -> dict:
    """A catalogue row as Brain-Score describes a model (schema 2.0)."""
    model = {"display_name": row.identifier, "architecture": {"family": architecture(row.architecture).words},
             "recurrent": row.architecture == "cornet_s", "visual_degrees": 8}
    if row.architecture == "cornet_s":
        model["parameter_count"] = parameter_count(row.architecture)
    described = {"model": model, "training": {"process": f"{row.summary} {_updates(row)}".rstrip()},
                 "legal": {"license": LICENCE}, "sources": {"paper": dict(PAPER)}}
    if row.diet == "imagenet" and not row.at_birth:
        described["data"] = {"training_datasets": [dict(IMAGENET)]}
    return described


def _updates(row: Variant) -> str:
    try:
        return f"Supervised synaptic updates: {account_of_variant(row).supervised_synaptic_updates:,}."
    except WiringError:
        return ""  # a transfer whose trained layers the authors did not document


def main() -> None:
    for path, text in plugin_files().items():
        write_text(Path(__file__).parent / path, text)


if __name__ == "__main__":
    main()
