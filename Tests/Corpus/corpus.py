#!/usr/bin/env python3
"""Runs 200 random jobs of the program and compares what it writes, byte for byte, with what an earlier version wrote.

  corpus.py PROGRAM              run all jobs and compare them with corpus.tsv beside this file
  corpus.py PROGRAM --only 12,40 run some of them
  corpus.py PROGRAM --update     write corpus.tsv anew: only where a change of bytes is meant, and say so in CHANGELOG.md

A job is a crop and a merge of what another tool made of the patches, or a prediction, with options drawn by its number:
every scalar type, blend, edge policy, padding, order, format, fill and number of threads, with and without a limit of
memory. The networks have exact arithmetic. corpus.tsv has for each job the digest of its outputs and the most memory that
its processes took (MiB). Compressed files count as what is compressed, since the bytes of a compressor may change with
its version. A job fails where its digest differs or its memory exceeds the recorded one by more than a tenth and 8 MiB.
Tests/Corpus/jobs.py draws the jobs; nothing but Python's standard library is needed.
"""

import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

import digest
import jobs

HERE = pathlib.Path(__file__).parent
TABLE = HERE / "corpus.tsv"
COUNT = 200


def run(program, arguments, folder):
    """The exit status of a run, its messages, and the most memory that it took, in MiB."""
    output, messages = folder / "stdout", folder / "stderr"
    with output.open("wb") as out, messages.open("wb") as err:
        process = subprocess.Popen(
            [program, *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    kibibytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    text = messages.read_text(errors="replace")
    output.unlink()
    messages.unlink()
    return process.returncode, text, kibibytes / 1024


def perform(program, number):
    """The digest of one job, its peak memory, and the message of a refusal; no digest where it could not be run."""
    job = jobs.Job(number)
    with tempfile.TemporaryDirectory(prefix="voxtile-corpus-") as name:
        folder = pathlib.Path(name)
        job.make_inputs(folder)
        statuses, peak, refusal = [], 0.0, ""
        for step in job.steps:
            if callable(step):
                step(folder)
                continue
            status, text, memory = run(program, step, folder)
            statuses.append(status)
            peak = max(peak, memory)
            if status not in (0, 1):
                return None, peak, f"exit status {status} of {' '.join(step)}: {text}"
            if status == 1:
                refusal = text.strip().splitlines()[-1] if text.strip() else ""
                break
        return digest.of_folder(folder, job.outputs, statuses), peak, refusal


def read_table():
    rows = {}
    for line in TABLE.read_text().splitlines()[1:]:
        number, kind, value, memory = line.split("\t")
        rows[int(number)] = (kind, value, float(memory))
    return rows


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built program")
    parser.add_argument("--update", action="store_true", help="write the table anew")
    parser.add_argument("--only", metavar="N,N", help="some jobs by their numbers")
    parser.add_argument("--refusals", action="store_true", help="print the jobs that are refused, and why")
    parser.add_argument("--show", action="store_true", help="print the commands of the jobs, and run nothing")
    options = parser.parse_args()
    program = str(pathlib.Path(options.program).resolve())
    numbers = [int(n) for n in options.only.split(",")] if options.only else list(range(COUNT))
    if options.show:
        for number in numbers:
            print(number, *(" ".join(step) for step in jobs.Job(number).steps if not callable(step)), sep="\n  ")
        return 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        results = dict(zip(numbers, pool.map(lambda number: perform(program, number), numbers)))
    if options.refusals:
        for number, (_, _, text) in sorted(results.items()):
            if text:
                print(number, text)
    if options.update:
        return update(results)
    return compare(results)


def update(results):
    broken = {number: text for number, (value, _, text) in results.items() if value is None}
    for number, text in broken.items():
        print(f"job {number}: {text}", file=sys.stderr)
    if broken:
        return 1
    lines = ["job\tkind\tdigest\tpeak MiB"]
    for number, (value, memory, _) in sorted(results.items()):
        lines.append(f"{number}\t{jobs.Job(number).kind}\t{value}\t{memory:.1f}")
    TABLE.write_text("\n".join(lines) + "\n")
    return 0


def compare(results):
    table, failed = read_table(), 0
    for number, (value, memory, text) in sorted(results.items()):
        _, expected, recorded = table[number]
        if value != expected:
            failed += 1
            print(f"job {number} ({jobs.Job(number).kind}): {text or f'digest {value} instead of {expected}'}")
        elif memory > recorded * 1.1 + 8:
            failed += 1
            print(f"job {number}: took {memory:.1f} MiB, recorded are {recorded:.1f}")
    print(f"{len(results) - failed} of {len(results)} jobs wrote the bytes that are recorded")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
