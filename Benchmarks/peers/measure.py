"""Measures in turns (ours, theirs, ours, theirs, ...), so that other load affects both sides equally."""

import os
import statistics
import sys
import time

from workers import WorkerError


def show(text):
    print(text, file=sys.stderr, flush=True)


def summary(seconds, runner):
    """The recorded results of one side."""
    return {
        "name": runner.name, "seconds": seconds, "median": statistics.median(seconds), "min": min(seconds),
        "base": runner.base, "peak": runner.peak, **getattr(runner, "facts", {}),
    }


def in_turns(key, ours, theirs, rounds, copy=False, floor=False, warm_up=True):
    """Measures one row of results: the medians of both sides and the ratios theirs / ours.

    Both sides must have name, timed(), base, peak and check().
    """
    sides = [ours] if theirs is None else [ours, theirs]
    seconds = [[] for _ in sides]
    copies, floors = [], []
    for number in range(rounds + warm_up):
        for side, times in zip(sides, seconds):
            times.append(side.timed())
            if number == 0:
                side.checked = side.check()
        if copy:
            copies.append(ours.copy())
        if floor:
            floors.append(ours.floor())
    if warm_up:
        seconds = [times[1:] for times in seconds]
        copies, floors = copies[1:], floors[1:]
    row = {
        "key": key, "rounds": rounds, "date": time.strftime("%Y-%m-%d %H:%M"), "load": os.getloadavg()[0],
        "ours": summary(seconds[0], ours) | {"check": ours.checked},
    }
    if theirs is not None:
        ratios = sorted(b / a for a, b in zip(*seconds))
        row["theirs"] = summary(seconds[1], theirs) | {"check": theirs.checked}
        row["ratio"] = {"median": statistics.median(ratios), "low": ratios[0], "high": ratios[-1]}
    if copies:
        ratios = sorted(a / b for a, b in zip(seconds[0], copies))
        row["copy"] = {
            "median": statistics.median(copies), "min": min(copies), "ratio": statistics.median(ratios),
            "low": ratios[0], "high": ratios[-1]}
    if floors:
        row["floor"] = {"median": statistics.median(floors), "min": min(floors)}
        if theirs is not None:
            row["floor"]["ratio"] = statistics.median(b / a for a, b in zip(floors, seconds[1]))
    show(line(row))
    return row


def attempt(key, body):
    """The rows of a measurement. If it fails, prints the message and returns a row with the error."""
    try:
        return body()
    except (WorkerError, OSError) as error:
        show(f"{key}: {error}")
        return [{"key": key, "error": str(error)}]


def line(row):
    """A row as one line of progress output."""
    text = f"{row['key']:<42} {row['ours']['median'] * 1e3:9.1f} ms"
    if "theirs" in row:
        text += f"  {row['theirs']['name']} {row['theirs']['median'] * 1e3:9.1f} ms, {times(row['ratio'])}"
    if "copy" in row:
        text += f"; {row['copy']['ratio']:.2f} x copying {row['copy']['median'] * 1e3:.1f} ms"
    for side in ("ours", "theirs"):
        wrong = (row.get(side, {}).get("check") or {}).get("wrong")
        if wrong:
            text += f"; {row[side]['name']}: {wrong} values off by up to {row[side]['check']['worst']:.2g}"
    return text


def times(ratio):
    return f"{ratio['median']:.2f} x ({ratio['low']:.2f} to {ratio['high']:.2f})"
