#!/usr/bin/env python3
"""Kills a prediction of many scans at random moments and lets it go on, until all are done.

  kill_many.py PROGRAM            a run that is killed until it ends, one scan at a time and two
  kill_many.py PROGRAM --long     twenty of them

Eight scans are predicted by runs that are killed (SIGKILL), each of which goes on where the one before was stopped. Then the
results have to have the bytes of a run that was never stopped; no scan may have been done again that was finished; no more may
have been begun twice than were in work at a kill; and nothing may be left over.
Where there is no ONNX Runtime, the scans are cut into patches instead.
"""

import argparse
import collections
import json
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

from jobs_to_break import MODEL, undated
from kill_sweep import write_scan

SCANS = 8
MOST_KILLS = 60


def arguments(output, parallel, is_infer):
    given = ["--patch", "8", "--parallel", str(parallel), "--jobs", "1", "--resume", "--output", output]
    return ["infer", "scans", "--model", str(MODEL), *given] if is_infer else ["crop", "scans", *given]


def results(folder):
    """The files below a folder, without what runs say of themselves, such as how long they took."""
    return {
        str(path.relative_to(folder)): undated(path.read_bytes()) for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "index.html" and not path.name.startswith("summary.")
        and path.suffix != ".journal"}


def journal(folder):
    """The lines of the journal, and whether the last one ends."""
    path = folder / "voxtile.journal"
    content = path.read_bytes() if path.exists() else b""
    whole, _, rest = content.rpartition(b"\n")
    return [json.loads(line[9:]) for line in whole.split(b"\n") if line], not rest


class Sweep:
    def __init__(self, program, folder, draw):
        self.program, self.folder, self.draw = program, folder, draw
        self.failures = []

    def start(self, given):
        return subprocess.Popen(
            [self.program, *given], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)

    def run(self, given):
        process = self.start(given)
        _, messages = process.communicate()
        return process.returncode, messages

    def expect(self, is_right, words):
        if not is_right:
            self.failures.append(words)

    def until_done(self, number, parallel, wanted, longest, is_infer):
        """Kills runs until one ends; how many were killed."""
        output = f"out-{number}"
        given, words = arguments(output, parallel, is_infer), f"series {number}, {parallel} at a time"
        for kills in range(MOST_KILLS):
            process = self.start(given)
            try:
                # Longer each time, so that there is an end.
                process.communicate(timeout=(0.15 + self.draw.random() * 0.45) * longest * (1 + kills / 6))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.communicate()
                continue
            break
        else:
            self.failures.append(f"{words}: not done after {MOST_KILLS} kills")
            return kills
        self.expect(process.returncode == 0, f"{words}: the last run ends with {process.returncode}")
        self.check(self.folder / output, words, kills, parallel, wanted)
        return kills

    def check(self, folder, words, kills, parallel, wanted):
        found = results(folder)
        differing = [name for name in sorted({*found, *wanted}) if found.get(name) != wanted.get(name)]
        self.expect(not differing, f"{words}: not as without kills: {differing}")
        lines, is_whole = journal(folder)
        self.expect(is_whole, f"{words}: the journal does not end with a line")
        counts = collections.Counter((line["name"], line["event"]) for line in lines)
        done = [count for (_, event), count in counts.items() if event == "done"]
        self.expect(done == [1] * SCANS, f"{words}: done {sorted(done)} times")
        begun = sum(count for (_, event), count in counts.items() if event == "started")
        self.expect(
            begun - SCANS <= kills * parallel, f"{words}: {begun - SCANS} begun again after {kills} kills")
        self.expect(not any(event == "failed" for _, event in counts), f"{words}: scans failed")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built program")
    parser.add_argument("--long", action="store_true", help="twenty series, not two")
    parser.add_argument("--seed", type=int, default=1, help="what draws the moments")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="voxtile-many-") as name:
        folder = pathlib.Path(name)
        sweep = Sweep(str(pathlib.Path(options.program).resolve()), folder, random.Random(options.seed))
        (folder / "scans").mkdir()
        for number in range(SCANS):
            write_scan(folder / "scans" / f"{number}.nii", number, size=24)
        status, messages = sweep.run(arguments("wanted", 1, True))
        is_infer = status == 0
        if not is_infer and "ONNX Runtime" not in messages:
            sys.exit(messages)
        start = time.monotonic()
        status, messages = sweep.run([*arguments("wanted-again", 1, is_infer)])
        longest = time.monotonic() - start
        if status != 0:
            sys.exit(messages)
        wanted = results(folder / "wanted-again")
        series = 20 if options.long else 2
        kills = [sweep.until_done(number, 1 + number % 2, wanted, longest, is_infer) for number in range(series)]
        sweep.expect(sum(kills) >= series, f"only {sum(kills)} kills in {series} series")
    for failure in sweep.failures:
        print(failure)
    print(f"{sum(kills)} kills of runs over {SCANS} scans, {len(sweep.failures)} failures")
    sys.exit(1 if sweep.failures else 0)


if __name__ == "__main__":
    main()
