"""Alternative weight compressions (appendix B.3, figure 7).

Written from the catalogue by `brainscore_wiring.models.write_plugins`.
"""

from brainscore_vision import model_registry

from brainscore_wiring.models.plugin import load_model

model_registry['cornet_s_mixture_gaussian'] = lambda: load_model('cornet_s_mixture_gaussian')
model_registry['cornet_s_kernel_normal'] = lambda: load_model('cornet_s_kernel_normal')
model_registry['cornet_s_no_gabor_prior'] = lambda: load_model('cornet_s_no_gabor_prior')
model_registry['cornet_s_best_distribution'] = lambda: load_model('cornet_s_best_distribution')
model_registry['cornet_s_mixture_gaussian_bn'] = lambda: load_model('cornet_s_mixture_gaussian_bn')
model_registry['cornet_s_kernel_normal_bn'] = lambda: load_model('cornet_s_kernel_normal_bn')
model_registry['cornet_s_no_gabor_prior_bn'] = lambda: load_model('cornet_s_no_gabor_prior_bn')
model_registry['cornet_s_best_distribution_bn'] = lambda: load_model('cornet_s_best_distribution_bn')
model_registry['cornet_s_mixture_gaussian_noise'] = lambda: load_model('cornet_s_mixture_gaussian_noise')
model_registry['cornet_s_kernel_normal_noise'] = lambda: load_model('cornet_s_kernel_normal_noise')
model_registry['cornet_s_no_gabor_prior_noise'] = lambda: load_model('cornet_s_no_gabor_prior_noise')
model_registry['cornet_s_best_distribution_noise'] = lambda: load_model('cornet_s_best_distribution_noise')
model_registry['cornet_s_mixture_gaussian_decoder_it_conv3'] = (
    lambda: load_model('cornet_s_mixture_gaussian_decoder_it_conv3'))
