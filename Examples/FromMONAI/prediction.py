"""The inferer and the postprocessing of a MONAI bundle, as Voxtile does them. Needs no MONAI."""

from intensity import NotExact
from plan import Call, by_x, is_changed_type, translate

WINDOW = {
    "roi_size", "sw_batch_size", "overlap", "mode", "sigma_scale", "padding_mode", "cval", "sw_device", "progress",
    "cache_roi_weight_map", "cpu_thresh", "buffer_steps", "buffer_dim", "spatial_dim"}


def percent(fraction):
    return f"{fraction * 100:g}%"


class Inferer:
    """How patches are laid and merged."""

    def __init__(self, plan):
        self.plan = plan
        self.handlers = {
            "SlidingWindowInferer": (self.window, WINDOW),
            "SlidingWindowInfererAdapt": (self.window, WINDOW),
            "SliceInferer": (self.slices, WINDOW),
        }

    def follow(self, item, configuration):
        if isinstance(item, str) and item.startswith("@"):
            item = configuration.at(item[1:])
        if item is None:
            self.plan.refuse("inferer", "there is none, and how patches are laid is not known")
        else:
            translate(Call(item, configuration), self.handlers, self.plan)
        if self.plan.patch is None:
            self.plan.refuse("patch", "no size of a patch is known; give it as --patch, which accepts this")

    def slices(self, call):
        if call.get("spatial_dim", 0) != 2:
            raise NotExact(f"spatial_dim {call.get('spatial_dim', 0)}: a network of slices sees those across the third axis")
        self.window(call, 2)

    def window(self, call, dimensions=3):
        size = call.get("roi_size")
        size = [size] * dimensions if isinstance(size, int) else list(size)
        if not all(isinstance(length, int) and length > 0 for length in size):
            raise NotExact(f"roi_size {size} is all of an image along an axis: give a size as --patch")
        self.plan.patch = tuple(size)
        overlap = call.get("overlap", 0.25)
        text = "x".join(percent(part) for part in overlap) if isinstance(overlap, (list, tuple)) else percent(overlap)
        default = "" if "overlap" in call.arguments else ", its default"
        self.plan.options.append((f"--overlap {text}", f"overlap of {call.shown}{default}"))
        mode = str(call.get("mode", "constant")).rsplit(".", 1)[-1].lower()
        if mode not in ("constant", "gaussian"):
            raise NotExact(f"mode {mode!r} is not known here")
        if mode == "gaussian" and call.get("sigma_scale", 0.125) != 0.125:
            raise NotExact(f"sigma_scale {call.get('sigma_scale')} is another window than --compat monai has")
        self.plan.options.append((
            "--compat monai" if mode == "gaussian" else "--compat monai-constant",
            f"patches, padding and weights of {call.shown}, mode {mode}"))
        self.batch(call)
        self.padding(call)

    def batch(self, call):
        batch = call.get("sw_batch_size", 1)
        if batch != 1:
            self.plan.options.append((f"--batch {batch}", "sw_batch_size; another number takes other memory, no other result"))

    def padding(self, call):
        mode, value = str(call.get("padding_mode", "constant")).rsplit(".", 1)[-1].lower(), call.get("cval", 0.0)
        beyond = self.plan.intensity.offset
        if mode != "constant" or value != 0 or beyond != 0:
            theirs = f"{value:g}" if mode == "constant" else mode
            self.plan.warn("padding", (
                f"scans smaller than a patch ({by_x(self.plan.patch)} voxels) are padded with {beyond:g}, "
                f"in MONAI with {theirs}, and larger ones are not padded"))


