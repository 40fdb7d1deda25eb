"""MATLAB files as data: arrays and records are read, nothing in a file is executed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from brainscore_wiring.errors import WiringError

#: What reading the wrong content as if it were the right one raises.
BAD_CONTENT = (AttributeError, IndexError, KeyError, TypeError, ValueError)


def variables(path: Path, study: str, *names: str) -> dict[str, np.ndarray]:
    """Named variables of a MATLAB file, up to version 5 or from 7.3 on, where axes come in the
    opposite order.

    Raises `WiringError` for a damaged file.
    """
    import h5py
    from scipy.io import loadmat

    try:
        if h5py.is_hdf5(path):
            with h5py.File(path) as file:
                return {name: np.asarray(file[name]) for name in names}
        return loadmat(path, variable_names=names)
    except Exception as error:  # a damaged byte makes the readers raise anything
        raise not_the_data_of(study, path, error) from None


def not_the_data_of(study: str, path: Path, error: Exception) -> WiringError:
    """The sentence on a file that does not hold the data of a study."""
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return WiringError(
        f"'{path}' does not hold the data of {study} ({reason}): replace it by the published file."
    )
