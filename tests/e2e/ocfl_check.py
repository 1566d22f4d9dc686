#!/usr/bin/env python3
"""ocfl_check.py ROOT [SCHEMA]: an OCFL 1.1 storage root, judged by the text of the specification and
nothing of the program. Prints a line an object: id, head, files of the head's state."""
import hashlib
import json
import os
import re
import sys

root = sys.argv[1]
schema = json.load(open(sys.argv[2])) if len(sys.argv) > 2 else None


def need(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


def digest(path, algorithm="sha512"):
    return hashlib.new(algorithm, open(path, "rb").read()).hexdigest()


need(open(f"{root}/0=ocfl_1.1").read() == "ocfl_1.1\n", "root declaration")
layout = json.load(open(f"{root}/ocfl_layout.json"))
need(set(layout) == {"extension", "description"}, "ocfl_layout.json")
config = json.load(open(f"{root}/extensions/{layout['extension']}/config.json"))
need(config["extensionName"] == layout["extension"], "extension's name")
need(set(os.listdir(root)) >= {"0=ocfl_1.1", "extensions"}, "root files")
for folder, folders, files in os.walk(root):
    if os.path.relpath(folder, root).startswith("extensions"):
        continue
    need(folders or files, f"empty folder {folder}")
    if "0=ocfl_object_1.1" not in files:
        need(folder == root or not files, f"stray files in {folder}")
        continue
    folders.sort()
    versions = sorted((f for f in folders), key=lambda v: int(v[1:]))
    folders.clear()
    need(open(f"{folder}/0=ocfl_object_1.1").read() == "ocfl_object_1.1\n", "object declaration")
    need(set(files) == {"0=ocfl_object_1.1", "inventory.json", "inventory.json.sha512"},
         f"files of {folder}: {files}")
    need(versions == [f"v{i + 1}" for i in range(len(versions))], f"versions {versions}")
    for place in [folder] + [f"{folder}/{v}" for v in versions]:
        side = open(f"{place}/inventory.json.sha512").read()
        need(re.fullmatch(r"[0-9a-f]{128}\s+inventory\.json\n", side), f"sidecar of {place}")
        need(side.split()[0] == digest(f"{place}/inventory.json"), f"digest of {place}")
    inventory = json.load(open(f"{folder}/inventory.json"))
    if schema:
        import jsonschema
        for place in [folder] + [f"{folder}/{v}" for v in versions]:
            jsonschema.validate(json.load(open(f"{place}/inventory.json")), schema)
    need(open(f"{folder}/inventory.json").read() == open(f"{folder}/{versions[-1]}/inventory.json").read(),
         "the head's inventory is the object's")
    need(inventory["head"] == versions[-1] and sorted(inventory["versions"]) == sorted(versions), "head")
    tuples = hashlib.sha256(inventory["id"].encode()).hexdigest()
    need(os.path.relpath(folder, root) == "/".join(
        [tuples[0:3], tuples[3:6], tuples[6:9], inventory["id"]]), f"layout of {folder}")
    listed = {}
    for sha512, paths in inventory["manifest"].items():
        for path in paths:
            need(path not in listed, f"{path} twice")
            listed[path] = sha512
            need(digest(f"{folder}/{path}") == sha512, f"bytes of {path}")
    for sha256, paths in inventory["fixity"]["sha256"].items():
        for path in paths:
            need(digest(f"{folder}/{path}", "sha256") == sha256, f"sha256 of {path}")
    there = {os.path.relpath(f"{d}/{f}", folder) for v in versions
             for d, _, fs in os.walk(f"{folder}/{v}/content") for f in fs}
    need(there == set(listed), f"content and manifest differ: {there ^ set(listed)}")
    for name, version in inventory["versions"].items():
        need(set(version) >= {"created", "state", "message", "user"}, f"version {name}")
        logical = [p for paths in version["state"].values() for p in paths]
        need(len(logical) == len(set(logical)), "a logical path twice")
        need(set(version["state"]) <= set(inventory["manifest"]), "state without content")
        # Older inventories say the same of their own version.
        old = json.load(open(f"{folder}/{name}/inventory.json"))
        need(old["versions"][name]["state"] == version["state"], f"state of {name} changed")
    state = [p for paths in inventory["versions"][inventory["head"]]["state"].values() for p in paths]
    print(inventory["id"], inventory["head"], len(state))
