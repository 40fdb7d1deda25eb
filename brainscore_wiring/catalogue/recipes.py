"""The paper's models as recipes, and births beyond it that have no file of their own.

An entry yields a row even where `paper_runs.RUNS` has no converged full run of it, if it states
`epochs`.
"""

from __future__ import annotations

from typing import Any

AREAS = ("V1", "V2", "V4", "IT")
#: In place of a section: the model is in the authors' score database or code, not in the paper.
SIDE_EXPERIMENT = "side experiment"

# How the weights of a model begin. Batch norms beside a trained down-sampling convolution stay at
# gamma 1, beta 0, as in the authors' models: critical training trains that convolution.
_NORM3 = ("norm3_",)
WC: dict[str, Any] = dict(birth="weight_compression", compressed=AREAS, default_norms=_NORM3)
_UP_TO_V4, _UP_TO_V2 = dict(compressed=AREAS[:3]), dict(compressed=AREAS[:2])
_WC_V4, _WC_V2 = WC | _UP_TO_V4, WC | _UP_TO_V2
_ALL_NORMS_DRAWN = dict(default_norms=())
_ALL, _CT, _DECODER = "everything", "critical_training", "decoder"


def _trained_with(**recipe: Any) -> dict[str, Any]:
    """What differs from the paper's training."""
    return dict(recipe=recipe)


def _alternative(birth: str, section: str = "B.3") -> dict[str, Any]:
    return WC | dict(birth=birth, section=section)


def _side_experiment(birth: str) -> dict[str, Any]:
    return _alternative(birth, SIDE_EXPERIMENT)


_MIXTURE, _KERNEL, _NO_GABOR = map(
    _alternative, ("mixture_gaussian", "kernel_normal", "no_gabor_prior")
)
_BEST, _GABOR_ONLY = map(_side_experiment, ("best_distribution", "gabor_only"))
_CLUSTERED, _RAW = map(_side_experiment, ("clustered_v1_conv1", "raw_mixture_v1_conv1"))
# Transfers keep all batch norms at their defaults (appendix D.1): every name begins with "".
_TRANSFER = WC | dict(default_norms=("",), section="D.1")
_RESNET = dict(architecture="resnet50", birth="torchvision_default", section="D.1")
_RESNET_WC = _RESNET | _TRANSFER
# not beside what critical training trains, as in CORnet-S
_BATCHNORM_NORMALS = dict(default_norms=("bn3",))
_MOBILENET = dict(architecture="mobilenet_v1", section="D.1")
_MOBILENET_WC = _MOBILENET | _TRANSFER
#: Initialised from statistics of its own training: all of its modules, batch norms too.
_MOBILENET_OWN = dict(
    architecture="mobilenet_v1_tensorflow",
    birth="own_weight_compression",
    compressed=("stem", *(f"block{number}" for number in range(1, 14))),
    section="beyond",
)
_HMAX = dict(architecture="hmax", birth="none", section="6")

#: Births: identifier -> (the authors' name at epoch 0, figure panels, what differs from a Kaiming
#: Normal CORnet-S).
BIRTH_RECIPES: dict[str, tuple[str, str, dict]] = {
    "pixels": (
        "pixels_epoch_00",
        "1A;2C;4A",
        dict(architecture="pixels", birth="none", section="3"),
    ),
    "hmax": ("hmax_epoch_00", "4A;8A", _HMAX),
    "hmax_layers_2": ("hmax_2_epoch_00", "none", _HMAX | dict(architecture="hmax_layers_2")),
    "hmax_layers_3": ("hmax_3_epoch_00", "none", _HMAX | dict(architecture="hmax_layers_3")),
    "cornet_s_mixture_gaussian": ("CORnet-S_brain_IT_full_train_epoch_00", "none", _MIXTURE),
    "cornet_s_kernel_normal": ("", "none", _KERNEL),
    "cornet_s_no_gabor_prior": ("CORnet-S_brain2_IT_full_train_epoch_00", "none", _NO_GABOR),
    "cornet_s_best_distribution": ("CORnet-S_dist_IT_full_train_epoch_00", "none", _BEST),
    "cornet_s_gabor_only": ("", "none", _GABOR_ONLY),
    "cornet_s_wc_clustered_v1_conv1": ("", "none", _CLUSTERED),
    "cornet_s_wc_raw_mixture_v1_conv1": ("", "none", _RAW),
    "resnet50_kn": ("resnet_v1_CORnet-S_full_epoch_00", "4A;8A", _RESNET),
    "resnet50_wc": ("resnet_v3_CORnet-S_cluster2_v2_IT_trconv3_bi_epoch_00", "none", _RESNET_WC),
    "resnet50_wc_batchnorm_normals": (
        "resnet_v1_CORnet-S_cluster2_v2_IT_trconv3_bi_epoch_00",
        "none",
        _RESNET_WC | _BATCHNORM_NORMALS,
    ),
    "mobilenet_wc": ("", "none", _MOBILENET_WC),
    "mobilenet_wc_own": ("", "none", _MOBILENET_OWN),
    "mobilenet_random": ("mobilenet_random_epoch_00", "none", _MOBILENET | dict(birth="random")),
}

