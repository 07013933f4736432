"""Times merges against the least that any merge can do. Called by script/bench-kernels, which documents the arguments."""

import argparse
import datetime
import os
import platform
from statistics import median

from workers import Toucher, Worker

BRAIN = {"extent": [512, 512, 300], "channels": 1, "patch": [96, 96, 96], "overlap": [32, 32, 32]}
SLIDE = {"extent": [8192, 8192, 1], "channels": 3, "patch": [512, 512, 1], "overlap": [64, 64, 0]}
# name: (type, blend, shape, one value of so many is changed in each patch)
MERGES = {
    "uint8 average": ("uint8", "average", BRAIN, None),
    "uint8 gaussian": ("uint8", "gaussian", BRAIN, None),
    "uint8 vote": ("uint8", "vote", BRAIN, None),
    "uint8 vote, 0.1 % dissent": ("uint8", "vote", BRAIN, 1000),
    "int16 average": ("int16", "average", BRAIN, None),
    "int16 gaussian": ("int16", "gaussian", BRAIN, None),
    "int32 average": ("int32", "average", BRAIN, None),
    "float32 average": ("float32", "average", BRAIN, None),
    "float32 gaussian": ("float32", "gaussian", BRAIN, None),
    "float32 center": ("float32", "center", BRAIN, None),
    "float32 maximum": ("float32", "maximum", BRAIN, None),
    "float64 average": ("float64", "average", BRAIN, None),
    "float64 gaussian": ("float64", "gaussian", BRAIN, None),
    "RGB average": ("uint8", "average", SLIDE, None),
    "RGB gaussian": ("uint8", "gaussian", SLIDE, None),
}
OTHERS = {
    "roundtrip float32 average": ("roundtrip", "float32", "average"),
    "roundtrip float32 gaussian": ("roundtrip", "float32", "gaussian"),
    "crop float32": ("crop", "float32", "average"),
    "crop int16": ("crop", "int16", "average"),
}


class Side:
    """A worker, and its times."""

    def __init__(self, path, task, toucher):
        self.worker, self.toucher, self.times = Worker([path]), toucher, []
        self.sizes = self.worker.ask("prepare", task=task)
        keeps = task.get("keepsMemory") and task["work"] == "merge"
        makes = "volumeBytes" if task["work"] == "merge" else "patchBytes"
        # A copy needs memory for both sides.
        self.fresh = {"run": 0 if keeps else self.sizes[makes], "copy": 2 * self.sizes["patchBytes"]}
        self.fresh["floor"] = self.fresh["run"]

    def run(self, order):
        """Times one order, with fresh memory at hand, and lets the result go."""
        if self.fresh[order]:
            self.toucher.touch(self.fresh[order])
        seconds = self.worker.ask(order)["seconds"]
        self.worker.ask("drop")
        return 1000 * seconds


def measure(task, arguments, toucher, floor):
    """The medians of a task: before, now, the floor, and the ratio of before and now in turns."""
    now = Side(arguments.worker, task, toucher)
    before = Side(arguments.before, task, toucher) if arguments.before else None
    times = {"now": [], "before": [], "floor": []}
    for round in range(arguments.rounds + 1):
        pair = {"now": now.run("run"), "floor": now.run(floor)}
        if before:
            pair["before"] = before.run("run")
        # The first round is not counted.
        if round:
            for name, value in pair.items():
                times[name].append(value)
    for side in (now, before):
        if side:
            side.worker.quit()
    result = {name: median(values) for name, values in times.items() if values}
    result["ofFloor"] = median(n / f for n, f in zip(times["now"], times["floor"]))
    if before:
        result["faster"] = median(b / n for b, n in zip(times["before"], times["now"]))
    return result


def row(name, result):
    cells = [name, f"{result['now']:.0f}", f"{result['floor']:.0f}", f"{result['ofFloor']:.2f}"]
    if "before" in result:
        cells += [f"{result['before']:.0f}", f"{result['faster']:.2f}"]
    print(" ".join(cells), flush=True)
    return "| " + " | ".join(cells) + " |"


def table(title, first, floor, rows, has_before):
    heads = [first, "now, ms", f"{floor}, ms", f"now / {floor}"] + (["before, ms", "before / now"] if has_before else [])
    return [f"## {title}", "", "| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads), *rows, ""]


def merges(arguments, toucher, keeps):
    for name, (kind, blend, shape, one_in) in MERGES.items():
        if arguments.only and arguments.only not in name:
            continue
        task = shape | {
            "work": "merge", "type": kind, "blend": blend, "edge": "shift", "jobs": arguments.jobs, "keepsMemory": keeps}
        if one_in:
            task["oneIn"] = one_in
        yield row(name, measure(task, arguments, toucher, "floor"))


def others(arguments, toucher):
    for name, (work, kind, blend) in OTHERS.items():
        if arguments.only and arguments.only not in name:
            continue
        task = BRAIN | {
            "work": work, "type": kind, "blend": blend, "edge": "shift", "jobs": arguments.jobs,
            "keepsMemory": work == "roundtrip"}
        yield row(name, measure(task, arguments, toucher, "copy"))


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--worker", required=True)
    parser.add_argument("--before")
    parser.add_argument("--before-commit", default="an earlier build")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only")
    parser.add_argument("--commit", default="")
    parser.add_argument("--output")
    arguments = parser.parse_args()
    toucher = Toucher([arguments.worker])
    before = bool(arguments.before)
    lines = [
        "# Kernels", "",
        "Written by `script/bench-kernels`: merges of patches in memory, 320 of 96 voxels with an overlap of 32 over "
        "512x512x300; RGB: 361 of 512 with 64 over 8192x8192. The floor is a loop that reads all patches and fills memory of "
        'the size of the result. Both run in turns, and so does an earlier build where there is one ("before"). Medians of '
        f"{arguments.rounds} rounds; {arguments.jobs} threads.", "",
        f"{processor()}, {os.cpu_count()} cores; {datetime.date.today()}; commit {arguments.commit}"
        + (f"; before: {arguments.before_commit}." if before else "."), "",
    ]
    lines += table("Into fresh memory", "merge", "floor", list(merges(arguments, toucher, False)), before)
    lines += table("Into memory that is kept", "merge", "floor", list(merges(arguments, toucher, True)), before)
    lines += table(
        "Beside copying as many bytes as all patches have", "work", "copy", list(others(arguments, toucher)), before)
    lines += ["Crops and round trips are mostly the system clearing fresh memory, in the copy too.", ""]
    if arguments.output:
        with open(arguments.output, "w") as file:
            file.write("\n".join(lines))


if __name__ == "__main__":
    main()
