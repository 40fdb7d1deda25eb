"""The training runs of the paper as compact data: which model saw how many images for how many epochs, and which panel
of which figure draws it. `catalogue.py` turns every run into one row. Source: the authors' published scores.
"""

from __future__ import annotations

FULL = 1_280_000  # ImageNet, as the paper counts it
WHOLE_EPOCHS = "1 2 3 4 5 6 7 10 20 30"
CT_WHOLE_EPOCHS = "1 2 3 4 5 6 10 20"
FIRST_EPOCH = "0.2 0.5 0.8"
FIRST_EPOCH_FINE = "0.2 0.3 0.5 0.8 0.9"
TENTHS = "0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9"

#: (model, labelled images, seed, epochs at which the run was scored). A star marks the epoch of convergence; the
#: converged run on the full set is the model itself. Epoch 0 is the birth state and no run of its own.
RUNS: tuple[tuple[str, int, int, str], ...] = (
    # section 3: fewer supervised updates
    ("cornet_s", 100, 0, f"{WHOLE_EPOCHS} 61*"),
    ("cornet_s", 1_000, 0, f"{FIRST_EPOCH} {WHOLE_EPOCHS} 63*"),
    ("cornet_s", 10_000, 0, f"{FIRST_EPOCH_FINE} {WHOLE_EPOCHS} 35*"),
    ("cornet_s", 50_000, 0, f"{FIRST_EPOCH_FINE} {WHOLE_EPOCHS} 59*"),
    ("cornet_s", 100_000, 0, f"{FIRST_EPOCH_FINE} {WHOLE_EPOCHS} 66*"),
    ("cornet_s", 500_000, 0, f"{FIRST_EPOCH_FINE} {WHOLE_EPOCHS} 21*"),
    ("cornet_s", FULL, 0, f"{TENTHS} {WHOLE_EPOCHS} 9 15 40 43*"),
    ("cornet_s", FULL, 42, "1 2 3 5 6 7 10 15 20 28 29*"),
    ("cornet_s", FULL, 94, "2 6 10 20 28*"),
    # appendix A, figure 6: hyper-parameters
    ("cornet_s_learning_rate_1", FULL, 0, "1 3 5 6 7 9 10 15 20 45*"),
    ("cornet_s_learning_rate_0p01", FULL, 0, "1 3 5 6 7 9 10 15 20 29*"),
    ("cornet_s_weight_decay_1e_3", FULL, 0, "1 3 5 6 7 9 10 15 20 29*"),
    ("cornet_s_weight_decay_1e_5", FULL, 0, "1 3 5 6 7 9 10 15 20 29*"),
    ("cornet_s_schedule_alternative", 1_000, 0, "5 10 16*"),
    ("cornet_s_schedule_alternative", 10_000, 0, "5 8*"),
    ("cornet_s_schedule_alternative", 50_000, 0, "5 8 9*"),
    ("cornet_s_schedule_alternative", 100_000, 0, "10 12*"),
    ("cornet_s_adam", FULL, 0, "1 5 6 7 9 10 15 45*"),
    ("cornet_s_adagrad", FULL, 0, "1 3 5 6 7 9 10 15 37*"),
    # section 4: training from a compressed birth state
    ("cornet_s_wc_full", FULL, 0, "0.2 0.5 0.8 1 3 5 6 10 20 36*"),
    # section 5: fewer trained synapses
    ("cornet_s_ct", 100, 0, f"{CT_WHOLE_EPOCHS} 83*"),
    ("cornet_s_ct", 1_000, 0, f"{FIRST_EPOCH} {CT_WHOLE_EPOCHS} 99*"),
    ("cornet_s_ct", 10_000, 0, f"{FIRST_EPOCH_FINE} {CT_WHOLE_EPOCHS} 27*"),
    ("cornet_s_ct", 50_000, 0, f"{FIRST_EPOCH_FINE} {CT_WHOLE_EPOCHS} 61*"),
    ("cornet_s_ct", 100_000, 0, f"{FIRST_EPOCH_FINE} {CT_WHOLE_EPOCHS} 31*"),
    ("cornet_s_ct", 500_000, 0, f"{FIRST_EPOCH_FINE} {CT_WHOLE_EPOCHS} 32*"),
    ("cornet_s_ct", FULL, 0, "1 2 3 4 6 10 20 28 29* 37"),
    ("cornet_s_ct", FULL, 42, "31*"),
    ("cornet_s_ct_v4", FULL, 0, "6 10 20 26*"),
    ("cornet_s_ct_v4", FULL, 42, "37*"),
    ("cornet_s_ct_v2", FULL, 0, "6 10 20 25 26*"),
    ("cornet_s_ct_v2", FULL, 42, "31*"),
    ("cornet_s_dt_v2", FULL, 0, "1 2 3 4 5 6 10 20*"),
    ("cornet_s_dt_v2", FULL, 42, "32*"),
    ("cornet_s_dt_v4", 100, 0, "20 47*"),
    ("cornet_s_dt_v4", 1_000, 0, "20 74*"),
    ("cornet_s_dt_v4", 10_000, 0, "20 45*"),
    ("cornet_s_dt_v4", 50_000, 0, "20 37*"),
    ("cornet_s_dt_v4", 100_000, 0, "20 24 50*"),
    ("cornet_s_dt_v4", 500_000, 0, "20 34*"),
    ("cornet_s_dt_v4", FULL, 0, "1 2 3 4 5 6 10 20 26 30 37 40 43*"),
    ("cornet_s_dt_v4", FULL, 42, "31*"),
    ("cornet_s_dt_it", 100, 0, "20 57*"),
    ("cornet_s_dt_it", 1_000, 0, "20 70*"),
    ("cornet_s_dt_it", 10_000, 0, "20 49*"),
    ("cornet_s_dt_it", 50_000, 0, "20 53*"),
    ("cornet_s_dt_it", 100_000, 0, "20 34 55*"),
    ("cornet_s_dt_it", 500_000, 0, "20 25 34*"),
    ("cornet_s_dt_it", FULL, 0, "1 2 3 5 6 10 15 20 26 30 37*"),
    ("cornet_s_dt_it", FULL, 42, "40*"),
    ("cornet_s_dt_decoder", 100, 0, "20 69*"),
    ("cornet_s_dt_decoder", 1_000, 0, "20 57*"),
    ("cornet_s_dt_decoder", 10_000, 0, "20 26*"),
    ("cornet_s_dt_decoder", 50_000, 0, "20 28*"),
    ("cornet_s_dt_decoder", 100_000, 0, "20 35*"),
    ("cornet_s_dt_decoder", 500_000, 0, "20 22*"),
    ("cornet_s_dt_decoder", FULL, 0, "1 2 3 5 6 10 20 28*"),
    ("cornet_s_dt_decoder", FULL, 42, "22*"),
    ("cornet_s_conv1", FULL, 0, "20 30*"),
    ("cornet_s_conv1_v4", FULL, 0, "20 31*"),
    ("cornet_s_conv1_v2", FULL, 0, "20 31*"),
    ("cornet_s_batchnorm", FULL, 0, "20 30*"),
    ("cornet_s_batchnorm_v4", FULL, 0, "20 38*"),
    ("cornet_s_batchnorm_v2", FULL, 0, "20 35*"),
    # section 6: everything combined
    ("cornet_s_wc_ct", 100, 0, f"{WHOLE_EPOCHS} 75*"),
    ("cornet_s_wc_ct", 1_000, 0, f"{FIRST_EPOCH} {WHOLE_EPOCHS} 92*"),
    ("cornet_s_wc_ct", 10_000, 0, f"{FIRST_EPOCH_FINE} {WHOLE_EPOCHS} 32*"),
    ("cornet_s_wc_ct", 50_000, 0, f"{FIRST_EPOCH_FINE} {WHOLE_EPOCHS} 41*"),
    ("cornet_s_wc_ct", 100_000, 0, f"{FIRST_EPOCH_FINE} {WHOLE_EPOCHS} 44*"),
    ("cornet_s_wc_ct", 500_000, 0, f"{FIRST_EPOCH_FINE} 1 2 3 4 5 6 7 10 20 26*"),
    ("cornet_s_wc_ct", FULL, 0, f"{TENTHS} 1 2 3 4 5 6 10 20 38*"),
    ("cornet_s_wc_ct", FULL, 42, "1 2 3 4 5 6 10 15 20 28 29 40*"),
    ("cornet_s_wc_ct", FULL, 94, "1 2 3 4 5 6 10 20 28*"),
    ("cornet_s_wc_ct_v4", 100, 0, "20 62*"),
    ("cornet_s_wc_ct_v4", 1_000, 0, "20 78*"),
    ("cornet_s_wc_ct_v4", 10_000, 0, "20 33*"),
    ("cornet_s_wc_ct_v4", 50_000, 0, "20 55*"),
    ("cornet_s_wc_ct_v4", 100_000, 0, "20 47*"),
    ("cornet_s_wc_ct_v4", 500_000, 0, "20 35*"),
    ("cornet_s_wc_ct_v4", FULL, 0, "1 2 3 5 6 20 41*"),
    ("cornet_s_wc_ct_v4", FULL, 42, "1 2 3 4 5 6 10 20 27* 32"),
    ("cornet_s_wc_ct_v4", FULL, 94, "25*"),
    ("cornet_s_wc_ct_v2", 100, 0, "20 45*"),
    ("cornet_s_wc_ct_v2", 1_000, 0, "20 80*"),
    ("cornet_s_wc_ct_v2", 10_000, 0, "20 38*"),
    ("cornet_s_wc_ct_v2", 50_000, 0, "1 3 5 6 10 20 30 43*"),
    ("cornet_s_wc_ct_v2", 100_000, 0, "20 72*"),
    ("cornet_s_wc_ct_v2", 500_000, 0, "20 25*"),
    ("cornet_s_wc_ct_v2", FULL, 0, "1 2 3 5 6 20 33*"),
    ("cornet_s_wc_ct_v2", FULL, 42, "1 2 3 4 5 6 10 20 23 28*"),
    ("cornet_s_wc_ct_continued_full", FULL, 0, "5 10 15 20*"),
    ("cornet_s_wc_decoder", FULL, 0, "1 2 6 10 20 24*"),
    ("cornet_s_wc_decoder", FULL, 42, "6 27 31*"),
    ("cornet_s_wc_dt_it", FULL, 42, "6 14 30*"),
    ("cornet_s_wc_dt_v4", FULL, 0, "6"),
    ("cornet_s_wc_dt_v4", FULL, 42, "6 24 34*"),
    # appendix B.3, figure 7: alternative compressions
    ("cornet_s_mixture_gaussian_decoder_it_conv3", FULL, 0, "6*"),
    ("cornet_s_mixture_gaussian_ct", 100, 0, "20 81*"),
    ("cornet_s_mixture_gaussian_ct", 1_000, 0, "20 99*"),
    ("cornet_s_mixture_gaussian_ct", 10_000, 0, "20 22*"),
    ("cornet_s_mixture_gaussian_ct", 100_000, 0, "20 41*"),
    ("cornet_s_mixture_gaussian_ct", 500_000, 0, "20 28*"),
    ("cornet_s_mixture_gaussian_ct", FULL, 0, f"{TENTHS} 1 2 3 4 5 6 10 20 30 38*"),
    ("cornet_s_mixture_gaussian_full", FULL, 0, "0.2 0.5 0.8 1 3 5 6 10 20 32 36*"),
    ("cornet_s_kernel_normal_decoder", FULL, 0, "6*"),
    ("cornet_s_kernel_normal_ct", FULL, 0, "6*"),
    ("cornet_s_no_gabor_prior_decoder", FULL, 0, "6*"),
    ("cornet_s_no_gabor_prior_ct", FULL, 0, f"{TENTHS} 1 6*"),
    ("cornet_s_no_gabor_prior_full", FULL, 0, "0.2 0.5 0.8 1 2 3 4 5 6 10 20 32*"),
    ("cornet_s_best_distribution_full", FULL, 0, "0.2 0.5 0.8 1 3 5 6 10 20 36*"),
    ("cornet_s_gabor_only_ct", FULL, 0, "6*"),
    ("cornet_s_wc_clustered_v1_conv1_ct", FULL, 0, "6*"),
    ("cornet_s_wc_clustered_v1_conv1_ct_v4", FULL, 0, "6*"),
    ("cornet_s_wc_raw_mixture_v1_conv1_ct", FULL, 0, "6 10 20 30 44*"),
    ("cornet_s_wc_raw_mixture_v1_conv1_ct_v4", FULL, 0, "6 10 20 30 34*"),
    ("cornet_s_wc_raw_mixture_v1_conv1_ct_v2", FULL, 0, "6 10 20 30 37*"),
    # appendix D.1: other architectures
    ("resnet50", FULL, 0, "6 10 20 29 30 32*"),
    ("resnet50_dt_decoder", FULL, 0, "6 10 20 24*"),
    ("resnet50_wc_ct", FULL, 0, "6 10 20 22* 28"),
    ("resnet50_wc_ct_v4", FULL, 0, "6 10 20 28*"),
    ("resnet50_wc_ct_v2", FULL, 0, "6 10 20 28 30 32*"),
    ("resnet50_wc_ct_batchnorm_normals", FULL, 0, "6 10 20 28*"),
    ("mobilenet", FULL, 0, "100*"),
    ("mobilenet_wc_ct", FULL, 0, "34*"),
    ("mobilenet_wc_ct_mapping_1", FULL, 0, "43*"),
    ("mobilenet_wc_ct_mapping_2", FULL, 0, "26 43*"),
    ("mobilenet_wc_ct_mapping_4", FULL, 0, "6 20*"),
    ("mobilenet_wc_ct_mapping_5", FULL, 0, "29*"),
    ("mobilenet_wc_ct_mapping_7", FULL, 0, "43*"),
)

