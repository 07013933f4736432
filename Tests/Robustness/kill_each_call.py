#!/usr/bin/env python3
"""Kills the program at each of its system calls that change names or sync, one after another.

  kill_each_call.py PROGRAM            40 kills (10 s)
  kill_each_call.py PROGRAM --long     every one of them

`crop --force`, `merge --force` and `infer --force` over older results are run by strace, which sends SIGKILL at the Nth open,
write, sync, rename, link, unlink and mkdir. Then the old or the new result has to stand there, whole; a killed crop leaves a
folder that verifies; and after one further run to the same target nothing else may be left. Needs strace; without it, nothing
is done.
"""

import argparse
import pathlib
import random
import sys
import tempfile

import tracing
from jobs_to_break import Workplace

CALLS = [
    "openat", "write", "pwrite64", "fsync", "fdatasync", "syncfs", "rename", "renameat", "renameat2", "link", "linkat",
    "unlink", "unlinkat", "mkdir", "rmdir", "chmod", "chown", "flock", "fallocate",
]


def all_kills(workplace):
    for job in workplace.jobs:
        if "--force" not in job.arguments:
            continue
        for call in CALLS:
            first = workplace.program.startup.get(call, 0) + 1
            for number in range(first, job.calls.get(call, 0) + 1):
                yield job, call, number


def kill(workplace, job, call, number, reached):
    """What goes wrong with one kill, in words."""
    workplace.prepare(job)
    status, messages, was_reached = workplace.program.kill(job.arguments, call, number)
    reached.append(was_reached)
    if status != 0 and not was_reached:
        yield f"exit status {status}: {messages.strip()[-300:]}"
    yield from workplace.faults(job, status)
    if job.arguments[0] == "crop":
        verified, words = workplace.program.run(["verify", job.targets[0]])
        if verified != 0:
            yield f"does not verify: {words.strip()[-300:]}"
    yield from workplace.faults_of_next_run(job)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built program")
    parser.add_argument("--long", action="store_true", help="every call, not 40 of them")
    parser.add_argument("--seed", type=int, default=1, help="what draws the calls")
    options = parser.parse_args()
    if not tracing.is_here:
        print("there is no strace; nothing was killed")
        return
    failures, reached = 0, []
    with tempfile.TemporaryDirectory(prefix="voxtile-kills-") as name:
        workplace = Workplace(str(pathlib.Path(options.program).resolve()), pathlib.Path(name))
        workplace.learn()
        known = list(all_kills(workplace))
        chosen = known if options.long else random.Random(options.seed).sample(known, min(40, len(known)))
        for job, call, number in chosen:
            for words in kill(workplace, job, call, number, reached):
                failures += 1
                print(f"{job}: killed at {call} number {number}: {words}")
    if not tracing.reached_most(reached, chosen):
        failures += 1
    print(f"{sum(reached)} kills at {len(known)} calls, {failures} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
