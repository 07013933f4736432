#!/usr/bin/env python3
"""Chains of MONAI's intensity transforms equal the one normalization that Examples/FromMONAI makes of them. Needs no MONAI.

usage: intensity_test.py [PROGRAM]
"""

import random
import statistics
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "Examples" / "FromMONAI"))
from intensity import FAR, Intensity, NotExact


def percentile(values, percent):
    values = sorted(values)
    place = (len(values) - 1) * percent / 100
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def ours(intensity, values):
    """What Voxtile and the network do with the values of a scan."""
    if intensity.kind == "fixed":
        low, high, mean, deviation = intensity.numbers
        found = [(min(max(value, low), high) - mean) / deviation for value in values]
    elif intensity.kind == "zscore":
        chosen = [value for value in values if value != 0 or not intensity.nonzero]
        mean, deviation = statistics.fmean(chosen), statistics.pstdev(chosen)
        found = [0 if intensity.nonzero and value == 0 else (value - mean) / deviation for value in values]
    elif intensity.kind in ("minmax", "percentiles"):
        low, high = (percentile(values, end) for end in (intensity.numbers or (0, 100)))
        found = [min(max((value - low) / (high - low), 0), 1) for value in values]
    else:
        found = values
    return [value * intensity.scale + intensity.offset for value in found]


def to_range(values, a_min, a_max, b_min, b_max, clip):
    found = [(value - a_min) / (a_max - a_min) for value in values]
    if b_min is not None and b_max is not None:
        found = [value * (b_max - b_min) + b_min for value in found]
        if clip:
            found = [min(max(value, b_min), b_max) for value in found]
    return found


def to_extremes(values, low, high):
    least, largest = min(values), max(values)
    return [(value - least) / (largest - least) * (high - low) + low for value in values]


def to_deviation(values, nonzero):
    return ours(Intensity("zscore", nonzero=nonzero), values)


def to_percentiles(values, lower, upper, b_min, b_max, clip):
    return to_range(values, percentile(values, lower), percentile(values, upper), b_min, b_max, clip)


def affine(values, scale, offset):
    return [value * scale + offset for value in values]


def drawn(source):
    """A step: its name, and its arguments."""
    low = source.choice([-1.0, 0.0, 0.5])
    ends = source.choice([(low, low + source.choice([1.0, 1.5])), (None, None)])
    return source.choice([
        ("to_range", (source.choice([-100, 0]), source.choice([50, 200]), *ends, source.random() < 0.5)),
        ("to_extremes", (low, low + 2)), ("to_deviation", (source.random() < 0.4,)),
        ("to_percentiles", (1, 99, low, low + 1, True)),
        ("affine", (source.choice([0.5, 3.0]), source.choice([-1.0, 0.0, 2.0])))])


class IntensityTest(unittest.TestCase):
    def test_names(self):
        for steps, name in (
            ([("to_range", (-57, 164, 0, 1, True))], "window:-57,164"),
            ([("to_range", (-57, 164, -1, 1, True))], "ct:-57,164,53.5,110.5"),
            ([("to_range", (0, 255, None, None, True))], "ct:-1e+30,1e+30,0,255"), ([("to_extremes", (0, 1))], "minmax"),
            ([("to_deviation", (False,))], "zscore"), ([("to_deviation", (True,))], "zscore:nonzero"),
            ([("to_percentiles", (0.5, 99.5, 0, 1, True))], "percentiles:0.5,99.5"), ([], "none"),
            ([("to_extremes", (0, 1)), ("to_deviation", (False,))], "zscore"),
        ):
            intensity = Intensity()
            for step, arguments in steps:
                intensity = getattr(intensity, step)(*arguments)
            self.assertEqual(intensity.name(), name)
            self.assertEqual((intensity.scale, intensity.offset), (1, 0))

    def test_every_chain_is_equal_or_refused(self):
        counts = {"equal": 0, "refused": 0}
        for seed in range(4000):
            source = random.Random(seed)
            values = [float(round(source.gauss(30, 80))) if source.random() < 0.8 else 0.0 for _ in range(40)]
            intensity, expected = Intensity(), values
            steps = [drawn(source) for _ in range(source.choice([1, 1, 2, 3]))]
            try:
                for step, arguments in steps:
                    intensity = getattr(intensity, step)(*arguments)
                    expected = globals()[step](expected, *arguments)
            except NotExact:
                counts["refused"] += 1
                continue
            counts["equal"] += 1
            for found, value in zip(ours(intensity, values), expected):
                self.assertAlmostEqual(found, value, delta=1e-9 * max(1, abs(value)), msg=f"seed {seed}: {steps}")
        self.assertGreater(min(counts.values()), 800, counts)

    def test_nothing_is_turned_around(self):
        for step, arguments in (("affine", (-1, 0)), ("to_range", (5, 5, 0, 1, True)), ("to_range", (0, 1, 1, 0, True)),
                                ("to_extremes", (1, 0))):
            with self.assertRaises(NotExact):
                getattr(Intensity(), step)(*arguments)

    def test_bounds_that_clip_nothing_are_numbers_of_float(self):
        self.assertLess(FAR, 3.4e38)
        self.assertFalse(Intensity().affine(2, 1).is_clipped)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