#: Trained models: identifier -> (the authors' name, trainable set, section, what differs). `epochs`
#: where they have no converged run with seed 0 on the full set: those of seed 42, of 100,000
#: images, or, for models beyond the paper, of the same training with exact feedback.
PAPER_RECIPES: dict[str, tuple[str, str, str, dict]] = {
    "cornet_s": ("CORnet-S_full", _ALL, "3", {}),
    "cornet_s_learning_rate_1": (
        "CORnet-S_full_lr1.0",
        _ALL,
        "3",
        _trained_with(learning_rate=1.0),
    ),
    "cornet_s_learning_rate_0p01": (
        "CORnet-S_full_lr0.01",
        _ALL,
        "3",
        _trained_with(learning_rate=0.01),
    ),
    "cornet_s_weight_decay_1e_3": (
        "CORnet-S_full_wd0.001",
        _ALL,
        "3",
        _trained_with(weight_decay=1e-3),
    ),
    "cornet_s_weight_decay_1e_5": (
        "CORnet-S_full_wd1e-05",
        _ALL,
        "3",
        _trained_with(weight_decay=1e-5),
    ),
    "cornet_s_schedule_alternative": (
        "CORnet-S_full_con2",
        _ALL,
        "3",
        _trained_with(schedule="small_improvement") | dict(epochs=12),
    ),
    "cornet_s_adam": (
        "CORnet-S_full_opAdam",
        _ALL,
        SIDE_EXPERIMENT,
        _trained_with(optimizer="adam"),
    ),
    "cornet_s_adagrad": (
        "CORnet-S_full_opAdagrad",
        _ALL,
        SIDE_EXPERIMENT,
        _trained_with(optimizer="adagrad"),
    ),
    "cornet_s_wc_full": ("CORnet-S_cluster2_IT_full_train", _ALL, "4", WC),
    "cornet_s_ct": ("CORnet-S_train_conv3_bi", _CT, "5", {}),
    "cornet_s_ct_v4": ("CORnet-S_train_conv3_V4_bi", f"{_CT}_v4", "5", {}),
    "cornet_s_ct_v2": ("CORnet-S_train_conv3_V2_bi", f"{_CT}_v2", "5", {}),
    "cornet_s_dt_v2": ("CORnet-S_train_V2", "downstream_training_v2", "5", {}),
    "cornet_s_dt_v4": ("CORnet-S_train_V4", "downstream_training_v4", "5", {}),
    "cornet_s_dt_it": ("CORnet-S_train_IT_seed_0", "downstream_training_it", "5", {}),
    "cornet_s_dt_decoder": ("CORnet-S_train_random", _DECODER, "5", {}),
    "cornet_s_conv1": ("CORnet-S_train_conv1_bi", "up_sampling", "5", {}),
    "cornet_s_conv1_v4": ("CORnet-S_train_conv1_V4_bi", "up_sampling_v4", "5", {}),
    "cornet_s_conv1_v2": ("CORnet-S_train_conv1_V2_bi", "up_sampling_v2", "5", {}),
    "cornet_s_batchnorm": ("CORnet-S_train_batchnorm", "batch_norm", "5", {}),
    "cornet_s_batchnorm_v4": ("CORnet-S_train_batchnorm_V4", "batch_norm_v4", "5", {}),
    "cornet_s_batchnorm_v2": ("CORnet-S_train_batchnorm_V2", "batch_norm_v2", "5", {}),
    "cornet_s_wc_ct": ("CORnet-S_cluster2_v2_IT_trconv3_bi", _CT, "6", WC),
    "cornet_s_wc_ct_v4": ("CORnet-S_cluster2_v2_V4_trconv3_bi", f"{_CT}_v4", "6", _WC_V4),
    "cornet_s_wc_ct_v2": ("CORnet-S_train_gmk1_cl2_7_7tr_bi", f"{_CT}_v2", "6", _WC_V2),
    "cornet_s_wc_ct_continued_full": (
        "CORnet-S_continued_train",
        _ALL,
        "6",
        dict(birth="trained", continues="cornet_s_wc_ct"),
    ),
    "cornet_s_ct_skip_feedback": (
        "",
        _CT,
        "beyond",
        _trained_with(feedback="skip_only") | dict(epochs=29),
    ),
    "cornet_s_wc_ct_skip_feedback": (
        "",
        _CT,
        "beyond",
        WC | _trained_with(feedback="skip_only") | dict(epochs=38),
    ),
    "cornet_s_wc_decoder": ("CORnet-S_cluster2_v2_IT_bi", _DECODER, "7", WC | _ALL_NORMS_DRAWN),
    "cornet_s_wc_dt_it": (
        "CORnet-S_cluster2_v2_V4_bi",
        "downstream_training_it",
        "7",
        _WC_V4 | _ALL_NORMS_DRAWN | dict(epochs=30),
    ),
    "cornet_s_wc_dt_v4": (
        "CORnet-S_train_gmk1_cl2_7_bi",
        "downstream_training_v4",
        "7",
        _WC_V2 | _ALL_NORMS_DRAWN | dict(epochs=34),
    ),
    "cornet_s_mixture_gaussian_decoder_it_conv3": (
        "CORnet-S_brain_wmc15_IT_bi",
        "decoder_and_it_conv3",
        "B.3",
        _MIXTURE | dict(default_norms=("IT.norm3_",)),
    ),
    "cornet_s_mixture_gaussian_ct": ("CORnet-S_brain_t7_t12_wmc15_IT_bi", _CT, "B.3", _MIXTURE),
    "cornet_s_mixture_gaussian_full": ("CORnet-S_brain_IT_full_train", _ALL, "B.3", _MIXTURE),
    "cornet_s_kernel_normal_decoder": (
        "CORnet-S_brain3_knall_IT_bi",
        _DECODER,
        "B.3",
        _KERNEL | _ALL_NORMS_DRAWN,
    ),
    "cornet_s_kernel_normal_ct": ("CORnet-S_brain3_t7_t12_knall_IT_bi", _CT, "B.3", _KERNEL),
    "cornet_s_no_gabor_prior_decoder": (
        "CORnet-S_brain2_knall_IT_bi_v2",
        _DECODER,
        "B.3",
        _NO_GABOR | _ALL_NORMS_DRAWN,
    ),
    "cornet_s_no_gabor_prior_ct": ("CORnet-S_brain2_t7_t12_knall_IT_bi_v2", _CT, "B.3", _NO_GABOR),
    "cornet_s_no_gabor_prior_full": ("CORnet-S_brain2_IT_full_train", _ALL, "B.3", _NO_GABOR),
    "cornet_s_best_distribution_full": (
        "CORnet-S_dist_IT_full_train",
        _ALL,
        SIDE_EXPERIMENT,
        _BEST,
    ),
    "cornet_s_gabor_only_ct": (
        "CORnet-S_cluster11_IT_trconv3_bi",
        _CT,
        SIDE_EXPERIMENT,
        _GABOR_ONLY,
    ),
    "cornet_s_wc_clustered_v1_conv1_ct": (
        "CORnet-S_cluster10_IT_trconv3_bi",
        _CT,
        SIDE_EXPERIMENT,
        _CLUSTERED,
    ),
    "cornet_s_wc_clustered_v1_conv1_ct_v4": (
        "CORnet-S_cluster10_V4_trconv3_bi",
        f"{_CT}_v4",
        SIDE_EXPERIMENT,
        _CLUSTERED | _UP_TO_V4,
    ),
    "cornet_s_wc_raw_mixture_v1_conv1_ct": (
        "CORnet-S_cluster9_IT_trconv3_bi",
        _CT,
        SIDE_EXPERIMENT,
        _RAW,
    ),
    "cornet_s_wc_raw_mixture_v1_conv1_ct_v4": (
        "CORnet-S_cluster9_V4_trconv3_bi",
        f"{_CT}_v4",
        SIDE_EXPERIMENT,
        _RAW | _UP_TO_V4,
    ),
    "cornet_s_wc_raw_mixture_v1_conv1_ct_v2": (
        "CORnet-S_train_wmk1_cl2_7_7tr_bi",
        f"{_CT}_v2",
        SIDE_EXPERIMENT,
        _RAW | _UP_TO_V2,
    ),
    "resnet50": ("resnet_v1_CORnet-S_full", _ALL, "D.1", _RESNET),
    "resnet50_dt_decoder": ("resnet_v1_CORnet-S_train_random", _DECODER, "D.1", _RESNET),
    "resnet50_wc_ct": ("resnet_v3_CORnet-S_cluster2_v2_IT_trconv3_bi", _CT, "D.1", _RESNET_WC),
    "resnet50_wc_ct_v4": (
        "resnet_v3_CORnet-S_cluster2_v2_V4_trconv3_bi",
        f"{_CT}_v4",
        "D.1",
        _RESNET_WC | _UP_TO_V4,
    ),
    "resnet50_wc_ct_v2": (
        "resnet_v3_CORnet-S_train_gmk1_cl2_7_7tr_bi",
        f"{_CT}_v2",
        "D.1",
        _RESNET_WC | _UP_TO_V2,
    ),
    "resnet50_wc_ct_batchnorm_normals": (
        "resnet_v1_CORnet-S_cluster2_v2_IT_trconv3_bi",
        _CT,
        "D.1",
        _RESNET_WC | _BATCHNORM_NORMALS,
    ),
    "mobilenet": (
        "mobilenet_v1_1.0_224",
        _ALL,
        "D.1",
        dict(
            architecture="mobilenet_v1_tensorflow",
            birth="pretrained",
            not_known="for how many epochs and with which augmentation TensorFlow's authors "
            "trained it: the paper counts 100 epochs",
        ),
    ),
    "mobilenet_wc_ct": (
        "mobilenet_v6_CORnet-S_cluster2_v2_IT_trconv3_bi",
        _CT,
        "D.1",
        _MOBILENET_WC,
    ),
    **{
        f"mobilenet_wc_ct_mapping_{mapping}": (
            f"mobilenet_v{mapping}_CORnet-S_cluster2_v2_IT_trconv3_bi",
            f"{_CT}_mapping_{mapping}",
            "D.1",
            _MOBILENET_WC | dict(mapping=f"mapping_{mapping}"),
        )
        for mapping in (1, 2, 4, 5)
    },
    "mobilenet_wc_ct_mapping_7": (
        "mobilenet_v7_CORnet-S_cluster2_v2_IT_trconv3_bi",
        f"{_CT}_mapping_7",
        "D.1",
        _MOBILENET_WC,
    ),
}

