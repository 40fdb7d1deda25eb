"""Macaque V1 tuning: published single-neuron histograms against a model's V1."""

from brainscore_vision import benchmark_registry

from brainscore_wiring.benchmarks.macaque_v1_tuning.benchmark import (
    MacaqueV1Property,
    MacaqueV1Tuning,
)

benchmark_registry["MacaqueV1Tuning"] = MacaqueV1Tuning
benchmark_registry["MacaqueV1Tuning-preferred_orientation"] = lambda: MacaqueV1Property(
    "preferred_orientation"
)
benchmark_registry["MacaqueV1Tuning-peak_spatial_frequency"] = lambda: MacaqueV1Property(
    "peak_spatial_frequency"
)
benchmark_registry["MacaqueV1Tuning-spatial_frequency_selective"] = lambda: MacaqueV1Property(
    "spatial_frequency_selective"
)
benchmark_registry["MacaqueV1Tuning-spatial_frequency_bandwidth"] = lambda: MacaqueV1Property(
    "spatial_frequency_bandwidth"
)
benchmark_registry["MacaqueV1Tuning-surround_suppression_index"] = lambda: MacaqueV1Property(
    "surround_suppression_index"
)
benchmark_registry["MacaqueV1Tuning-grating_summation_field"] = lambda: MacaqueV1Property(
    "grating_summation_field"
)
benchmark_registry["MacaqueV1Tuning-surround_diameter"] = lambda: MacaqueV1Property(
    "surround_diameter"
)

# those that need the file of Ringach et al. 2002
benchmark_registry["MacaqueV1Tuning.v2"] = lambda: MacaqueV1Tuning(version=2)
benchmark_registry["MacaqueV1Tuning-circular_variance"] = lambda: MacaqueV1Property(
    "circular_variance"
)
benchmark_registry["MacaqueV1Tuning-or_bandwidth"] = lambda: MacaqueV1Property("or_bandwidth")
benchmark_registry["MacaqueV1Tuning-orth_pref_ratio"] = lambda: MacaqueV1Property("orth_pref_ratio")
benchmark_registry["MacaqueV1Tuning-or_selective"] = lambda: MacaqueV1Property("or_selective")
benchmark_registry["MacaqueV1Tuning-cv_bandwidth_ratio"] = lambda: MacaqueV1Property(
    "cv_bandwidth_ratio"
)
benchmark_registry["MacaqueV1Tuning-opr_cv_diff"] = lambda: MacaqueV1Property("opr_cv_diff")
benchmark_registry["MacaqueV1Tuning-modulation_ratio"] = lambda: MacaqueV1Property(
    "modulation_ratio"
)
benchmark_registry["MacaqueV1Tuning-max_dc"] = lambda: MacaqueV1Property("max_dc")