model_registry['cornet_s_mixture_gaussian_ct_100_images_20_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_ct_100_images_20_epochs'))
model_registry['cornet_s_mixture_gaussian_ct_100_images_81_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_ct_100_images_81_epochs'))
model_registry['cornet_s_mixture_gaussian_ct_1k_images_20_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_ct_1k_images_20_epochs'))
model_registry['cornet_s_mixture_gaussian_ct_1k_images_99_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_ct_1k_images_99_epochs'))
model_registry['cornet_s_mixture_gaussian_ct_10k_images_20_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_ct_10k_images_20_epochs'))
model_registry['cornet_s_mixture_gaussian_ct_10k_images_22_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_ct_10k_images_22_epochs'))
model_registry['cornet_s_mixture_gaussian_ct_100k_images_20_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_ct_100k_images_20_epochs'))
model_registry['cornet_s_mixture_gaussian_ct_100k_images_41_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_ct_100k_images_41_epochs'))
model_registry['cornet_s_mixture_gaussian_ct_500k_images_20_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_ct_500k_images_20_epochs'))
model_registry['cornet_s_mixture_gaussian_ct_500k_images_28_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_ct_500k_images_28_epochs'))
model_registry['cornet_s_mixture_gaussian_ct_0p1_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_ct_0p1_epochs'))
model_registry['cornet_s_mixture_gaussian_ct_0p2_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_ct_0p2_epochs'))
model_registry['cornet_s_mixture_gaussian_ct_0p3_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_ct_0p3_epochs'))
model_registry['cornet_s_mixture_gaussian_ct_0p4_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_ct_0p4_epochs'))
model_registry['cornet_s_mixture_gaussian_ct_0p5_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_ct_0p5_epochs'))
model_registry['cornet_s_mixture_gaussian_ct_0p6_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_ct_0p6_epochs'))
model_registry['cornet_s_mixture_gaussian_ct_0p7_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_ct_0p7_epochs'))
model_registry['cornet_s_mixture_gaussian_ct_0p8_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_ct_0p8_epochs'))
model_registry['cornet_s_mixture_gaussian_ct_0p9_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_ct_0p9_epochs'))
model_registry['cornet_s_mixture_gaussian_ct_1_epochs'] = lambda: load_model('cornet_s_mixture_gaussian_ct_1_epochs')
model_registry['cornet_s_mixture_gaussian_ct_2_epochs'] = lambda: load_model('cornet_s_mixture_gaussian_ct_2_epochs')
model_registry['cornet_s_mixture_gaussian_ct_3_epochs'] = lambda: load_model('cornet_s_mixture_gaussian_ct_3_epochs')
model_registry['cornet_s_mixture_gaussian_ct_4_epochs'] = lambda: load_model('cornet_s_mixture_gaussian_ct_4_epochs')
model_registry['cornet_s_mixture_gaussian_ct_5_epochs'] = lambda: load_model('cornet_s_mixture_gaussian_ct_5_epochs')
model_registry['cornet_s_mixture_gaussian_ct_6_epochs'] = lambda: load_model('cornet_s_mixture_gaussian_ct_6_epochs')
model_registry['cornet_s_mixture_gaussian_ct_10_epochs'] = lambda: load_model('cornet_s_mixture_gaussian_ct_10_epochs')
model_registry['cornet_s_mixture_gaussian_ct_20_epochs'] = lambda: load_model('cornet_s_mixture_gaussian_ct_20_epochs')
model_registry['cornet_s_mixture_gaussian_ct_30_epochs'] = lambda: load_model('cornet_s_mixture_gaussian_ct_30_epochs')
model_registry['cornet_s_mixture_gaussian_ct'] = lambda: load_model('cornet_s_mixture_gaussian_ct')
model_registry['cornet_s_mixture_gaussian_full_0p2_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_full_0p2_epochs'))
model_registry['cornet_s_mixture_gaussian_full_0p5_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_full_0p5_epochs'))
model_registry['cornet_s_mixture_gaussian_full_0p8_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_full_0p8_epochs'))
model_registry['cornet_s_mixture_gaussian_full_1_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_full_1_epochs'))
model_registry['cornet_s_mixture_gaussian_full_3_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_full_3_epochs'))
model_registry['cornet_s_mixture_gaussian_full_5_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_full_5_epochs'))
model_registry['cornet_s_mixture_gaussian_full_6_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_full_6_epochs'))
model_registry['cornet_s_mixture_gaussian_full_10_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_full_10_epochs'))
model_registry['cornet_s_mixture_gaussian_full_20_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_full_20_epochs'))
model_registry['cornet_s_mixture_gaussian_full_32_epochs'] = (
    lambda: load_model('cornet_s_mixture_gaussian_full_32_epochs'))
model_registry['cornet_s_mixture_gaussian_full'] = lambda: load_model('cornet_s_mixture_gaussian_full')
model_registry['cornet_s_kernel_normal_decoder'] = lambda: load_model('cornet_s_kernel_normal_decoder')
model_registry['cornet_s_kernel_normal_ct'] = lambda: load_model('cornet_s_kernel_normal_ct')
model_registry['cornet_s_no_gabor_prior_decoder'] = lambda: load_model('cornet_s_no_gabor_prior_decoder')
model_registry['cornet_s_no_gabor_prior_ct_0p1_epochs'] = lambda: load_model('cornet_s_no_gabor_prior_ct_0p1_epochs')
model_registry['cornet_s_no_gabor_prior_ct_0p2_epochs'] = lambda: load_model('cornet_s_no_gabor_prior_ct_0p2_epochs')
model_registry['cornet_s_no_gabor_prior_ct_0p3_epochs'] = lambda: load_model('cornet_s_no_gabor_prior_ct_0p3_epochs')
model_registry['cornet_s_no_gabor_prior_ct_0p4_epochs'] = lambda: load_model('cornet_s_no_gabor_prior_ct_0p4_epochs')
model_registry['cornet_s_no_gabor_prior_ct_0p5_epochs'] = lambda: load_model('cornet_s_no_gabor_prior_ct_0p5_epochs')
model_registry['cornet_s_no_gabor_prior_ct_0p6_epochs'] = lambda: load_model('cornet_s_no_gabor_prior_ct_0p6_epochs')
model_registry['cornet_s_no_gabor_prior_ct_0p7_epochs'] = lambda: load_model('cornet_s_no_gabor_prior_ct_0p7_epochs')
model_registry['cornet_s_no_gabor_prior_ct_0p8_epochs'] = lambda: load_model('cornet_s_no_gabor_prior_ct_0p8_epochs')
model_registry['cornet_s_no_gabor_prior_ct_0p9_epochs'] = lambda: load_model('cornet_s_no_gabor_prior_ct_0p9_epochs')
model_registry['cornet_s_no_gabor_prior_ct_1_epochs'] = lambda: load_model('cornet_s_no_gabor_prior_ct_1_epochs')
model_registry['cornet_s_no_gabor_prior_ct'] = lambda: load_model('cornet_s_no_gabor_prior_ct')
model_registry['cornet_s_no_gabor_prior_full_0p2_epochs'] = (
    lambda: load_model('cornet_s_no_gabor_prior_full_0p2_epochs'))
