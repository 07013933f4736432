#!/usr/bin/env python3
"""Starts two jobs for one target at once, and checks that one of them wins whole and nothing is left over.

  two_at_once.py PROGRAM            20 races
  two_at_once.py PROGRAM --long     400 races

Two crops or two merges of different data, with `--force` over an older result and without, are started at random distances.
At least one has to end with exit status 0. The other one may do so too, or end with 1 and say that the target exists or was
written by another program. What stands there then has to be the whole result of one that ended with 0, and nothing else may lie
beside it. Nothing but Python's standard library is needed.
"""

import argparse
import pathlib
import random
import subprocess
import sys
import tempfile
import time

from jobs_to_break import Workplace
from tracing import contents

REASONS = ["exists already", "was written by another program", "removed its temporary folder"]


class Race:
    """Two jobs for one target, which read different data."""

    def __init__(self, name, arguments, inputs, target):
        self.name, self.target = name, target
        self.jobs = [[*arguments[:1], source, *arguments[1:], "--output", target] for source in inputs]
        self.results = []

    def learn(self, workplace):
        """What each job gives by itself."""
        for job in self.jobs:
            workplace.clear()
            workplace.run_well(job)
            self.results.append(contents(workplace.folder / self.target))

    def run(self, workplace, delay):
        """What is wrong after one race, in words."""
        processes = []
        for job in self.jobs:
            processes.append(
                subprocess.Popen(
                    [workplace.program.program, *job], cwd=workplace.folder, env=workplace.program.environment,
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
            time.sleep(delay)
        messages = [process.communicate()[1].strip() for process in processes]
        statuses = [process.returncode for process in processes]
        if 0 not in statuses:
            yield f"both failed: {messages}"
        for status, message in zip(statuses, messages, strict=True):
            if status != 0 and not (status == 1 and any(reason in message for reason in REASONS)):
                yield f"exit status {status}: {message[-300:]}"
        whole = [result for result, status in zip(self.results, statuses, strict=True) if status == 0]
        if contents(workplace.folder / self.target) not in whole:
            yield f"{self.target} is not the result of a job that ended with 0"
        left = {path.name for path in workplace.folder.iterdir()} - workplace.inputs - {self.target}
        if left:
            yield f"left over: {sorted(left)}"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built program")
    parser.add_argument("--long", action="store_true", help="400 races, not 20")
    parser.add_argument("--seed", type=int, default=1, help="what draws the distances")
    options = parser.parse_args()
    count, draw = 400 if options.long else 20, random.Random(options.seed)
    crop, merge = ["crop", "--patch", "16"], ["merge", "--blend", "average"]
    races = [
        Race("crop", crop, ["a.nii", "b.nii"], "p"),
        Race("crop --force", [*crop, "--force"], ["a.nii", "b.nii"], "p"),
        Race("merge", merge, ["cut", "other"], "m.nii"),
        Race("merge --force", [*merge, "--force"], ["cut", "other"], "m.nii"),
    ]
    failures = 0
    with tempfile.TemporaryDirectory(prefix="voxtile-races-") as name:
        workplace = Workplace(str(pathlib.Path(options.program).resolve()), pathlib.Path(name))
        for race in races:
            race.learn(workplace)
        for number in range(count):
            race = races[number % len(races)]
            workplace.clear()
            if "--force" in race.name:
                workplace.run_well(race.jobs[number % 2])
            for words in race.run(workplace, draw.choice([0, 0.002, 0.01, 0.03]) * draw.random()):
                failures += 1
                print(f"race {number} of two {race.name}: {words}")
    print(f"{count} races, {failures} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
