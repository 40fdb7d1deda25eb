"""Every variant of the paper as one row: the only list of models. Needs neither torch nor Brain-Score.

A row states a recipe (birth state, which synapses learn, epochs, images, seed). What the weights behind a model really
saw is in their training record. Rows are made from the recipes below and the runs in `catalogue_grid.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from brainscore_wiring.catalogue_births import ALIGNED_BIRTHS, AREAS, BEST, BEST_NAME, BEYOND, BEYOND_NAMES
from brainscore_wiring.catalogue_grid import CONVERGENCE_ELSEWHERE, FULL, MORE_SEEDS, RUNS, panels
from brainscore_wiring.errors import unknown
from brainscore_wiring.synapses import CONDITION_NAMES

BIBTEX = """@inproceedings{geiger2022wiring,
  title = {Wiring Up Vision: Minimizing Supervised Synaptic Updates Needed to Produce a Primate Ventral Stream},
  author = {Geiger, Franziska and Schrimpf, Martin and Marques, Tiago and DiCarlo, James J.},
  booktitle = {International Conference on Learning Representations},
  year = {2022},
  url = {https://openreview.net/forum?id=g1SzIRLQXMM}
}"""

#: Seeds of the ten births of figure 2's text; seed 0 has no suffix.
BIRTH_SEEDS = (0, 12, 32, 42, 43, 52, 62, 72, 82, 92)
#: Images that the batch-norm statistics of a birth state are measured on: unlabelled ones (`_bn`) or noise (`_noise`).
STATISTICS_IMAGES = 128

ARCHITECTURE_NAMES = {"cornet_s": "CORnet-S", "resnet50": "ResNet-50", "mobilenet_v1": "MobileNet v1", "hmax": "HMAX",
                      "pixels": "Pixels"}
#: What has to be said of a fixed computation.
FIXED_NOTES = {"hmax": ", with prototypes from a generated picture in place of the published universal patch set"}
#: Birth -> its words. Those in `GENOME_BIRTHS` draw weights from numbers that evolution kept.
BIRTH_NAMES = {
    "kaiming_normal": "Kaiming Normal",
    "weight_compression": "weight compression",
    "mixture_gaussian": "mixture Gaussian",
    "kernel_normal": "a normal distribution per kernel",
    "no_gabor_prior": "kernel normals without the Gabor prior",
    "best_distribution": "the best-fitting distribution of each layer",
    "gabor_only": "the Gabor prior alone",
    "clustered_v1_conv1": "weight compression with clusters in V1.conv1",
    "raw_mixture_v1_conv1": "weight compression with a mixture over raw weights in V1.conv1",
    "torchvision_default": "torchvision's default",
    "random": "random weights",
    "pretrained": "an ImageNet training by others",
    "trained": "another model's training",
    "none": "a fixed computation",
    **BEYOND_NAMES,
}
GENOME_BIRTHS = ("weight_compression", "mixture_gaussian", "kernel_normal", "no_gabor_prior", "best_distribution",
                 "gabor_only", "clustered_v1_conv1", "raw_mixture_v1_conv1", *BEYOND_NAMES)


@dataclass(frozen=True)
class Variant:
    """One model of the paper as a recipe.

    `architecture` a key of `ARCHITECTURE_NAMES`, `birth` of `BIRTH_NAMES`, `trained` a condition of `synapses`.
    `compressed`: areas born from the genome; `default_norms`: batch norms, by the beginning of their name or of its
    last part, that are born with gamma 1 and beta 0 all the same. `epochs` may be a fraction; `images` are labelled
    ones, `unlabelled_images` or `noise_images` measure batch-norm statistics at birth. `diet` is "any" or "imagenet":
    other weights never stand in. `recipe` holds what differs from the paper's hyper-parameters, named as in
    `training.recipe.Recipe`. `continues`: the model whose trained weights this one starts from. `figure`, `section` and
    `original_name` point to the paper and to its authors' score database. `needs` is one sentence on what the package
    lacks to build this recipe, empty where it lacks nothing.
    """

    identifier: str
    architecture: str = "cornet_s"
    birth: str = "kaiming_normal"
    compressed: tuple[str, ...] = ()
    default_norms: tuple[str, ...] = ()
    trained: str = "nothing"
    epochs: float = 0
    images: int = 0
    seed: int = 0
    unlabelled_images: int = 0
    noise_images: int = 0
    diet: str = "any"
    recipe: Mapping[str, float | str] = field(default_factory=dict, hash=False)
    continues: str = ""
    figure: str = "none"
    section: str = ""
    original_name: str = ""
    needs: str = ""

    @property
    def at_birth(self) -> bool:
        """Whether nothing in this model has learned from a label."""
        return self.trained == "nothing"

    @property
    def measured_statistics(self) -> bool:
        """Whether batch-norm statistics come from unlabelled or noise images instead of being 0 and 1."""
        return self.unlabelled_images + self.noise_images > 0

    @property
    def summary(self) -> str:
        """One sentence: architecture, birth state, what learns, epochs and images."""
        name = ARCHITECTURE_NAMES[self.architecture]
        if self.birth == "none":
            return f"{name}, a fixed computation without training{FIXED_NOTES.get(self.architecture, '')}."
        if self.at_birth:
            seen = f"{self.noise_images:,} noise" if self.noise_images else f"{self.unlabelled_images:,} unlabelled"
            statistics = f", batch-norm statistics from {seen} images"
            return f"{name} at birth from {self._born}{statistics if self.measured_statistics else ''}."
        errors = "; errors through skip connections alone" if self.recipe.get("feedback") == "skip_only" else ""
        return f"{self.learning}{errors}; {in_epochs(self.epochs)} of {self.images:,} images."

    @property
    def learning(self) -> str:
        """The beginning of a trained model's summary: architecture, birth state, what learns."""
        learning = CONDITION_NAMES.get(self.trained, self.trained.replace("_", " "))
        return f"{ARCHITECTURE_NAMES[self.architecture]} from {self._born}; learning: {learning}"

    @property
    def _born(self) -> str:
        if self.continues:
            return f"the trained weights of {self.continues}"
        return BIRTH_NAMES[self.birth] + (f" up to {self.compressed[-1]}" if 0 < len(self.compressed) < 4 else "")


def variant(identifier: str) -> Variant:
    """The row with this identifier; raises `WrongUsage` with the nearest names for any other."""
    try:
        return CATALOGUE[identifier]
    except KeyError:
        raise unknown("model", identifier, CATALOGUE, "brainscore list models") from None


def same_training(row: Variant) -> tuple:
    """What rows share that are moments of one training: all but the number of epochs and the names."""
    return (row.architecture, row.birth, row.compressed, row.default_norms, row.trained, row.images, row.seed, row.diet,
            tuple(sorted(row.recipe.items())), row.continues)


def row_along_the_way(row: Variant, epochs: float) -> Variant:
    """The row for an earlier moment of a row's training; the row itself where the catalogue has none."""
    return next((other for other in CATALOGUE.values() if other.epochs == epochs
                 and same_training(other) == same_training(row)), row)


def in_epochs(epochs: float) -> str:
    """A number of epochs in words: 1 epoch, 0.2 epochs."""
    return f"{epochs:g} epoch{'' if epochs == 1 else 's'}"


def image_count(images: int) -> str:
    """A number of images as identifiers spell it: 100, 1k, 500k."""
    return f"{images // 1000}k" if images % 1000 == 0 else str(images)


# How the weights of a model begin. Batch norms beside a trained down-sampling convolution stay at gamma 1, beta 0,
# as in the authors' models: critical training will teach that convolution.
_NORM3 = ("norm3_",)
_WC = dict(birth="weight_compression", compressed=AREAS, default_norms=_NORM3)
_WC_V4, _WC_V2 = _WC | dict(compressed=AREAS[:3]), _WC | dict(compressed=AREAS[:2])
_ALL_NORMS_DRAWN = dict(default_norms=())
_CT = "critical_training"


def _alternative(birth: str, needs: str = "", **changes) -> dict:
    return _WC | dict(birth=birth, section="B.3", needs=needs) | changes


_MIXTURE, _KERNEL, _NO_GABOR = map(_alternative, ("mixture_gaussian", "kernel_normal", "no_gabor_prior"))
_BEST = _alternative("best_distribution",
                     "Fitting the best distribution to each layer is not part of the package yet.")
_GABOR_ONLY = _alternative("gabor_only", "A birth from the Gabor prior alone is not part of the package yet.")
_CLUSTERED = _alternative("clustered_v1_conv1", "Clusters for V1.conv1 are not part of the package yet.")
_RAW = _alternative("raw_mixture_v1_conv1",
                    "A mixture over the raw weights of V1.conv1 is not part of the package yet.")
# Transfers keep all batch norms at their defaults (appendix D.1): every name begins with "".
_TRANSFER = _WC | dict(default_norms=("",), section="D.1")
_RESNET = dict(architecture="resnet50", birth="torchvision_default", section="D.1")
_RESNET_WC = _RESNET | _TRANSFER
_BATCHNORM_NORMALS = dict(default_norms=("bn3",))  # not beside what critical training teaches, as in CORnet-S
_MOBILENET = dict(architecture="mobilenet_v1", section="D.1")
_MOBILENET_WC = _MOBILENET | _TRANSFER
_OTHER_MAPPING = dict(needs="Of the authors' mappings to MobileNet only the sixth, which the paper reports, is part of "
                            "the package.")
_HMAX = dict(architecture="hmax", birth="none", section="2")
_OTHER_HMAX = _HMAX | dict(needs="Which layers the authors read in this row is not worked out here: `hmax` is there.")

#: Births: identifier -> (the authors' name at epoch 0, figure panels, what differs from a Kaiming Normal CORnet-S).
_BIRTH_RECIPES: dict[str, tuple[str, str, dict]] = {
    "pixels": ("pixels_epoch_00", "1A;2C;4A", dict(architecture="pixels", birth="none", section="2")),
    "hmax": ("hmax_epoch_00", "4A;8A", _HMAX),
    "hmax_layers_2": ("hmax_2_epoch_00", "none", _OTHER_HMAX),
    "hmax_layers_3": ("hmax_3_epoch_00", "none", _OTHER_HMAX),
    "cornet_s_mixture_gaussian": ("CORnet-S_brain_IT_full_train_epoch_00", "none", _MIXTURE),
    "cornet_s_kernel_normal": ("", "none", _KERNEL),
    "cornet_s_no_gabor_prior": ("CORnet-S_brain2_IT_full_train_epoch_00", "none", _NO_GABOR),
    "cornet_s_best_distribution": ("CORnet-S_dist_IT_full_train_epoch_00", "none", _BEST),
    "resnet50_kn": ("resnet_v1_CORnet-S_full_epoch_00", "4A;8A", _RESNET),
    "resnet50_wc": ("resnet_v3_CORnet-S_cluster2_v2_IT_trconv3_bi_epoch_00", "none", _RESNET_WC),
    "resnet50_wc_batchnorm_normals": ("resnet_v1_CORnet-S_cluster2_v2_IT_trconv3_bi_epoch_00", "none",
                                      _RESNET_WC | _BATCHNORM_NORMALS),
    "mobilenet_wc": ("", "none", _MOBILENET_WC),
    "mobilenet_random": ("mobilenet_random_epoch_00", "none", _MOBILENET | dict(birth="random")),
}

#: Trained models: identifier -> (the authors' name, training condition, section, what differs).
_RECIPES: dict[str, tuple[str, str, str, dict]] = {
    "cornet_s": ("CORnet-S_full", "everything", "3", {}),
    "cornet_s_learning_rate_1": ("CORnet-S_full_lr1.0", "everything", "A", dict(recipe={"learning_rate": 1.0})),
    "cornet_s_learning_rate_0p01": ("CORnet-S_full_lr0.01", "everything", "A", dict(recipe={"learning_rate": 0.01})),
    "cornet_s_weight_decay_1e_3": ("CORnet-S_full_wd0.001", "everything", "A", dict(recipe={"weight_decay": 1e-3})),
    "cornet_s_weight_decay_1e_5": ("CORnet-S_full_wd1e-05", "everything", "A", dict(recipe={"weight_decay": 1e-5})),
    "cornet_s_schedule_alternative": ("CORnet-S_full_con2", "everything", "A", dict(
        recipe={"schedule": "small_improvement"})),
    "cornet_s_adam": ("CORnet-S_full_opAdam", "everything", "A", dict(recipe={"optimizer": "adam"})),
    "cornet_s_adagrad": ("CORnet-S_full_opAdagrad", "everything", "A", dict(recipe={"optimizer": "adagrad"})),
    "cornet_s_wc_full": ("CORnet-S_cluster2_IT_full_train", "everything", "4", _WC),
    "cornet_s_ct": ("CORnet-S_train_conv3_bi", _CT, "5", {}),
    "cornet_s_ct_v4": ("CORnet-S_train_conv3_V4_bi", f"{_CT}_v4", "5", {}),
    "cornet_s_ct_v2": ("CORnet-S_train_conv3_V2_bi", f"{_CT}_v2", "5", {}),
    "cornet_s_dt_v2": ("CORnet-S_train_V2", "downstream_training_v2", "5", {}),
    "cornet_s_dt_v4": ("CORnet-S_train_V4", "downstream_training_v4", "5", {}),
    "cornet_s_dt_it": ("CORnet-S_train_IT_seed_0", "downstream_training_it", "5", {}),
    "cornet_s_dt_decoder": ("CORnet-S_train_random", "decoder", "5", {}),
    "cornet_s_conv1": ("CORnet-S_train_conv1_bi", "up_sampling", "5", {}),
    "cornet_s_conv1_v4": ("CORnet-S_train_conv1_V4_bi", "up_sampling_v4", "5", {}),
    "cornet_s_conv1_v2": ("CORnet-S_train_conv1_V2_bi", "up_sampling_v2", "5", {}),
    "cornet_s_batchnorm": ("CORnet-S_train_batchnorm", "batch_norm", "5", {}),
    "cornet_s_batchnorm_v4": ("CORnet-S_train_batchnorm_V4", "batch_norm_v4", "5", {}),
    "cornet_s_batchnorm_v2": ("CORnet-S_train_batchnorm_V2", "batch_norm_v2", "5", {}),
    "cornet_s_wc_ct": ("CORnet-S_cluster2_v2_IT_trconv3_bi", _CT, "6", _WC),
    "cornet_s_wc_ct_v4": ("CORnet-S_cluster2_v2_V4_trconv3_bi", f"{_CT}_v4", "6", _WC_V4),
    "cornet_s_wc_ct_v2": ("CORnet-S_train_gmk1_cl2_7_7tr_bi", f"{_CT}_v2", "6", _WC_V2),
    "cornet_s_wc_ct_continued_full": ("CORnet-S_continued_train", "everything", "6", dict(
        birth="trained", continues="cornet_s_wc_ct")),
    "cornet_s_ct_skip_feedback": ("", _CT, "beyond", dict(recipe={"feedback": "skip_only"})),
    "cornet_s_wc_ct_skip_feedback": ("", _CT, "beyond", _WC | dict(recipe={"feedback": "skip_only"})),
    "cornet_s_wc_decoder": ("CORnet-S_cluster2_v2_IT_bi", "decoder", "7", _WC | _ALL_NORMS_DRAWN),
    "cornet_s_wc_dt_it": ("CORnet-S_cluster2_v2_V4_bi", "downstream_training_it", "7", _WC_V4 | _ALL_NORMS_DRAWN),
    "cornet_s_wc_dt_v4": ("CORnet-S_train_gmk1_cl2_7_bi", "downstream_training_v4", "7", _WC_V2 | _ALL_NORMS_DRAWN),
    "cornet_s_mixture_gaussian_decoder_it_conv3": ("CORnet-S_brain_wmc15_IT_bi", "decoder_and_it_conv3", "B.3",
                                                   _MIXTURE | dict(default_norms=("IT.norm3_",))),
    "cornet_s_mixture_gaussian_ct": ("CORnet-S_brain_t7_t12_wmc15_IT_bi", _CT, "B.3", _MIXTURE),
    "cornet_s_mixture_gaussian_full": ("CORnet-S_brain_IT_full_train", "everything", "B.3", _MIXTURE),
    "cornet_s_kernel_normal_decoder": ("CORnet-S_brain3_knall_IT_bi", "decoder", "B.3", _KERNEL | _ALL_NORMS_DRAWN),
    "cornet_s_kernel_normal_ct": ("CORnet-S_brain3_t7_t12_knall_IT_bi", _CT, "B.3", _KERNEL),
    "cornet_s_no_gabor_prior_decoder": ("CORnet-S_brain2_knall_IT_bi_v2", "decoder", "B.3",
                                        _NO_GABOR | _ALL_NORMS_DRAWN),
    "cornet_s_no_gabor_prior_ct": ("CORnet-S_brain2_t7_t12_knall_IT_bi_v2", _CT, "B.3", _NO_GABOR),
    "cornet_s_no_gabor_prior_full": ("CORnet-S_brain2_IT_full_train", "everything", "B.3", _NO_GABOR),
    "cornet_s_best_distribution_full": ("CORnet-S_dist_IT_full_train", "everything", "B.3", _BEST),
    "cornet_s_gabor_only_ct": ("CORnet-S_cluster11_IT_trconv3_bi", _CT, "B.3", _GABOR_ONLY),
    "cornet_s_wc_clustered_v1_conv1_ct": ("CORnet-S_cluster10_IT_trconv3_bi", _CT, "B.3", _CLUSTERED),
    "cornet_s_wc_clustered_v1_conv1_ct_v4": ("CORnet-S_cluster10_V4_trconv3_bi", f"{_CT}_v4", "B.3",
                                             _CLUSTERED | dict(compressed=AREAS[:3])),
    "cornet_s_wc_raw_mixture_v1_conv1_ct": ("CORnet-S_cluster9_IT_trconv3_bi", _CT, "B.3", _RAW),
    "cornet_s_wc_raw_mixture_v1_conv1_ct_v4": ("CORnet-S_cluster9_V4_trconv3_bi", f"{_CT}_v4", "B.3",
                                               _RAW | dict(compressed=AREAS[:3])),
    "cornet_s_wc_raw_mixture_v1_conv1_ct_v2": ("CORnet-S_train_wmk1_cl2_7_7tr_bi", f"{_CT}_v2", "B.3",
                                               _RAW | dict(compressed=AREAS[:2])),
    "resnet50": ("resnet_v1_CORnet-S_full", "everything", "D.1", _RESNET),
    "resnet50_dt_decoder": ("resnet_v1_CORnet-S_train_random", "decoder", "D.1", _RESNET),
    "resnet50_wc_ct": ("resnet_v3_CORnet-S_cluster2_v2_IT_trconv3_bi", _CT, "D.1", _RESNET_WC),
    "resnet50_wc_ct_v4": ("resnet_v3_CORnet-S_cluster2_v2_V4_trconv3_bi", f"{_CT}_v4", "D.1",
                          _RESNET_WC | dict(compressed=AREAS[:3])),
    "resnet50_wc_ct_v2": ("resnet_v3_CORnet-S_train_gmk1_cl2_7_7tr_bi", f"{_CT}_v2", "D.1",
                          _RESNET_WC | dict(compressed=AREAS[:2])),
    "resnet50_wc_ct_batchnorm_normals": ("resnet_v1_CORnet-S_cluster2_v2_IT_trconv3_bi", _CT, "D.1",
                                         _RESNET_WC | _BATCHNORM_NORMALS),
    "mobilenet": ("mobilenet_v1_1.0_224", "everything", "D.1", _MOBILENET | dict(
        birth="pretrained", needs="This is TensorFlow's own ImageNet training, whose weights cannot be loaded here: "
                                  "`mobilenet_random` has the network at birth.")),
    "mobilenet_wc_ct": ("mobilenet_v6_CORnet-S_cluster2_v2_IT_trconv3_bi", _CT, "D.1", _MOBILENET_WC),
    **{f"mobilenet_wc_ct_mapping_{mapping}": (f"mobilenet_v{mapping}_CORnet-S_cluster2_v2_IT_trconv3_bi",
                                              f"{_CT}_mapping_{mapping}", "D.1", _MOBILENET_WC | _OTHER_MAPPING)
       for mapping in (1, 2, 4, 5)},
    "mobilenet_wc_ct_mapping_7": ("mobilenet_v7_CORnet-S_cluster2_v2_IT_trconv3_bi", f"{_CT}_mapping_7", "D.1",
                                  _MOBILENET_WC),
}

#: Rows that follow the paper's ImageNet recipe and accept weights of that diet alone.
_IMAGENET = ("cornet_s", "cornet_s_wc", "cornet_s_wc_bn", "cornet_s_wc_full", "cornet_s_ct", "cornet_s_ct_v4",
             "cornet_s_ct_v2", "cornet_s_wc_ct", "cornet_s_wc_ct_seed42", "cornet_s_wc_ct_seed94", "cornet_s_wc_ct_v4",
             "cornet_s_wc_ct_v2", "cornet_s_wc_decoder", "cornet_s_dt_it", "cornet_s_dt_v4", "cornet_s_dt_v2",
             "cornet_s_dt_decoder")


def _suffix(seed: int) -> str:
    return f"_seed{seed}" if seed else ""


def _births() -> list[Variant]:
    """Every model at birth: ten seeds of Kaiming Normal and weight compression, the others once.

    Each network also with batch-norm statistics from unlabelled images (`_bn`) and, once, from noise (`_noise`).
    """
    rows = [Variant(identifier, figure=figure, original_name=original, **changes)
            for identifier, (original, figure, changes) in _BIRTH_RECIPES.items()]
    for identifier, original, changes, panels_of in (
            ("cornet_s_kn", "CORnet-S_full", {}, {0: "1B;2C;2text;4A;4B;8A;8C", 42: "1B;2C;2text;4A;8A;8C"}),
            ("cornet_s_wc", "CORnet-S_cluster2_v2_IT_trconv3_bi", _WC,
             {0: "2C;2text;4A;4B;8A;8B;9A", 42: "2text;4A;8A;8B;9A"})):
        rows += [Variant(f"{identifier}{_suffix(seed)}", seed=seed, figure=panels_of.get(seed, "2text"), section="4",
                         original_name=f"{original}{_suffix(seed)}_epoch_00", **changes) for seed in BIRTH_SEEDS]
    rows += [Variant(identifier, **changes) for identifier, changes in BEYOND.items()]
    born = [row for row in rows if row.birth != "none"]
    rows = ([row for row in rows if row.birth not in ALIGNED_BIRTHS]  # those cannot do without images
            + [_measured(row, "_bn", unlabelled_images=STATISTICS_IMAGES) for row in born]
            + [_measured(row, "_noise", noise_images=STATISTICS_IMAGES) for row in born if row.seed == 0])
    best = next(row for row in rows if row.identifier == BEST)
    return [*rows, replace(best, identifier=BEST_NAME, section="beyond", figure="none", original_name="")]


def _measured(row: Variant, mark: str, **images: int) -> Variant:
    """A birth state with batch-norm statistics measured on images."""
    name = row.identifier.removesuffix(_suffix(row.seed)) + mark + _suffix(row.seed)
    return replace(row, identifier=name, figure="none", original_name="", **images)


def _run_rows() -> list[Variant]:
    """Every training run of the paper at each of its scored epochs; the converged full run is the model itself."""
    rows = []
    for model, images, seed, moments in RUNS:
        original, trained, section, changes = _RECIPES[model]
        subset = "" if images == FULL else f"_{image_count(images)}_images"
        for moment in moments.split():
            epochs, converged = moment.rstrip("*"), moment.endswith("*")
            cell = "" if converged and images == FULL else f"{subset}_{epochs.replace('.', 'p')}_epochs"
            stored = f"{original}{f'_img{images}' if subset else ''}{_suffix(seed)}_epoch_{epochs.zfill(2)}"
            rows.append(Variant(
                f"{model}{cell}{_suffix(seed)}", trained=trained, epochs=float(epochs), images=images, seed=seed,
                figure=panels(model, images, seed, epochs, converged), original_name=stored,
                **{"section": section} | changes))
    return rows


def _unrun_rows() -> list[Variant]:
    """Models without a converged full run of the authors with seed 0: the recipe all the same."""
    rows = []
    for model, epochs in CONVERGENCE_ELSEWHERE.items():
        _, trained, section, changes = _RECIPES[model]
        rows.append(Variant(model, trained=trained, epochs=float(epochs), images=FULL,
                            **{"section": section} | changes))
    return rows


def _more_seeds(rows: list[Variant]) -> list[Variant]:
    """Further seeds of some models, which the authors did not train."""
    return [replace(row, identifier=f"{row.identifier}{_suffix(seed)}", seed=seed, figure="none",
                    section="beyond", original_name="")
            for row in rows for seed in MORE_SEEDS.get(row.identifier, ())]


def _catalogue() -> Mapping[str, Variant]:
    runs = _run_rows()
    rows = {row.identifier: row for row in (*_births(), *runs, *_unrun_rows(), *_more_seeds(runs))}
    for identifier in _IMAGENET:
        rows[f"{identifier}_imagenet"] = replace(rows[identifier], identifier=f"{identifier}_imagenet", diet="imagenet")
    # the CORnet authors' published checkpoint is another network than the paper's own seed 0
    rows["cornet_s_imagenet"] = replace(rows["cornet_s_imagenet"], section="2", figure="none", original_name="")
    return MappingProxyType(rows)


CATALOGUE: Mapping[str, Variant] = _catalogue()
