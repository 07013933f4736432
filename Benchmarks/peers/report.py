"""The report in Markdown."""

import datetime
import importlib.metadata
import os
import platform

import targets
from measure import times

MIB = 1 << 20
LIBRARIES = ["numpy", "patchify", "scikit-image", "torch", "torchio", "monai", "nibabel", "SimpleITK", "onnxruntime"]


class Machine:
    """The machine and the versions that were measured."""

    def __init__(self, swift, command, quick):
        self.swift, self.command, self.quick = swift, command, quick

    def lines(self, rows):
        loads = [row["load"] for row in rows if "load" in row]
        dates = sorted(row["date"] for row in rows if "date" in row)
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        system = f"{platform.system()} {platform.release()}"
        yield "machine", f"{processor()}, {os.cpu_count()} cores, {memory / 2**30:.0f} GiB; {system}"
        yield "date", f"{dates[0]} to {dates[-1]}" if dates else str(datetime.date.today())
        if loads:
            loaded = "; other work ran at the same time" if max(loads) > os.cpu_count() + 1 else ""
            yield "load average", f"{min(loads):.1f} to {max(loads):.1f}{loaded}"
        commits = " and ".join(dict.fromkeys(row["commit"] for row in rows))
        yield "voxtile", f"commit {commits}, {self.swift}, release build"
        yield "peers", f"Python {platform.python_version()}, " + ", ".join(versions())
        yield "command", f"`{self.command}`" + (" (small volumes; do not cite)" if self.quick else "")


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def versions():
    for name in LIBRARIES:
        try:
            yield f"{name} {importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            continue


def markdown(rows, machine):
    """The whole report; sections without rows are omitted."""
    good = [row for row in rows if "error" not in row]

    def section(*prefixes):
        return [row for row in good if row["key"].startswith(prefixes)]

    parts = ["# Benchmarks\n", INTRODUCTION, table(["", ""], machine.lines(good))]
    reached = [(*row[:3], "yes" if row[3] else "**no**") for row in targets.results(good)]
    add(parts, "Targets", TARGETS_TEXT, ["what", "target", "measured", "met"], reached)
    add(parts, "In memory", MEMORY_TEXT, MEMORY_HEAD, map(memory_row, section("crop-", "merge-", "roundtrip-")))
    add(parts, "A brain: file to patch files to file", BRAIN_TEXT, BRAIN_HEAD, brain_rows(section("brain/")))
    for row in section("huge/"):
        parts.append(huge(row))
    add(parts, "Inference on a whole scan", INFER_TEXT, INFER_HEAD, infer_rows(section("infer-")))
    add(parts, "Reading a header", INFO_TEXT, INFO_HEAD, map(info_row, section("info/")))
    add(parts, "Growth with the volume size", GROWTH_TEXT, GROWTH_HEAD, map(growth_row, section("growth-volume/")))
    add(parts, "Growth with the number of patches", PATCHES_TEXT, PATCHES_HEAD, map(patches_row, section("growth-patches/")))
    add(parts, "Threads", JOBS_TEXT, JOBS_HEAD, map(jobs_row, section("growth-jobs/")))
    add(parts, "Growth of a streamed job with the number of slices", STREAM_TEXT, STREAM_HEAD,
        map(stream_row, section("growth-stream/")))
    parts.append(checks(good))
    for row in rows:
        if "error" in row:
            parts.append(f"`{row['key']}` was not measured: {row['error'].splitlines()[-1]}\n")
    return "\n".join(parts)


def add(parts, title, text, head, rows):
    rows = list(rows)
    if rows:
        parts += [f"## {title}\n", text, table(head, rows)]


def table(head, rows):
    lines = [" | ".join(head), " | ".join("---" for _ in head)]
    lines += [" | ".join(map(str, row)) for row in rows]
    return "\n".join(f"| {line} |" for line in lines) + "\n"


def milliseconds(side):
    return f"{side['median'] * 1e3:.0f} ({side['min'] * 1e3:.0f})"


