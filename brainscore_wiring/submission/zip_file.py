"""Writes a submission: names and weights checked, a dry run, then one zip file, atomically."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from brainscore_wiring.catalogue import CATALOGUE
from brainscore_wiring.checkpoints.header import read_header
from brainscore_wiring.checkpoints.locate import CORNET_AUTHORS
from brainscore_wiring.checkpoints.resolve import ResolvedModel, resolve
from brainscore_wiring.downloads import digest
from brainscore_wiring.errors import WiringError, WrongUsage, unknown
from brainscore_wiring.files import atomic_write, check_output
from brainscore_wiring.scoring.loading import load_model
from brainscore_wiring.scoring.plugin_folders import STOCK, plugin_folders
from brainscore_wiring.submission.dry_run import HOME, ZIP, Finding, dry_run
from brainscore_wiring.submission.exported_weights import write_weights
from brainscore_wiring.submission.fetched_weights_file import FetchedWeightsFile, weight_folder
from brainscore_wiring.submission.names import check_name, public_identifier
from brainscore_wiring.submission.plugin_folder import Submitted, folder_name, plugin_folder
from brainscore_wiring.submission.weights_file import WeightsFile
from brainscore_wiring.weight_compression.genome import Genome

#: Bytes of a file that a submission's folder may hold; Brain-Score keeps them in its repository and
#: wheels for ever, and asks for larger ones in its storage.
LARGEST_EMBEDDED = 5_000_000
#: Where Brain-Score keeps models' weights.
BRAIN_SCORE_WEIGHTS = "s3://brainscore-storage/brainscore-vision/models"
SCHEME = "s3://"
#: The zip's one top folder.
TOP = "submission"
#: Of every file in a zip: the same models give the same bytes.
DATE = (1980, 1, 1, 0, 0, 0)


def export(
    models: Sequence[str],
    output: str | Path,
    public_name: str | None = None,
    weights_url: str | None = None,
    with_metadata: bool = True,
    report: Callable[[str], None] = lambda sentence: None,
    found: Callable[[Finding], None] = lambda finding: None,
) -> dict[Path, str]:
    """Write a submission of catalogue variants or checkpoint files to a zip file; `found` hears of
    each dry-run check.

    Returns the weights files that were written beside the zip and the address that each is expected
    at.

    `public_name`: the public identifier of a single model, by default its own. `weights_url`: where
    the weights files will be, needed where they are too large for the zip: a folder in a bucket
    (`s3://BUCKET/FOLDER`), from which Brain-Score's `load_weight_file` fetches them, or the https
    address of a folder (or of the file itself, for one model). `with_metadata`: whether folders
    have a `metadata.yaml`, with which a person has to read the pull request. Raises `WrongUsage`
    for unknown models and unusable names, `WiringError` for weights that do not keep what a name
    promises, or where the dry run finds a problem; nothing is written then.
    """
    output = Path(output)
    check_output(output)
    if output.suffix != ".zip":
        raise WrongUsage(f"'{output}' does not end in .zip: a submission is a zip file.")
    if weights_url is not None and not weights_url.startswith(("https://", SCHEME)):
        raise WrongUsage(
            f"'{weights_url}' is not an https address and no folder in a bucket "
            f"({SCHEME}BUCKET/FOLDER): give the one that the weights can be fetched from."
        )
    named = _named(models, public_name)
    with tempfile.TemporaryDirectory(prefix="brainscore-export-") as name:
        scratch = Path(name)
        submitted = []
        for identifier, model in named.items():
            report(f"weights of {identifier}")
            submitted.append(_submitted(identifier, model, scratch, weights_url, len(named)))
        _check_size([one.weights for one in submitted], weights_url, scratch, output)
        for number, one in enumerate(submitted):
            report(f"responses of {one.identifier}")
            submitted[number] = replace(one, responses=_responses(one.model, scratch))
        _zip(scratch / ZIP, _files(submitted, scratch, with_metadata))
        report("dry run in a fresh process")
        _dry_run(scratch, set(named), found)
        beside = {
            _beside(output, scratch / one.weights.name): address
            for one in submitted
            for address in filter(None, [_address(one)])
        }
        _keep(scratch / ZIP, output)
    return beside


def _dry_run(scratch: Path, identifiers: set[str], found: Callable[[Finding], None]) -> None:
    """The dry run; raises `WiringError` for the first problem after all checks were made."""
    findings = dry_run(scratch, found)
    wrong = [
        f"'{finding.check}' does not hold ({finding.problem})"
        for finding in findings
        if finding.problem
    ]
    wrong += [
        f"{name} was not checked"
        for name in sorted(identifiers - {finding.model for finding in findings})
    ]
    if wrong:
        raise WiringError(f"The submission was not written, its dry run found that {wrong[0]}.")


def _named(models: Sequence[str], public_name: str | None) -> dict[str, ResolvedModel]:
    """Public identifier -> what is submitted; raises for unusable or false names."""
    if public_name is not None and len(models) != 1:
        raise WrongUsage(f"--as names one model, {len(models)} were given.")
    taken = plugin_folders(STOCK, "models")
    named: dict[str, ResolvedModel] = {}
    for asked in models:
        one = model_to_export(asked)
        identifier = public_name or public_identifier(one.identifier)
        check_name(identifier, one, taken)
        if identifier.lower() in map(str.lower, named):
            raise WrongUsage(f"'{identifier}' was given twice.")
        named[identifier] = one
    return named


def model_to_export(asked: str) -> ResolvedModel:
    """The catalogue row or checkpoint file asked for, with its weights here.

    Raises `WrongUsage` for what is neither, and `WiringError` for what does not load on this
    machine or has no weights of ours.
    """
    if not asked.endswith(".safetensors") and asked not in CATALOGUE:
        if asked in plugin_folders(STOCK, "models"):
            raise WrongUsage(
                f"'{asked}' is a model of Brain-Score's own: there is nothing to submit."
            )
        raise unknown("model", asked, CATALOGUE, "brainscore list models")
    model = resolve(asked)
    if model.reason:
        raise WiringError(model.reason)
    if model.weights is None and model.identifier == CORNET_AUTHORS:
        raise WiringError(
            f"{asked} is the CORnet authors' own network, which Brain-Score has as 'CORnet-S': "
            "there is nothing to submit."
        )
    return model


def _submitted(
    identifier: str, model: ResolvedModel, scratch: Path, url: str | None, models: int
) -> Submitted:
    """A model and its weights file, which is written into the scratch folder."""
    path = scratch / f"{identifier}.safetensors"
    write_weights(model, path)
    file, in_bucket = WeightsFile(path.name, path.stat().st_size, digest(path)), None
    if url is not None and url.startswith(SCHEME):
        in_bucket = _in_bucket(path, url)
    elif url is not None:
        if url.endswith(".safetensors") and models > 1:
            raise WrongUsage(
                f"'{url}' is the address of one file, {models} models have one each: give their "
                "folder's."
            )
        address = url if url.endswith(".safetensors") else f"{url.rstrip('/')}/{path.name}"
        file = FetchedWeightsFile(file.name, file.size, file.sha256, address)
    return Submitted(identifier, model, file, in_bucket, _kinds(path))


def _in_bucket(path: Path, url: str) -> dict[str, str]:
    """How Brain-Score's `load_weight_file` is asked for a file below `s3://BUCKET/FOLDER`, in a
    folder of the model's own.

    `?versionId=ID` names the object's version, by default the one of a bucket without versions.
    Raises `WrongUsage` where there is no bucket or no folder.
    """
    parts = urlsplit(url)
    folder = parts.path.strip("/")
    if not parts.netloc or not folder:
        raise WrongUsage(
            f"'{url}' does not name a bucket and a folder, as {BRAIN_SCORE_WEIGHTS} does."
        )
    return {
        "bucket": parts.netloc,
        "folder_name": folder,
        "relative_path": f"{path.stem}/{path.name}",
        "version_id": parse_qs(parts.query).get("versionId", ["null"])[0],
        "sha1": digest(path, "sha1"),
    }


def _address(one: Submitted) -> str | None:
    """Where a model's weights are expected; None where they are in the zip."""
    if one.in_bucket:
        return SCHEME + "/".join(
            one.in_bucket[part] for part in ("bucket", "folder_name", "relative_path")
        )
    return one.weights.url if isinstance(one.weights, FetchedWeightsFile) else None


