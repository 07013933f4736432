"""From the configuration of a MONAI bundle to a plan. Needs no MONAI."""

from bundle import Unresolved
from plan import Plan
from prediction import Inferer, Postprocessing
from preprocessing import Preprocessing


def channel_names(described):
    """The names of `channel_def`, in the order of their numbers."""
    names = described.get("channel_def") or {}
    ordered = sorted((int(key), str(name)) for key, name in names.items() if str(key).isdigit())
    if [key for key, _ in ordered] != list(range(len(ordered))):
        return []
    return [name.replace(",", ";").strip() or f"label {key}" for key, name in ordered]


def first(described, key):
    """The image of several inputs or outputs: the one of that name, or the first one."""
    return described.get(key) or next(iter(described.values()), {})


def ordered(values, order):
    return [values[index] for index in order] if order is not None else values


def translate_bundle(metadata, configuration, patch=None, order=None, values=None):
    """The plan of a bundle.

    - metadata: what metadata.json says.
    - patch: a size in place of `roi_size`.
    - order: the channels of the network in the order in which they are written.
    - values: a label for each of them.
    """
    data = metadata.get("network_data_format") or {}
    image_key = configuration.items.get("image_key", "image")
    source, target = first(data.get("inputs") or {}, image_key), first(data.get("outputs") or {}, "pred")
    plan = Plan(channels=int(source.get("num_channels") or 1), input_names=channel_names(source))
    postprocessing = Postprocessing(plan)
    items = {}
    for name in ("preprocessing", "postprocessing"):
        try:
            items[name] = configuration.transforms(name)
        except Unresolved as error:
            plan.refuse(name, str(error))
    if not items.get("preprocessing"):
        plan.refuse("preprocessing", "there is none: give --normalize, --orientation and --spacing yourself")
    Preprocessing(plan, image_key).follow(items.get("preprocessing", []), configuration)
    if plan.foreground:
        plan.options.append((f"--foreground {plan.foreground}", "CropForegroundd"))
    if plan.interpolation != "linear":
        plan.options.append((f"--interpolation {plan.interpolation}", "mode of Spacingd"))
    if patch is not None:
        plan.patch = tuple(patch)
    Inferer(plan).follow(configuration.items.get("inferer"), configuration)
    if patch is not None and tuple(patch) != plan.patch:
        plan.warn("patch", f"it is {tuple(patch)}, as you say, and roi_size is {plan.patch}")
        plan.patch = tuple(patch)
    postprocessing.follow(items.get("postprocessing", []), configuration)
    name_labels(plan, channel_names(target), target.get("num_channels"), order, values)
    channels = int(target.get("num_channels") or len(plan.label_names) or 1)
    postprocessing.finish(channels, order)
    return plan


def name_labels(plan, names, channels, order, values):
    """Names the channels of the network, in the order in which they are written."""
    if names and channels is not None and len(names) != int(channels):
        plan.warn("channel_def", f"it names {len(names)} of {channels} channels, so no label has a name")
        names = []
    if names and order is not None and sorted(order) != list(range(len(names))):
        raise SystemExit(f"--channels {order} is no order of {len(names)} channels, which are numbered from 0")
    plan.label_names = ordered(names, order)
    if values is not None:
        plan.options.append(("--labels " + ",".join(str(value) for value in values), "--values"))