#: Rows that follow the paper's ImageNet recipe and accept weights trained on ImageNet alone.
IMAGENET_ROWS = (
    "cornet_s",
    "cornet_s_wc",
    "cornet_s_wc_bn",
    "cornet_s_wc_full",
    "cornet_s_ct",
    "cornet_s_ct_v4",
    "cornet_s_ct_v2",
    "cornet_s_wc_ct",
    "cornet_s_wc_ct_seed42",
    "cornet_s_wc_ct_seed94",
    "cornet_s_wc_ct_v4",
    "cornet_s_wc_ct_v2",
    "cornet_s_wc_decoder",
    "cornet_s_dt_it",
    "cornet_s_dt_v4",
    "cornet_s_dt_v2",
    "cornet_s_dt_decoder",
)

#: Births of CORnet-S in ten seeds: identifier -> (the authors' name, what differs, seed -> panels
#: other than "2text").
SEEDED_BIRTHS: dict[str, tuple[str, dict[str, Any], dict[int, str]]] = {
    "cornet_s_kn": (
        "CORnet-S_full",
        {},
        {0: "1B;2C;2text;4A;4B;8A;8C", 42: "1B;2C;2text;4A;8A;8C"},
    ),
    "cornet_s_wc": (
        "CORnet-S_cluster2_v2_IT_trconv3_bi",
        WC,
        {0: "2C;2text;4A;4B;8A;8B;9A", 42: "2text;4A;8A;8B;9A"},
    ),
}
#: Seeds of the ten births of figure 2's text; seed 0 has no suffix.
BIRTH_SEEDS = (0, 12, 32, 42, 43, 52, 62, 72, 82, 92)

#: The best of the frontier among genomes of at most 10,000 numbers (docs/frontier), which has a
#: name of its own.
BEST, BEST_NAME = "cornet_s_wc_noise", "cornet_s_birth_best"