def _check_size(
    weights: Sequence[WeightsFile], url: str | None, scratch: Path, output: Path
) -> None:
    """Refuse weights too large for the zip without an address; leaves them beside it."""
    largest = max(file.size for file in weights)
    if url is not None or largest <= LARGEST_EMBEDDED:
        return
    kept = [_beside(output, scratch / file.name) for file in weights]
    raise WiringError(
        f"The weights take {largest / 1e6:,.1f} MB, a submission holds files of at most "
        f"{LARGEST_EMBEDDED / 1e6:.0f}: say with --weights-url where "
        f"{' and '.join(map(str, kept))} (written now) will be, {BRAIN_SCORE_WEIGHTS} for "
        "Brain-Score's own storage, or the https address of a folder on a host of your choice, a "
        "release or Zenodo."
    )


def _kinds(path: Path) -> frozenset[str]:
    """The modules of the genome entries that a wiring checkpoint is initialised from."""
    text = read_header(path).metadata["genome"]
    layers = Genome.from_json(text).layers if text else {}
    return frozenset(type(entry).__module__ for entry in layers.values())


def _responses(one: ResolvedModel, scratch: Path) -> dict[str, Any]:
    """What the model answers here, as this package loads it."""
    model = load_model(one)
    # not before: the first import of Brain-Score is for `loading`
    from brainscore_wiring.submission import checks

    pictures = scratch / "pictures"
    pictures.mkdir(exist_ok=True)
    shown = checks.stimuli(pictures)
    return {
        region: checks.recording_summary(checks.recording(model, region, shown))
        for region in checks.RECORDED_REGIONS
    }