def megabytes(count):
    return "?" if count is None else f"{count / MIB:.0f}"


def memory(side):
    """The peak memory, with the part beyond the input in parentheses."""
    if side["peak"] is None or side["base"] is None:
        return "?"
    return f"{megabytes(side['peak'])} (+{megabytes(targets.extra(side))})"


MEMORY_HEAD = ["work", "patches", "voxtile, ms", "peer", "peer, ms", "peer / voxtile", "voxtile / copy", "copy, ms",
               "read and write, ms", "peak, MiB", "peer peak, MiB"]


def memory_row(row):
    size = "x".join(str(part) for part in row["task"]["extent"] if part > 1)
    return [
        f"{row['key'].split('/')[0].replace('-', ' ')}, {size}", row["ours"]["patches"], milliseconds(row["ours"]),
        row["theirs"]["name"], milliseconds(row["theirs"]), times(row["ratio"]),
        f"{row['copy']['ratio']:.2f} ({row['copy']['low']:.2f} to {row['copy']['high']:.2f})",
        f"{row['copy']['median'] * 1e3:.0f}",
        f"{row['floor']['median'] * 1e3:.0f}" if "floor" in row else "", memory(row["ours"]), memory(row["theirs"])]


BRAIN_HEAD = ["program", "seconds, median (min)", "peer / voxtile", "peak, MiB", "patches", "patch files, MB", "merged, MB"]


def brain_rows(rows):
    for row in rows:
        for side in ("ours", "theirs"):
            if side not in row:
                continue
            found = row[side]
            parts = found["parts"]
            name = found["name"] + (", patches as `.nii`" if row["key"] == "brain/plain" else "")
            detail = ", ".join(f"{name} {sorted(values)[len(values) // 2]:.2f}" for name, values in parts.items())
            yield [
                name + (f" ({detail})" if len(parts) > 1 else ""),
                f"{found['median']:.2f} ({found['min']:.2f})", times(row["ratio"]) if side == "theirs" else "",
                megabytes(found["peak"]), found["patches"], f"{found['patchBytes'] / 1e6:.1f}",
                f"{found['mergedBytes'] / 1e6:.1f}"]


