"""The processes that are measured, seen from outside: what they are told, and what memory they needed."""

import json
import os
import subprocess
import sys
import time


class WorkerError(Exception):
    """A worker that failed, in its own words."""


class Worker:
    """A process that answers lines of JSON."""

    def __init__(self, command, toucher=None):
        self.toucher = toucher
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.base = self.peak = None

    def ask(self, order, **more):
        print(json.dumps({"order": order, **more}), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        reply = json.loads(line) if line else {"error": "the process died"}
        if reply.get("error"):
            raise WorkerError(reply["error"].strip())
        return reply

    def timed(self):
        """Runs the task once, and notes the memory before and the most during it."""
        self.ask("drop")
        if self.toucher and self.peak:
            self.toucher.touch(self.peak - self.base)
        tracked = self.forget_peak()
        base = self.memory("VmRSS")
        seconds = self.ask("run")["seconds"]
        if tracked:
            self.base, self.peak = base, self.memory("VmHWM")
        return seconds

    def forget_peak(self):
        """Lets the kernel start anew with the most memory that was ever resident (Linux)."""
        try:
            with open(f"/proc/{self.process.pid}/clear_refs", "w") as file:
                file.write("5")
            return True
        except OSError:
            return False

    def memory(self, field):
        try:
            with open(f"/proc/{self.process.pid}/status") as file:
                return next(int(line.split()[1]) * 1024 for line in file if line.startswith(field))
        except (OSError, StopIteration):
            return None

    def quit(self):
        self.process.stdin.close()
        self.process.wait()


class Toucher(Worker):
    """Makes sure, before a run is timed, that the memory it will need can be had at once.

    A virtual machine may give memory that is free for a second back to its host, and getting it again can take ten
    times as long as the work that is measured; whoever ran after a slow peer would pay for that.
    """

    def touch(self, count):
        self.ask("touch", bytes=int(count * 1.1) + (64 << 20))


def run_process(command, **options):
    """Runs a program to its end: wall seconds, and the most memory that was resident, in bytes."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **options)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise WorkerError(f"{' '.join(map(str, command))} failed: {errors[-2000:]}")
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, usage.ru_maxrss * unit
