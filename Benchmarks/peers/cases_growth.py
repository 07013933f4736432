"""How time and memory grow with the volume size, the number of patches and the number of threads."""

import os

import cases_files
from cases_memory import Ours, Theirs, task
from measure import attempt, in_turns

VOLUMES = [[192, 192, 192], [256, 256, 256], [384, 384, 300], [512, 512, 300], [512, 512, 512]]
PATCHES = [32, 48, 64, 96, 128, 192]
DEPTHS = [128, 256, 512, 1024, 2048]


def volumes(context):
    """Average merges with voxtile and with the tutorial's numpy code."""
    rows = []
    for extent in VOLUMES[:2] if context.quick else VOLUMES:
        key = f"growth-volume/{'x'.join(map(str, extent))}"
        rows += attempt(key, lambda: [merge(context, key, task("merge", "float32", "average", "discard", extent), True)])
    return rows


def patches(context):
    """Average merges with small and large patches; the overlap is one third."""
    rows = []
    extent = [256, 256, 192] if context.quick else [512, 512, 300]
    for size in PATCHES[:3] if context.quick else PATCHES:
        key = f"growth-patches/{size}"
        made = task("merge", "float32", "average", "shift", extent)
        made |= {"patch": [size] * 3, "overlap": [size // 3] * 3}
        rows += attempt(key, lambda: [merge(context, key, made, False)])
    return rows


def jobs(context):
    """Crops and merges on one thread and on two."""
    rows = []
    extent = [256, 256, 192] if context.quick else [512, 512, 300]
    for work, blend in (("crop", "average"), ("merge", "average"), ("merge", "gaussian")):
        key = f"growth-jobs/{work}-{blend}"
        two = task(work, "float32", blend, "shift", extent, jobs=2)

        def measure():
            sides = [Ours(context, two), Ours(context, two | {"jobs": 1}, "voxtile, 1 thread")]
            try:
                return [in_turns(key, *sides, context.rounds) | {"task": two}]
            finally:
                for side in sides:
                    side.quit()

        rows += attempt(key, measure)
    return rows


def merge(context, key, made, against_numpy):
    sides = [Ours(context, made)]
    try:
        if against_numpy:
            sides.append(Theirs(context, made, "numpy"))
        return in_turns(key, sides[0], sides[1] if against_numpy else None, context.rounds, copy=True) | {"task": made}
    finally:
        for side in sides:
            side.quit()


def streams(context):
    """The voxtile commands on .nii files of increasing length."""
    rows = []
    for depth in DEPTHS[:2] if context.quick else DEPTHS:
        key = f"growth-stream/{depth}"

        def measure():
            path = f"{context.scratch}/stream-{depth}.nii"
            context.make(path, "noise", 512, 512, depth)
            job = cases_files.VoxtileJob(context, path, "nii", ["--patch", "96", "--overlap", "32"])
            try:
                return [in_turns(key, job, None, min(3, context.rounds))]
            finally:
                job.remove()
                os.remove(path)

        rows += attempt(key, measure)
    return rows