def huge(row):
    ours, theirs = row["ours"], row["theirs"]
    size = row["inputBytes"]
    parts = {name: sorted(values)[len(values) // 2] for name, values in ours["parts"].items()}
    moved = size + ours["patchBytes"]
    arrays = size + ours["patchBytes"] + 16 * (size // 2)
    head = ["program", "seconds, median (min)", "read and written, GB", "GB/s", "peak, MiB"]
    lines = [["cp", f"{theirs['median']:.1f} ({theirs['min']:.1f})", f"{2 * size / 1e9:.1f}",
              f"{row['throughput']['theirs'] / 1e9:.2f}", megabytes(theirs["peak"])]]
    for name, seconds in parts.items():
        lines.append([f"voxtile {name}", f"{seconds:.1f} ({min(ours['parts'][name]):.1f})", f"{moved / 1e9:.1f}",
                      f"{moved / seconds / 1e9:.2f}", megabytes(ours["peaks"][name])])
    budget = f"`--memory {row['budget']}`" if row["budget"] else "no memory budget"
    return (
        f"## Larger than the memory of the peers\n\n{'x'.join(map(str, row['extent']))} int16 ({size / 2**30:.2f} GiB "
        f"of `.nii`), cropped into {ours['patches']} `.nii` patches of 256 (overlap 32) and merged back with {budget}, "
        f"compared with `cp` of the volume in the same run ({row['rounds']} rounds). The numpy merge would need "
        f"{arrays / 2**30:.0f} GiB for the volume, its patches and two float64 volumes. "
        f"The throughput of both commands together is {row['throughput']['ratio']:.2f} x that of "
        f"`cp`.\n\n{table(head, lines)}")


INFER_HEAD = ["work", "program", "seconds, median (min)", "peer / voxtile", "loop, s", "of it network, s", "peak, MiB"]


def infer_rows(rows):
    for row in rows:
        for side in ("ours", "theirs"):
            if side not in row:
                continue
            found = row[side]
            loop, network = (sorted(found["parts"][name])[len(found["parts"][name]) // 2] for name in ("loop", "network"))
            yield [
                row["key"].split("/")[0].replace("infer-", ""), found["name"], f"{found['median']:.2f} ({found['min']:.2f})",
                times(row["ratio"]) if side == "theirs" else "", f"{loop:.2f}", f"{network:.2f}", megabytes(found["peak"])]


INFO_HEAD = ["file, MB", "voxtile, ms", "peer", "peer, ms", "peer / voxtile"]


def info_row(row):
    return [f"{row['inputBytes'] / 1e6:.0f}", f"{row['ours']['median'] * 1e3:.1f} ({row['ours']['min'] * 1e3:.1f})",
            row["theirs"]["name"], milliseconds(row["theirs"]), times(row["ratio"])]


GROWTH_HEAD = ["volume", "MiB", "patches", "voxtile, ms", "ns per voxel", "copy, ms", "beyond input, MiB", "numpy, ms",
               "numpy / voxtile", "numpy beyond input, MiB"]


def growth_row(row):
    ours, theirs = row["ours"], row["theirs"]
    return [
        row["key"].split("/")[1], megabytes(ours["volumeBytes"]), ours["patches"], milliseconds(ours),
        f"{ours['median'] * 1e9 / (ours['volumeBytes'] / 4):.2f}", f"{row['copy']['median'] * 1e3:.0f}",
        megabytes(targets.extra(ours)), milliseconds(theirs), times(row["ratio"]), megabytes(targets.extra(theirs))]


PATCHES_HEAD = ["patch", "patches", "size of patches, MiB", "voxtile, ms", "copy, ms", "voxtile / copy", "beyond input, MiB"]


def patches_row(row):
    ours = row["ours"]
    return [row["key"].split("/")[1], ours["patches"], megabytes(ours["patchBytes"]), milliseconds(ours),
            f"{row['copy']['median'] * 1e3:.0f}", f"{row['copy']['ratio']:.2f}", megabytes(targets.extra(ours))]


JOBS_HEAD = ["work", "2 threads, ms", "1 thread, ms", "1 thread / 2 threads", "beyond input, MiB", "1 thread, MiB"]


def jobs_row(row):
    return [row["key"].split("/")[1].replace("-", " "), milliseconds(row["ours"]), milliseconds(row["theirs"]),
            times(row["ratio"]), megabytes(targets.extra(row["ours"])), megabytes(targets.extra(row["theirs"]))]


STREAM_HEAD = ["slices", "volume, MiB", "crop, s", "merge, s", "crop peak, MiB", "merge peak, MiB"]


def stream_row(row):
    ours = row["ours"]
    median = {name: sorted(values)[len(values) // 2] for name, values in ours["parts"].items()}
    return [row["key"].split("/")[1], megabytes(ours["mergedBytes"]), f"{median['crop']:.2f}", f"{median['merge']:.2f}",
            megabytes(ours["peaks"]["crop"]), megabytes(ours["peaks"]["merge"])]


def checks(rows):
    """The list of results that differ from the input."""
    found = []
    for row in rows:
        for side in ("ours", "theirs"):
            check = row.get(side, {}).get("check") or {}
            if check.get("wrong"):
                worst = check["worst"]
                off = "" if worst != worst else f", by up to {worst:.2g}"
                found.append(f"- {row['key']}, {row[side]['name']}: {check['wrong']} values{off}")
    head = "## Correctness\n\nEvery result is checked outside the timed part: patches are compared with the box that " \
        "they were cropped from, and merged volumes with the original volume in all covered voxels.\n\n"
    if not found:
        return head + "All are equal.\n"
    return head + "All are equal except the following, which differ by float32 rounding:\n\n" + "\n".join(found) + "\n"


INTRODUCTION = """Written by `script/bench`, which builds voxtile, installs the peers outside the repository, and \
runs both sides in turns (voxtile, peer, voxtile, peer, ...) in one run, so that other load on the machine affects \
both equally. Times are medians, with the minimum in parentheses. Ratios are medians of the ratios of consecutive \
runs, with the minimum and maximum in parentheses. Every program uses 2 threads.
"""

TARGETS_TEXT = """The goals of the project. If a merge misses its target, the table also shows the ratio for a loop \
that only reads every patch once and writes as many bytes as the result has: about the best that any merge could \
reach on this machine.
"""

MEMORY_TEXT = """Each side is a process that keeps running between measurements, so imports and the preparation of \
the input are not timed. The first run is not counted. Volumes contain noise. Patches are 96 voxels wide with an \
overlap of 32 (RGB: 512 and 64). "numpy" is the tutorial's code: it stacks a list of slices to crop, and divides a \
sum by a count to merge. Like patchify and scikit-image, it drops the border. TorchIO and MONAI cover the border with \
more patches. In each comparison, voxtile uses the same patches as the peer. patchify can merge only grids that fit \
exactly, and keeps the last value instead of the mean. MONAI crops and merges in a single step (batches of 4 with an \
identity network); in `roundtrip`, voxtile does the same. Rows with the peer `voxtile average` compare a weighted \
merge with an unweighted one.

Before each run, the memory that it will need is allocated and freed again; this is not timed. A virtual machine \
returns memory to its host after it has been free for a second, and getting it back took ten times as long as the \
work itself. Without this step (`--cold`), a side that runs after a slow peer is penalized.

"Copy" is a memcpy of as many bytes as all patches have, on 2 threads, into fresh memory with huge pages. "Read and \
write" is a loop that only reads all patches and writes as many bytes as the result has. "Peak" is the largest \
resident memory during the run; the part beyond the input is in parentheses.
"""

BRAIN_TEXT = """A `.nii.gz` brain (Colin27 upsampled to 394x466x378 int16) is cropped into `.nii.gz` patches of 96 \
with an overlap of 32 that cover all of it. The patches are read again and merged by averaging into a `.nii.gz` file. \
Times are of whole processes, including start and imports: `voxtile crop` and `voxtile merge` compared with scripts \
that use nibabel or SimpleITK. Each program uses its default compression. The last row writes uncompressed patches; \
the time saved is what ISA-L needs to compress and decompress 446 MB of patches on 2 cores.
"""

INFER_TEXT = """`voxtile infer` compared with MONAI's `sliding_window_inference`, using the same ONNX Runtime and the \
same patches. Times are of whole processes, including start, imports, reading and writing. For MONAI, "loop" is only \
the call, with the scan and result in memory; for voxtile it includes reading the scan and writing the result. \
`brain`: the bundled network labels the tissues of a brain (181x217x181, 150 patches of 64, overlap 50 %, MONAI's \
Gaussian). `identity`: an identity network, 512x512x300, 320 patches of 96, constant weights. `classes`: a network of \
one layer with 104 classes, 512x512x600, 1,573 patches of 64 with an overlap of 25 %, with `--memory 2GiB`; MONAI's \
buffers would take 66 GB.
"""

INFO_TEXT = "A whole process that prints the header of a large `.nii.gz` file; for nibabel, this includes its import.\n"

GROWTH_TEXT = "Average merges of float32 patches of 96 with an overlap of 32; the border is dropped.\n"

PATCHES_TEXT = """Average merges of one float32 volume, cropped into patches of several sizes with an overlap of one \
third; all voxels are covered.
"""

JOBS_TEXT = "The 512x512x300 float32 volume and its 320 patches.\n"

STREAM_TEXT = """`voxtile crop` and `voxtile merge` on `.nii` files of 512x512 int16 slices, patches of 96 with an \
overlap of 32 as `.nii`, without a memory budget. Memory does not grow with the number of slices. The longest jobs \
are limited by the disk.
"""
