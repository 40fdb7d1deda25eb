"""Models to compare with (section 2).

Written from the catalogue by `brainscore_wiring.models.write_plugins`.
"""

from brainscore_vision import model_registry

from brainscore_wiring.models.plugin import load_model

model_registry['pixels'] = lambda: load_model('pixels')
model_registry['hmax'] = lambda: load_model('hmax')
model_registry['hmax_layers_2'] = lambda: load_model('hmax_layers_2')
model_registry['hmax_layers_3'] = lambda: load_model('hmax_layers_3')
model_registry['cornet_s_imagenet'] = lambda: load_model('cornet_s_imagenet')