model_registry['cornet_s_no_gabor_prior_full_0p5_epochs'] = (
    lambda: load_model('cornet_s_no_gabor_prior_full_0p5_epochs'))
model_registry['cornet_s_no_gabor_prior_full_0p8_epochs'] = (
    lambda: load_model('cornet_s_no_gabor_prior_full_0p8_epochs'))
model_registry['cornet_s_no_gabor_prior_full_1_epochs'] = lambda: load_model('cornet_s_no_gabor_prior_full_1_epochs')
model_registry['cornet_s_no_gabor_prior_full_2_epochs'] = lambda: load_model('cornet_s_no_gabor_prior_full_2_epochs')
model_registry['cornet_s_no_gabor_prior_full_3_epochs'] = lambda: load_model('cornet_s_no_gabor_prior_full_3_epochs')
model_registry['cornet_s_no_gabor_prior_full_4_epochs'] = lambda: load_model('cornet_s_no_gabor_prior_full_4_epochs')
model_registry['cornet_s_no_gabor_prior_full_5_epochs'] = lambda: load_model('cornet_s_no_gabor_prior_full_5_epochs')
model_registry['cornet_s_no_gabor_prior_full_6_epochs'] = lambda: load_model('cornet_s_no_gabor_prior_full_6_epochs')
model_registry['cornet_s_no_gabor_prior_full_10_epochs'] = lambda: load_model('cornet_s_no_gabor_prior_full_10_epochs')
model_registry['cornet_s_no_gabor_prior_full_20_epochs'] = lambda: load_model('cornet_s_no_gabor_prior_full_20_epochs')
model_registry['cornet_s_no_gabor_prior_full'] = lambda: load_model('cornet_s_no_gabor_prior_full')
model_registry['cornet_s_best_distribution_full_0p2_epochs'] = (
    lambda: load_model('cornet_s_best_distribution_full_0p2_epochs'))
model_registry['cornet_s_best_distribution_full_0p5_epochs'] = (
    lambda: load_model('cornet_s_best_distribution_full_0p5_epochs'))
model_registry['cornet_s_best_distribution_full_0p8_epochs'] = (
    lambda: load_model('cornet_s_best_distribution_full_0p8_epochs'))
model_registry['cornet_s_best_distribution_full_1_epochs'] = (
    lambda: load_model('cornet_s_best_distribution_full_1_epochs'))
model_registry['cornet_s_best_distribution_full_3_epochs'] = (
    lambda: load_model('cornet_s_best_distribution_full_3_epochs'))
model_registry['cornet_s_best_distribution_full_5_epochs'] = (
    lambda: load_model('cornet_s_best_distribution_full_5_epochs'))
model_registry['cornet_s_best_distribution_full_6_epochs'] = (
    lambda: load_model('cornet_s_best_distribution_full_6_epochs'))
