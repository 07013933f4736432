#!/usr/bin/env python3
"""Compare networks trained from cover samples of `voxtile sample` with networks trained from MONAI's pos/neg samples.

  compare.py FOLDER [--voxtile PROGRAM]

Makes the scans in FOLDER/training and FOLDER/test, trains and tests a network of each kind for each seed, and writes what
was measured to FOLDER/cover-0.json and so on, and a table to FOLDER/table.md. A run that has its file is not repeated, so the
script can be stopped and started again. README.md says what is compared and how; the numbers here are those of its protocol.
"""

import argparse
import itertools
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch
from evaluate import evaluate
from sampling import load_scans
from scipy.stats import binomtest, rankdata
from train import train

SEEDS = range(10)
SECONDS = 90
"""The CPU time of a run."""

SCANS = 8
SEED_OF_SCANS = {"training": 1, "test": 2}
WAYS = ("cover", "posneg")
THRESHOLD = "0.5"
FALSE_POSITIVES = 8
"""The false positives per scan at which the recall of small lesions is compared, too."""

LEAST_DICE = 0.5
"""With a lower Dice, a network that calls everything a lesion would have no false component."""

ROWS = {
    "recall_small": "Recall of small lesions",
    "recall_small_at_false_positives": f"Recall of small lesions at {FALSE_POSITIVES} false positives per scan",
    "recall_all": "Recall of all lesions",
    "false_positives": "False positives per scan",
    "dice": "Dice of the foreground",
    "iterations": "Iterations",
    "seconds_of_choosing": "CPU seconds of choosing and cutting patches",
}


def run(folder, way, seed, program):
    """Train and test one network, and write what was measured."""
    start = time.time()
    network, facts = train(folder / "training", way, seed, SECONDS, program)
    facts["measures"] = evaluate(network, load_scans(folder / "test"))
    facts["elapsed_seconds"] = time.time() - start
    (folder / f"{way}-{seed}.json").write_text(json.dumps(facts, indent=1) + "\n")
    print(way, seed, facts["iterations"], facts["measures"][THRESHOLD], flush=True)


def recall_at_false_positives(measures):
    """The recall of small lesions at the lowest threshold with few enough false positives, or else with the fewest."""
    sound = [one for one in measures.values() if one["dice"] >= LEAST_DICE] or [measures[THRESHOLD]]
    allowed = [one for one in sound if one["false_positives"] <= FALSE_POSITIVES]
    return (allowed or [min(sound, key=lambda one: one["false_positives"])])[0]["recall_small"]


def value(facts, name):
    """The value of a row for a run."""
    if name == "recall_small_at_false_positives":
        return recall_at_false_positives(facts["measures"])
    return facts["measures"][THRESHOLD].get(name, facts.get(name))


def wilcoxon(differences):
    """The two-sided p value of Wilcoxon's signed-rank test, by trying all signs; differences of 0 are left out."""
    nonzero = differences[differences != 0]
    ranks = rankdata(np.abs(nonzero))
    sums = np.array([np.dot(signs, ranks) for signs in itertools.product((-1, 1), repeat=len(ranks))])
    return float(np.mean(np.abs(sums) >= abs(np.dot(np.sign(nonzero), ranks)) - 1e-9))


def sign_test(differences):
    """The two-sided p value of the sign test; differences of 0 are left out."""
    count = np.count_nonzero(differences)
    return binomtest(int(np.count_nonzero(differences > 0)), count).pvalue if count else 1.0


def table(folder):
    """The outcome as Markdown: means with a test for each measure, then the main measure of each seed."""
    facts = {way: [json.loads((folder / f"{way}-{seed}.json").read_text()) for seed in SEEDS] for way in WAYS}
    lines = ["| | cover | pos/neg | difference | cover is higher | Wilcoxon p | sign test p |", "|---|---|---|---|---|---|---|"]
    for name, title in ROWS.items():
        cover, posneg = (np.array([value(one, name) for one in facts[way]]) for way in WAYS)
        gap = cover - posneg
        lines.append(
            f"| {title} | {cover.mean():.3f} | {posneg.mean():.3f} | {gap.mean():+.3f} ± {gap.std(ddof=1):.3f} "
            f"| {np.count_nonzero(gap > 0)} of {len(gap)} | {wilcoxon(gap):.3f} | {sign_test(gap):.3f} |"
        )
    lines += ["", "| Seed | " + " | ".join(map(str, SEEDS)) + " |", "|---|" + "---|" * len(SEEDS)]
    for name in ("recall_small", "false_positives"):
        for way in WAYS:
            cells = " | ".join(f"{value(one, name):.2f}" for one in facts[way])
            lines.append(f"| {ROWS[name]}, {way} | {cells} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--voxtile", default="voxtile", help="the program (default: the one on the path)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for name, seed in SEED_OF_SCANS.items():
        if not (options.folder / name / "labels" / f"scan-{SCANS - 1:02}.nii").exists():
            script, target = Path(__file__).with_name("phantoms.py"), options.folder / name
            subprocess.run([sys.executable, script, target, "--scans", str(SCANS), "--seed", str(seed)], check=True)
    for seed in SEEDS:
        # Each way is first half of the time.
        for way in WAYS if seed % 2 == 0 else WAYS[::-1]:
            if not (options.folder / f"{way}-{seed}.json").exists():
                run(options.folder, way, seed, options.voxtile)
    (options.folder / "table.md").write_text(table(options.folder))
    print((options.folder / "table.md").read_text())


if __name__ == "__main__":
    main()
