"""Runs commands and tells what they cost; used by bench/pipeline and bench/ocr."""
import os
import subprocess
import sys
import threading
import time


def children_of(pid):
    """The process and all below it."""
    found, queue = [], [pid]
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as stat:
                    parents.setdefault(int(stat.read().rsplit(")", 1)[1].split()[1]), []).append(int(name))
            except OSError:
                pass
    while queue:
        one = queue.pop()
        found.append(one)
        queue += parents.get(one, [])
    return found


def memory_kib(pid):
    """Resident memory, shared pages counted once over their users (PSS)."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as rollup:
            return sum(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
    except OSError:
        return 0


def size_of(folder):
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(where, name)).st_blocks * 512
            except OSError:
                pass
    return total


class Watched:
    """Runs commands; wall and CPU seconds, peak memory (MiB), peak size of folders (MiB) and of
    what is there only while they run (MiB)."""

    def __init__(self, folders=(), temporary=()):
        self.wall = self.cpu = self.memory = self.disk = self.temporary = 0.0
        self.folders = folders
        self.temporary_folders = temporary

    def run(self, command, allowed=(0,), **more):
        """Gives what the command wrote to stdout when `more` asks for it (stdout=PIPE)."""
        before = os.times()
        start = time.monotonic()
        more.setdefault("stdout", subprocess.DEVNULL)
        process = subprocess.Popen(command, stderr=subprocess.PIPE, **more)
        done = threading.Event()

        def watch():
            rounds = 0
            self.last = 0.0  # of this command alone
            while not done.wait(0.2):
                total = sum(memory_kib(p) for p in children_of(process.pid)) / 1024
                self.memory = max(self.memory, total)
                self.last = max(self.last, total)
                self.temporary = max(self.temporary, sum(map(size_of, self.temporary_folders)) / 2**20)
                if rounds % 25 == 0 and self.folders:
                    self.disk = max(self.disk, sum(map(size_of, self.folders)) / 2**20)
                rounds += 1

        watcher = threading.Thread(target=watch)
        watcher.start()
        output, complaint = process.communicate()
        done.set()
        watcher.join()
        self.wall += time.monotonic() - start
        after = os.times()
        self.cpu += after.children_user + after.children_system - before.children_user - before.children_system
        if process.returncode not in allowed:
            sys.exit(f"{' '.join(command)}: exit {process.returncode}\n{complaint.decode()[-2000:]}")
        return output