#: Models that have no converged run with seed 0 on the full set: the epochs of seed 42, of 100,000 images, or, for
#: models beyond the paper, of the same training with exact feedback.
CONVERGENCE_ELSEWHERE = {"cornet_s_wc_dt_it": 30, "cornet_s_wc_dt_v4": 34, "cornet_s_schedule_alternative": 12,
                         "cornet_s_ct_skip_feedback": 29, "cornet_s_wc_ct_skip_feedback": 38}

#: Models of which this package trains more seeds than the authors did.
MORE_SEEDS = {"cornet_s": (1, 2), "cornet_s_ct": (1, 2), "cornet_s_wc_ct": (1, 2)}

PLOTTED = "0.2 0.5 0.8 1 3 5 6 10 20 *"
PLOTTED_WHOLE = "1 2 3 5 6 10 20 *"
ALTERNATIVES = ("cornet_s_kernel_normal_ct cornet_s_kernel_normal_decoder cornet_s_mixture_gaussian_ct "
                "cornet_s_mixture_gaussian_decoder_it_conv3 cornet_s_no_gabor_prior_ct cornet_s_no_gabor_prior_decoder "
                "cornet_s_wc_ct cornet_s_wc_decoder")
FEWER_SYNAPSES = ("cornet_s cornet_s_ct cornet_s_ct_v4 cornet_s_ct_v2 cornet_s_dt_v4 cornet_s_dt_it "
                  "cornet_s_dt_decoder cornet_s_conv1 cornet_s_conv1_v4 cornet_s_conv1_v2 cornet_s_batchnorm "
                  "cornet_s_batchnorm_v4 cornet_s_batchnorm_v2 cornet_s_wc_decoder cornet_s_wc_ct_v2")
