"""The preprocessing of a MONAI bundle, as Voxtile does it. Needs no MONAI."""

import re

from intensity import Intensity, NotExact
from plan import Call, is_changed_type, translate

READERS = (None, "nibabelreader", "itkreader", "nrrdreader")
# What changes no values, or only their type.
PASSIVE = (
    "LoadImage", "EnsureChannelFirst", "EnsureType", "ToTensor", "CastToType", "ToDevice", "AddChannel", "FromMetaTensor",
    "Identity", "SelectItems", "DeleteItems")
POSITIVE = re.compile(r"\$\s*lambda (\w+)\s*:\s*\1\s*>\s*0(\.0*)?\s*$")
NONZERO = re.compile(r"\$\s*lambda (\w+)\s*:\s*\1\s*!=\s*0(\.0*)?\s*$")


class Preprocessing:
    """Follows the transforms in their order."""

    def __init__(self, plan, image_key):
        self.plan = plan
        self.image_key = image_key
        plain = (self.only_types, {"dtype", "data_type", "track_meta", "channel_dim", "strict_check", "wrap_sequence"})
        self.handlers = {
            "LoadImage": (self.load, {
                "reader", "dtype", "image_only", "ensure_channel_first", "simple_keys", "prune_meta_pattern", "prune_meta_sep",
                "affine_lps_to_ras", "meta_keys", "meta_key_postfix", "overwriting", "expanduser"}),
            **dict.fromkeys(PASSIVE[1:], plain),
            "Orientation": (self.orient, {"axcodes", "as_closest_canonical"}),
            "Spacing": (self.space, {
                "pixdim", "mode", "diagonal", "padding_mode", "align_corners", "dtype", "scale_extent", "recompute_affine",
                "ensure_same_shape", "min_pixdim", "max_pixdim", "meta_keys", "meta_key_postfix"}),
            "ScaleIntensityRange": (self.scale_range, {"a_min", "a_max", "b_min", "b_max", "clip", "dtype"}),
            "ScaleIntensity": (self.scale, {"minv", "maxv", "factor", "channel_wise", "dtype"}),
            "ScaleIntensityRangePercentiles": (self.scale_percentiles, {
                "lower", "upper", "b_min", "b_max", "clip", "relative", "channel_wise", "dtype"}),
            "NormalizeIntensity": (self.normalize, {"subtrahend", "divisor", "nonzero", "channel_wise", "dtype"}),
            "CropForeground": (self.crop, {
                "source_key", "select_fn", "margin", "k_divisible", "channel_indices", "allow_smaller", "mode", "start_coord_key",
                "end_coord_key"}),
        }

    def follow(self, items, configuration):
        for item in items:
            call = Call(item, configuration)
            keys = call.keys()
            if not keys or self.image_key in keys:
                translate(call, self.handlers, self.plan)
            elif set(keys) != {"label"} and call.name not in PASSIVE:
                self.plan.refuse(call.shown, f"it is done to {keys} and not to '{self.image_key}', and is left out")

    def only_types(self, call):
        if is_changed_type(call):
            raise NotExact("values are rounded to another type, which is not done here")

    def load(self, call):
        self.only_types(call)
        reader = call.get("reader")
        if (reader.lower() if isinstance(reader, str) else reader) not in READERS:
            raise NotExact(f"the reader {reader} may order axes in its own way; compare one scan before you accept it")
        if call.get("affine_lps_to_ras", True) is False:
            raise NotExact("affine_lps_to_ras = False gives other directions than a file says")

    def orient(self, call):
        if self.plan.spacing:
            raise NotExact("it comes after Spacingd; here a scan is turned first, so sizes would be those of other axes")
        self.plan.orientation = "RAS" if call.get("as_closest_canonical") else str(call.get("axcodes"))

    def space(self, call):
        plan = self.plan
        sizes = call.get("pixdim")
        sizes = [sizes] * 3 if isinstance(sizes, (int, float)) else list(sizes)
        sizes = sizes * 3 if len(sizes) == 1 else sizes
        if len(sizes) != 3 or not all(isinstance(size, (int, float)) and size > 0 for size in sizes):
            raise NotExact(f"pixdim {sizes} keeps the size of an axis, or is not of three axes: give --spacing yourself")
        for key, default in (("diagonal", False), ("scale_extent", False), ("min_pixdim", None), ("max_pixdim", None)):
            if call.get(key, default) != default:
                raise NotExact(f"{key} = {call.get(key)} makes other voxels than --convention monai")
        if not plan.intensity.is_first and (plan.intensity.kind != "fixed" or plan.intensity.is_clipped):
            raise NotExact("it comes after intensities were normalized; here it comes before, and that is not the same")
        if plan.foreground:
            raise NotExact("it comes after CropForegroundd; with resampling, a part of the scan is not predicted alone")
        plan.spacing = tuple(sizes)
        self.interpolate(call)

    def interpolate(self, call):
        mode = call.get("mode", "bilinear")
        mode = mode[call.keys().index(self.image_key)] if isinstance(mode, list) else mode
        names = {"bilinear": "linear", "nearest": "nearest"}
        if mode not in names:
            raise NotExact(f"mode {mode!r} has no equal; without it, the scan is resampled linearly")
        self.plan.interpolation = names[mode]
        if call.get("padding_mode", "border") != "border":
            self.plan.warn(call.shown, "beyond the last voxel the outermost value goes on, not padding_mode's")

    def scale_range(self, call):
        numbers = [call.get(key) for key in ("a_min", "a_max", "b_min", "b_max")]
        self.plan.intensity = self.plan.intensity.to_range(*numbers, bool(call.get("clip", False)))

    def scale(self, call):
        low, high = call.get("minv", 0.0), call.get("maxv", 1.0)
        if low is None and high is None:
            self.plan.intensity = self.plan.intensity.affine(1 + (call.get("factor") or 0.0), 0.0)
            return
        self.check_channels(call)
        low, high = (0.0, 1.0) if low is None or high is None else (low, high)
        try:
            self.plan.intensity = self.plan.intensity.to_extremes(low, high)
        except NotExact:
            if self.plan.intensity.kind == "zscore":  # the least wrong, where it is accepted
                self.plan.intensity = Intensity("minmax").affine(high - low, low)
            raise

    def scale_percentiles(self, call):
        self.check_channels(call)
        if call.get("relative", False):
            raise NotExact("relative = True is not known here")
        numbers = [call.get(key) for key in ("lower", "upper", "b_min", "b_max")]
        self.plan.intensity = self.plan.intensity.to_percentiles(*numbers, bool(call.get("clip", False)))

    def normalize(self, call):
        less, by = call.get("subtrahend"), call.get("divisor")
        nonzero = bool(call.get("nonzero", False))
        if less is None and by is None:
            self.check_channels(call)
            self.plan.intensity = self.plan.intensity.to_deviation(nonzero)
            if nonzero and self.plan.foreground == "positive":
                self.plan.warn(call.shown, "of scans with values below 0, those outside of the box count here, too")
            return
        less, by = self.same(less), self.same(by)
        if less is None or by is None or nonzero:
            raise NotExact("a subtrahend and a divisor are both needed, the same for each channel, and without nonzero")
        self.plan.intensity = self.plan.intensity.affine(1 / by, -less / by)

    def same(self, value):
        """One number for all channels, or none."""
        values = value if isinstance(value, (list, tuple)) else [value]
        return float(values[0]) if values[0] is not None and len(set(values)) == 1 else None

    def check_channels(self, call):
        if self.plan.channels > 1 and not call.get("channel_wise", False):
            raise NotExact(
                f"its {self.plan.channels} channels are normalized together (channel_wise = False); here each one is by itself")

    def crop(self, call):
        plan = self.plan
        if plan.spacing or not plan.intensity.is_first:
            raise NotExact(
                "it comes after resampling or normalization, and --foreground looks at the scan itself; accepted, the whole scan "
                "is predicted, and labels outside of the box are kept")
        select = call.arguments.get("select_fn")
        if select is not None and not (isinstance(select, str) and (POSITIVE.match(select) or NONZERO.match(select))):
            raise NotExact(f"select_fn = {select!r} is not known here; accepted, the whole scan is predicted")
        sizes = [call.get("margin", 0), call.get("k_divisible", 1), call.get("channel_indices")]
        if sizes[0] not in (0, [0, 0, 0]) or sizes[1] not in (1, [1, 1, 1]) or sizes[2] is not None:
            raise NotExact("the box has a margin, a multiple or chosen channels; accepted, the whole scan is predicted")
        if call.get("source_key", self.image_key) != self.image_key:
            raise NotExact(f"the box is that of {call.get('source_key')}: give it as --mask")
        plan.foreground = "nonzero" if select is not None and NONZERO.match(select) else "positive"
