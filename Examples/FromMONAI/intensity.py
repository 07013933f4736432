"""What several of MONAI's intensity transforms do together, as one normalization of Voxtile.

Needs no MONAI. A chain is kept as a normalization that `voxtile` has, followed by `x * scale + offset`, which only the network
itself can do. Chains without an equal raise `NotExact`.
"""

from dataclasses import dataclass, replace

# Farther than any intensity of a scan, and a number that Float holds: bounds of `ct:` that clip nothing.
FAR = 1e30


class NotExact(Exception):
    """A chain of transforms that no normalization of Voxtile equals."""


def number(value):
    """The shortest text that is read back as the same number."""
    text = repr(float(value))
    return text.removesuffix(".0")


@dataclass(frozen=True)
class Intensity:
    """A normalization `kind`, its numbers, and what follows it."""

    kind: str = "none"  # none, fixed, zscore, minmax or percentiles
    nonzero: bool = False
    numbers: tuple = ()  # fixed: low, high, mean, deviation; percentiles: low, high
    scale: float = 1.0
    offset: float = 0.0

    @property
    def is_clipped(self):
        return self.kind == "percentiles" or (self.kind == "fixed" and self.numbers[:2] != (-FAR, FAR))

    @property
    def is_first(self):
        return self.kind == "none" and (self.scale, self.offset) == (1, 0)

    def affine(self, scale, offset):
        """Followed by `x * scale + offset`."""
        if not scale > 0:
            raise NotExact(f"intensities are multiplied by {number(scale)}, which is not above 0")
        if self.kind in ("none", "fixed"):
            low, high, mean, deviation = self.numbers or (-FAR, FAR, 0.0, 1.0)
            deviation = deviation / scale
            return replace(self, kind="fixed", numbers=(low, high, mean - offset * deviation, deviation))
        return replace(self, scale=self.scale * scale, offset=self.offset * scale + offset)

    def to_range(self, a_min, a_max, b_min, b_max, clip):
        """Followed by ScaleIntensityRange."""
        if not a_min < a_max:
            raise NotExact(f"a_min {number(a_min)} is not less than a_max {number(a_max)}")
        low, high = (0.0, 1.0) if b_min is None or b_max is None else (b_min, b_max)
        if not low < high:
            raise NotExact(f"b_min {number(low)} is not less than b_max {number(high)}")
        if clip and (b_min is None) != (b_max is None):
            raise NotExact("one end is clipped and the other one is not")
        deviation = (a_max - a_min) / (high - low)
        mean = a_min - low * deviation
        if not clip or b_min is None:
            return self.affine(1 / deviation, -mean / deviation)
        if not self.is_first:
            raise NotExact("it clips what was normalized before")
        return replace(self, kind="fixed", numbers=(float(a_min), float(a_max), mean, deviation))

    def to_extremes(self, low, high):
        """Followed by ScaleIntensity: the least value becomes `low` and the largest `high`."""
        if self.is_clipped:
            raise NotExact("the range of what was clipped before is that of each scan, which is not looked at again")
        if self.kind == "zscore" and self.nonzero:
            raise NotExact(
                "after NormalizeIntensityd with nonzero, voxels of 0 have the value of the mean, which minmax does not know; "
                "accepted, they keep their place between the least and the largest value")
        return Intensity("minmax").affine(high - low, low)

    def to_deviation(self, nonzero):
        """Followed by NormalizeIntensity without numbers of its own: mean 0 and deviation 1."""
        if nonzero and not self.is_first:
            raise NotExact("voxels that were 0 are another number when NormalizeIntensityd with nonzero comes")
        if self.is_clipped:
            raise NotExact("the mean of what was clipped before is that of each scan, which is not looked at again")
        if self.kind == "zscore" and self.nonzero:
            raise NotExact("zeros, which were left out before, count now")
        return Intensity("zscore", nonzero=nonzero)

    def to_percentiles(self, lower, upper, b_min, b_max, clip):
        """Followed by ScaleIntensityRangePercentiles."""
        if not self.is_first or not clip or b_min is None or b_max is None:
            raise NotExact("percentiles are taken of the scan itself, and clip to b_min and b_max")
        return Intensity("percentiles", numbers=(float(lower), float(upper))).affine(b_max - b_min, b_min)

    def name(self, box=False):
        """As `--normalize` takes it; with the statistics of the box that is predicted where `box` says so."""
        suffix = ":nonzero" if self.nonzero else ":box" if box else ""
        if self.kind == "fixed":
            low, high, mean, deviation = self.numbers
            if mean == low and deviation == high - low:
                return f"window:{number(low)},{number(high)}"
            return "ct:" + ",".join(number(value) for value in self.numbers)
        if self.kind == "minmax":
            return "percentiles:0,100:box" if box else "minmax"
        if self.kind == "percentiles":
            return "percentiles:" + ",".join(number(value) for value in self.numbers) + suffix
        return self.kind + (suffix if self.kind == "zscore" else "")
