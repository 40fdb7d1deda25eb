"""Jobs on a cluster, by submitit."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from brainscore_wiring.errors import WiringError


class Requeued(ABC):
    """A job that the cluster queues again where its time runs out, and that goes on then."""

    @abstractmethod
    def __call__(self) -> str:
        """Do it; returns its name."""

    def checkpoint(self, *_: Any) -> Any:
        """What submitit calls when the time has run out."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)


def send(jobs: Sequence[Requeued], folder: Path, settings: Mapping[str, Any]) -> list[Any]:
    """Queue jobs; returns submitit's handles, whose logs are in `folder`.

    `settings` are the parameters of submitit's executor (`slurm_partition`, `timeout_min`, ...) and
    `cluster`: "slurm" by default, "local" for processes of this machine. Raises `WiringError` where
    submitit is not installed or there is no such cluster here.
    """
    try:
        import submitit
    except ImportError:
        raise WiringError(
            "Jobs are sent to a cluster by submitit, which is not installed: "
            "`pip install '.[slurm]'`."
        ) from None
    settings = dict(settings)
    try:
        executor = submitit.AutoExecutor(folder, cluster=settings.pop("cluster", "slurm"))
        executor.update_parameters(**settings)
        return [executor.submit(job) for job in jobs]
    except (RuntimeError, ValueError, NameError, TypeError) as error:
        raise WiringError(
            f"The jobs could not be sent to the cluster: {str(error).strip().splitlines()[0]}"
        ) from None
