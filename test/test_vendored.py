"""What of this package a submission copies, and how it is changed."""

from __future__ import annotations

import ast

from brainscore_wiring.submission.vendored import PACKAGE, ROOT, vendored

ENTRIES = [
    f"{PACKAGE}.architectures.cornet_s",
    f"{PACKAGE}.weight_compression.entries.gabor_mixture",
    f"{PACKAGE}.brain.from_checkpoint",
    f"{PACKAGE}.submission.checks",
    f"{PACKAGE}.submission.fetched_weights_file",
]


def test_what_is_vendored_never_imports_this_package_by_its_name():
    names = {
        name
        for text in vendored(ENTRIES).values()
        for node in ast.walk(ast.parse(text))
        for name in (
            [node.module]
            if isinstance(node, ast.ImportFrom) and not node.level
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }
    assert "torch" in names and not any(name.startswith(PACKAGE) for name in names)


def test_what_is_vendored_is_the_part_that_makes_and_records_a_network():
    folders = {path.partition("/")[0] for path in vendored(ENTRIES) if "/" in path}
    assert folders == {
        "architectures",
        "brain",
        "checkpoints",
        "extensions",
        "networks",
        "submission",
        "weight_compression",
    }
    assert (
        not {
            "catalogue.py",
            "accounting.py",
            "checkpoints/resolve.py",
            "checkpoints/training_record.py",
        }
        & vendored(ENTRIES).keys()
    )


def test_what_is_vendored_differs_from_its_source_in_import_lines_alone():
    for path, text in vendored(ENTRIES).items():
        source = (ROOT / path).read_text().splitlines()
        lines = text.splitlines()
        if lines:
            assert len(lines) == len(source)
            for line, original in zip(lines, source):
                assert line == original or (
                    original.strip().startswith(f"from {PACKAGE}")
                    and line.strip().startswith("from .")
                )


def test_of_architectures_and_entries_those_that_are_needed_are_vendored_and_no_other():
    files = vendored(ENTRIES).keys()
    assert {"architectures/cornet_s.py", "weight_compression/entries/gabor_mixture.py"} < files
    assert (
        not {
            "architectures/hmax.py",
            "networks/hmax.py",
            "weight_compression/entries/orthogonal.py",
        }
        & files
    )
