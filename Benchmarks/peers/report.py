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
    """What was measured on what."""

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
        yield "command", f"`{self.command}`" + (" (small volumes: not for citing)" if self.quick else "")


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
    """The whole report; sections without rows are left out."""
    good = [row for row in rows if "error" not in row]

    def section(*prefixes):
        return [row for row in good if row["key"].startswith(prefixes)]

    parts = ["# Benchmarks\n", INTRODUCTION, table(["", ""], machine.lines(good))]
    reached = [(*row[:3], "yes" if row[3] else "**no**") for row in targets.results(good)]
    add(parts, "Targets", TARGETS_TEXT, ["what", "target", "measured", "met"], reached)
    add(parts, "In memory", MEMORY_TEXT, MEMORY_HEAD, map(memory_row, section("crop-", "merge-", "roundtrip-")))
    add(parts, "A brain, from file to patch files to file", BRAIN_TEXT, BRAIN_HEAD, brain_rows(section("brain/")))
    for row in section("huge/"):
        parts.append(huge(row))
    add(parts, "A network over a whole scan", INFER_TEXT, INFER_HEAD, infer_rows(section("infer-")))
    add(parts, "What is in a file", INFO_TEXT, INFO_HEAD, map(info_row, section("info/")))
    add(parts, "Growth with the volume", GROWTH_TEXT, GROWTH_HEAD, map(growth_row, section("growth-volume/")))
    add(parts, "Growth with the number of patches", PATCHES_TEXT, PATCHES_HEAD, map(patches_row, section("growth-patches/")))
    add(parts, "Threads", JOBS_TEXT, JOBS_HEAD, map(jobs_row, section("growth-jobs/")))
    add(parts, "Growth of a streamed job", STREAM_TEXT, STREAM_HEAD, map(stream_row, section("growth-stream/")))
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
    """Input + what the run needed beyond it."""
    if side["peak"] is None or side["base"] is None:
        return "?"
    return f"{megabytes(side['peak'])} (+{megabytes(targets.extra(side))})"


MEMORY_HEAD = ["work", "patches", "voxtile, ms", "peer", "its ms", "peer / voxtile", "voxtile / copy", "copy, ms",
               "read and write, ms", "peak, MiB", "its peak, MiB"]


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
        f"## Larger than memory allows the peers\n\n{'x'.join(map(str, row['extent']))} int16 ({size / 2**30:.2f} GiB "
        f"of `.nii`), cut into {ours['patches']} patches of 256 (overlap 32) as `.nii` and merged back, with {budget}, "
        f"against `cp` of the volume in the same run ({row['rounds']} rounds). The numpy merge, which holds "
        f"the volume, its patches, and two float64 volumes, needs "
        f"{arrays / 2**30:.0f} GiB. Throughput of both commands together is {row['throughput']['ratio']:.2f} x that of "
        f"`cp`.\n\n{table(head, lines)}")


INFER_HEAD = ["work", "program", "seconds, median (min)", "peer / voxtile", "loop, s", "network in it, s", "peak, MiB"]


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


INFO_HEAD = ["file, MB", "voxtile, ms", "peer", "its ms", "peer / voxtile"]


def info_row(row):
    return [f"{row['inputBytes'] / 1e6:.0f}", f"{row['ours']['median'] * 1e3:.1f} ({row['ours']['min'] * 1e3:.1f})",
            row["theirs"]["name"], milliseconds(row["theirs"]), times(row["ratio"])]


GROWTH_HEAD = ["volume", "MiB", "patches", "voxtile, ms", "ns a voxel", "copy, ms", "beyond input, MiB", "numpy, ms",
               "numpy / voxtile", "numpy beyond input, MiB"]


def growth_row(row):
    ours, theirs = row["ours"], row["theirs"]
    return [
        row["key"].split("/")[1], megabytes(ours["volumeBytes"]), ours["patches"], milliseconds(ours),
        f"{ours['median'] * 1e9 / (ours['volumeBytes'] / 4):.2f}", f"{row['copy']['median'] * 1e3:.0f}",
        megabytes(targets.extra(ours)), milliseconds(theirs), times(row["ratio"]), megabytes(targets.extra(theirs))]


