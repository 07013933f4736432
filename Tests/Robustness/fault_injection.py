#!/usr/bin/env python3
"""Lets single system calls of the program fail, and checks that nothing is lost, half-written or left over.

  fault_injection.py PROGRAM            60 faults (15 s)
  fault_injection.py PROGRAM --long     2,000 faults (10 min)
  fault_injection.py PROGRAM --only merge --call openat    some of them

Crops, merges and predictions, with `--force` and without, are run by strace, which lets one call fail as on a full or broken
disk: the Nth open, read, write, sync, rename, link, mkdir, close, and so on. Then the program has to end with exit status 0 or
1 within 20 seconds; what stands under its names has to be the old or the new result, whole, and the new one where the exit
status is 0; and after one further run to the same target nothing else may be left. Needs strace; without it, nothing is done.
"""

import argparse
import pathlib
import random
import sys
import tempfile

import tracing
from jobs_to_break import Workplace

DISK = ["EIO", "ENOSPC", "EDQUOT"]
ERRORS = {
    "openat": ["EIO", "EMFILE", "ENOSPC", "EACCES"],
    "read": ["EIO"],
    "pread64": ["EIO", "EINTR"],
    "write": [*DISK, "EINTR"],
    "pwrite64": [*DISK, "EINTR"],
    "fsync": DISK,
    "fdatasync": DISK,
    "syncfs": DISK,
    # The last one is what a file system says that has no hard links.
    "link": [*DISK, "EPERM"],
    "linkat": [*DISK, "EPERM"],
    "rename": DISK,
    "renameat": DISK,
    # The last one is what a file system says that cannot exchange names.
    "renameat2": [*DISK, "EINVAL"],
    "mkdir": DISK,
    "unlink": ["EIO"],
    "unlinkat": ["EIO"],
    "rmdir": ["EIO"],
    "close": ["EIO"],
    "ftruncate": DISK,
    "fallocate": [*DISK, "EOPNOTSUPP"],
    "flock": ["ENOLCK"],
    "getdents64": ["EIO"],
    "newfstatat": ["EIO"],
    "mmap": ["ENOMEM"],
}


def all_faults(workplace, only, call):
    for job in workplace.jobs:
        if only and job.arguments[0] != only:
            continue
        for name, errors in ERRORS.items():
            if call and name != call:
                continue
            first = workplace.program.startup.get(name, 0) + 1
            for number in range(first, job.calls.get(name, 0) + 1):
                for error in errors:
                    yield job, name, error, number


def inject(workplace, job, call, error, number, reached):
    """What goes wrong with one fault, in words."""
    workplace.prepare(job)
    status, messages, failed = workplace.program.fail(job.arguments, call, error, number)
    reached.append(bool(failed))
    # What lies below /sys is no disk: ONNX Runtime looks there for processors, and crashes where only some of it can be read.
    if all('"/sys/' in line for line in failed):
        return
    if status not in (0, 1):
        yield f"exit status {status}: {messages.strip()[-300:]}"
    if status == 1 and not messages.strip() and call != "write":
        yield "exit status 1 without a word"
    yield from workplace.faults(job, status)
    yield from workplace.faults_of_next_run(job)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built program")
    parser.add_argument("--long", action="store_true", help="2,000 faults, not 60")
    parser.add_argument("--count", type=int, help="another number of faults")
    parser.add_argument("--seed", type=int, default=1, help="what draws the faults")
    parser.add_argument("--only", help="only jobs of one command")
    parser.add_argument("--call", help="only faults of one system call")
    options = parser.parse_args()
    if not tracing.is_here:
        print("there is no strace; no fault was injected")
        return
    count = options.count or (2000 if options.long else 60)
    failures, reached = 0, []
    with tempfile.TemporaryDirectory(prefix="voxtile-faults-") as name:
        workplace = Workplace(str(pathlib.Path(options.program).resolve()), pathlib.Path(name))
        workplace.learn()
        known = list(all_faults(workplace, options.only, options.call))
        # Equally many of each job and call, since some are made a thousand times as often as others.
        draw = random.Random(options.seed)
        groups = {}
        for fault in known:
            groups.setdefault((str(fault[0]), fault[1]), []).append(fault)
        order = []
        for group in groups.values():
            draw.shuffle(group)
            order += [(position + draw.random(), fault) for position, fault in enumerate(group)]
        order.sort(key=lambda entry: entry[0])
        chosen = [fault for _, fault in order[:count]]
        for job, call, error, number in chosen:
            for words in inject(workplace, job, call, error, number, reached):
                failures += 1
                print(f"{job}: {call} number {number} ends with {error}: {words}")
    if not tracing.reached_most(reached, chosen):
        failures += 1
    print(f"{sum(reached)} faults of {len(known)}, {failures} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
