#!/usr/bin/env python3
"""Checks that what gets its name is on the disk before, and the name after, and that no job opens a socket.

  sync_order.py PROGRAM

Crops, merges and predictions, with `--force` and without, are run by strace. Before a file or folder gets its final name, it
has to be synced, and so has every file in the folder; afterwards, the folder that the name is in. Of many scans, a line of the
journal has to be synced before anything else is named or noted, and a scan is noted as done only when its result has its name.
Needs strace; without it, nothing is done.
"""

import argparse
import pathlib
import re
import sys
import tempfile

import tracing
from jobs_to_break import Workplace

MOVES = ["rename", "renameat", "renameat2", "link", "linkat"]
SYNCS = ["fsync", "fdatasync", "syncfs"]
NETWORK = ["socket", "connect", "sendto", "bind"]


def faults(job, trace, folder):
    """What is wrong with the order of the calls of one job."""
    synced, unsynced_names, named = [], [], []
    for _, call, arguments in trace:
        if call in NETWORK:
            yield f"uses the network: {call}({arguments}"
        elif call in SYNCS:
            path = re.match(r"\d+<(.*?)>\)", arguments)
            if path and path[1]:
                synced.append(pathlib.Path(path[1]))
                unsynced_names = [name for name in unsynced_names if name.parent != synced[-1]]
        else:
            old, new = ((folder / path).resolve() for path in re.findall(r'"(.*?)"', arguments)[:2])
            if old.name.endswith(".older"):
                continue
            named.append(new.name)
            unsynced_names.append(new)
            if old not in synced:
                yield f"{old.name} was not synced before it became {new.name}"
            if new.name in job.targets and new.is_dir():
                missing = [path.name for path in new.iterdir() if old / path.name not in synced]
                if missing:
                    yield f"not synced before {new.name} got its name: {sorted(missing)}"
    for name in unsynced_names:
        yield f"the folder of {name.name} was not synced after that got its name"
    if not set(job.targets) <= set(named):
        yield f"of {job.targets}, only {named} got their names"


def journal_faults(trace, scans):
    """What is wrong with the order of the calls of a run over many scans."""
    is_synced, named, done = True, [], []
    for _, call, arguments in trace:
        if call in SYNCS and ".journal>" in arguments:
            is_synced = True
        elif call in MOVES:
            # Pictures for the page of all scans are no results.
            paths = [path for path in re.findall(r'"(.*?)"', arguments)[1:2] if "/.voxtile-thumbnails/" not in path]
            named += [path.split("/")[-1] for path in paths]
            if paths and not is_synced:
                yield f"{named[-1]} got its name while a line of the journal was not on the disk"
        elif call == "write" and ".journal>" in arguments:
            if not is_synced:
                yield "a line of the journal was written while the one before was not on the disk"
            is_synced = False
            event, scan = (re.search(rf'{key}\\":\\"(.*?)\\"', arguments) for key in ("event", "name"))
            if event and event[1] == "done":
                done.append(named[-1] if named else "")
                if len(named) < len(done):
                    yield f"{scan and scan[1]} was noted as done before its result had its name"
    if not is_synced:
        yield "the last line of the journal was not synced"
    if sorted(done) != sorted(scans):
        yield f"noted as done after the names {done}, not {scans}"


def check_journal(workplace):
    """Cuts two scans in one run; how much is wrong."""
    workplace.clear()
    (workplace.folder / "scans").mkdir()
    for name in ["a.nii", "b.nii"]:
        (workplace.folder / "scans" / name).write_bytes((workplace.folder / name).read_bytes())
    arguments = ["crop", "scans", "--patch", "16", "--jobs", "1", "--output", "many"]
    found = list(journal_faults(
        workplace.program.trace(arguments, [*MOVES, *SYNCS, "write"], ["-y", "-s", "400"]), ["a", "b"]))
    for words in found:
        print(f"{' '.join(arguments)}: {words}")
    return len(found)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built program")
    parser.add_argument("--long", action="store_true", help="the same")
    program = str(pathlib.Path(parser.parse_args().program).resolve())
    if not tracing.is_here:
        print("there is no strace; the order of syncing and naming was not checked")
        return
    failures = 0
    with tempfile.TemporaryDirectory(prefix="voxtile-order-") as name:
        workplace = Workplace(program, pathlib.Path(name).resolve())
        workplace.learn()
        for job in workplace.jobs:
            workplace.prepare(job)
            trace = workplace.program.trace(job.arguments, [*MOVES, *SYNCS, *NETWORK], ["-y"])
            for words in faults(job, trace, workplace.folder):
                failures += 1
                print(f"{job}: {words}")
        failures += check_journal(workplace)
    print(f"{len(workplace.jobs) + 1} jobs, {failures} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
