"""Transfer to ResNet-50 and MobileNet (appendix D.1).

Written from the catalogue by `brainscore_wiring.models.write_plugins`.
"""

from brainscore_vision import model_registry

from brainscore_wiring.models.plugin import load_model

model_registry['resnet50_kn'] = lambda: load_model('resnet50_kn')
model_registry['resnet50_wc'] = lambda: load_model('resnet50_wc')
model_registry['resnet50_wc_batchnorm_normals'] = lambda: load_model('resnet50_wc_batchnorm_normals')
model_registry['mobilenet_random'] = lambda: load_model('mobilenet_random')
model_registry['resnet50_6_epochs'] = lambda: load_model('resnet50_6_epochs')
model_registry['resnet50_10_epochs'] = lambda: load_model('resnet50_10_epochs')
model_registry['resnet50_20_epochs'] = lambda: load_model('resnet50_20_epochs')
model_registry['resnet50_29_epochs'] = lambda: load_model('resnet50_29_epochs')
model_registry['resnet50_30_epochs'] = lambda: load_model('resnet50_30_epochs')
model_registry['resnet50'] = lambda: load_model('resnet50')
model_registry['resnet50_dt_decoder_6_epochs'] = lambda: load_model('resnet50_dt_decoder_6_epochs')
model_registry['resnet50_dt_decoder_10_epochs'] = lambda: load_model('resnet50_dt_decoder_10_epochs')
model_registry['resnet50_dt_decoder_20_epochs'] = lambda: load_model('resnet50_dt_decoder_20_epochs')
model_registry['resnet50_dt_decoder'] = lambda: load_model('resnet50_dt_decoder')
model_registry['resnet50_wc_ct_6_epochs'] = lambda: load_model('resnet50_wc_ct_6_epochs')
model_registry['resnet50_wc_ct_10_epochs'] = lambda: load_model('resnet50_wc_ct_10_epochs')
model_registry['resnet50_wc_ct_20_epochs'] = lambda: load_model('resnet50_wc_ct_20_epochs')
model_registry['resnet50_wc_ct'] = lambda: load_model('resnet50_wc_ct')
model_registry['resnet50_wc_ct_28_epochs'] = lambda: load_model('resnet50_wc_ct_28_epochs')
model_registry['resnet50_wc_ct_v4_6_epochs'] = lambda: load_model('resnet50_wc_ct_v4_6_epochs')
model_registry['resnet50_wc_ct_v4_10_epochs'] = lambda: load_model('resnet50_wc_ct_v4_10_epochs')
model_registry['resnet50_wc_ct_v4_20_epochs'] = lambda: load_model('resnet50_wc_ct_v4_20_epochs')
model_registry['resnet50_wc_ct_v4'] = lambda: load_model('resnet50_wc_ct_v4')
model_registry['resnet50_wc_ct_v2_6_epochs'] = lambda: load_model('resnet50_wc_ct_v2_6_epochs')
model_registry['resnet50_wc_ct_v2_10_epochs'] = lambda: load_model('resnet50_wc_ct_v2_10_epochs')
model_registry['resnet50_wc_ct_v2_20_epochs'] = lambda: load_model('resnet50_wc_ct_v2_20_epochs')
model_registry['resnet50_wc_ct_v2_28_epochs'] = lambda: load_model('resnet50_wc_ct_v2_28_epochs')
model_registry['resnet50_wc_ct_v2_30_epochs'] = lambda: load_model('resnet50_wc_ct_v2_30_epochs')
model_registry['resnet50_wc_ct_v2'] = lambda: load_model('resnet50_wc_ct_v2')
model_registry['resnet50_wc_ct_batchnorm_normals_6_epochs'] = (
    lambda: load_model('resnet50_wc_ct_batchnorm_normals_6_epochs'))
model_registry['resnet50_wc_ct_batchnorm_normals_10_epochs'] = (
    lambda: load_model('resnet50_wc_ct_batchnorm_normals_10_epochs'))
model_registry['resnet50_wc_ct_batchnorm_normals_20_epochs'] = (
    lambda: load_model('resnet50_wc_ct_batchnorm_normals_20_epochs'))
model_registry['resnet50_wc_ct_batchnorm_normals'] = lambda: load_model('resnet50_wc_ct_batchnorm_normals')
model_registry['mobilenet'] = lambda: load_model('mobilenet')
model_registry['mobilenet_wc_ct'] = lambda: load_model('mobilenet_wc_ct')
model_registry['mobilenet_wc_ct_mapping_1'] = lambda: load_model('mobilenet_wc_ct_mapping_1')
model_registry['mobilenet_wc_ct_mapping_2_26_epochs'] = lambda: load_model('mobilenet_wc_ct_mapping_2_26_epochs')
model_registry['mobilenet_wc_ct_mapping_2'] = lambda: load_model('mobilenet_wc_ct_mapping_2')
model_registry['mobilenet_wc_ct_mapping_4_6_epochs'] = lambda: load_model('mobilenet_wc_ct_mapping_4_6_epochs')
model_registry['mobilenet_wc_ct_mapping_4'] = lambda: load_model('mobilenet_wc_ct_mapping_4')
model_registry['mobilenet_wc_ct_mapping_5'] = lambda: load_model('mobilenet_wc_ct_mapping_5')
model_registry['mobilenet_wc_ct_mapping_7'] = lambda: load_model('mobilenet_wc_ct_mapping_7')
