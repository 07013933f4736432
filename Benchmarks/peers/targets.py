"""The targets of the project, and whether a run met them."""

MIB = 1 << 20
GIB = 1 << 30


def ratio(row):
    return row["ratio"]["median"]


def times_slower(row):
    """Our time as a multiple of theirs."""
    return 1 / row["ratio"]["median"]


def growth_of_size(row):
    return (total(row["ours"]) / total(row["theirs"]) - 1) * 100


def total(side):
    return side["patchBytes"] + side["mergedBytes"]


def extra(side):
    """The memory that a run used in addition to its input."""
    return None if side["peak"] is None or side["base"] is None else side["peak"] - side["base"]


def outside_the_network(row):
    """The time outside the network, as a percentage of the network's time."""
    loop, network = (sum(row["ours"]["parts"][name]) for name in ("loop", "network"))
    return (loop / network - 1) * 100


def peak_ratio(row):
    return row["ours"]["peak"] / row["theirs"]["peak"]


def loop_ratio(row):
    """Their loop without files divided by ours, which includes reading and writing."""
    loops = [sorted(row[side]["parts"]["loop"]) for side in ("ours", "theirs")]
    ours, theirs = (loop[len(loop) // 2] for loop in loops)
    return theirs / ours


# description, key of the row, measured number, limit, whether higher is better, unit
TARGETS = [
    ("crop 3D float32 against copying the same bytes", "crop-float32/numpy", lambda r: r["copy"]["ratio"], 1.25, False, "x"),
    ("crop 3D float32 against numpy", "crop-float32/numpy", ratio, 2, True, "x faster"),
    ("merge average against numpy", "merge-average-float32/numpy", ratio, 30, True, "x faster"),
    ("merge average against patchify", "merge-average-float32/patchify", ratio, 5, True, "x faster"),
    ("merge average against TorchIO", "merge-average-float32/TorchIO", ratio, 10, True, "x faster"),
    ("merge average against MONAI, which also crops", "merge-average-float32/MONAI", ratio, 10, True, "x faster"),
    *[(f"merge {blend} {kind} against average", f"merge-{blend}-{kind}/voxtile average", times_slower, 1.4, False,
       "x the time") for blend in ("gaussian", "hann") for kind in ("float32", "int16", "rgb")],
    ("file job on a brain against nibabel", "brain/nibabel", ratio, 6, True, "x faster"),
    ("size of these files against nibabel's", "brain/nibabel", growth_of_size, 3, False, "% larger"),
    ("file job on a brain against SimpleITK", "brain/SimpleITK", ratio, 10, True, "x faster"),
    ("8 GiB volume: peak memory", "huge/cp", lambda r: r["ours"]["peak"] / GIB, 1, False, "GiB"),
    ("8 GiB volume: throughput against cp", "huge/cp", lambda r: r["throughput"]["ratio"], 0.5, True, "x"),
    ("memory of a merge beyond its input, relative to its output", "merge-average-float32/numpy",
     lambda r: extra(r["ours"]) / r["ours"]["volumeBytes"], 1.1, False, "x"),
    ("brain tissues: time outside the network", "infer-brain/MONAI", outside_the_network, 3, False, "% of the network's"),
    ("brain tissues against MONAI, whole run", "infer-brain/MONAI", ratio, 1, True, "x faster"),
    ("brain tissues: peak memory against MONAI", "infer-brain/MONAI", peak_ratio, 0.5, False, "x"),
    ("identity network against MONAI, whole run", "infer-identity/MONAI", ratio, 5, True, "x faster"),
    ("identity network: loop with files against MONAI's without", "infer-identity/MONAI", loop_ratio, 5, True, "x faster"),
    ("identity network: peak memory against MONAI", "infer-identity/MONAI", peak_ratio, 0.5, False, "x"),
    ("104 classes on 512x512x600: peak memory", "infer-classes", lambda r: r["ours"]["peak"] / GIB, 2, False, "GiB"),
    ("voxtile info of 500 MB of .nii.gz", "info/nibabel", lambda r: r["ours"]["median"] * 1e3, 30, False, "ms"),
]


def results(rows):
    """Yields (description, target, measured, met) for each measured target."""
    by_key = {row["key"]: row for row in rows if "error" not in row}
    for what, key, number, limit, more, unit in TARGETS:
        if key not in by_key:
            continue
        try:
            value = number(by_key[key])
        except TypeError:
            continue
        met = value >= limit if more else value <= limit
        floor = by_key[key].get("floor", {}).get("ratio") if number is ratio else None
        if floor and not met:
            what += f" (only reading and writing: {floor:.1f} x)"
        yield what, f"{'at least' if more else 'at most'} {limit:g} {unit}", f"{value:.2f} {unit}", met
