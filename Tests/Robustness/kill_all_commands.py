#!/usr/bin/env python3
"""Many different scans through every command, one command each, and the commands killed at random moments and gone on with.

  kill_all_commands.py PROGRAM            15 scans, 2 kills of each command
  kill_all_commands.py PROGRAM --long     200 scans, 20 kills of each command

The scans are brains and atlases of mricron-data (random ones where these are not installed) with larger voxels, turned, cut
out and padded; of the long run each stands in five folders under the same name. Some are damaged and one is no image at all.
`plan`, `crop`, `merge`, `infer` and `evaluate` take all of them at once: what is damaged is reported, and the rest is done.
`crop`, `merge` and `infer` are killed (SIGKILL) and go on with --resume until they end: the results have the bytes of a run
that was never stopped, no scan is done twice, and no more are begun twice than there were kills. Where there is no ONNX
Runtime, nothing is predicted or evaluated.
"""

import argparse
import collections
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

from jobs_to_break import MODEL
from kill_many import journal, results
from kill_sweep import write_scan

TEMPLATES = pathlib.Path("/usr/share/mricron/templates")
BASES = ["ch2", "ch2bet", "aal", "brodmann", "inia19-t1-brain", "inia19-NeuroMaps", "natbrainlab", "AICHAmc"]
DAMAGED, KINDS = 3, 5


