#!/usr/bin/env python3
"""Many processes register at once while one of them is killed every second: numbers have no gap, no
number is there twice, nothing that was acknowledged is lost, nothing is half there.

register_kills.py PROGRAM [--items N] [--processes N]

Each process registers one thing after the other with the command line, as operators at several
desks do. Ends when so many are acknowledged. Prints a summary; exits 1 at the first thing wrong.
"""
import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--items", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=8)
    o = parser.parse_args()
    work = tempfile.mkdtemp()
    data = os.path.join(work, "data")
    environment = dict(os.environ, ALIHMEDIA_REPOSITORY_KEEP_FREE_MIB="0",
                       ALIHMEDIA_REPOSITORY_KEEP_FREE_PERCENT="0",
                       ALIHMEDIA_REPOSITORY_BALLAST_MIB="0", ALIHMEDIA_PIPELINE_LOCK_WAIT_S="120")
    lock = threading.Lock()
    acknowledged = {}  # title -> number
    tried = set()
    running = {}  # pid -> Popen
    failures = []
    stop = threading.Event()
    kills = 0

    def call(*words):
        return subprocess.run([o.program, "--data", data, "--json", "--quiet", *words],
                              capture_output=True, text=True, timeout=300, env=environment)

    def desk(n):
        count = 0
        while not stop.is_set():
            count += 1
            title = f"Meja {n} bahan {count}"
            with lock:
                tried.add(title)
            process = subprocess.Popen(
                [o.program, "--data", data, "--json", "--quiet", "register", "new", "--title", title,
                 "--field", "condition=good"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
            with lock:
                running[process.pid] = process
            out, err = process.communicate()
            with lock:
                running.pop(process.pid, None)
                if process.returncode == 0:
                    acknowledged[title] = json.loads(out)["digitization_no"]
                    if len(acknowledged) >= o.items:
                        stop.set()
                elif process.returncode != -signal.SIGKILL:
                    failures.append(f"{title}: {process.returncode} {err} {out}")
                    stop.set()

    start = time.time()
    threads = [threading.Thread(target=desk, args=(n,)) for n in range(o.processes)]
    for t in threads:
        t.start()
    turn = 0
    while not stop.wait(1.0):
        with lock:
            pids = sorted(running)
            if not pids:
                continue
            # Never the same desk twice in a row; of our own children only, by their ids.
            pid = pids[turn % len(pids)]
            turn += 1
            running[pid].kill()
            kills += 1
    for t in threads:
        t.join()
    seconds = time.time() - start

    def wrong(what):
        print("FAILED:", what)
        sys.exit(1)

    try:
        if failures:
            wrong(failures[0])
        rows = json.loads(call("register", "list").stdout)["rows"]
        numbers = [r["sequence_no"] for r in rows]
        if numbers != list(range(1, len(rows) + 1)):
            wrong(f"numbers have a gap or stand twice: {numbers[:20]} … {len(numbers)}")
        by_title = {}
        for r in rows:
            if r["title"] in by_title:
                wrong(f"{r['title']} is registered twice")
            if r["title"] not in tried:
                wrong(f"{r['title']} was never asked for")
            by_title[r["title"]] = r["digitization_no"]
        for title, number in acknowledged.items():
            if by_title.get(title) != number:
                wrong(f"{title} was acknowledged as {number}, is {by_title.get(title)}")
        done = call("verify", "--all")
        if done.returncode != 0:
            wrong(f"verify: {done.stdout[:2000]}")
        before = call("register", "list").stdout
        if call("rebuild").returncode != 0 or call("register", "list").stdout != before:
            wrong("rebuild makes another register")
        print(f"{len(acknowledged)} acknowledged, {len(rows)} in the register, {kills} kills, "
              f"{o.processes} processes, {seconds:.0f} s: no gap, none twice")
        print("all ok")
    finally:
        shutil.rmtree(work, ignore_errors=True)


main()
