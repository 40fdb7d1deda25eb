"""Disables Brain-Score's identifier-keyed caches; caches ceilings by content hash."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import platform
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import result_caching
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from brainscore_vision.benchmark_helpers import screen
from brainscore_vision.benchmarks import BenchmarkBase
from brainscore_vision.model_helpers.activations import core
from brainscore_vision.model_helpers.activations.temporal.core import extractor

from brainscore_wiring import folders, saved
from brainscore_wiring.brain.pending_requests import images_in
from brainscore_wiring.errors import WiringError
from brainscore_wiring.locks import lock
from brainscore_wiring.networks.code import users_code
from brainscore_wiring.scoring import kept_scores
from brainscore_wiring.scoring.content_hash import LIBRARIES, content_hash, is_data
from brainscore_wiring.scoring.result import version_of

#: What is switched off here is so for a whole process.
_ONE_THREAD = threading.RLock()


@contextlib.contextmanager
def no_identifier_caches() -> Iterator[None]:
    """Inside, nothing of Brain-Score's result caching is read or written; nothing outside the cache
    folder is left.

    Its keys are names: another folder's, version's or checkpoint's results under the same name
    would be served. Images that are put on a model's screen go to a folder of this process, once
    for each content, and are gone afterwards. Other threads that come here wait.
    """
    with _ONE_THREAD, _switched_off(), _own_screen():
        try:
            yield
        finally:
            _remove_probe_images()


@contextlib.contextmanager
def _switched_off() -> Iterator[None]:
    """By the variable for child processes, and in this one, where models may set it."""
    before, is_enabled = os.environ.get("RESULTCACHING_DISABLE"), result_caching.is_enabled
    os.environ["RESULTCACHING_DISABLE"] = "1"
    result_caching.is_enabled = lambda function_identifier: False
    try:
        yield
    finally:
        result_caching.is_enabled = is_enabled
        if before is None:
            os.environ.pop("RESULTCACHING_DISABLE", None)
        else:
            os.environ["RESULTCACHING_DISABLE"] = before


@contextlib.contextmanager
def _own_screen() -> Iterator[None]:
    """Brain-Score's `place_on_screen` renders each content once, into its own folder, whose images
    are packed less tightly than Brain-Score's, in half the time.
    """
    root, render, write = screen.root_path, screen._place_on_screen, screen.ImageConverter._write
    placed: dict[tuple, StimulusSet] = {}

    def place(stimulus_set: StimulusSet, **asked: Any) -> StimulusSet:
        """`asked`: the other arguments, identifier and degrees."""
        names = stimulus_set["stimulus_id"]
        files = images_in(str(stimulus_set.get_stimulus(name)) for name in names)
        content = (*sorted(asked.items()), stimulus_set.to_csv(), files)
        if content not in placed:
            screen.root_path = folder / str(len(placed))
            placed[content] = render(stimulus_set=stimulus_set, **asked)
        return placed[content]

    with _own_folder() as folder:
        screen._place_on_screen = place
        screen.ImageConverter._write = lambda self, image, target_path: image.save(
            target_path, compress_level=1
        )
        try:
            yield
        finally:
            screen.root_path, screen._place_on_screen = root, render
            screen.ImageConverter._write = write


@contextlib.contextmanager
def _own_folder() -> Iterator[Path]:
    """A temporary folder in the cache; those of killed processes are removed first."""
    screens = folders.cache() / "on_screen"
    # the last process to leave takes the empty folder away
    with contextlib.suppress(FileNotFoundError):
        for other in screens.glob("*.lock"):
            with contextlib.suppress(BlockingIOError), lock(other, wait=False):
                shutil.rmtree(other.with_suffix(""), ignore_errors=True)
    folder = screens / uuid.uuid4().hex
    # before there is a folder: whose lock is free is taken for dead
    advice = "make room there, or let BRAINSCORE_WIRING_HOME name another folder"
    with lock(folder.with_suffix(".lock"), advice=advice):
        try:
            try:
                folder.mkdir()
            except OSError as error:
                raise WiringError(
                    f"'{folder}' cannot be made ({error.strerror or error}): {advice}."
                ) from None
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _remove_probe_images() -> None:
    """Remove the temporary image with which Brain-Score measures a model's resolution."""
    for module, name in ((core, "_probe_image_path"), (extractor, "_probe_frame_path")):
        if getattr(module, name) is not None:
            shutil.rmtree(Path(getattr(module, name)).parent, ignore_errors=True)
            setattr(module, name, None)


def cached_ceiling(benchmark: Any) -> Any:
    """The same benchmark object, whose ceiling is computed once and kept in the cache folder as
    plain text.

    The key contains the benchmark's identifier, version and class, the library versions, and the
    contents of its data and of all data and settings that its ceiling is computed from (see
    `content_hash`), and the user's files that its code is in. A damaged file is rewritten. A
    benchmark that computes its ceiling in a way of its own stays as it is, and so does one whose
    code is in no file; one that is made of `benchmarks` keeps theirs; a ceiling that text cannot
    hold is kept for this process only.
    """
    parts = getattr(benchmark, "benchmarks", None)
    for part in parts.values() if isinstance(parts, Mapping) else ():
        cached_ceiling(part)
    if type(benchmark).ceiling is not BenchmarkBase.ceiling or benchmark._ceiling_func is None:
        return benchmark
    if users_code(type(benchmark), benchmark._ceiling_func) is None:
        return benchmark
    kept = functools.cache(functools.partial(_kept, benchmark))
    benchmark._ceiling = lambda identifier: kept()()
    return benchmark


def _kept(benchmark: BenchmarkBase) -> Callable[[], Any]:
    """What gives a benchmark's ceiling, from the cache folder or computed and put there."""
    data = [value for value in vars(benchmark).values() if is_data(value)]
    key = json.dumps(
        {
            "benchmark": benchmark.identifier,
            "version": str(benchmark.version),
            "class": f"{type(benchmark).__module__}.{type(benchmark).__qualname__}",
            "python": platform.python_version(),
            "libraries": {name: version_of(name) for name in LIBRARIES},
            "contents": content_hash([benchmark._ceiling_func, data]),
            "code": users_code(type(benchmark), benchmark._ceiling_func),
        }
    )
    plain = saved.read(saved.CEILINGS, key)
    if plain is None:
        computed = benchmark._ceiling_func()
        plain = kept_scores.as_json(computed)
        if plain is None:
            return lambda: computed
        saved.write(saved.CEILINGS, key, plain)
    return lambda: kept_scores.from_json(plain)
