"""The loop that cuts and merges 300x512x512 voxels, in Swift, in Python, and in peers, in turns.

usage: python_loops.py VOXTILEBENCH [ROUNDS]

VOXTILEBENCH is what `swift build -c release --package-path Benchmarks` makes. Needs a Python with voxtile; peers that are not
installed are left out. Each side is a process of its own, with two threads, that runs once before it is timed. Prints a table of
medians: seconds of the clock and of the processor, and how often voxtile's loop in Python goes into each.
"""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from workers import TWO_THREADS, Toucher, Worker

LOOPS = Path(__file__).parents[2] / "Python/benchmarks/loops.py"
SIZES = {"extent": [512, 512, 300], "channels": 1, "patch": [96, 96, 96], "overlap": [32, 32, 32]}
PEERS = {
    "numpy": ["numpy"],
    "monai": ["monai", "monai-gaussian"],
    "torchio": ["torchio", "torchio-hann"],
    "tiler": ["tiler", "tiler-hann"],
}
# What a run takes beside its input: the result, patches that are held, copies of the peers.
FRESH = 3 << 30


def seconds_of_processor(pid):
    """What a process has used of the processor until now."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


class SwiftLoop:
    def __init__(self, path, blend):
        self.worker = Worker([path])
        self.pid = self.worker.process.pid
        task = SIZES | {"work": "roundtrip", "type": "float32", "edge": "shift", "blend": blend, "jobs": 2}
        self.worker.ask("prepare", task=task)

    def run(self):
        seconds = self.worker.ask("run")["seconds"]
        self.worker.ask("drop")
        return seconds


class PythonLoop:
    def __init__(self, name):
        command = [sys.executable, str(LOOPS), name, "-"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=TWO_THREADS)
        self.pid = self.process.pid

    def run(self):
        print(file=self.process.stdin, flush=True)
        return self.process.stdout.readline()


def timed(side):
    """Seconds of the clock and of the processor for one run."""
    used = seconds_of_processor(side.pid)
    answer = side.run()
    if isinstance(answer, float):
        return answer, seconds_of_processor(side.pid) - used
    words = answer.split()
    return float(words[1]), float(words[4])


def main(path, rounds="5"):
    sides = {f"in Swift, {blend}": SwiftLoop(path, blend) for blend in ("average", "gaussian")}
    names = ["voxtile", "voxtile-gaussian", *(name for package, all in PEERS.items() if find_spec(package) for name in all)]
    sides |= {name: PythonLoop(name) for name in names}
    toucher, times = Toucher([path]), {name: [] for name in sides}
    for number in range(int(rounds) + 1):
        for name, side in sides.items():
            toucher.touch(FRESH)
            measured = timed(side)
            if number:
                times[name].append(measured)
    print("| loop | clock, s, median (min to max) | processor, s | times voxtile's clock | times voxtile's processor |")
    print("|---|---|---|---|---|")
    for name, runs in times.items():
        own = times["voxtile-gaussian" if any(word in name for word in ("gaussian", "hann")) else "voxtile"]
        clock, used = [run[0] for run in runs], [run[1] for run in runs]
        ratios = [median(run[part] / mine[part] for run, mine in zip(runs, own)) for part in (0, 1)]
        print(
            f"| {name} | {median(clock):.2f} ({min(clock):.2f} to {max(clock):.2f}) | {median(used):.2f} | {ratios[0]:.2f} | "
            f"{ratios[1]:.2f} |")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(*sys.argv[1:])