PATCHES_HEAD = ["patch", "patches", "bytes of patches, MiB", "voxtile, ms", "copy, ms", "voxtile / copy", "beyond input, MiB"]


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
    """What did not come back as it went in."""
    found = []
    for row in rows:
        for side in ("ours", "theirs"):
            check = row.get(side, {}).get("check") or {}
            if check.get("wrong"):
                worst = check["worst"]
                off = "" if worst != worst else f", by up to {worst:.2g}"
                found.append(f"- {row['key']}, {row[side]['name']}: {check['wrong']} values{off}")
    head = "## Is it right?\n\nEvery result is compared, outside the time, with what went in: patches with the box that " \
        "they were cut from, merged volumes with the volume wherever a patch lies.\n\n"
    if not found:
        return head + "All are equal.\n"
    return head + "All are equal but these (float32 sums of weights round):\n\n" + "\n".join(found) + "\n"


INTRODUCTION = """Written by `script/bench`, which builds voxtile, installs the peers outside the repository, and runs \
both sides in turns (voxtile, peer, voxtile, peer, ...) in one run, so that both meet the same other work on the \
machine. Times are medians, with the shortest in brackets; a ratio is the median of the ratios of neighbouring runs, \
with the smallest and the largest in brackets. Everything has 2 threads to use.
"""

TARGETS_TEXT = """What the project set out to reach. Where a merge misses its target, the time of a loop that only reads \
every patch once and writes as many bytes as the result has says how far any merge could get on this machine.
"""

MEMORY_TEXT = """Each side is a process that stays and is told when to run: neither imports nor the making of the \
input are timed; the first run is not counted. Volumes are noise. Patches are 96 a side with an overlap of 32 (RGB: \
512 and 64). numpy is the tutorial's code: a list of slices made one array, and a merge that divides a sum by a \
count; it drops the border, as patchify and scikit-image do. TorchIO and MONAI cover the border with more patches, \
and voxtile does as the peer does. patchify merges only grids without a rest, and keeps the last value instead of the \
mean. MONAI cuts and merges in one (batches of 4 around a network that changes nothing); in `roundtrip` voxtile does \
so too. `voxtile average` holds a weighted merge against the plain one.

Before each run, outside the time, as much memory as it will need is taken from the system and given back: a \
virtual machine returns memory that is free for a second to its host, and getting it again took ten times as long as \
the work. Without that (`--cold`) whoever runs after a slow peer pays for its slowness.

"Copy" is a memcpy of as many bytes as all patches have, on 2 threads, into fresh memory with huge pages. "Read and write" \
is a loop that only reads all patches and writes as many bytes as the result has. Peak is the \
most memory that was resident during the run, and in brackets what came on top of the input.
"""

BRAIN_TEXT = """A `.nii.gz` brain (Colin27 scaled up to 394x466x378 int16) is cut into patches of 96 with an overlap of \
32 that cover all of it, written as `.nii.gz`; they are read again and merged by their mean into a `.nii.gz`. Whole \
processes, with start and imports: the command line (`voxtile crop`, `voxtile merge`) against the same as a script for \
nibabel or SimpleITK. Each keeps its own default compression. The last line writes patches that are not compressed: what it \
takes less is the time that ISA-L needs for 446 MB of patches on 2 cores, with the best that it has for this machine.
"""

INFER_TEXT = """`voxtile infer` against MONAI's `sliding_window_inference` around a session of the same ONNX Runtime, whole \
processes with start, imports, reading and writing, on the same patches. "Loop" is, for MONAI, the call alone, with the \
scan in memory before and after; for voxtile all from the first voxel read to the last one written. `brain`: the bundled network \
finds the tissues of a brain (181x217x181, 150 patches of 64, overlap 50 %, MONAI's Gaussian). `identity`: a network that \
changes nothing, 512x512x300, 320 patches of 96, constant weights. `classes`: a network of one layer that gives 104 \
classes, 512x512x600, 1,573 patches of 64 with an overlap of 25 %, with `--memory 2GiB`; MONAI's buffers would take 66 GB.
"""

INFO_TEXT = "A whole process that prints the header of a large `.nii.gz`; nibabel with its import.\n"

GROWTH_TEXT = "Merging by average, float32, patches of 96 with an overlap of 32, the border dropped.\n"

PATCHES_TEXT = """Merging by average: one float32 volume, cut into patches of several sizes with an overlap of a \
third; all voxels are covered.
"""

JOBS_TEXT = "The 512x512x300 float32 volume and its 320 patches.\n"

STREAM_TEXT = """`voxtile crop` and `voxtile merge` on `.nii` files of 512x512 int16 slices, patches of 96 with an \
overlap of 32 as `.nii`, without a memory budget: memory stays the same however many slices there are. The longest jobs \
wait for the disk.
"""
