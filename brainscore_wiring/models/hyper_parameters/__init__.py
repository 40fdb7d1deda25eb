"""Other hyper-parameters of standard training (appendix A, figure 6).

Written from the catalogue by `brainscore_wiring.models.write_plugins`.
"""

from brainscore_vision import model_registry

from brainscore_wiring.models.plugin import load_model

model_registry['cornet_s_learning_rate_1_1_epochs'] = lambda: load_model('cornet_s_learning_rate_1_1_epochs')
model_registry['cornet_s_learning_rate_1_3_epochs'] = lambda: load_model('cornet_s_learning_rate_1_3_epochs')
model_registry['cornet_s_learning_rate_1_5_epochs'] = lambda: load_model('cornet_s_learning_rate_1_5_epochs')
model_registry['cornet_s_learning_rate_1_6_epochs'] = lambda: load_model('cornet_s_learning_rate_1_6_epochs')
model_registry['cornet_s_learning_rate_1_7_epochs'] = lambda: load_model('cornet_s_learning_rate_1_7_epochs')
model_registry['cornet_s_learning_rate_1_9_epochs'] = lambda: load_model('cornet_s_learning_rate_1_9_epochs')
model_registry['cornet_s_learning_rate_1_10_epochs'] = lambda: load_model('cornet_s_learning_rate_1_10_epochs')
model_registry['cornet_s_learning_rate_1_15_epochs'] = lambda: load_model('cornet_s_learning_rate_1_15_epochs')
model_registry['cornet_s_learning_rate_1_20_epochs'] = lambda: load_model('cornet_s_learning_rate_1_20_epochs')
model_registry['cornet_s_learning_rate_1'] = lambda: load_model('cornet_s_learning_rate_1')
model_registry['cornet_s_learning_rate_0p01_1_epochs'] = lambda: load_model('cornet_s_learning_rate_0p01_1_epochs')
model_registry['cornet_s_learning_rate_0p01_3_epochs'] = lambda: load_model('cornet_s_learning_rate_0p01_3_epochs')
model_registry['cornet_s_learning_rate_0p01_5_epochs'] = lambda: load_model('cornet_s_learning_rate_0p01_5_epochs')
model_registry['cornet_s_learning_rate_0p01_6_epochs'] = lambda: load_model('cornet_s_learning_rate_0p01_6_epochs')
model_registry['cornet_s_learning_rate_0p01_7_epochs'] = lambda: load_model('cornet_s_learning_rate_0p01_7_epochs')
model_registry['cornet_s_learning_rate_0p01_9_epochs'] = lambda: load_model('cornet_s_learning_rate_0p01_9_epochs')
model_registry['cornet_s_learning_rate_0p01_10_epochs'] = lambda: load_model('cornet_s_learning_rate_0p01_10_epochs')
model_registry['cornet_s_learning_rate_0p01_15_epochs'] = lambda: load_model('cornet_s_learning_rate_0p01_15_epochs')
model_registry['cornet_s_learning_rate_0p01_20_epochs'] = lambda: load_model('cornet_s_learning_rate_0p01_20_epochs')
model_registry['cornet_s_learning_rate_0p01'] = lambda: load_model('cornet_s_learning_rate_0p01')
model_registry['cornet_s_weight_decay_1e_3_1_epochs'] = lambda: load_model('cornet_s_weight_decay_1e_3_1_epochs')
model_registry['cornet_s_weight_decay_1e_3_3_epochs'] = lambda: load_model('cornet_s_weight_decay_1e_3_3_epochs')
model_registry['cornet_s_weight_decay_1e_3_5_epochs'] = lambda: load_model('cornet_s_weight_decay_1e_3_5_epochs')
model_registry['cornet_s_weight_decay_1e_3_6_epochs'] = lambda: load_model('cornet_s_weight_decay_1e_3_6_epochs')
model_registry['cornet_s_weight_decay_1e_3_7_epochs'] = lambda: load_model('cornet_s_weight_decay_1e_3_7_epochs')
model_registry['cornet_s_weight_decay_1e_3_9_epochs'] = lambda: load_model('cornet_s_weight_decay_1e_3_9_epochs')
model_registry['cornet_s_weight_decay_1e_3_10_epochs'] = lambda: load_model('cornet_s_weight_decay_1e_3_10_epochs')
model_registry['cornet_s_weight_decay_1e_3_15_epochs'] = lambda: load_model('cornet_s_weight_decay_1e_3_15_epochs')
model_registry['cornet_s_weight_decay_1e_3_20_epochs'] = lambda: load_model('cornet_s_weight_decay_1e_3_20_epochs')
model_registry['cornet_s_weight_decay_1e_3'] = lambda: load_model('cornet_s_weight_decay_1e_3')
model_registry['cornet_s_weight_decay_1e_5_1_epochs'] = lambda: load_model('cornet_s_weight_decay_1e_5_1_epochs')
model_registry['cornet_s_weight_decay_1e_5_3_epochs'] = lambda: load_model('cornet_s_weight_decay_1e_5_3_epochs')
model_registry['cornet_s_weight_decay_1e_5_5_epochs'] = lambda: load_model('cornet_s_weight_decay_1e_5_5_epochs')
model_registry['cornet_s_weight_decay_1e_5_6_epochs'] = lambda: load_model('cornet_s_weight_decay_1e_5_6_epochs')
model_registry['cornet_s_weight_decay_1e_5_7_epochs'] = lambda: load_model('cornet_s_weight_decay_1e_5_7_epochs')
model_registry['cornet_s_weight_decay_1e_5_9_epochs'] = lambda: load_model('cornet_s_weight_decay_1e_5_9_epochs')
model_registry['cornet_s_weight_decay_1e_5_10_epochs'] = lambda: load_model('cornet_s_weight_decay_1e_5_10_epochs')
model_registry['cornet_s_weight_decay_1e_5_15_epochs'] = lambda: load_model('cornet_s_weight_decay_1e_5_15_epochs')
model_registry['cornet_s_weight_decay_1e_5_20_epochs'] = lambda: load_model('cornet_s_weight_decay_1e_5_20_epochs')
model_registry['cornet_s_weight_decay_1e_5'] = lambda: load_model('cornet_s_weight_decay_1e_5')
model_registry['cornet_s_schedule_alternative_1k_images_5_epochs'] = (
    lambda: load_model('cornet_s_schedule_alternative_1k_images_5_epochs'))
