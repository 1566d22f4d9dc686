#!/usr/bin/env python3
"""Who may see what: people.py PROGRAM

A real service on loopback and the command line beside it, asked by every kind of person for an item of
every access class and rights status. What must come out is written down here, from the office's table
of rights (not from the program), and compared with every way the program has of telling something: items,
pages, words, images, tiles, entity tags, web pages, lists, totals, facets, suggestions, snippets, exports.
"""
import base64
import http.client
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse
import zlib

program = sys.argv[1]
work = tempfile.mkdtemp()
data = os.path.join(work, "data")
environment = dict(os.environ, ALIHMEDIA_REPOSITORY_KEEP_FREE_MIB="0", ALIHMEDIA_REPOSITORY_KEEP_FREE_PERCENT="0",
                   ALIHMEDIA_REPOSITORY_BALLAST_MIB="0", ALIHMEDIA_API_PER_ADDRESS="200")
service = None
failures = []
checks = 0


def check(what, expected, got):
    global checks
    checks += 1
    if expected != got:
        failures.append(f"{what}: expected {expected!r}, got {got!r}")
        if len(failures) > 40:
            raise SystemExit("too many failures:\n" + "\n".join(failures))


def passed(what):
    if failures:
        raise SystemExit("FAILED:\n" + "\n".join(failures))
    print(f"ok: {what} ({checks} checks)", flush=True)


def alih(*words, as_=None, input_=None, expect=0):
    command = [program, "--data", data, "--json", "--quiet"] + (["--as", as_] if as_ else []) + list(words)
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=work, input=input_, timeout=300)
    if expect is not None and done.returncode != expect:
        raise SystemExit(f"{' '.join(words)} as {as_}: {done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}")
    try:
        return done.returncode, json.loads(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else None
    except json.JSONDecodeError:
        return done.returncode, done.stdout


def serve():
    global service, address
    service = subprocess.Popen([program, "--data", data, "serve", "--listen", "127.0.0.1:0"], env=environment, cwd=work,
                               stdout=open(os.path.join(work, "log"), "a"), stderr=subprocess.STDOUT)
    path = os.path.join(data, "service.json")
    for _ in range(300):
        if service.poll() is not None:
            raise SystemExit("the service does not start: " + open(os.path.join(work, "log")).read()[-2000:])
        if os.path.exists(path):
            address = json.load(open(path))["address"]
            return
        time.sleep(0.1)
    raise SystemExit("the service does not start")


def stop():
    global service
    if service:
        service.terminate()
        service.wait(30)
        service = None


class Answer:
    def __init__(self, response, body):
        self.status = response.status
        self.headers = {k.lower(): v for k, v in response.getheaders()}
        self.body = body

    def json(self):
        return json.loads(self.body)

    def text(self):
        return self.body.decode("utf-8", "replace")


connections = {}


def http_call(method, path, headers=None, body=None):
    for attempt in range(2):
        connection = connections.get(address)
        try:
            if connection is None:
                connection = connections[address] = http.client.HTTPConnection(address, timeout=60)
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            content = response.read()
            if response.getheader("Connection", "").lower() == "close":
                connection.close()
                connections.pop(address, None)
            return Answer(response, content)
        except (http.client.HTTPException, OSError):
            connections.pop(address, None)
            if attempt:
                raise


OUTSIDE = {"X-Forwarded-For": "203.0.113.9"}


class Person:
    """Somebody who asks: by token, from somewhere."""

    def __init__(self, name, place, token=None):
        self.name, self.place, self.token = name, place, token

    def call(self, method, path, headers=None, body=None):
        all_headers = dict(headers or {})
        if self.place < 1:
            all_headers.update(OUTSIDE)
        if self.token:
            all_headers["Authorization"] = "Bearer " + self.token
        return http_call(method, path, all_headers, body)

    def get(self, path, **headers):
        return self.call("GET", path, headers)


# The office's table, as it is written in its rules. Columns: description, snippets and full-text search,
# page images, full text and download. 0 everybody, 1 on the premises, 2 operators, 3 librarians, 4
# archivists and section heads.
RIGHTS = {
    "public_domain": (0, 0, 0, 0),
    "open_government_work": (0, 0, 0, 0),
    "licensed": (0, 0, 1, 3),
    "licensed+images": (0, 0, 0, 3),
    "licensed+download": (0, 0, 1, 0),
    "in_copyright": (0, 0, 1, 3),
    "orphan": (0, 0, 1, 3),
    "undetermined": (0, 2, 2, 3),
    "confidential": (4, 4, 4, 4),
}
CLASSES = {"public": (0, 0, 0, 0), "on_premises": (0, 1, 1, 3), "restricted": (2, 2, 2, 2), "closed": (4, 4, 4, 4)}
RANK = {"outside": 0, "on premises": 1, "operator": 2, "librarian": 3, "archivist": 4, "section_head": 4,
        "administrator": 0, "administrator on premises": 1}
SHORT = {"licensed", "licensed+download", "in_copyright", "orphan"}  # quoted in part to those outside the staff


class Thing:
    def __init__(self, number, access, rights, word):
        self.no, self.access, self.rights, self.word = number, access, rights, word
        self.need = tuple(max(a, b) for a, b in zip(RIGHTS[rights], CLASSES[access]))

    @property
    def folded(self):
        return self.no.lower().replace("/", "-")

    def may(self, person, column):
        return RANK[person.name] >= self.need[column]


def png(width, height):
    """A white page with a rule around it."""
    rows = b"".join(b"\0" + bytes(0 if 20 < y < 24 and 20 < x < width - 20 else 255 for x in range(width))
                    for y in range(height))

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) +
            chunk(b"pHYs", struct.pack(">IIB", 3937, 3937, 1)) + chunk(b"IDAT", zlib.compress(rows)) +
            chunk(b"IEND", b""))


