"""Lists labelled images once, in an ImageNet-style folder or in archives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from brainscore_wiring.errors import WiringError
from brainscore_wiring.formatting import listed
from brainscore_wiring.training.data.archives import LAYOUT, discard_copies, open_archive
from brainscore_wiring.training.data.images import LabelledImages
from brainscore_wiring.training.data.layouts import Split, splits
from brainscore_wiring.training.data.parquet import as_tar, parquet_files
from brainscore_wiring.training.data.sources import Archive, FlatFolder, Folder, Packed, Source
from brainscore_wiring.training.data.tree import FolderNode, Node, Scan

_Report = Callable[[str], None]
#: Kinds of what is left aside that a report names.
_NAMED = 6


def training_and_held_out(
    path: str | Path, report: _Report = lambda sentence: None
) -> tuple[LabelledImages, LabelledImages | None]:
    """The training images (`path/train` or `path` itself) and the held-out ones (`val`, `valid`,
    `validation` or `test`).

    `path` is a folder or an archive in one of the layouts of `layouts`, or of parquet files.
    Archives stay packed; a compressed .tar and parquet files are unpacked once, into the cache.
    What is left aside is reported and kept with the training images. Raises `WiringError` where
    there are no such images or the two have different classes.
    """
    path = Path(path)
    if not path.exists():
        raise WiringError(f"There is no folder or archive '{path}': {LAYOUT}.")
    tables = parquet_files(path)
    origin, path = path, as_tar(path, tables, report) if tables else path
    scan = Scan(path, report, lambda path, archives: open_archive(path, archives, report))
    try:
        root: Node = (
            FolderNode(scan) if path.is_dir() else open_archive(path, scan.archives, report)
        )
        training, held_out = splits(root, str(origin))
        found = _same_classes(
            _labelled(training, origin, scan.archives),
            _labelled(held_out, origin, scan.archives) if held_out else None,
        )
    except WiringError:
        discard_copies(scan.archives, origin)
        raise
    if path.is_dir():
        scan.save()
    _report_rest(training, origin, report)
    return found


def _report_rest(training: Split, origin: Path, report: _Report) -> None:
    if training.left_aside:
        kinds = [f"{count:,} {kind}" for kind, count in training.left_aside.most_common(_NAMED)]
        more = len(training.left_aside) - _NAMED
        kinds += [f"{more:,} other kinds"] if more > 0 else []
        report(f"left aside in '{origin}': {listed(kinds)}")


def _labelled(split: Split, origin: Path, archives: list[Archive]) -> LabelledImages:
    """Images with the numbers of their classes, which are sorted by name."""
    classes = tuple(sorted(split.classes))
    rows = [
        (f"{name}/{image}", label, entry)
        for label, name in enumerate(classes)
        for image, entry in sorted(split.classes[name].items())
    ]
    files, labels, entries = zip(*rows)
    path = "/".join(split.path)
    source: Source
    if entries[0].archive is not None:
        places = {file: (entry.archive, entry.offset) for file, entry in zip(files, entries)}
        source = Packed(origin, path, tuple(archives), places)
    else:
        source = (FlatFolder if split.flat else Folder)(origin / path, origin)
    sizes = tuple(entry.size for entry in entries)
    return LabelledImages(source, classes, files, labels, sizes, dict(split.left_aside))


def _same_classes(
    training: LabelledImages, held_out: LabelledImages | None
) -> tuple[LabelledImages, LabelledImages | None]:
    if held_out is not None and held_out.classes != training.classes:
        odd = sorted(set(held_out.classes) ^ set(training.classes))[0]
        raise WiringError(
            f"'{held_out.source}' and '{training.source}' have different class folders: '{odd}' "
            "is in one of them only."
        )
    return training, held_out
