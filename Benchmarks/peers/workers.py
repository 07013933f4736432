"""Controls the measured processes and records their memory use."""

import json
import os
import subprocess
import sys
import time

# The environment of a process that uses two threads, whatever library its work is in.
TWO_THREADS = os.environ | dict.fromkeys(
    ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS"), "2")


class WorkerError(Exception):
    """A worker failed; the message is its own."""


class Worker:
    """A process that answers JSON requests, one per line."""

    def __init__(self, command, toucher=None):
        self.toucher = toucher
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.base = self.peak = None

    def ask(self, order, **more):
        print(json.dumps({"order": order, **more}), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        reply = json.loads(line) if line else {"error": "the process exited unexpectedly"}
        if reply.get("error"):
            raise WorkerError(reply["error"].strip())
        return reply

    def timed(self):
        """Runs the task once, and records the memory before the run and the peak during it."""
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
        """Resets the peak of resident memory (Linux only). Returns whether that worked."""
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
    """Touches memory before a timed run, so that the run can allocate it quickly.

    A virtual machine may return memory to its host after it has been free for a second. Getting it back can take ten times
    as long as the measured work, and would penalize whichever side runs after a slow peer.
    """

    def touch(self, count):
        self.ask("touch", bytes=int(count * 1.1) + (64 << 20))


def run_process(command, **options):
    """Runs a program to its end. Returns the wall time in seconds and the peak resident memory in bytes."""
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
