"""Every kind of genome entry by its name in a genome file. One to a line: a submission carries those it is born from."""

from __future__ import annotations

from brainscore_wiring.weight_compression.alternatives.channel_mixture import ChannelMixture
from brainscore_wiring.weight_compression.alternatives.gabor_normal import GaborNormal
from brainscore_wiring.weight_compression.alternatives.kernel_normals import KernelNormals
from brainscore_wiring.weight_compression.batch_norm_normals import BatchNormNormals
from brainscore_wiring.weight_compression.beyond.aligned_channels import AlignedChannels
from brainscore_wiring.weight_compression.beyond.derivative_bank import DerivativeBank
from brainscore_wiring.weight_compression.beyond.low_rank_filters import LowRankFilters
from brainscore_wiring.weight_compression.beyond.orthogonal import Orthogonal
from brainscore_wiring.weight_compression.beyond.smooth_filters import SmoothFilters
from brainscore_wiring.weight_compression.clusters import Clusters, DepthwiseClusters
from brainscore_wiring.weight_compression.entry import Entry
from brainscore_wiring.weight_compression.gabor_mixture import GaborMixture

KINDS: dict[str, type[Entry]] = {kind.kind: kind for kind in (
    GaborMixture,
    Clusters,
    DepthwiseClusters,
    BatchNormNormals,
    KernelNormals,
    GaborNormal,
    ChannelMixture,
    AlignedChannels,
    LowRankFilters,
    DerivativeBank,
    Orthogonal,
    SmoothFilters,
)}
