"""Writes intensity.json: what numpy makes of small scans, normalised in the ways of `Normalization`.

    python3 Tests/VoxtileInferenceTests/Fixtures/make_intensity_goldens.py

Voxels are float32, given by their bits as an integer. Statistics are those of numpy in float64, but for mean and
deviation, which are made of exact fractions. An entry has either the numbers of its map and the first voxels that
it gives, or null where it has no meaning.
"""

import decimal
import fractions
import json
import math
import pathlib

import numpy as np

FIRST = 16
rng = np.random.default_rng(20261122)


def scans():
    brain = np.where(rng.random(301) < 0.4, 0, rng.gamma(4, 130, 301))
    ct = rng.integers(-1024, 3072, 256)
    offset = 1e4 + rng.normal(size=500)
    wide = rng.normal(size=200) * 10.0 ** rng.uniform(-30, 17, 200)
    holes = np.concatenate([rng.normal(5, 20, 99), [np.nan, np.inf, -np.inf, -0.0, 0, np.nan, np.inf]])
    tiny = np.arange(-20, 90) * 2.0**-149
    return {
        "brain": brain, "ct": ct, "offset": offset, "wide": wide, "holes": rng.permutation(holes),
        "bytes": rng.integers(0, 256, 150), "negative bytes": -rng.integers(0, 256, 151), "tiny": tiny,
        "huge": rng.uniform(1e37, 1.5e38, 64), "one voxel": [3.5], "two voxels": [-1, 4], "all negative": [-3, -2, -7],
        "zeros": np.zeros(5), "constant": np.full(9, 42.25), "mask": [0] * 990 + [1] * 4, "nothing": [np.nan, -np.inf],
    }


def exact_moments(values):
    terms = [fractions.Fraction(float(value)) for value in values]
    mean = sum(terms) / len(terms)
    variance = sum((term - mean) ** 2 for term in terms) / len(terms)
    decimal.getcontext().prec = 60
    decimal.getcontext().Emin = -decimal.MAX_EMAX // 10
    quotient = decimal.Decimal(variance.numerator) / decimal.Decimal(variance.denominator)
    return float(mean), float(quotient.sqrt())


def parameters(name, voxels):
    """Offset, divisor, lower, upper, keepsZero; or None."""
    kind, *rest = name.split(":")
    finite = voxels[np.isfinite(voxels)].astype(np.float64)
    keeps_zero = rest[-1:] == ["nonzero"]
    numbers = [float(number) for number in rest[0].split(",")] if rest and rest[0] != "nonzero" else []
    if keeps_zero:
        finite = finite[finite != 0]
        if not finite.size:
            return 0, 1, None, None, True
    if kind == "window":
        return numbers[0], numbers[1] - numbers[0], 0, 1, False
    if kind == "none":
        return 0, 1, None, None, False
    if not finite.size:
        return None
    if kind == "zscore":
        mean, deviation = exact_moments(finite)
        assert finite.max() > 1e30 or math.isclose(deviation, finite.std(), rel_tol=1e-6, abs_tol=1e-30)
        return mean, deviation if np.float32(deviation) > 0 else 1, None, None, keeps_zero
    if kind == "maximum":
        return (0, finite.max(), None, None, False) if finite.max() > 0 else None
    if kind == "peak":
        finite = finite[finite > 0]
        return (0, np.percentile(finite, numbers[0]), 0, numbers[1], False) if finite.size else None
    low, high = (finite.min(), finite.max()) if kind == "minmax" else np.percentile(finite, numbers)
    if low == high:
        return (low, 1, 0, 1, keeps_zero) if finite.min() == finite.max() else None
    return low, high - low, 0, 1, keeps_zero


def normalised(voxels, offset, divisor, lower, upper, keeps_zero):
    with np.errstate(all="ignore"):
        result = (voxels - np.float32(offset)) / np.float32(divisor)
    if lower is not None:
        result = np.clip(result, np.float32(lower), np.float32(upper))
    return np.where(voxels == 0, np.float32(0), result) if keeps_zero else result


def bits(voxels):
    return [int(voxel) for voxel in np.asarray(voxels, np.float32).view(np.uint32)]


NAMES = [
    "none", "zscore", "zscore:nonzero", "minmax", "percentiles:0.5,99.5", "percentiles:0,100", "percentiles:10,90",
    "percentiles:33.3,66.6:nonzero", "percentiles:2,98:nonzero", "window:-160,240", "maximum", "peak:99,1.3",
    "peak:50,2", "peak:100,1",
]


def main():
    golden = {"numpy": np.__version__, "scans": []}
    for name, values in scans().items():
        voxels = np.asarray(values, np.float64).astype(np.float32)
        scan = {"name": name, "voxels": bits(voxels), "maps": {}}
        for normalization in NAMES:
            found = parameters(normalization, voxels)
            scan["maps"][normalization] = found and {
                "offset": float(found[0]), "divisor": float(found[1]), "lower": found[2], "upper": found[3],
                "keepsZero": found[4], "first": bits(normalised(voxels, *found)[:FIRST]),
            }
        golden["scans"].append(scan)
    path = pathlib.Path(__file__).parent / "intensity.json"
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


main()
