"""Runs the benchmark cases and writes the report. Called by script/bench, which documents the arguments."""

import argparse
import json
import os
import subprocess
import sys

import cases_files
import cases_growth
import cases_infer
import cases_memory
import report
from measure import attempt, show
from workers import TWO_THREADS, Toucher

CASES = {
    **{name: (lambda context, name=name: cases_memory.run(context, name)) for name in cases_memory.CASES},
    "brain": cases_files.brain,
    "huge": cases_files.huge,
    "info": cases_files.info,
    "infer-brain": cases_infer.brain,
    "infer-identity": cases_infer.identity,
    "infer-classes": cases_infer.classes,
    "growth-volume": cases_growth.volumes,
    "growth-patches": cases_growth.patches,
    "growth-jobs": cases_growth.jobs,
    "growth-stream": cases_growth.streams,
}


class Context:
    """The settings shared by all cases."""

    def __init__(self, arguments):
        self.quick, self.rounds, self.keep_data = arguments.quick, arguments.rounds, arguments.keep_data
        self.peers = os.path.dirname(os.path.abspath(__file__))
        self.worker, self.voxtile = arguments.worker, arguments.voxtile
        self.scratch, self.templates = arguments.scratch, arguments.templates
        self.toucher = None if arguments.cold else Toucher([self.worker])
        self.two_threads = TWO_THREADS

    def python(self, *arguments):
        """Runs make_data.py and returns its output."""
        return subprocess.run(
            [sys.executable, f"{self.peers}/make_data.py", *map(str, arguments)], check=True, capture_output=True,
            text=True).stdout

    def make(self, path, verb, *arguments):
        """Creates a file unless it already exists."""
        if os.path.exists(path):
            return
        show(f"making {os.path.basename(path)}")
        # Renamed only when complete, so that an interrupted run leaves no truncated file.
        stem, dot, ending = path.partition(".nii")
        self.python(verb, *arguments, f"{stem}.part{dot}{ending}")
        os.rename(f"{stem}.part{dot}{ending}", path)


def parse():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--worker", required=True)
    parser.add_argument("--voxtile", required=True)
    parser.add_argument("--templates", required=True)
    parser.add_argument("--scratch", required=True)
    parser.add_argument("--output")
    parser.add_argument("--commit", default="unknown")
    parser.add_argument("--swift", default="unknown")
    parser.add_argument("--command", default="script/bench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--keep-data", action="store_true")
    parser.add_argument("--list", action="store_true")
    return parser.parse_args()


def select(wanted):
    """The cases whose names begin with one of the wanted names."""
    chosen = [name for name in CASES if not wanted or any(name.startswith(part) for part in wanted)]
    if not chosen:
        sys.exit(f"error: no case name begins with {' or '.join(wanted)}; the cases are {' '.join(CASES)}")
    return chosen


def main():
    arguments = parse()
    if arguments.rounds < 1:
        sys.exit(f"error: --rounds is {arguments.rounds}, but must be at least 1")
    names = select(arguments.only)
    if arguments.list:
        print("\n".join(names))
        return
    os.makedirs(arguments.scratch, exist_ok=True)
    context = Context(arguments)
    store = f"{arguments.scratch}/results{'-quick' if arguments.quick else ''}.json"
    results = {}
    if arguments.resume and os.path.exists(store):
        with open(store) as file:
            results = json.load(file)
    for name in names:
        if name in results and not arguments.only:
            continue
        show(f"== {name}")
        results[name] = [row | {"commit": arguments.commit} for row in attempt(name, lambda: CASES[name](context))]
        with open(store, "w") as file:
            json.dump(results, file, indent=1)
    rows = [row for name in CASES for row in results.get(name, [])]
    text = report.markdown(
        rows, report.Machine(arguments.swift, arguments.command, arguments.quick))
    print(text)
    if arguments.output:
        with open(arguments.output, "w") as file:
            file.write(text)
    failed = [row["key"] for row in rows if "error" in row]
    if failed:
        sys.exit(f"error: these could not be measured: {' '.join(failed)}")


main()
