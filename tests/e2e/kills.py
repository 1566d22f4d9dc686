#!/usr/bin/env python3
"""kill -9 at random moments of everything that changes a data folder, and an oracle after each:
what was acknowledged is present, whole, once and findable; nothing is half-stored; the work goes on.

kills.py PROGRAM SANE_FOLDER [--rounds N] [--seed S] [--keep]

SANE_FOLDER has the tests' `pages` driver. Prints one line a round and a summary; exits 1 at the first
thing that is wrong, leaving the data folder there with --keep.
"""
import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

WORDS = ("kelapa nelayan sekolah gunung pasar perahu rumah pohon sungai laut ikan guru desa kota jalan "
         "hutan kebun sawah padi jagung burung kuda kambing sapi pantai pulau teluk bukit lembah danau "
         "hujan angin malam siang pagi sore bulan bintang matahari tanah batu pasir kayu bambu rotan "
         "kain benang perak emas besi kapal layar jangkar nakhoda juragan petani pedagang murid").split()


def pdf(path, lines):
    """One small page with these lines, as the smallest PDF that poppler draws."""
    text = "BT /F1 16 Tf 12 64 Td 22 TL " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
    objects = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
               "<</Type/Page/Parent 2 0 R/MediaBox[0 0 230 88]/Contents 4 0 R"
               "/Resources<</Font<</F1 5 0 R>>>>>>",
               f"<</Length {len(text)}>>\nstream\n{text}\nendstream",
               "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>"]
    out, places = b"%PDF-1.4\n", []
    for i, o in enumerate(objects):
        places.append(len(out))
        out += f"{i + 1} 0 obj\n{o}\nendobj\n".encode()
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(b"%010d 00000 n \n" % p for p in places)
    out += f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n".encode()
    with open(path, "wb") as f:
        f.write(out)


class Wrong(Exception):
    pass


