"""Birth states and trainings beyond the paper's.

Written from the catalogue by `brainscore_wiring.models.write_plugins`.
"""

from brainscore_vision import model_registry

from brainscore_wiring.models.plugin import load_model

model_registry['cornet_s_wc_v1'] = lambda: load_model('cornet_s_wc_v1')
model_registry['cornet_s_wc_published'] = lambda: load_model('cornet_s_wc_published')
model_registry['cornet_s_wc_8_bits'] = lambda: load_model('cornet_s_wc_8_bits')
model_registry['cornet_s_wc_4_bits'] = lambda: load_model('cornet_s_wc_4_bits')
model_registry['cornet_s_wc_2_bits'] = lambda: load_model('cornet_s_wc_2_bits')
model_registry['cornet_s_low_rank_filters'] = lambda: load_model('cornet_s_low_rank_filters')
model_registry['cornet_s_derivative_bank'] = lambda: load_model('cornet_s_derivative_bank')
model_registry['cornet_s_orthogonal'] = lambda: load_model('cornet_s_orthogonal')
model_registry['cornet_s_smooth_filters'] = lambda: load_model('cornet_s_smooth_filters')
model_registry['cornet_s_wc_v1_bn'] = lambda: load_model('cornet_s_wc_v1_bn')
model_registry['cornet_s_wc_published_bn'] = lambda: load_model('cornet_s_wc_published_bn')
model_registry['cornet_s_wc_8_bits_bn'] = lambda: load_model('cornet_s_wc_8_bits_bn')
model_registry['cornet_s_wc_4_bits_bn'] = lambda: load_model('cornet_s_wc_4_bits_bn')
model_registry['cornet_s_wc_2_bits_bn'] = lambda: load_model('cornet_s_wc_2_bits_bn')
model_registry['cornet_s_low_rank_filters_bn'] = lambda: load_model('cornet_s_low_rank_filters_bn')
model_registry['cornet_s_derivative_bank_bn'] = lambda: load_model('cornet_s_derivative_bank_bn')
model_registry['cornet_s_wc_rainbow_4_bn'] = lambda: load_model('cornet_s_wc_rainbow_4_bn')
model_registry['cornet_s_wc_rainbow_16_bn'] = lambda: load_model('cornet_s_wc_rainbow_16_bn')
model_registry['cornet_s_wc_rainbow_64_bn'] = lambda: load_model('cornet_s_wc_rainbow_64_bn')
model_registry['cornet_s_orthogonal_bn'] = lambda: load_model('cornet_s_orthogonal_bn')
model_registry['cornet_s_smooth_filters_bn'] = lambda: load_model('cornet_s_smooth_filters_bn')
model_registry['cornet_s_wc_v1_noise'] = lambda: load_model('cornet_s_wc_v1_noise')
model_registry['cornet_s_wc_published_noise'] = lambda: load_model('cornet_s_wc_published_noise')
model_registry['cornet_s_wc_8_bits_noise'] = lambda: load_model('cornet_s_wc_8_bits_noise')
model_registry['cornet_s_wc_4_bits_noise'] = lambda: load_model('cornet_s_wc_4_bits_noise')
model_registry['cornet_s_wc_2_bits_noise'] = lambda: load_model('cornet_s_wc_2_bits_noise')
model_registry['cornet_s_low_rank_filters_noise'] = lambda: load_model('cornet_s_low_rank_filters_noise')
model_registry['cornet_s_derivative_bank_noise'] = lambda: load_model('cornet_s_derivative_bank_noise')
model_registry['cornet_s_wc_rainbow_4_noise'] = lambda: load_model('cornet_s_wc_rainbow_4_noise')
model_registry['cornet_s_wc_rainbow_16_noise'] = lambda: load_model('cornet_s_wc_rainbow_16_noise')
model_registry['cornet_s_wc_rainbow_64_noise'] = lambda: load_model('cornet_s_wc_rainbow_64_noise')
model_registry['cornet_s_orthogonal_noise'] = lambda: load_model('cornet_s_orthogonal_noise')
model_registry['cornet_s_smooth_filters_noise'] = lambda: load_model('cornet_s_smooth_filters_noise')
model_registry['cornet_s_birth_best'] = lambda: load_model('cornet_s_birth_best')
model_registry['cornet_s_ct_skip_feedback'] = lambda: load_model('cornet_s_ct_skip_feedback')
model_registry['cornet_s_wc_ct_skip_feedback'] = lambda: load_model('cornet_s_wc_ct_skip_feedback')