HYPER_PARAMETERS = ("cornet_s_learning_rate_1 cornet_s_learning_rate_0p01 cornet_s_weight_decay_1e_3 "
                    "cornet_s_weight_decay_1e_5 cornet_s_schedule_alternative")
SUBSETS = (100, 1_000, 10_000, 50_000, 100_000, 500_000)

#: (panel, models, image counts, epochs with "*" for convergence, seeds): what the figures draw.
PANELS: tuple[tuple[str, str, tuple[int, ...], str, tuple[int, ...]], ...] = (
    ("1A", "cornet_s", (*SUBSETS, FULL), PLOTTED, (0, 42)),
    ("1B", "cornet_s", (FULL,), PLOTTED, (0, 42)),
    ("1C", "cornet_s", (*SUBSETS, FULL), "*", (0, 42)),
    ("2C", "cornet_s", (FULL,), "*", (0, 42)),
    ("2C", "cornet_s_wc_full", (FULL,), "*", (0,)),
    ("3C", FEWER_SYNAPSES, (FULL,), "*", (0, 42)),
    ("3D", FEWER_SYNAPSES, (FULL,), "*", (0, 42)),
    ("3C", "cornet_s_wc_ct_v4", (FULL,), "*", (0, 94)),
    ("3D", "cornet_s_wc_ct_v4", (FULL,), "*", (0, 94)),
    ("4A", "cornet_s cornet_s_wc_ct", (*SUBSETS, FULL), PLOTTED, (0, 42)),
    ("4A", "resnet50 mobilenet", (FULL,), PLOTTED, (0,)),
    ("4B", "cornet_s cornet_s_wc_ct", (*SUBSETS, FULL), "1 3 6 10 20 *", (0,)),
    ("5A", "resnet50 resnet50_wc_ct mobilenet mobilenet_wc_ct", (FULL,), "*", (0,)),
    ("5B", "cornet_s_ct cornet_s_dt_decoder", (FULL,), "*", (0, 42)),
    ("5B", "cornet_s_wc_ct cornet_s_wc_decoder", (FULL,), "*", (42,)),
    ("6", "cornet_s", (*SUBSETS, FULL), PLOTTED, (0, 42)),
    ("6", HYPER_PARAMETERS, (*SUBSETS, FULL), PLOTTED, (0,)),
    ("7", ALTERNATIVES, (FULL,), "6", (0, 42)),
    ("8A", "cornet_s cornet_s_wc_ct", (*SUBSETS, FULL), PLOTTED, (0, 42)),
    ("8A", "cornet_s_ct", (*SUBSETS[1:], FULL), PLOTTED, (0, 42)),
    ("8A", "cornet_s_ct", (100,), "1 3 5 6 10 20", (0,)),
    ("8A", "resnet50 mobilenet", (FULL,), PLOTTED, (0,)),
    ("8B", "cornet_s_wc_ct", (*SUBSETS, FULL), PLOTTED_WHOLE, (0, 42)),
    ("8C", "cornet_s", (*SUBSETS, FULL), PLOTTED_WHOLE, (0, 42)),
    ("9A", "cornet_s", (FULL,), "*", (0, 42)),
    ("9A", "cornet_s_wc_ct", (FULL,), f"{TENTHS} 1 2 3 5 10 20 *", (0, 42)),
    ("9B", "cornet_s_wc_ct", (*SUBSETS, FULL), "*", (0, 42)),
)


def _panels_of_models() -> dict[str, list[tuple[str, tuple[int, ...], frozenset[str], tuple[int, ...]]]]:
    drawn: dict[str, list] = {}
    for panel, models, images, epochs, seeds in PANELS:
        for model in models.split():
            drawn.setdefault(model, []).append((panel, images, frozenset(epochs.split()), seeds))
    return drawn


_DRAWN = _panels_of_models()


def panels(model: str, images: int, seed: int, epochs: str, converged: bool) -> str:
    """The panels that draw a run at some epochs, such as "1A;4A;4B"; "none" where the paper does not draw it."""
    drawn = {panel for panel, counts, plotted, seeds in _DRAWN.get(model, ())
             if images in counts and seed in seeds and (epochs in plotted or converged and "*" in plotted)}
    return ";".join(sorted(drawn)) or "none"