class Kills:
    def __init__(self, options, work):
        self.o = options
        self.work = work
        self.data = os.path.join(work, "data")
        self.random = random.Random(options.seed)
        self.items = {}      # title -> {"pages": [words…], "acked": pages acknowledged, "closed": bool}
        self.backups = 0     # acknowledged
        self.count = 0
        self.used = set()
        self.misread = set()  # pages, also in calm
        self.drawn = 0
        self.environment = dict(
            os.environ, ALIHMEDIA_REPOSITORY_KEEP_FREE_MIB="0",
            ALIHMEDIA_REPOSITORY_KEEP_FREE_PERCENT="0", ALIHMEDIA_REPOSITORY_BALLAST_MIB="0",
            SANE_CONFIG_DIR=os.path.join(work, "sane.d"), LD_LIBRARY_PATH=options.sane)
        os.makedirs(os.path.join(work, "sane.d"))
        with open(os.path.join(work, "sane.d", "dll.conf"), "w") as f:
            f.write("pages\n")

    # --- running

    def command(self, *words):
        return [self.o.program, "--data", self.data, "--json", *words]

    def run(self, *words, expect=(0,)):
        """A call that is left alone; must end well and within a minute."""
        done = subprocess.run(self.command(*words), capture_output=True, text=True, timeout=120,
                              env=self.environment)
        if done.returncode not in expect:
            raise Wrong(f"{' '.join(words)}: exit {done.returncode}: {done.stdout[-600:]} "
                        f"{done.stderr[-600:]}")
        return done

    def json(self, *words, expect=(0,)):
        return json.loads(self.run(*words, expect=expect).stdout)

    def killed(self, words, longest):
        """Runs and kills at a random moment. Gives (ended by itself with 0, output, errors)."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = subprocess.Popen(self.command(*words), stdout=out, stderr=err,
                                     env=self.environment, start_new_session=True)
            try:
                child.wait(timeout=self.random.uniform(0.01, longest))
            except subprocess.TimeoutExpired:
                pass
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            child.wait()
            out.seek(0)
            err.seek(0)
            return child.returncode == 0, out.read().decode(), err.read().decode()

    # --- what is done

    def new_pages(self, count, kind):
        folder = os.path.join(self.work, f"in-{self.count}")
        os.makedirs(folder)
        pages = []
        for i in range(count):
            while True:
                words = tuple(self.random.sample(WORDS, 3))
                if words not in self.used:
                    break
            self.used.add(words)
            self.drawn += 1
            pages.append(" ".join(words))
            self.draw(os.path.join(folder, f"{i + 1:03}"), words, kind)
        self.count += 1
        return folder, pages

    def draw(self, path, words, kind):
        pdf(path + ".pdf", [" ".join(words[:2]), words[2]])
        if kind == "png":
            subprocess.run(["pdftoppm", "-r", "200", "-gray", "-png", "-singlefile", path + ".pdf", path],
                           check=True)
            os.remove(path + ".pdf")

    def found_in_calm(self, words, kind):
        """Whether the page is found where nothing is killed: a few such small pages are misread."""
        with tempfile.TemporaryDirectory(dir=self.work) as calm:
            self.draw(os.path.join(calm, "page"), words.split(), kind)
            program = [self.o.program, "--data", os.path.join(calm, "data"), "--json", "--quiet"]
            for words_of in (["ingest", os.path.join(calm, "page." + kind), "--wait"], ["search", words]):
                done = subprocess.run(program + words_of, capture_output=True, text=True, timeout=120,
                                      env=self.environment)
                if done.returncode != 0:
                    raise Wrong(f"in calm: {' '.join(words_of)}: exit {done.returncode}: {done.stderr[-600:]}")
            return json.loads(done.stdout)["total"] > 0

    def title(self):
        return f"Berkas nomor {self.count}"

    def ingest(self):
        folder, pages = self.new_pages(self.random.randint(1, 4), "pdf")
        title = self.title()
        ok, out, _ = self.killed(["ingest", folder, "--title", title], 1.2)
        self.items[title] = {"pages": pages, "acked": len(pages) if ok and out else None,
                             "closed": False}
        shutil.rmtree(folder)

    def scan(self):
        folder, pages = self.new_pages(self.random.randint(2, 5), "png")
        title = self.title()
        ok, _, err = self.killed(["scan", "--device", "pages:" + folder, "--title", title], 1.5)
        # Each page is acknowledged when it is said to be stored.
        stored = err.count("tersimpan")
        self.items[title] = {"pages": pages, "acked": len(pages) if ok else stored or None,
                             "closed": False, "scan": True}
        shutil.rmtree(folder)

    def process(self):
        self.killed(["process"], 3.0)

    def close(self):
        for item in self.json("item", "list")["items"]:
            known = self.items[item["title"]]
            if known["closed"] or item["state"] not in ("indexed", "processed"):
                continue
            number = item["digitization_no"]
            self.run("item", "set", number, "batch_no=1", "source_unit=Layanan", "material_type=book",
                     "language=ind", "script=Latn", f"page_count_declared={item['pages']}",
                     "condition=good", "original_location=Rak 1", "rights_status=public_domain")
            ok, out, _ = self.killed(["item", "close", number], 0.25)
            known["closed"] = ok and bool(out)
            return

    def change(self):
        """A closed item gets a new version."""
        closed = [i for i in self.json("item", "list")["items"] if self.items[i["title"]]["closed"]]
        if closed:
            number = self.random.choice(closed)["digitization_no"]
            note = f"catatan {self.count} {self.random.random()}"
            ok, out, _ = self.killed(["item", "set", number, "note=" + note], 0.25)
            if ok and out and self.json("item", "show", number)["note"] != note:
                raise Wrong(f"{number}: the acknowledged note is gone")

    def backup(self):
        ok, _, _ = self.killed(["backup", os.path.join(self.work, "cadangan")], 1.0)
        self.backups += ok

    def rebuild(self):
        self.killed(["rebuild"], 0.8)
        # A rebuild that was cut off is run again: the words of the refusal say so.
        done = self.run("status", expect=(0, 6, 7))
        if done.returncode != 0:
            if "rebuild" not in done.stdout + done.stderr:
                raise Wrong("after a killed rebuild: " + done.stderr)
            self.run("rebuild")

    def serve(self):
        """The service takes something in and works, and dies."""
        service = subprocess.Popen([self.o.program, "--data", self.data, "--quiet", "serve", "--listen",
                                    "127.0.0.1:0"], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env=self.environment,
                                   start_new_session=True)
        try:
            for _ in range(100):
                if os.path.exists(os.path.join(self.data, "service.json")):
                    break
                time.sleep(0.05)
            folder, pages = self.new_pages(self.random.randint(1, 3), "pdf")
            title = self.title()
            call = subprocess.Popen(self.command("ingest", folder, "--title", title, "--wait"),
                                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                    env=self.environment, start_new_session=True)
            time.sleep(self.random.uniform(0.05, 2.0))
            os.killpg(service.pid, signal.SIGKILL)
            service.wait()
            try:
                out, _ = call.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                os.killpg(call.pid, signal.SIGKILL)
                raise Wrong("a call of a dead service does not end") from None
            acked = call.returncode == 0 and out
            self.items[title] = {"pages": pages, "acked": len(pages) if acked else None,
                                 "closed": False}
            shutil.rmtree(folder)
        finally:
            if service.poll() is None:
                os.killpg(service.pid, signal.SIGKILL)
                service.wait()

    # --- the oracle

    def check(self):
        problems = self.json("verify", "--all")["problems"]
        if problems:
            raise Wrong(f"verify: {problems[:5]}")
        listed = self.json("item", "list")["items"]
        titles = [i["title"] for i in listed]
        if len(set(titles)) != len(titles):
            raise Wrong("an item is there twice")
        numbers = [int(i["digitization_no"].rsplit("/", 1)[1]) for i in listed]
        if numbers != list(range(1, len(numbers) + 1)):
            raise Wrong(f"the register has gaps or is out of order: {numbers}")
        for item in listed:
            known = self.items[item["title"]]
            expected, least = len(known["pages"]), known["acked"]
            # A scan is kept page by page; files of one call come together or not at all.
            if item["pages"] > expected or (not known.get("scan") and item["pages"] != expected):
                raise Wrong(f"{item['title']}: {item['pages']} pages of {expected}")
            if least is not None and item["pages"] < least:
                raise Wrong(f"{item['title']}: {item['pages']} pages, {least} acknowledged")
            if known["closed"] and self.json("item", "show", item["digitization_no"])["version"] < 1:
                raise Wrong(f"{item['title']}: was closed and is not")
            known["acked"] = item["pages"]  # from now on it must stay
        for title, known in self.items.items():
            if known["acked"] is not None and title not in titles:
                raise Wrong(f"{title}: acknowledged and gone")
        self.items = {t: k for t, k in self.items.items() if t in titles}

    def check_search(self):
        self.run("process")
        status = self.json("status")["queue"]
        if status["pending"] or status["failed"]:
            raise Wrong(f"pages are left: {status}")
        for item in self.json("item", "list")["items"]:
            known = self.items[item["title"]]
            for page, words in enumerate(known["pages"][:item["pages"]]):
                hits = [h for h in self.json("search", " ".join(words.split()), "--limit", "100")["hits"]
                        if h["kind"] == "page" and h["digitization_no"] == item["digitization_no"]
                        and h["page"] == page + 1]
                if not hits and not self.found_in_calm(words, "png" if known.get("scan") else "pdf"):
                    self.misread.add((item["title"], page))
                    if len(self.misread) * 20 > 20 + self.drawn:
                        raise Wrong(f"more than a twentieth of the pages is misread: {self.misread}")
                    continue
                if len(hits) != 1:
                    raise Wrong(f"{item['title']} page {page + 1}: '{words}' is found {len(hits)} times")

    def check_backup(self):
        """The newest whole backup can be restored, and it is whole."""
        target = os.path.join(self.work, "cadangan")
        self.run("backup", target)
        restored = os.path.join(self.work, "pulih")
        mine, self.data = self.data, restored
        try:
            self.run("restore", target)
            self.check()
            self.check_search()
        finally:
            self.data = mine
            shutil.rmtree(restored, ignore_errors=True)

    def go(self):
        steps = [self.ingest, self.scan, self.process, self.process, self.close, self.change, self.backup,
                 self.rebuild, self.serve]
        self.run("ingest", self.first(), "--title", "Berkas pertama")
        tally = {}
        for number in range(1, self.o.rounds + 1):
            step = steps[(number - 1) % len(steps)] if number <= len(steps) else self.random.choice(steps)
            step()
            self.check()
            tally[step.__name__] = tally.get(step.__name__, 0) + 1
            print(f"{number}/{self.o.rounds} {step.__name__}: {len(self.items)} items", flush=True)
            if number % 50 == 0:
                self.check_search()
        self.check_search()
        self.check_backup()
        pages = sum(k["acked"] or 0 for k in self.items.values())
        print(f"all ok: {self.o.rounds} kills {tally}, {len(self.items)} items, {pages} pages, "
              f"seed {self.o.seed}")

    def first(self):
        folder, pages = self.new_pages(2, "pdf")
        self.items["Berkas pertama"] = {"pages": pages, "acked": 2, "closed": False}
        return folder


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("sane")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10 ** 9))
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    options.program = os.path.abspath(options.program)
    options.sane = os.path.abspath(options.sane)
    work = tempfile.mkdtemp(prefix="alihmedia-kills-")
    kills = Kills(options, work)
    try:
        kills.go()
    except Wrong as wrong:
        print(f"FAILED (seed {options.seed}, {work if options.keep else 'not kept'}): {wrong}")
        return 1
    finally:
        if not options.keep:
            shutil.rmtree(work, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