def _files(
    submitted: Sequence[Submitted], scratch: Path, with_metadata: bool = True
) -> dict[str, bytes]:
    """Path in the zip -> content. Weights to be fetched go where the dry run will look for them."""
    files: dict[str, bytes] = {}
    for architecture in dict.fromkeys(one.model.row.architecture for one in submitted):
        together = [one for one in submitted if one.model.row.architecture == architecture]
        name = folder_name(together)
        files |= {
            f"{TOP}/models/{name}/{path}": text.encode()
            for path, text in plugin_folder(together, with_metadata).items()
        }
        for model in together:
            path = scratch / model.weights.name
            if _address(model):
                place = weight_folder(name, scratch / HOME) / path.name
                if model.in_bucket:
                    folder, file = model.in_bucket["folder_name"], model.in_bucket["relative_path"]
                    place = scratch / HOME / folder / file
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, place)
            else:
                files[f"{TOP}/models/{name}/{path.name}"] = path.read_bytes()
    return files


def _zip(path: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, DATE)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, files[name])


def _beside(output: Path, weights: Path) -> Path:
    """Keep weights beside the zip; raises `WiringError` where another file of the user's is."""
    place = output.parent / weights.name
    if place.exists() and digest(place) != digest(weights):
        raise WiringError(
            f"'{place}' is another file than the weights of this submission, which lie there: take "
            "it away, or write the zip into another folder."
        )
    return _keep(weights, place)


def _keep(path: Path, place: Path) -> Path:
    with atomic_write(place) as temporary:
        shutil.copyfile(path, temporary)
    return place