class Postprocessing:
    """What happens to the merged values."""

    def __init__(self, plan):
        self.plan = plan
        self.activation = None
        self.kind = None
        self.threshold = None
        self.is_back = False
        plain = (self.only_types, {"data_type", "dtype", "track_meta", "wrap_sequence"})
        self.handlers = {
            "EnsureType": plain, "ToTensor": plain, "ToDevice": plain, "DeleteItems": plain, "SelectItems": plain,
            "FromMetaTensor": plain, "Identity": plain,
            "Activations": (self.activate, {"softmax", "sigmoid", "other"}),
            "AsDiscrete": (self.decide, {"argmax", "to_onehot", "threshold", "rounding"}),
            "Invert": (self.bring_back, {
                "transform", "orig_keys", "meta_keys", "orig_meta_keys", "meta_key_postfix", "nearest_interp", "to_tensor",
                "post_func"}),
            "KeepLargestConnectedComponent": (self.keep_largest, {
                "applied_labels", "is_onehot", "independent", "connectivity", "num_components"}),
        }

    def follow(self, items, configuration):
        for item in items:
            call = Call(item, configuration)
            if call.name != "SaveImage":
                translate(call, self.handlers, self.plan)

    def only_types(self, call):
        if is_changed_type(call) and self.kind is None:
            raise NotExact("values are rounded to another type, which is not done here")

    def activate(self, call):
        if call.get("softmax", False):
            self.activation = "softmax"
        elif call.get("sigmoid", False):
            self.activation = "sigmoid"
        if call.arguments.get("other") is not None:
            raise NotExact(f"other = {call.arguments['other']!r} is not known here")

    def decide(self, call):
        if call.get("rounding") is not None:
            raise NotExact("rounding is not known here")
        if call.get("argmax", False):
            self.kind = "argmax"
        if call.get("threshold") is not None and self.kind is None:
            self.kind, self.threshold = "threshold", float(call.get("threshold"))
        if call.get("to_onehot") and self.kind == "argmax":
            self.plan.warn(call.shown, "one map of labels is written, not a volume for each of them (to_onehot)")

    def bring_back(self, call):
        self.is_back = True
        if call.arguments.get("post_func") is not None:
            raise NotExact("post_func is code of its own")
        if not self.plan.spacing:
            return
        if self.kind or call.get("nearest_interp", True):
            self.plan.warn(call.shown, (
                "labels come back to the scan's voxels by nearest neighbors in MONAI; here the values of the classes come back, "
                "and borders are smoother"))
        elif self.activation:
            self.plan.warn(call.shown, (
                f"{self.activation} comes before the way back in MONAI, and after it here: a few labels at borders differ"))

    def keep_largest(self, call):
        if call.get("connectivity") not in (None, 3) or call.get("num_components", 1) != 1 or not call.get("independent", True):
            raise NotExact("connectivity, num_components or independent are other than --keep-largest has")
        labels = call.get("applied_labels")
        labels = [labels] if isinstance(labels, int) else labels
        text = ",".join(str(label) for label in labels) if labels else "all"
        self.plan.cleaning.append((f"--keep-largest {text}", call.shown))
        if self.plan.spacing and not self.is_back:
            self.plan.warn(call.shown, "it is done in the scan's voxels, and in MONAI before the way back to them")

    def finish(self, channels, order):
        """Decides activation and outputs, for a network with so many channels.

        `order`: the channels in the order in which they are written, if one was given.
        """
        plan = self.plan
        if plan.spacing and not self.is_back:
            plan.warn("Invertd", "there is none, so MONAI saves what it has in resampled voxels; here it is in those of the scan")
        if self.kind == "argmax" and self.activation == "sigmoid":
            plan.warn("Activationsd", "labels are those of the largest value, as in MONAI, and probabilities of softmax")
            self.activation = "softmax"
        if self.kind == "threshold" and self.activation != "sigmoid" and channels != 1:
            plan.refuse("AsDiscreted", f"a threshold of {channels} channels without sigmoid is not known here")
        if self.kind == "threshold" and channels > 1 and order is None:
            plan.refuse("overlap", (
                f"each of {channels} channels has a mask of its own in MONAI, and they may overlap; here one map of labels is "
                "written, in which later channels win: give their order with --channels, or take --output-kind probabilities"))
        activation = self.activation or ("softmax" if self.kind == "argmax" else "none")
        plan.options.append((f"--activation {activation}", (
            "Activationsd" if self.activation else "argmax without Activationsd: the same labels" if self.kind == "argmax"
            else "there is no Activationsd")))
        if self.threshold is not None and self.threshold != 0.5:
            plan.options.append((f"--threshold {self.threshold:g}", "threshold of AsDiscreted"))
        if self.kind is None:
            kind = "probabilities" if self.activation else "logits"
            plan.options.append((f"--output-kind {kind}", "there is no AsDiscreted, so values are saved"))
        plan.options.append(("--output labels.nii.gz" if self.kind else "--output values.nii.gz", "the result"))