class Trial:
    def __init__(self, program, folder, draw):
        self.program, self.folder, self.draw = program, folder, draw
        self.failures, self.kills, self.seconds = [], 0, {}

    def expect(self, is_right, words):
        if not is_right:
            self.failures.append(words)

    def run(self, *given, timeout=None):
        """Exit status and messages of a run; no status where it was killed after a while."""
        process = subprocess.Popen(
            [self.program, *given], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        try:
            output, messages = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return None, ""
        self.output = output
        return process.returncode, messages

    def make(self, *given):
        status, messages = self.run(*given)
        if status != 0:
            sys.exit(f"{' '.join(given)}: {messages.strip()[-400:]}")

    def make_scans(self, folders):
        """Writes 40 different scans, or 10 where there are no templates, into each of the folders; how many files there are."""
        first = self.folder / "scans" / "site1"
        first.mkdir(parents=True)
        bases = [TEMPLATES / f"{name}.nii.gz" for name in BASES if (TEMPLATES / f"{name}.nii.gz").exists()]
        if not bases:
            for number in range(2):
                bases.append(self.folder / f"base{number}.nii")
                write_scan(bases[-1], number)
        for base in bases:
            name = base.name.split(".")[0]
            self.make("resample", str(base), f"scans/site1/{name}_4mm.nii.gz", "--spacing", "4")
            self.make("resample", str(base), f"scans/site1/{name}_thick.nii", "--spacing", "5x5x9")
            whole = f"scans/site1/{name}_4mm.nii.gz"
            self.make("convert", whole, f"scans/site1/{name}_turned.mha", "--orientation", "PIR")
            self.make("crop", whole, "--patch", "24", "--edge", "pad", "--output", f"cut-{name}")
            patches = sorted((self.folder / f"cut-{name}").glob("patch_*"))
            shutil.copy(patches[0], first / f"{name}_cut.nii.gz")
            shutil.copy(patches[-1], first / f"{name}_padded.nii.gz")
        for number in range(1, folders):
            shutil.copytree(first, self.folder / "scans" / f"site{number + 1}")
        return folders * KINDS * len(bases)

    def damage(self):
        """Cuts off some scans and writes one that is no image; their names."""
        files = sorted((self.folder / "scans").rglob("*.nii.gz"))
        names = []
        for path in self.draw.sample(files, DAMAGED):
            content = path.read_bytes()
            path.write_bytes(content[: len(content) // 2])
            names.append(path)
        (self.folder / "scans/site1/notes.nii.gz").write_bytes(b"no image")
        return [*names, self.folder / "scans/site1/notes.nii.gz"]

    def until_done(self, given, output, wanted, longest, kills):
        """Kills a command so many times, goes on with it, and compares what it leaves with a run that was never stopped."""
        words = given[0]
        for _ in range(kills):
            while_running = self.draw.random() * longest * 2 / kills
            status, _ = self.run(*given, "--resume", "--output", output, timeout=while_running)
            if status is not None:
                break
            self.kills += 1
        status, messages = self.run(*given, "--resume", "--output", output)
        self.expect(status == 1, f"{words}: the last run ends with {status}: {messages[-300:]}")
        found, expected = results(self.folder / output), results(self.folder / wanted)
        differing = [name for name in sorted({*found, *expected}) if found.get(name) != expected.get(name)]
        self.expect(not differing, f"{words}: not as without kills: {differing[:5]}")
        lines, is_whole = journal(self.folder / output)
        counts = collections.Counter((line["name"], line["event"]) for line in lines)
        twice = [name for (name, event), count in counts.items() if event == "done" and count > 1]
        self.expect(is_whole and not twice, f"{words}: done twice: {twice[:5]}")
        # Scans that failed are tried again by each run.
        again = sum(
            count - 1 for (name, event), count in counts.items() if event == "started" and not counts[name, "failed"])
        self.expect(again <= kills, f"{words}: {again} begun again after {kills} kills")

    def trial(self, given, output, done, failed, kills):
        """A command over all scans: once without being stopped, and once killed."""
        start = time.monotonic()
        status, messages = self.run(*given, "--output", output)
        self.seconds[given[0]] = time.monotonic() - start
        lines, _ = journal(self.folder / output)
        counts = collections.Counter(line["event"] for line in lines)
        self.expect(
            (status, counts["done"], counts["failed"]) == (1, done, failed),
            f"{given[0]}: status {status}, {counts['done']} done, {counts['failed']} failed: {messages[-300:]}")
        self.until_done(given, f"{output}-killed", output, self.seconds[given[0]], kills)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built program")
    parser.add_argument("--long", action="store_true", help="200 scans and 20 kills of each command, not 15 and 2")
    parser.add_argument("--seed", type=int, default=1, help="what draws the moments and the damaged files")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="voxtile-all-") as name:
        program = str(pathlib.Path(options.program).resolve())
        trial = Trial(program, pathlib.Path(name), random.Random(options.seed))
        if not options.long:
            del BASES[3:]
        count = trial.make_scans(5 if options.long else 1)
        damaged = trial.damage()
        kills = 20 if options.long else 2
        done, failed = count - DAMAGED, len(damaged)
        many = ["scans", "--recursive", "--jobs", "1"]

        status, messages = trial.run("plan", "scans", "--recursive", "--patch", "16", "--json")
        # A plan reads headers, of which those that are cut off later are whole.
        trial.expect(status == 1 and "notes.nii.gz" in messages, f"plan: status {status}: {messages[-300:]}")
        trial.trial(["crop", *many, "--patch", "16", "--edge", "pad"], "patches", done, failed, kills)
        # Nothing is damaged among the patches.
        victim = sorted((trial.folder / "patches").rglob("patch_*"))[0]
        victim.write_bytes(b"no patch")
        trial.trial(["merge", "patches", "--jobs", "1"], "merged", done - 1, 1, kills)
        infer = ["infer", *many, "--model", str(MODEL), "--patch", "16", "--spacing", "keep"]
        status, messages = trial.run(*infer, "--dry-run", "--output", "none")
        if "ONNX Runtime" not in messages:
            trial.trial(infer, "labels", done, failed, kills)
            shutil.copytree(trial.folder / "labels-killed", trial.folder / "truth")
            sorted((trial.folder / "truth").rglob("*_4mm.nii.gz"))[0].unlink()
            status, messages = trial.run("evaluate", "labels", "truth", "--recursive", "--json")
            report = json.loads(trial.output) if trial.output else {}
            compared = len(report.get("cases", []))
            trial.expect(compared >= done - 1, f"evaluate: status {status}, {compared} of {done} compared: {messages[-300:]}")
    for failure in trial.failures:
        print(failure)
    times = ", ".join(f"{command} {seconds:.0f} s" for command, seconds in trial.seconds.items())
    print(f"{count} scans, {failed} of them damaged; {times}; {trial.kills} kills, {len(trial.failures)} failures")
    sys.exit(1 if trial.failures else 0)


if __name__ == "__main__":
    main()
