"""Small bundles of our own for the tests of Examples/FromMONAI, as Python values."""

import copy

from bundle import Configuration
from translation import translate_bundle


def on_image(target, **arguments):
    return {"_target_": target, "keys": "@image_key", **arguments}


def on_prediction(target, **arguments):
    return {"_target_": target, "keys": "pred", **arguments}


LOAD = [on_image("LoadImaged"), on_image("EnsureChannelFirstd")]
WINDOW = {"_target_": "SlidingWindowInferer", "roi_size": [32, 24, 16], "overlap": 0.5}
INVERT = on_prediction("Invertd", transform="@preprocessing", orig_keys="@image_key", nearest_interp=False, to_tensor=True)
ARGMAX = on_prediction("AsDiscreted", argmax=True)


def compose(transforms):
    return {"_target_": "Compose", "transforms": transforms}


def configuration(preprocessing, postprocessing=(ARGMAX,), inferer=None, more=None):
    """An inference configuration; `more` are items besides these, or in their place."""
    return copy.deepcopy({
        "image_key": "image", "preprocessing": compose([*LOAD, *preprocessing]),
        "postprocessing": compose(list(postprocessing)), "inferer": WINDOW if inferer is None else inferer,
        **(more or {})})


def metadata(channels=1, labels=("background", "organ"), names=None):
    """What metadata.json says."""
    return {"network_data_format": {
        "inputs": {"image": {"num_channels": channels, "channel_def": {
            str(index): name for index, name in enumerate(names or ["image"] * channels)}}},
        "outputs": {"pred": {"num_channels": len(labels), "channel_def": {
            str(index): name for index, name in enumerate(labels)}}}}}


def plan_of(preprocessing, postprocessing=(ARGMAX,), inferer=None, about=None, evaluate=None, more=None, **choices):
    """The plan of such a bundle."""
    items = configuration(preprocessing, postprocessing, inferer, more)
    return translate_bundle(about or metadata(), Configuration(items, evaluate), **choices)