model_registry['cornet_s_best_distribution_full_10_epochs'] = (
    lambda: load_model('cornet_s_best_distribution_full_10_epochs'))
model_registry['cornet_s_best_distribution_full_20_epochs'] = (
    lambda: load_model('cornet_s_best_distribution_full_20_epochs'))
model_registry['cornet_s_best_distribution_full'] = lambda: load_model('cornet_s_best_distribution_full')
model_registry['cornet_s_gabor_only_ct'] = lambda: load_model('cornet_s_gabor_only_ct')
model_registry['cornet_s_wc_clustered_v1_conv1_ct'] = lambda: load_model('cornet_s_wc_clustered_v1_conv1_ct')
model_registry['cornet_s_wc_clustered_v1_conv1_ct_v4'] = lambda: load_model('cornet_s_wc_clustered_v1_conv1_ct_v4')
model_registry['cornet_s_wc_raw_mixture_v1_conv1_ct_6_epochs'] = (
    lambda: load_model('cornet_s_wc_raw_mixture_v1_conv1_ct_6_epochs'))
model_registry['cornet_s_wc_raw_mixture_v1_conv1_ct_10_epochs'] = (
    lambda: load_model('cornet_s_wc_raw_mixture_v1_conv1_ct_10_epochs'))
model_registry['cornet_s_wc_raw_mixture_v1_conv1_ct_20_epochs'] = (
    lambda: load_model('cornet_s_wc_raw_mixture_v1_conv1_ct_20_epochs'))
model_registry['cornet_s_wc_raw_mixture_v1_conv1_ct_30_epochs'] = (
    lambda: load_model('cornet_s_wc_raw_mixture_v1_conv1_ct_30_epochs'))
model_registry['cornet_s_wc_raw_mixture_v1_conv1_ct'] = lambda: load_model('cornet_s_wc_raw_mixture_v1_conv1_ct')
model_registry['cornet_s_wc_raw_mixture_v1_conv1_ct_v4_6_epochs'] = (
    lambda: load_model('cornet_s_wc_raw_mixture_v1_conv1_ct_v4_6_epochs'))
model_registry['cornet_s_wc_raw_mixture_v1_conv1_ct_v4_10_epochs'] = (
    lambda: load_model('cornet_s_wc_raw_mixture_v1_conv1_ct_v4_10_epochs'))
model_registry['cornet_s_wc_raw_mixture_v1_conv1_ct_v4_20_epochs'] = (
    lambda: load_model('cornet_s_wc_raw_mixture_v1_conv1_ct_v4_20_epochs'))
model_registry['cornet_s_wc_raw_mixture_v1_conv1_ct_v4_30_epochs'] = (
    lambda: load_model('cornet_s_wc_raw_mixture_v1_conv1_ct_v4_30_epochs'))
model_registry['cornet_s_wc_raw_mixture_v1_conv1_ct_v4'] = lambda: load_model('cornet_s_wc_raw_mixture_v1_conv1_ct_v4')
model_registry['cornet_s_wc_raw_mixture_v1_conv1_ct_v2_6_epochs'] = (
    lambda: load_model('cornet_s_wc_raw_mixture_v1_conv1_ct_v2_6_epochs'))
model_registry['cornet_s_wc_raw_mixture_v1_conv1_ct_v2_10_epochs'] = (
    lambda: load_model('cornet_s_wc_raw_mixture_v1_conv1_ct_v2_10_epochs'))
model_registry['cornet_s_wc_raw_mixture_v1_conv1_ct_v2_20_epochs'] = (
    lambda: load_model('cornet_s_wc_raw_mixture_v1_conv1_ct_v2_20_epochs'))
model_registry['cornet_s_wc_raw_mixture_v1_conv1_ct_v2_30_epochs'] = (
    lambda: load_model('cornet_s_wc_raw_mixture_v1_conv1_ct_v2_30_epochs'))
model_registry['cornet_s_wc_raw_mixture_v1_conv1_ct_v2'] = lambda: load_model('cornet_s_wc_raw_mixture_v1_conv1_ct_v2')
