"""MacaqueV1Tuning's stimuli: what the images show, and that a set of them on disk is whole."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from brainscore_wiring.benchmarks.macaque_v1_tuning import gratings, recording
from brainscore_wiring.errors import WiringError


@pytest.fixture
def few_stimuli(monkeypatch, tmp_path):
    """Twelve gratings in a home of their own."""
    monkeypatch.setenv("BRAINSCORE_WIRING_HOME", str(tmp_path))
    monkeypatch.setattr(gratings, "STIMULI", gratings.STIMULI[:12])
    return tmp_path / "cache"


@pytest.mark.parametrize("orientation", [0.0, 30.0, 90.0, 135.0])
@pytest.mark.parametrize("frequency", [gratings.SPATIAL_FREQUENCIES[step] for step in (6, 12, 20)])
def test_a_grating_has_the_stated_orientation_and_spatial_frequency(orientation, frequency):
    pixels = (
        gratings.Grating(orientation, frequency, 0.0, 3.5).pixels().astype(float) - gratings.GREY
    )
    spectrum = np.abs(np.fft.fft2(pixels, (1024, 1024)))[:, :512]
    row, column = np.unravel_index(spectrum.argmax(), spectrum.shape)
    y, x = np.fft.fftfreq(1024)[row] * 28, column / 1024 * 28
    assert np.hypot(x, y) == pytest.approx(frequency, abs=0.04)
    apart = abs((np.rad2deg(np.arctan2(y, x)) - orientation + 90) % 180 - 90)
    assert apart <= np.rad2deg(0.04 / frequency)


def test_the_grid_of_gratings_is_that_of_the_experiments():
    assert len(gratings.STIMULI) == 2569 and gratings.PIXELS == 224
    assert list(gratings.ORIENTATIONS) == list(range(0, 180, 15))
    assert np.log2(gratings.SPATIAL_FREQUENCIES) == pytest.approx(np.arange(-1.375, 3.7, 0.25))
    assert np.log2(2 * np.array(gratings.RADII)) == pytest.approx(np.arange(-2.25, 2.8, 0.5))
    assert gratings.LARGE_RADIUS == 2.25 and list(gratings.PHASES) == list(range(0, 360, 60))
    assert list(gratings.SIZE_PHASES) == [0, 90, 180, 270]
    assert list(gratings.SIZE_ORIENTATIONS) == list(range(0, 180, 30))
    assert gratings.SPATIAL_FREQUENCIES[4:17:4] == gratings.SIZE_SPATIAL_FREQUENCIES


def test_a_grating_fills_its_aperture_and_nothing_else():
    pixels = gratings.Grating(0.0, 2.0, 90.0, 1.0).pixels()
    rows, columns = np.nonzero(pixels != gratings.GREY)
    assert (rows.mean(), columns.mean()) == pytest.approx((110, 110), abs=0.5)
    assert np.hypot(rows - 110, columns - 110).max() < 28
    assert len(rows) == pytest.approx(np.pi * 28**2, rel=0.1)
    assert pixels[110, 110] == 255
    assert (pixels.min(), pixels.max()) == (1, 255)


@pytest.mark.parametrize("radius", [*gratings.RADII, gratings.LARGE_RADIUS])
def test_every_pixel_inside_an_aperture_is_one_of_a_grating(radius):
    from_centre = np.arange(gratings.PIXELS) - gratings.CENTRE_PIXEL
    distance = np.hypot(from_centre, from_centre[:, np.newaxis]) / gratings.PIXELS_PER_DEGREE
    shown = [
        gratings.Grating(30.0, 2.0, phase, radius).pixels() != gratings.GREY for phase in (0, 90)
    ]
    np.testing.assert_array_equal(np.any(shown, axis=0), distance < radius - 1e-9)


def test_opposite_phases_cancel_around_the_blank():
    one, other = (
        gratings.Grating(45.0, 3.0, phase, 2.0).pixels().astype(int) for phase in (60.0, 240.0)
    )
    assert np.abs(one + other - 2 * gratings.GREY).max() <= 1
    assert (gratings.BLANK.pixels() == gratings.GREY).all()


def test_the_stimulus_set_describes_every_image_on_disk():
    stimuli = gratings.grating_stimuli()
    assert len(stimuli) == len(gratings.STIMULI) == 1 + 21 * 12 * 6 + 11 * 4 * 6 * 4
    assert stimuli["stimulus_id"].is_unique
    for row in stimuli.iloc[[0, 1, 700, 1513, 2568]].itertuples():
        with Image.open(stimuli.get_stimulus(row.stimulus_id)) as image:
            pixels = np.asarray(image)
        drawn = gratings.Grating(
            row.orientation, row.spatial_frequency, row.phase, row.radius
        ).pixels()
        assert (pixels == drawn[..., None]).all() and pixels.shape == (224, 224, 3)


def test_a_run_that_dies_leaves_no_half_set(few_stimuli, monkeypatch):
    draw, drawn = gratings.Grating.pixels, []

    def dying(grating):
        drawn.append(grating)
        if len(drawn) == 5:
            raise KeyboardInterrupt
        return draw(grating)

    monkeypatch.setattr(gratings.Grating, "pixels", dying)
    with pytest.raises(KeyboardInterrupt):
        gratings.image_folder()
    assert not list(few_stimuli.iterdir())
    assert len(list(gratings.image_folder().iterdir())) == 12


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / gratings.file_name(3)).unlink(),
        lambda folder: (folder / gratings.file_name(3)).write_bytes(b""),
        lambda folder: os.truncate(folder / gratings.file_name(3), 100),
        lambda folder: (folder / "other.png").write_bytes(b"x"),
    ],
    ids=["missing", "empty", "truncated", "strange"],
)
def test_a_damaged_set_is_drawn_again(few_stimuli, damage):
    folder = gratings.image_folder()
    before = (folder / gratings.file_name(3)).read_bytes()
    damage(folder)
    assert gratings.image_folder() == folder
    assert [path.name for path in few_stimuli.iterdir()] == [gratings.IDENTIFIER]
    assert (
        len(list(folder.iterdir())) == 12
        and (folder / gratings.file_name(3)).read_bytes() == before
    )


def test_a_whole_set_is_not_drawn_again(few_stimuli):
    times = {path.name: path.stat().st_mtime_ns for path in gratings.image_folder().iterdir()}
    assert {
        path.name: path.stat().st_mtime_ns for path in gratings.image_folder().iterdir()
    } == times


def test_an_unwritable_cache_is_one_sentence(monkeypatch, tmp_path):
    (tmp_path / "cache").write_text("a file where a folder should be")
    monkeypatch.setenv("BRAINSCORE_WIRING_HOME", str(tmp_path))
    with pytest.raises(WiringError, match="cannot be written to .*cache"):
        gratings.image_folder()


def test_a_model_with_a_smaller_screen_sees_gratings_of_the_same_size(few_stimuli):
    placed = recording._on_screen(SimpleNamespace(visual_degrees=lambda: 4.0))
    with Image.open(placed.get_stimulus(placed["stimulus_id"][3])) as image:
        pixels = np.asarray(image.convert("L"))
    assert pixels.shape == (112, 112)
    assert (pixels == gratings.STIMULI[3].pixels()[56:168, 56:168]).all()


def test_images_that_were_placed_on_a_screen_and_deleted_are_placed_again(few_stimuli):
    model = SimpleNamespace(visual_degrees=lambda: 5.0)
    for path in recording._on_screen(model).stimulus_paths.values():
        Path(path).unlink()
    assert all(Path(path).is_file() for path in recording._on_screen(model).stimulus_paths.values())
