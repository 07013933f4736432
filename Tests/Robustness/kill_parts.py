#!/usr/bin/env python3
"""Kills the parts of one scan's prediction and merge at random moments and starts them again, until all are done.

  kill_parts.py PROGRAM            two predictions in four parts
  kill_parts.py PROGRAM --long     twenty of them

The patches of one scan are predicted by four processes at the same time (`infer --output-kind predictions --part`), and merged
by four (`merge --part`). Each is killed (SIGKILL) again and again, some are started twice, and all are started again until they
end. The image has to have the bytes of one process, nothing may be left over beside it, and patches that were kept must not be
predicted again. Where there is no ONNX Runtime, there is nothing to do.
"""

import argparse
import json
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from jobs_to_break import MODEL
from kill_sweep import write_scan

PARTS = 4
MOST_STARTS = 400


class Sweep:
    def __init__(self, program, folder, draw):
        self.program, self.folder, self.draw = program, folder, draw
        self.failures = []
        self.kills = 0

    def start(self, *given):
        return subprocess.Popen(
            [self.program, *given, "--jobs", "1"], cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *given):
        """What a run that has to end well prints."""
        process = self.start(*given)
        output, messages = process.communicate()
        if process.returncode != 0:
            self.failures.append(f"{' '.join(given)}: {messages.strip()[-300:]}")
        return output

    def infer(self, *given):
        return ["infer", "a.nii", "--model", str(MODEL), "--patch", "8", *given]

    def until_done(self, arguments, longest):
        """Starts parts at the same time, kills them at random, and starts them again, until each has ended well."""
        left = set(range(1, PARTS + 1))
        for _ in range(MOST_STARTS):
            if not left:
                return
            # One that is done may be started once more.
            chosen = self.draw.sample(range(1, PARTS + 1), 2) + [self.draw.choice(sorted(left))]
            running = [(part, self.start(*arguments, "--part", f"{part}/{PARTS}")) for part in chosen]
            time.sleep(self.draw.random() * 1.5 * longest)
            for part, process in running:
                if self.draw.random() < 0.6 and process.poll() is None:
                    process.send_signal(signal.SIGKILL)
                    self.kills += 1
                _, messages = process.communicate()
                if process.returncode == 0:
                    left.discard(part)
                elif process.returncode > 0:
                    self.failures.append(f"{' '.join(arguments)} {part}/{PARTS}: {messages.strip()[-300:]}")
                    return
        self.failures.append(f"{' '.join(arguments)}: not done after {MOST_STARTS} times")

    def check_is_kept(self, store):
        """Nothing is predicted again."""
        again = json.loads(self.run(*self.infer("--output-kind", "predictions", "--output", store, "--json")))
        if not again["isComplete"] or again["predicted"] != 0:
            self.failures.append(f"{store}: {again}")


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built program")
    parser.add_argument("--long", action="store_true", help="twenty series, not two")
    parser.add_argument("--seed", type=int, default=1, help="what draws the moments")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="voxtile-parts-") as name:
        folder = pathlib.Path(name)
        sweep = Sweep(str(pathlib.Path(options.program).resolve()), folder, random.Random(options.seed))
        write_scan(folder / "a.nii", 1, size=32)
        first = sweep.start(*sweep.infer("--output-kind", "logits", "--output", "image.zarr", "--chunk", "8"))
        messages = first.communicate()[1]
        if first.returncode != 0 and "ONNX Runtime" in messages:
            print("there is no ONNX Runtime")
            return
        wanted = contents(folder / "image.zarr")
        shutil.rmtree(folder / "image.zarr")
        (folder / "image.zarr.voxtile.json").unlink()
        start = time.monotonic()
        sweep.run(*sweep.infer("--output-kind", "predictions", "--output", "once", "--part", f"1/{PARTS}"))
        longest = time.monotonic() - start
        shutil.rmtree(folder / "once", ignore_errors=True)
        series = 20 if options.long else 2
        for _ in range(series):
            keep = sweep.infer("--output-kind", "predictions", "--output", "kept")
            sweep.until_done(keep, longest)
            sweep.check_is_kept("kept")
            sweep.until_done(
                ["merge", "kept", "--output-kind", "logits", "--output", "image.zarr", "--chunk", "8"], longest)
            if contents(folder / "image.zarr") != wanted:
                sweep.failures.append("the image is not that of one process")
            left = {path.name for path in folder.iterdir()} - {"a.nii", "kept", "image.zarr", "image.zarr.voxtile.json"}
            if left:
                sweep.failures.append(f"left over: {sorted(left)}")
            for path in ("kept", "image.zarr"):
                shutil.rmtree(folder / path, ignore_errors=True)
            (folder / "image.zarr.voxtile.json").unlink(missing_ok=True)
            if sweep.failures:
                break
    for failure in sweep.failures:
        print(failure)
    print(f"{sweep.kills} kills of parts in {series} series, {len(sweep.failures)} failures")
    sys.exit(1 if sweep.failures or sweep.kills == 0 else 0)


if __name__ == "__main__":
    main()
