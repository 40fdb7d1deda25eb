"""Runs by its path in a fresh Python process: what becomes of a submission once it is sent, by
Brain-Score's own code.

    python -P dry_run_process.py SCRATCH

SCRATCH has `submission_0.zip`. The zip is unpacked, its plugins are put into a copy of
brainscore_vision made of links, the parser of pull requests reads what changed, and the tests of
each plugin run. Prints a line of JSON for each check: the model, what is checked, and what is wrong
or null. brainscore_wiring cannot be imported here.
"""

import contextlib
import importlib
import io
import json
import os
import sys
import traceback
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

LIBRARY = "brainscore_vision"


def main(scratch: Path) -> None:
    # importing it fails; a documented way that types do not know
    sys.modules["brainscore_wiring"] = None  # type: ignore[assignment]
    checkout, library = scratch / "checkout", find_spec(LIBRARY)
    assert library and library.origin, f"{LIBRARY} has no file"
    link_library(Path(library.origin).parent, checkout / LIBRARY)
    sys.path.insert(0, str(checkout))
    os.chdir(checkout)
    changed = check(
        "", "the zip has one folder, with plugins in models/", lambda: unpack(scratch, checkout)
    )
    parsed = changed and check(
        "", "Brain-Score's parser reads every identifier", lambda: parse(changed, checkout)
    )
    folders = sorted(parsed["changed_plugins"]["models"]) if parsed else ()
    plugins = [
        check(
            "",
            f"models/{folder} is imported without brainscore_wiring",
            lambda folder=folder: tests_of(folder, parsed["new_models"]),
        )
        for folder in folders
    ]
    for tests in filter(None, plugins):
        for identifier in tests.get_model_list():
            for name, test in vars(tests).items():
                if name.startswith("test_"):
                    check(
                        identifier,
                        name.removeprefix("test_").replace("_", " "),
                        lambda test=test, identifier=identifier: test(identifier),
                    )


def check(model, name, run):
    """Print whether something holds; its result or None. Its output goes to standard error."""
    problem = result = None
    with contextlib.redirect_stdout(sys.stderr):
        try:
            result = run()
        except Exception as error:  # any exception of a plugin is a finding
            traceback.print_exc()
            problem = f"{type(error).__name__}: {error}".splitlines()[0]
    print(json.dumps([model, name, problem]), flush=True)
    return result


def link_library(source: Path, copy: Path, kinds: tuple[str, ...] = ("models",)) -> None:
    """A folder that looks like the installed library; plugins of `kinds` can be added to it."""
    for folder in (source, *(source / kind for kind in kinds)):
        place = copy / folder.relative_to(source)
        place.mkdir(parents=True)
        for entry in folder.iterdir():
            if entry.name != "__pycache__" and (folder != source or entry.name not in kinds):
                (place / entry.name).symlink_to(entry)


def unpack(scratch: Path, checkout: Path) -> list[str]:
    """Unpack the zip as Brain-Score does; returns the new files as a pull request names them."""
    from brainscore_core.submission.repository import extract_zip_file

    top = extract_zip_file(0, scratch, scratch / "unpacked")
    assert [entry.name for entry in top.iterdir()] == ["models"], (
        "there is something else beside models/"
    )
    changed = []
    for plugin in sorted((top / "models").iterdir()):
        place = checkout / LIBRARY / "models" / plugin.name
        assert not place.exists(), f"brainscore_vision has a folder models/{plugin.name} already"
        plugin.rename(place)
        changed += [
            file.relative_to(checkout).as_posix()
            for file in sorted(place.rglob("*"))
            if file.is_file()
        ]
    return changed


def parse(changed: list[str], checkout: Path) -> dict:
    """What the parser of pull requests makes of them."""
    # the parser's module imports it, for running tests, and does without here
    if find_spec("pytest_check") is None:
        sys.modules["pytest_check"] = ModuleType("pytest_check")
    from brainscore_core.plugin_management.handle_metadata import validate_metadata_file
    from brainscore_core.plugin_management.parse_plugin_changes import get_scoring_info

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        get_scoring_info(" ".join(changed), LIBRARY)
    parsed = json.loads(printed.getvalue())
    assert parsed["run_score"] == "True" and not parsed["test_all_plugins"], (
        f"it would not be scored: {parsed}"
    )
    for folder in parsed["changed_plugins"]["models"]:
        described = checkout / LIBRARY / "models" / folder / "metadata.yaml"
        if described.is_file():
            errors, _ = validate_metadata_file(described)
            assert not errors, errors[0]
    return parsed


def tests_of(folder: str, read: str) -> ModuleType:
    """A plugin's tests; its models have to be registered, and those that the parser read."""
    tests = importlib.import_module(f"{LIBRARY}.models.{folder}.test")
    registered = set(importlib.import_module(LIBRARY).model_registry)
    for identifier in tests.get_model_list():
        assert identifier in registered, f"{identifier} is not registered"
        assert identifier in read.split(), f"the parser did not read {identifier} but {read}"
    return tests


if __name__ == "__main__":
    main(Path(sys.argv[1]))
