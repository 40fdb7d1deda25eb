"""Geiger et al. 2022: the average brain predictivity, the paper's headline number, on public and on
private data.

`.offline` is a mean of other parts, whose data are freely available.
"""

from brainscore_vision import benchmark_registry

from .benchmark import private, public
from .offline import OfflinePredictivity

benchmark_registry["Geiger2022-brain_predictivity"] = public
benchmark_registry["Geiger2022-brain_predictivity.private"] = private
benchmark_registry["Geiger2022-brain_predictivity.offline"] = OfflinePredictivity
