"""What the tests of this folder share that let strace count, fail or kill at system calls of the program."""

import collections
import re
import shutil
import subprocess

is_here = shutil.which("strace") is not None


def contents(path):
    """A file as its bytes, a folder as the bytes of its files by name; `None` where nothing is there."""
    if path.is_dir():
        return {child.name: contents(child) for child in sorted(path.iterdir())}
    return path.read_bytes() if path.exists() else None


def reached_most(reached, chosen):
    """Whether most of the calls that were chosen were made, which is said where not."""
    # Threads do not always share work in the same way; but a test in which nothing goes wrong tests nothing.
    if sum(reached) < 0.7 * len(chosen):
        print("most calls were not reached")
        return False
    return True


class Program:
    """The program, in a folder of its own, with and without strace."""

    def __init__(self, program, folder, environment):
        self.program, self.folder, self.environment = program, folder, environment
        # What the loader and the runtime of Swift call before the program itself begins.
        self.startup = self.most_calls(["--version"])

    def run(self, arguments, before=()):
        """The exit status, or words where it did not end within 20 seconds, and the messages."""
        try:
            process = subprocess.run(
                [*before, self.program, *arguments], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                capture_output=True, timeout=20)
        except subprocess.TimeoutExpired:
            return "more than 20 s", ""
        return process.returncode, (process.stdout + process.stderr).decode(errors="replace")

    def trace(self, arguments, calls, options=()):
        """The names and arguments of system calls, each with the number of its thread, in their order."""
        path = self.folder.parent / "trace"
        before = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "signal=none", "-s", "200", "-o", str(path)]
        status, messages = self.run(
            arguments, [*before, *options, "-e", f"trace={','.join('?' + call for call in calls)}"])
        if status != 0:
            raise RuntimeError(f"{' '.join(arguments)}: {status}: {messages}")
        return re.findall(r"^(\d+) +(\w+)\((.*)$", path.read_text(errors="replace"), re.MULTILINE)

    def most_calls(self, arguments, calls=("all",)):
        """How often each system call is made by the thread that makes it most often."""
        names = ["all"] if calls == ("all",) else calls
        found = collections.Counter((thread, call) for thread, call, _ in self.trace(arguments, names))
        most = {}
        for (_, call), count in found.items():
            most[call] = max(most.get(call, 0), count)
        return most

    def fail(self, arguments, call, error, number):
        """Runs the program while the call of some number, in each thread, fails; also what trace says of those that did."""
        path = self.folder.parent / "trace"
        injection = f"inject={call}:error={error}:when={number}"
        # strace ends as the program does.
        status, messages = self.run(
            arguments,
            ["strace", "-f", "--seccomp-bpf", "-qq", "-o", str(path), "-e", f"trace={call}", "-e", injection])
        lines = path.read_text(errors="replace").splitlines()
        return status, messages, [line for line in lines if "(INJECTED)" in line]

    def kill(self, arguments, call, number):
        """Runs the program and kills it at the call of some number of any thread; also whether there was such a call."""
        injection = f"inject={call}:signal=SIGKILL:when={number}"
        # With --seccomp-bpf, strace 6.1 sends no signal.
        status, messages = self.run(
            arguments, ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", injection])
        return status, messages, status in (-9, 137)
