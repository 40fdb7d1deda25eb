"""Weight compression with other trained synapses (section 7).

Written from the catalogue by `brainscore_wiring.models.write_plugins`.
"""

from brainscore_vision import model_registry

from brainscore_wiring.models.plugin import load_model

model_registry['cornet_s_wc_decoder_1_epochs'] = lambda: load_model('cornet_s_wc_decoder_1_epochs')
model_registry['cornet_s_wc_decoder_2_epochs'] = lambda: load_model('cornet_s_wc_decoder_2_epochs')
model_registry['cornet_s_wc_decoder_6_epochs'] = lambda: load_model('cornet_s_wc_decoder_6_epochs')
model_registry['cornet_s_wc_decoder_10_epochs'] = lambda: load_model('cornet_s_wc_decoder_10_epochs')
model_registry['cornet_s_wc_decoder_20_epochs'] = lambda: load_model('cornet_s_wc_decoder_20_epochs')
model_registry['cornet_s_wc_decoder'] = lambda: load_model('cornet_s_wc_decoder')
model_registry['cornet_s_wc_decoder_6_epochs_seed42'] = lambda: load_model('cornet_s_wc_decoder_6_epochs_seed42')
model_registry['cornet_s_wc_decoder_27_epochs_seed42'] = lambda: load_model('cornet_s_wc_decoder_27_epochs_seed42')
model_registry['cornet_s_wc_decoder_seed42'] = lambda: load_model('cornet_s_wc_decoder_seed42')
model_registry['cornet_s_wc_dt_it_6_epochs_seed42'] = lambda: load_model('cornet_s_wc_dt_it_6_epochs_seed42')
model_registry['cornet_s_wc_dt_it_14_epochs_seed42'] = lambda: load_model('cornet_s_wc_dt_it_14_epochs_seed42')
model_registry['cornet_s_wc_dt_it_seed42'] = lambda: load_model('cornet_s_wc_dt_it_seed42')
model_registry['cornet_s_wc_dt_v4_6_epochs'] = lambda: load_model('cornet_s_wc_dt_v4_6_epochs')
model_registry['cornet_s_wc_dt_v4_6_epochs_seed42'] = lambda: load_model('cornet_s_wc_dt_v4_6_epochs_seed42')
model_registry['cornet_s_wc_dt_v4_24_epochs_seed42'] = lambda: load_model('cornet_s_wc_dt_v4_24_epochs_seed42')
model_registry['cornet_s_wc_dt_v4_seed42'] = lambda: load_model('cornet_s_wc_dt_v4_seed42')
model_registry['cornet_s_wc_dt_it'] = lambda: load_model('cornet_s_wc_dt_it')
model_registry['cornet_s_wc_dt_v4'] = lambda: load_model('cornet_s_wc_dt_v4')
model_registry['cornet_s_wc_decoder_imagenet'] = lambda: load_model('cornet_s_wc_decoder_imagenet')