model_registry['cornet_s_schedule_alternative_1k_images_10_epochs'] = (
    lambda: load_model('cornet_s_schedule_alternative_1k_images_10_epochs'))
model_registry['cornet_s_schedule_alternative_1k_images_16_epochs'] = (
    lambda: load_model('cornet_s_schedule_alternative_1k_images_16_epochs'))
model_registry['cornet_s_schedule_alternative_10k_images_5_epochs'] = (
    lambda: load_model('cornet_s_schedule_alternative_10k_images_5_epochs'))
model_registry['cornet_s_schedule_alternative_10k_images_8_epochs'] = (
    lambda: load_model('cornet_s_schedule_alternative_10k_images_8_epochs'))
model_registry['cornet_s_schedule_alternative_50k_images_5_epochs'] = (
    lambda: load_model('cornet_s_schedule_alternative_50k_images_5_epochs'))
model_registry['cornet_s_schedule_alternative_50k_images_8_epochs'] = (
    lambda: load_model('cornet_s_schedule_alternative_50k_images_8_epochs'))
model_registry['cornet_s_schedule_alternative_50k_images_9_epochs'] = (
    lambda: load_model('cornet_s_schedule_alternative_50k_images_9_epochs'))
model_registry['cornet_s_schedule_alternative_100k_images_10_epochs'] = (
    lambda: load_model('cornet_s_schedule_alternative_100k_images_10_epochs'))
model_registry['cornet_s_schedule_alternative_100k_images_12_epochs'] = (
    lambda: load_model('cornet_s_schedule_alternative_100k_images_12_epochs'))
model_registry['cornet_s_adam_1_epochs'] = lambda: load_model('cornet_s_adam_1_epochs')
model_registry['cornet_s_adam_5_epochs'] = lambda: load_model('cornet_s_adam_5_epochs')
model_registry['cornet_s_adam_6_epochs'] = lambda: load_model('cornet_s_adam_6_epochs')
model_registry['cornet_s_adam_7_epochs'] = lambda: load_model('cornet_s_adam_7_epochs')
model_registry['cornet_s_adam_9_epochs'] = lambda: load_model('cornet_s_adam_9_epochs')
model_registry['cornet_s_adam_10_epochs'] = lambda: load_model('cornet_s_adam_10_epochs')
model_registry['cornet_s_adam_15_epochs'] = lambda: load_model('cornet_s_adam_15_epochs')
model_registry['cornet_s_adam'] = lambda: load_model('cornet_s_adam')
model_registry['cornet_s_adagrad_1_epochs'] = lambda: load_model('cornet_s_adagrad_1_epochs')
model_registry['cornet_s_adagrad_3_epochs'] = lambda: load_model('cornet_s_adagrad_3_epochs')
model_registry['cornet_s_adagrad_5_epochs'] = lambda: load_model('cornet_s_adagrad_5_epochs')
model_registry['cornet_s_adagrad_6_epochs'] = lambda: load_model('cornet_s_adagrad_6_epochs')
model_registry['cornet_s_adagrad_7_epochs'] = lambda: load_model('cornet_s_adagrad_7_epochs')
model_registry['cornet_s_adagrad_9_epochs'] = lambda: load_model('cornet_s_adagrad_9_epochs')
model_registry['cornet_s_adagrad_10_epochs'] = lambda: load_model('cornet_s_adagrad_10_epochs')
model_registry['cornet_s_adagrad_15_epochs'] = lambda: load_model('cornet_s_adagrad_15_epochs')
model_registry['cornet_s_adagrad'] = lambda: load_model('cornet_s_adagrad')
model_registry['cornet_s_schedule_alternative'] = lambda: load_model('cornet_s_schedule_alternative')