def unique(i):
    """A word of letters that is like no other."""
    return "qz" + "".join("bdfgklmnprst"[(i >> (3 * k)) % 8] + "aiou"[(i + k) % 4] for k in range(3)) + "xw"


def main():
    # --- nobody has an account: who is at the machine is staff
    with open(os.path.join(work, "page.png"), "wb") as f:
        f.write(png(300, 400))
    serve()
    check("staff at the machine", 200, http_call("GET", "/api/v1/jobs").status)
    check("not through a proxy", 401, http_call("GET", "/api/v1/jobs", OUTSIDE).status)
    check("not by another name", 401, http_call("GET", "/api/v1/jobs", {"Host": "arsip.example"}).status)
    things = []
    i = 0
    for access in CLASSES:
        for rights in RIGHTS:
            i += 1
            word = unique(i)
            _, made = alih("ingest", "page.png", "--title", f"Judul {word}t kumpulan")
            number = made["items"][0]["digitization_no"]
            fields = [f"access_class={access}", f"rights_status={rights.split('+')[0]}", f"date_issued={1900 + i}",
                      f"language={'ind' if i % 2 else 'nld'}", f"material_type={'book' if i % 3 else 'map'}"]
            if "+" in rights:
                fields.append("licence_allows=" + rights.split("+")[1])
            alih("item", "set", number, *fields)
            things.append(Thing(number, access, rights, word))
    alih("process", "--until-idle")
    filler = " ".join(f"kalimat{chr(97 + k)}" for k in range(26))
    for t in things:
        answer = http_call("PUT", f"/api/v1/items/{t.folded}/pages/1/text", {"Content-Type": "text/plain"},
                           f"{filler} bersamanya {t.word} {filler}\n")
        check(f"text of {t.no}", 200, answer.status)
    _, shown = alih("item", "show", things[0].no)
    decision = [e for e in shown["events"] if e["type"] == "rights decision"]
    check("a decision on rights is an event", 1, len(decision))
    check("with its legal basis", True, "undetermined -> public_domain" in decision[0]["detail"] and
          "basis: UU 28/2014" in decision[0]["detail"])
    passed("36 items of every class and status")

    # --- people
    code, invited = alih("user", "invite")
    check("the first one is an administrator", ["administrator"], invited["roles"])
    people = {}
    for role in ("operator", "librarian", "archivist", "section_head", "administrator"):
        name = "u." + role
        alih("user", "add", name, "--full-name", f"Nama {role}", "--nip", "198704122010012003", "--role", role)
        alih("user", "password", name, input_=f"sandi untuk {role} 1\n")
        _, token = alih("token", "new", name, "--scope", "read,write,keep,people", "--days", "2")
        people[role] = Person(role, 0, token["token"])
    nobody = Person("outside", 0)
    reader = Person("on premises", 1)
    at_desk = Person("administrator on premises", 1, people["administrator"].token)
    everybody = [nobody, reader, at_desk] + list(people.values())
    check("the machine alone is not enough any more", 401, reader.get("/api/v1/jobs").status)
    own = json.load(open(os.path.join(data, "service.json")))["token"]
    check("the owner of the data folder is known by the service's own token", 200,
          http_call("GET", "/api/v1/jobs", {"Authorization": "Bearer " + own}).status)
    check("at the machine only", 401,
          http_call("GET", "/api/v1/jobs", dict(OUTSIDE, Authorization="Bearer " + own)).status)
    check("the machine itself may read its numbers", 200, reader.get("/metrics").status)
    check("others may not", 401, http_call("GET", "/metrics", OUTSIDE).status)
    check("a wrong token is refused everywhere", 401,
          http_call("GET", "/healthz", {"Authorization": "Bearer alih_" + "0" * 64}).status)
    check("a password is not shown", False, "argon2" in json.dumps(alih("user", "list")[1]))
    for path in os.listdir(os.path.join(data, "people")):
        check("account files are the owner's", 0o600, os.stat(os.path.join(data, "people", path)).st_mode & 0o777)
    passed("accounts and tokens")

    head = people["section_head"]
    absent = "alm-2026-999999"

    # --- every item, every page, every image
    def same_as_absent(answer, path, t, person):
        """A hidden item answers as one that does not exist."""
        other = person.get(path.replace(t.folded, absent))
        if answer.headers["content-type"].startswith("text/html"):
            return answer.status == other.status and \
                answer.text().replace(t.folded, absent) == other.text()
        a, b = answer.json(), other.json()
        a.pop("request_id"), b.pop("request_id")
        return answer.status == other.status and json.dumps(a).replace(t.folded, absent) == json.dumps(b)

    tags = {}
    kinds = ("image", "thumbnail", "pyramid", "before", "reading", "tiles/0/0/0")
    for t in things:
        for kind in kinds:
            answer = head.get(f"/api/v1/items/{t.folded}/pages/1/{kind}")
            check(f"the section head sees {t.no} {kind}", 200, answer.status)
            tags[t.no, kind] = answer.headers["etag"]
    for person in everybody:
        staff = RANK[person.name] >= 2
        for t in things:
            finds, searches, views, _ = (t.may(person, c) for c in range(4))
            label = f"{person.name}, {t.access} {t.rights}"
            base = f"/api/v1/items/{t.folded}"
            answer = person.get(base)
            check(f"{label}: item", 200 if finds else 404, answer.status)
            if finds:
                check(f"{label}: events", staff, len(answer.json()["events"]) > 0)
                check(f"{label}: names of the staff", staff, "root" in answer.text() or '"agent"' in answer.text())
            else:
                for path in (base, base + "/pages", base + "/pages/1", base + "/pages/1/image", base + "/pages/7",
                             f"/koleksi/{t.folded}", f"/koleksi/{t.folded}/halaman/1",
                             f"/api/v1/search?q=x&item={t.folded}"):
                    hidden = person.call("GET", path, {"Accept": "text/html"} if path[1] == "k" else {})
                    check(f"{label}: {path} as if not there", True,
                          hidden.status == 404 and same_as_absent(hidden, path, t, person)
                          if path[1] != "k" else hidden.status == 404)
                    check(f"{label}: {path} tells nothing", False, t.word in hidden.text() or "etag" in hidden.headers)
            pages = person.get(base + "/pages")
            check(f"{label}: pages", 200 if finds else 404, pages.status)
            if finds:
                row = pages.json()["pages"][0]
                check(f"{label}: master's name and findings", staff, row["master"] is not None and row["findings"] != [])
                page = person.get(base + "/pages/1").json()
                check(f"{label}: words", views, t.word in page["text"] and len(page["words"]) > 50)
                check(f"{label}: no text otherwise", views, page["text"] != "" or page["words"] != [])
            image_status = 200 if views else 403 if finds else 404
            for kind in kinds:
                path = f"{base}/pages/1/{kind}"
                answer = person.get(path)
                check(f"{label}: {kind}", image_status, answer.status)
                check(f"{label}: {kind} is no image", views, answer.headers["content-type"].startswith("image/"))
                again = person.call("GET", path, {"If-None-Match": tags[t.no, kind]})
                check(f"{label}: {kind}, known already", 304 if views else image_status, again.status)
                check(f"{label}: {kind}, any tag", 304 if views else image_status,
                      person.call("GET", path, {"If-None-Match": "*"}).status)
                check(f"{label}: {kind} has a tag", views, "etag" in again.headers)
            check(f"{label}: HEAD", image_status, person.call("HEAD", f"{base}/pages/1/image").status)
            check(f"{label}: a part", 206 if views else image_status,
                  person.call("GET", f"{base}/pages/1/image", {"Range": "bytes=0-9"}).status)
            if views:
                caching = person.get(f"{base}/pages/1/image").headers["cache-control"]
                check(f"{label}: only what is everybody's may be kept", max(t.need[2], t.need[0]) == 0,
                      "max-age" in caching)
            page = person.call("GET", f"/koleksi/{t.folded}", {"Accept": "text/html"})
            check(f"{label}: web page", 200 if finds else 404, page.status)
            check(f"{label}: pictures on it", views, f"/api/v1/items/{t.folded}/pages/1/thumbnail" in page.text())
            answer = person.call("GET", f"/koleksi/{t.folded}/halaman/1?q={t.word}", {"Accept": "text/html"})
            check(f"{label}: web page", image_status, answer.status)
            check(f"{label}: its text", views, answer.text().count(t.word) > answer.text().count("q=" + t.word) + 1)
            check(f"{label}: the word is marked", views and searches, "<rect " in answer.text())
            check(f"{label}: the way to what was done", views and staff, "/banding" in answer.text())
            answer = person.call("GET", f"/koleksi/{t.folded}/halaman/1/banding", {"Accept": "text/html"})
            check(f"{label}: what was done",
                  image_status if staff or not views else 403 if person.token else 401, answer.status)
    passed("items, pages, words, images, entity tags, web pages: 8 kinds of people, 36 items")

    # --- what is told in sum
    def search(person, q, **more):
        answer = person.get("/api/v1/search?" + urllib.parse.urlencode(dict({"q": q, "limit": 100}, **more)))
        check(f"{person.name}: search {q}", 200, answer.status)
        return answer.json()

    for person in everybody:
        staff = RANK[person.name] >= 2
        found = [t for t in things if t.may(person, 0)]
        searched = [t for t in things if t.may(person, 1)]
        for by_group in ({}, {"group": "item"}):
            result = search(person, "bersamanya", **by_group)
            check(f"{person.name}: total of text", len(searched), result["total"])
            check(f"{person.name}: hits of text", sorted(t.no for t in searched),
                  sorted(h["digitization_no"] for h in result["hits"]))
            for facet in ("series", "year", "type", "language"):
                check(f"{person.name}: facet {facet}", len(searched), sum(result["facets"][facet].values()))
            check(f"{person.name}: years", sorted(str(1901 + things.index(t)) for t in searched),
                  sorted(result["facets"]["year"]))
        check(f"{person.name}: count by prefix", len(searched), search(person, "bersaman*")["total"])
        check(f"{person.name}: count by likeness", len(searched), search(person, "bersamanja~")["total"])
        result = search(person, "kumpulan")
        check(f"{person.name}: total of titles", len(found), result["total"])
        closed = next(t for t in things if t.access == "closed")
        check(f"{person.name}: what is left out is not told by a difference",
              len([t for t in searched if t is not closed]), search(person, f"bersamanya -{closed.word}")["total"])
        by_number = {t.no: t for t in things}
        for hit in search(person, "bersamanya")["hits"]:
            t = by_number[hit["digitization_no"]]
            check(f"{person.name}: boxes of {t.access} {t.rights}", t.may(person, 2), hit["boxes"] != [])
            plain = re.sub("</?mark>", "", hit["snippet"])
            words = len([w for w in plain.split() if w != "…"])
            check(f"{person.name}: snippet of {t.access} {t.rights}", not staff and t.rights in SHORT, words <= 12)
        for hit in search(person, "kalimat*")["hits"]:
            t = by_number[hit["digitization_no"]]
            check(f"{person.name}: a wildcard lists words", t.may(person, 2), len(hit["matched"]) > 1)
        if RANK[person.name] < 4:
            scores = [h["score"] for h in search(person, "bersamanya")["hits"]]
            check(f"{person.name}: scores tell nothing of what is closed", [1 / (n + 1) for n in range(len(scores))],
                  scores)
        for t in things:
            finds, searches = t.may(person, 0), t.may(person, 1)
            label = f"{person.name}, {t.access} {t.rights}"
            check(f"{label}: its word", int(searches), search(person, t.word)["total"])
            check(f"{label}: its title", int(finds), search(person, t.word + "t")["total"])
            check(f"{label}: its number", int(finds), search(person, f"no:{t.no}")["total"])
            check(f"{label}: its year", int(searches), search(person, "bersamanya", year=1901 + things.index(t))["total"])
            # One letter wrong: whoever may not search it is not told what it is.
            typo = search(person, t.word[:4] + "e" + t.word[5:])
            told = " ".join(typo["suggestions"]) + json.dumps(typo["hits"]) + json.dumps(typo["facets"])
            if not searches:
                check(f"{label}: no word of it in suggestions", False, bool(re.search(t.word + r"\b", told)))
            if not finds:
                check(f"{label}: no word of its title", False, t.word + "t" in told)
        for path in ("/api/v1/items", "/api/v1/register"):
            listed = person.get(path + "?limit=1000").json()
            rows = listed.get("items", listed.get("rows"))
            check(f"{person.name}: {path}", [t.no for t in found], [r["digitization_no"] for r in rows])
            check(f"{person.name}: total of {path}", len(found), listed["total"])
            check(f"{person.name}: window of {path}", len(found), person.get(path + "?limit=1").json()["total"])
        register = person.get("/register").text()
        check(f"{person.name}: rows of the register's page", [t.no in register for t in things],
              [t.may(person, 0) for t in things])
        check(f"{person.name}: its count", True, f"{len(found)} bahan terdaftar" in register)
        home = person.get("/").text()
        for t in things:
            if not t.may(person, 0):
                check(f"{person.name}: the first page names {t.no}", False, t.no in home or t.word in home)
        results = person.call("GET", "/?q=bersamanya", {"Accept": "text/html"}).text()
        check(f"{person.name}: results as a page", True, f"<strong>{len(searched)}</strong>" in results)
        check(f"{person.name}: pictures of results", sum(1 for t in searched[:0]) == 0, True)
        worst = person.get("/api/v1/pages?limit=1000")
        check(f"{person.name}: riskiest pages", 200 if staff else 403 if person.token else 401, worst.status)
        if staff:
            check(f"{person.name}: of what may be found", len(found), worst.json()["total"])
        jobs = person.get("/api/v1/jobs")
        check(f"{person.name}: queue", 200 if staff or person.token else 401, jobs.status)
        if jobs.status == 200:
            check(f"{person.name}: states in the queue", len(found), sum(jobs.json()["items"].values()))
        for path in ("/api/v1/catalogue?barcode=x", "/api/v1/catalogue/01M8H57Y5E4R290J55Q729XEPS"):
            check(f"{person.name}: catalogue", 404 if staff else 403 if person.token else 401, person.get(path).status)
    passed("totals, facets, suggestions, snippets, scores, lists")

    # --- the command line
    for role in people:
        person, name = people[role], "u." + role
        desk = Person("administrator on premises" if role == "administrator" else role, 1)
        found = [t for t in things if t.may(desk, 0)]
        check(f"cli {role}: search", len([t for t in things if t.may(desk, 1)]),
              alih("search", "bersamanya", "--count-only", as_=name)[1]["total"])
        check(f"cli {role}: item list", [t.no for t in found],
              [r["digitization_no"] for r in alih("item", "list", as_=name)[1]["items"]])
        check(f"cli {role}: register list", len(found), alih("register", "list", "--limit", "1", as_=name)[1]["total"])
        exported = alih("register", "export", "--format", "csv", "--to", f"r-{role}.csv", as_=name, expect=None)
        check(f"cli {role}: register export", 6 if role == "administrator" else 0, exported[0])
        if exported[0] == 0:
            check(f"cli {role}: its rows", len(found), exported[1]["rows"])
            text = open(os.path.join(work, f"r-{role}.csv"), encoding="utf-8").read()
            check(f"cli {role}: and no more", [t.may(desk, 0) for t in things], [t.word in text for t in things])
        exported = alih("export", "--all", "--format", "csv", "--to", f"a-{role}.csv", as_=name, expect=None)
        if exported[0] == 0:
            text = open(os.path.join(work, f"a-{role}.csv"), encoding="utf-8").read()
            check(f"cli {role}: export --all", [t.may(desk, 0) for t in things], [t.word in text for t in things])
        for t in things:
            finds, _, views, takes = (t.may(desk, c) for c in range(4))
            label = f"cli {role}, {t.access} {t.rights}"
            check(f"{label}: item show", 0 if finds else 3, alih("item", "show", t.no, as_=name, expect=None)[0])
            check(f"{label}: page show", 0 if views else 6 if finds else 3,
                  alih("page", "show", t.no, "1", as_=name, expect=None)[0])
            target = os.path.join(work, "out.txt")
            got = alih("export", t.no, "--format", "txt", "--to", target, as_=name, expect=None)[0]
            check(f"{label}: export", 0 if takes else 6 if finds else 3, got)
            check(f"{label}: its file", takes, os.path.exists(target))
            if os.path.exists(target):
                os.remove(target)
        report = alih("paper", "print", "register", "--draft", "--for", time.strftime("%Y"), "--to", "p.pdf", as_=name,
                      expect=None)[0]
        check(f"cli {role}: a paper that names closed items", 0 if RANK[role] >= 4 else 6, report)
        for verb, allowed in ((("verify", "--all"), role in ("archivist", "section_head", "administrator")),
                              (("backup", os.path.join(work, "backup")), role == "administrator"),
                              (("chain",), role == "administrator"), (("user", "list"), role == "administrator"),
                              (("token", "list", "u.operator"), role in ("operator", "administrator")),
                              (("record", "list"), role != "administrator"), (("status",), True),
                              (("user", "add", "x", "--full-name", "X", "--role", "section_head"),
                               role == "administrator"),
                              (("import", "r.csv", "--from", "csv"), role not in ("operator", "administrator"))):
            got = alih(*verb, as_=name, expect=None)[0]
            check(f"cli {role}: {' '.join(verb)}", allowed, got != 6)
    check("nobody can act as somebody who is not there", 3, alih("item", "list", as_="x.y", expect=None)[0])
    passed("the command line: lists, items, pages, exports, papers, duties")

    # --- changes
    def patch(person, t, **fields):
        return person.call("PATCH", f"/api/v1/items/{t.folded}", {"Content-Type": "application/json"},
                           json.dumps(fields)).status

    first = {(t.access, t.rights): t for t in things}
    restricted = first["restricted", "undetermined"]
    secret = first["closed", "confidential"]
    for person in everybody:
        known = bool(person.token)
        role = person.name.split()[0]
        staff = RANK[person.name] >= 2
        wanted = 200 if staff else 403 if known else 401
        check(f"{person.name}: describes", wanted, patch(person, restricted, note="catatan"))
        check(f"{person.name}: decides on rights", 200 if staff and role != "operator" else 403 if known else 401,
              patch(person, restricted, rights_status="undetermined", rights_basis=f"menurut {role}"))
        check(f"{person.name}: describes what is hidden", 200 if RANK[person.name] >= 4 else
              404 if staff else 403 if known else 401, patch(person, secret, note="catatan"))
        put = person.call("PUT", f"/api/v1/items/{restricted.folded}/pages/1/text", {"Content-Type": "text/plain"},
                          f"{filler} bersamanya {restricted.word} {role.replace('_', '')}\n").status
        check(f"{person.name}: corrects", wanted, put)
        put = person.call("PUT", f"/api/v1/items/{secret.folded}/pages/1/text", {"Content-Type": "text/plain"},
                          f"{filler} bersamanya {secret.word} {filler}\n").status
        check(f"{person.name}: corrects what is hidden", 200 if RANK[person.name] >= 4 else
              404 if staff else 403 if known else 401, put)
        sent = person.call("POST", "/api/v1/items?title=baru&name=p.png", {"Content-Type": "image/png"},
                           open(os.path.join(work, "page.png"), "rb").read()).status
        check(f"{person.name}: takes in", 201 if staff else 403 if known else 401, sent)
        more = person.call("POST", f"/api/v1/items/{secret.folded}/pages?name=p.png", {"Content-Type": "image/png"},
                           open(os.path.join(work, "page.png"), "rb").read()).status
        check(f"{person.name}: adds to what is hidden", 201 if RANK[person.name] >= 4 else
              404 if staff else 403 if known else 401, more)
    check("an operator may not decide while taking in", 403, people["operator"].call(
        "POST", "/api/v1/items", {"Content-Type": "application/json"},
        json.dumps({"uploads": [], "fields": {"access_class": "public"}})).status)
    _, shown = alih("item", "show", restricted.no)
    agents = {e["agent"].get("account"): e["agent"] for e in shown["events"] if e["type"] == "metadata modification"}
    check("an act has name and NIP", ("Nama operator", "198704122010012003"),
          (agents["u.operator"]["name"], agents["u.operator"]["nip"]))
    basis = [e["detail"] for e in shown["events"]]
    check("a basis that a person gave stands in the record", "menurut section_head", shown["rights_basis"])
    check("of a text, too", True, any(e["type"] == "text correction" and e["agent"].get("account") == "u.operator"
                                      for e in shown["events"]))
    passed("changes: describing, rights, texts, files; each with name and NIP")

    # --- identity numbers
    nik = "7201051203870001"
    check("set", 200, patch(people["operator"], restricted, identity_no=nik))
    path = f"/api/v1/items/{restricted.folded}"
    for person in everybody:
        known, role = bool(person.token), person.name.split()[0]
        for place in (path, path + "/pages/1", "/api/v1/register?limit=1000", f"/koleksi/{restricted.folded}",
                      f"/api/v1/search?q={nik}"):
            check(f"{person.name}: no NIK in {place}", False, nik in person.get(place).text().replace(f'"query":"{nik}"', "")
                  or "sealed:" in person.get(place).text())
        looked = person.get(path + "/personal")
        check(f"{person.name}: looks on purpose", 200 if role in ("librarian", "archivist", "section_head") else
              403 if known else 401, looked.status)
        if looked.status == 200:
            check(f"{person.name}: sees", [nik], looked.json()["personal"]["identity_no"])
        if role != "section_head":
            check(f"{person.name}: may not erase", 403 if known else 401,
                  person.call("DELETE", path + "/personal", {}, '{"reason": "x"}').status)
    for folder, _, names in os.walk(data):
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                check(f"no NIK in {name}", False, nik.encode() in f.read())
    for form_ in ("csv", "xlsx", "marcxml", "dc", "mods"):
        alih("export", restricted.no, "--format", form_, "--to", "one." + form_, as_="u.section_head")
        content = open(os.path.join(work, "one." + form_), "rb").read()
        check(f"no NIK in {form_}", False, nik.encode() in content or b"sealed:" in content)
    check("erased", 200, head.call("DELETE", path + "/personal", {}, '{"reason": "permintaan anggota"}').status)
    check("for good", {}, head.get(path + "/personal").json()["personal"])
    kinds_of_events = [e["type"] for e in alih("item", "show", restricted.no)[1]["events"]]
    check("each look is an event, and the end", (3, 1), (kinds_of_events.count("personal data access"),
                                                        kinds_of_events.count("personal data erasure")))
    passed("identity numbers: sealed, shown on purpose, erased")

    # --- what is closed has no name in what others are told
    def said(*words, as_):
        done = subprocess.run([program, "--data", data, "--json", "--as", as_] + list(words), capture_output=True, text=True,
                              env=environment, cwd=work, timeout=300)
        return done.returncode, done.stdout + done.stderr

    with open(os.path.join(work, "closed.png"), "wb") as f:
        f.write(png(310, 400))
    hidden = alih("ingest", "closed.png", "--title", "Judul qzrahasia", "--field", "barcode=RHS-1")[1]["items"][0]["digitization_no"]
    alih("item", "set", hidden, "access_class=closed")
    for words in (("--title", "lagi"), ("--no-duplicates", "--title", "lagi")):
        code, text = said("ingest", "closed.png", *words, as_="u.operator")
        check("the same bytes: told, but not whose", (False, True), (hidden in text or "qzrahasia" in text,
                                                                   "arsiparis" in text or "archivist" in text))
    check("the archive's own duplicates are told by name", things[0].no, alih(
        "ingest", "page.png", "--title", "lagi", as_="u.operator")[1]["items"][0]["duplicates"][0]["digitization_no"])
    batch = alih("handover", "new", "--source", "A", "--sender", "B", "--receiver", "C", "--thing", "title=Surat satu",
                 "--thing", "title=Surat dua")[1]["handover"]["batch_no"]
    kept = alih("register", "new", "--handover", batch, "--entry", "1")[1]["digitization_no"]
    alih("item", "set", kept, "access_class=closed")
    for words in (("register", "new", "--handover", batch, "--entry", "1"), ("handover", "reject", batch, "1", "--reason", "x"),
                  ("handover", "return", batch, "1", "--to", "Siti"), ("handover", "return", batch, "--to", "Siti")):
        code, text = said(*words, as_="u.operator")
        check(f"{' '.join(words[:2])}: refused without a number", (True, False), (code != 0, kept in text))
    check("nothing was given back", "registered", alih("item", "show", kept)[1]["state"])
    check("what is not registered can be", 0, said("handover", "return", batch, "2", "--to", "Siti", as_="u.operator")[0])
    check("who may describe it gives it back", 0, said("handover", "return", batch, "--to", "Siti", as_="u.archivist")[0])
    check("and it ends", "returned", alih("item", "show", kept)[1]["state"])
    with open(os.path.join(work, "list.csv"), "w", encoding="utf-8") as f:
        f.write(f"no inventaris,judul,keterangan\n{hidden},Tebakan,x\n")
    code, text = said("import", "list.csv", "--from", "csv", as_="u.librarian")
    check("a list does not tell titles", (True, False), (code != 0, "qzrahasia" in text))
    with open(os.path.join(work, "list.csv"), "w", encoding="utf-8") as f:
        f.write(f"no inventaris,judul,keterangan\n{hidden},Judul qzrahasia,diubah lewat daftar\n")
    check("nor change what one may not find", True, said("import", "list.csv", "--from", "csv", as_="u.librarian")[0] != 0)
    check("it stays as it was", None, alih("item", "show", hidden)[1].get("note"))
    check("an archivist's list may", 0, said("import", "list.csv", "--from", "csv", as_="u.archivist")[0])
    check("and does", "diubah lewat daftar", alih("item", "show", hidden)[1]["note"])
    check("verify of what one may not find", (3, 0), (said("verify", hidden, as_="u.administrator")[0],
                                                      said("verify", hidden, as_="u.archivist")[0]))
    passed("what is closed has no name in what others are told")

    # --- a decision counts at once
    novel = first["public", "in_copyright"]
    image = f"/api/v1/items/{novel.folded}/pages/1/image"
    check("the novel from outside", (200, 403), (nobody.get(f"/api/v1/items/{novel.folded}").status,
                                                 nobody.get(image).status))
    check("in the reading room", 200, reader.get(image).status)
    log = open(os.path.join(work, "log")).read()
    check("the refusal is logged", True, bool(re.search(r'"path":"%s".*"forwarded_for":"203.0.113.9".*"status":403' % image, log)))
    check("public domain now", 200, patch(people["librarian"], novel, rights_status="public_domain",
                                          rights_basis="pengarang wafat 1950"))
    check("at once", 200, nobody.get(image).status)
    check("and searched in full", 1, search(nobody, novel.word)["total"])
    check("closed now", 200, patch(head, novel, access_class="closed"))
    check("at once", (404, 0), (nobody.get(image).status, search(nobody, novel.word)["total"]))
    check("also for who has it in a browser", 404,
          nobody.call("GET", image, {"If-None-Match": tags[novel.no, "image"]}).status)
    check("the basis of the decision is kept", True, any(
        "basis: pengarang wafat 1950" in e["detail"] and e["type"] == "rights decision" and
        e["agent"]["account"] == "u.librarian" for e in alih("item", "show", novel.no)[1]["events"]))
    passed("a decision takes effect at once")

    # --- roles and tokens end at once
    op = people["operator"]
    check("works", 200, op.get("/api/v1/jobs").status)
    alih("user", "set", "u.operator", "--role", "administrator")
    check("another role at once", 404, op.get(f"/api/v1/items/{restricted.folded}").status)
    alih("user", "set", "u.operator", "--role", "operator", "--disable")
    check("disabled at once", 401, op.get("/api/v1/search?q=x").status)
    alih("user", "set", "u.operator", "--enable")
    check("enabled", 200, op.get("/api/v1/jobs").status)
    _, token = alih("token", "new", "u.section_head", "--scope", "read")
    limited = Person("section_head", 0, token["token"])
    check("a token for reading reads", 200, limited.get(f"/api/v1/items/{secret.folded}").status)
    check("and writes nothing", 403, patch(limited, restricted, note="x"))
    alih("token", "revoke", token["id"])
    check("until it is revoked", 401, limited.get(f"/api/v1/items/{secret.folded}").status)
    passed("roles, tokens")

    # --- browsers
    def form(path, fields, cookie="", **headers):
        return http_call("POST", path, dict({"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie},
                                            **headers), urllib.parse.urlencode(fields))

    def cookie_of(answer):
        return answer.headers.get("set-cookie", "").split(";")[0]

    check("staff pages send to the sign-in page", (303, "/masuk?kembali=/katalog"), (lambda a: (
        a.status, urllib.parse.unquote(a.headers.get("location", ""))))(http_call("GET", "/katalog", {"Accept": "text/html"})))
    answer = form("/masuk?kembali=/katalog", {"account": "u.librarian", "password": "sandi untuk librarian 1"})
    check("signed in", (303, "/katalog"), (answer.status, answer.headers.get("location")))
    for part in ("HttpOnly", "SameSite=Lax", "Path=/"):
        check(f"the cookie is {part}", True, part in answer.headers["set-cookie"])
    cookie = cookie_of(answer)
    check("another site cannot lead elsewhere", "/", form("/masuk?kembali=//jahat.example/", {
        "account": "u.librarian", "password": "sandi untuk librarian 1"}).headers.get("location"))
    page = http_call("GET", "/katalog", {"Cookie": cookie, "Accept": "text/html"})
    check("the page is hers", (200, True), (page.status, "Nama librarian" in page.text()))
    check("and nobody keeps it", "no-store", page.headers["cache-control"])
    me = http_call("GET", "/api/v1/session", {"Cookie": cookie}).json()
    check("who am I", ("u.librarian", "librarian"), (me["account"], me["roles"]))
    target = f"/koleksi/{restricted.folded}/halaman/1"
    editor = http_call("GET", target + "?edit=1", {"Cookie": cookie, "Accept": "text/html"}).text()
    key = re.search(r'name="kunci" value="([0-9a-f]{64})"', editor).group(1)
    revision = re.search(r'name="revision" value="(\d+)"', editor).group(1)
    new_text = f"{filler} bersamanya {restricted.word} peramban\n"
    check("a form without its key is refused", 401, form(target, {"text": new_text, "revision": revision}, cookie).status)
    check("with another one, too", 401, form(target, {"text": new_text, "revision": revision, "kunci": "0" * 64},
                                             cookie).status)
    check("from another site", 401, form(target, {"text": new_text, "revision": revision, "kunci": key}, cookie,
                                         Origin="http://jahat.example").status)
    check("with its key it is saved", 303, form(target, {"text": new_text, "revision": revision, "kunci": key}, cookie).status)
    wrong = [form("/masuk", {"account": "u.archivist", "password": f"salah {n}"}).status for n in range(7)]
    check("wrong passwords", [401] * 5 + [429] * 2, wrong)
    check("then the right one has to wait as well", 429,
          form("/masuk", {"account": "u.archivist", "password": "sandi untuk archivist 1"}).status)
    told = []
    for _ in range(100):
        told = [e for e in alih("user", "show", "u.archivist")[1]["events"] if e["type"] == "sign-in refusal"]
        if told:
            break
        time.sleep(0.1)
    check("a refused sign-in is an event of the account", (1, True), (len(told), "from 127.0.0.1" in told[0]["detail"]))
    check("others do not", 303, form("/masuk", {"account": "u.section_head",
                                                "password": "sandi untuk section_head 1"}).status)
    check("somebody who is not there sounds the same", True,
          form("/masuk", {"account": "tidak.ada", "password": "salah"}).text().replace("tidak.ada", "x") ==
          form("/masuk", {"account": "u.operator", "password": "salah"}).text().replace("u.operator", "x"))
    api = http_call("POST", "/api/v1/session", {"Content-Type": "application/json"},
                    json.dumps({"account": "u.section_head", "password": "sandi untuk section_head 1"}))
    check("programs sign in, too", (200, "u.section_head"), (api.status, api.json()["account"]))
    jar = cookie_of(api)
    check("and read", 200, http_call("GET", f"/api/v1/items/{secret.folded}", {"Cookie": jar}).status)
    alih("user", "password", "u.section_head", input_="sandi baru kepala 2\n")
    check("a new password ends the sessions", 404, http_call("GET", f"/api/v1/items/{secret.folded}", {"Cookie": jar}).status)
    # A decision by the form.
    letter = first["restricted", "public_domain"]
    home = http_call("GET", f"/koleksi/{letter.folded}", {"Cookie": cookie, "Accept": "text/html"}).text()
    key = re.search(r'name="kunci" value="([0-9a-f]{64})"', home).group(1)
    decision = {"rights_status": "licensed", "access_class": "public", "rights_basis": "surat izin 12/2026",
                "licence_allows": "images", "kunci": key}
    check("not seen from outside", 404, nobody.get(f"/api/v1/items/{letter.folded}").status)
    check("a form of another session", 401, form(f"/koleksi/{letter.folded}", dict(decision, kunci="1" * 64), cookie).status)
    check("decided in the browser", 303, form(f"/koleksi/{letter.folded}", decision, cookie).status)
    check("as it says", (200, 200), (nobody.get(f"/api/v1/items/{letter.folded}").status,
                                     nobody.get(f"/api/v1/items/{letter.folded}/pages/1/image").status))
    check("what is not ticked is not allowed", 303, form(f"/koleksi/{letter.folded}", {
        k: v for k, v in decision.items() if k != "licence_allows"}, cookie).status)
    check("at once", 403, nobody.get(f"/api/v1/items/{letter.folded}/pages/1/image").status)
    check("nonsense is refused in words", 400, form(f"/koleksi/{letter.folded}", dict(decision, rights_status="x"), cookie).status)
    check("signing out needs the key", 401, form("/keluar", {}, cookie).status)
    check("signed out", 303, form("/keluar", {"kunci": key}, cookie).status)
    check("the cookie is worth nothing now", None, http_call("GET", "/api/v1/session", {"Cookie": cookie}).json()["account"])
    # The first administrator, by the code that the machine printed.
    short = form("/undangan", {"account": "admin", "code": invited["code"], "password": "pendek", "again": "pendek"})
    check("too short a password", 400, short.status)
    done = form("/undangan", {"account": "admin", "code": invited["code"].lower().replace("-", " "),
                              "password": "sandi pengelola 1", "again": "sandi pengelola 1"})
    check("the one-time code", 303, done.status)
    admin = cookie_of(done)
    check("holds once", 401, form("/undangan", {"account": "admin", "code": invited["code"],
                                                "password": "sandi pengelola 2", "again": "sandi pengelola 2"}).status)
    listing = http_call("GET", "/pengguna", {"Cookie": admin, "Accept": "text/html"})
    check("accounts as a page", (200, True), (listing.status, "u.operator" in listing.text()))
    key = re.search(r'name="kunci" value="([0-9a-f]{64})"', listing.text()).group(1)
    made = form("/pengguna", {"do": "add", "account": "budi", "full_name": "Budi <b>", "nip": "", "role": "operator",
                              "kunci": key}, admin)
    check("a new account by the page", (200, True), (made.status, "Budi &lt;b&gt;" in made.text()))
    code = re.search(r"<code>([A-Z0-9-]{29})</code>", made.text()).group(1)
    check("Budi comes in", 303, form("/undangan", {"account": "budi", "code": code, "password": "sandi budi satu",
                                                   "again": "sandi budi satu"}).status)
    check("an administrator sees no content", 404, http_call("GET", f"/api/v1/items/{restricted.folded}",
                                                             {"Cookie": admin}).status)
    mine = http_call("GET", "/akun", {"Cookie": admin, "Accept": "text/html"}).text()
    key = re.search(r'name="kunci" value="([0-9a-f]{64})"', mine).group(1)
    fresh = form("/akun", {"do": "token", "label": "coba", "days": "3", "scope": "read", "kunci": key}, admin)
    token = re.search(r"alih_[0-9a-f]{64}", fresh.text()).group(0)
    check("a token by the page", 200, http_call("GET", "/api/v1/session", {"Authorization": "Bearer " + token}).status)
    check("is shown once", False, token in http_call("GET", "/akun", {"Cookie": admin, "Accept": "text/html"}).text())
    check("the wrong present password", 401, form("/akun", {"do": "password", "old": "x", "password": "sandi pengelola 3",
                                                            "again": "sandi pengelola 3", "kunci": key}, admin).status)
    check("a new one", 303, form("/akun", {"do": "password", "old": "sandi pengelola 1", "password": "sandi pengelola 3",
                                           "again": "sandi pengelola 3", "kunci": key}, admin).status)
    check("ends this session, too", None, http_call("GET", "/api/v1/session", {"Cookie": admin}).json()["account"])
    passed("browsers: sign-in, forms, lockout, the one-time code, accounts")

    # --- networks, a proxy that is trusted
    stop()
    settings = os.path.join(data, "alihmedia.toml")
    with open(settings, "w", encoding="utf-8") as f:
        f.write('[access]\nnetworks = ["10.20.0.0/16"]\ntrusted_proxies = ["127.0.0.1"]\nsnippet_words = 0\n')
    serve()
    orphan = first["public", "orphan"]
    image = f"/api/v1/items/{orphan.folded}/pages/1/image"
    for forwarded, status in (("10.20.30.40", 200), ("203.0.113.9", 403), ("10.20.30.40, 203.0.113.9", 403),
                              ("203.0.113.9, 10.20.30.40", 200), ("10.21.0.1", 403), ("kantor", 403), (None, 403)):
        headers = {"X-Forwarded-For": forwarded} if forwarded else {}
        check(f"forwarded for {forwarded}", status, http_call("GET", image, headers).status)
    check("Forwarded alone is not believed", 403, http_call("GET", image, {"Forwarded": "for=10.20.30.40"}).status)
    check("without snippets the text is not searched either", (0, 1), (
        search(nobody, orphan.word)["total"], search(people["operator"], orphan.word)["total"]))
    passed("networks and proxies")

    # --- a series whose text is for staff only
    stop()
    with open(settings, "w", encoding="utf-8") as f:
        f.write('[access]\nno_text_series = ["ALM-KOL"]\ntrusted_proxies = ["127.0.0.1"]\n')
    serve()
    shown = first["public", "public_domain"]
    for person, reads in ((nobody, False), (reader, False), (people["operator"], True)):
        page = person.get(f"/api/v1/items/{shown.folded}/pages/1").json()
        check(f"{person.name}: text of a series for staff", reads, page["text"] != "" and page["words"] != [])
        answer = person.call("GET", f"/koleksi/{shown.folded}/halaman/1", {"Accept": "text/html"})
        check(f"{person.name}: the page", 200, answer.status)
        check(f"{person.name}: its text", reads, "bersamanya" in answer.text())
        check(f"{person.name}: found by it", reads, search(person, shown.word)["total"] == 1)
        check(f"{person.name}: its image", 200, person.get(f"/api/v1/items/{shown.folded}/pages/1/image").status)
    passed("a series whose text is for staff")

    # --- everything comes back from the files
    stop()
    before = (alih("user", "list")[1], alih("item", "list")[1]["total"])
    refused = [e["detail"] for e in alih("user", "show", "u.archivist")[1]["events"] if e["type"] == "sign-in refusal"]
    check("each refused sign-in is counted", 8, sum(
        int((re.search(r"\): (\d+) from ", d) or [0, 1])[1]) for d in refused))
    check("nothing of names that nobody has", False, any(
        "tidak.ada" in open(os.path.join(data, "people", f)).read() for f in os.listdir(os.path.join(data, "people"))))
    os.remove(settings)
    check("verify", [], alih("verify", "--all")[1]["problems"])
    shutil.rmtree(os.path.join(data, "index"))
    alih("rebuild")
    check("rebuild brings the accounts back", before, (alih("user", "list")[1], alih("item", "list")[1]["total"]))
    check("verify after rebuild", [], alih("verify", "--all")[1]["problems"])
    serve()
    check("and their tokens", 200, people["archivist"].get(f"/api/v1/items/{secret.folded}").status)
    stop()
    alih("backup", os.path.join(work, "backup2"))
    main_data = globals()["data"]
    globals()["data"] = os.path.join(work, "restored")
    alih("restore", os.path.join(work, "backup2"))
    check("a backup, too", before[0], alih("user", "list")[1])
    globals()["data"] = main_data
    passed("rebuild, verify, backup")


try:
    main()
    print("all ok")
finally:
    stop()
    shutil.rmtree(work, ignore_errors=True)
