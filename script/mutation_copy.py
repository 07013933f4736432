"""A copy of the package, reduced to one library and its tests, for script/mutate."""

import hashlib
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Package:
    """A copy of the package, reduced to one library, what it needs, and its tests."""

    def __init__(self, folder, library):
        self.library, self.folder = library, folder / library
        described = json.loads(run(["swift", "package", "dump-package"], ROOT))
        self.targets = {target["name"]: target for target in described["targets"]}
        self.tests = f"{library}Tests"
        if self.tests not in self.targets:
            sys.exit(f"error: Package.swift has no {self.tests}")
        self.kept = set()
        self.keep(self.tests)
        self.synchronize()

    def keep(self, name):
        if name in self.kept or name not in self.targets:
            return
        self.kept.add(name)
        for dependency in self.targets[name]["dependencies"]:
            if "product" in dependency:
                sys.exit(f"error: {name} needs the package {dependency['product'][1]}; only libraries without one can be tried")
            self.keep((dependency.get("byName") or dependency.get("target"))[0])

    def sources(self, name):
        target = self.targets[name]
        return Path(target.get("path") or f"{'Tests' if target['type'] == 'test' else 'Sources'}/{name}")

    def synchronize(self):
        """Copies what differs, so that dates stay and little is built again."""
        wanted = set()
        for name in sorted(self.kept):
            for file in (ROOT / self.sources(name)).rglob("*"):
                if file.is_file():
                    wanted.add(file.relative_to(ROOT))
        for file in wanted:
            write_if_different(self.folder / file, (ROOT / file).read_bytes())
        for top in ("Sources", "Tests"):
            for file in list((self.folder / top).rglob("*")):
                if file.is_file() and file.relative_to(self.folder) not in wanted:
                    file.unlink()
        names = ", ".join(f'"{name}"' for name in sorted(self.kept))
        manifest = (ROOT / "Package.swift").read_text(encoding="utf-8") + (
            f"\nlet kept: Set<String> = [{names}]\n"
            "package.targets = package.targets.filter { kept.contains($0.name) }\n"
            "package.products = []\npackage.dependencies = []\n")
        write_if_different(self.folder / "Package.swift", manifest.encode())

    def hash_of_tests(self):
        digest = hashlib.sha256()
        for file in sorted((ROOT / self.sources(self.tests)).rglob("*.swift")):
            digest.update(file.read_bytes())
        return digest.hexdigest()[:12]

    def suites(self, concept):
        """What --filter takes for the tests in the folder of the same name as that of the sources; None without any."""
        folder = ROOT / self.sources(self.tests) / concept
        text = "\n".join(file.read_text(encoding="utf-8") for file in sorted(folder.rglob("*.swift")))
        names = sorted(set(re.findall(r"^(?:@Suite.*)?\b(?:struct|class|extension) (\w+Tests)\b", text, re.MULTILINE)))
        return f"^{self.tests}\\.({'|'.join(names)})/" if names else None

    def build(self):
        return subprocess.run(["swift", "build", "--build-tests"], cwd=self.folder,
                              capture_output=True, text=True)

    def test(self, pattern, limit):
        """How the tests end: passed, failed (at the first failure), crashed or timeout."""
        command = ["swift", "test", "--skip-build", "--disable-xctest"]
        process = subprocess.Popen(command + (["--filter", pattern] if pattern else []), cwd=self.folder,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        end, self.said = time.monotonic() + limit, b""
        try:
            while True:
                ready, _, _ = select.select([process.stdout], [], [], max(0, end - time.monotonic()))
                if not ready:
                    return "timeout"
                part = os.read(process.stdout.fileno(), 1 << 16)
                self.said = (self.said + part)[-50_000:]
                if b" recorded an issue " in self.said:
                    return "failed"
                if not part:
                    return "passed" if process.wait() == 0 else "crashed"
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            process.stdout.close()


def run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"error: {' '.join(command)} failed in {folder}:\n{done.stdout}{done.stderr}")
    return done.stdout


def write_if_different(path, data):
    if not path.is_file() or path.read_bytes() != data:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
