#pragma once

#include <string_view>

namespace alih::pipeline {

// README.txt of a backup folder: how to restore without this program. docs/formats/backup.md.
inline constexpr std::string_view kBackupReadme = R"(CADANGAN ALIHMEDIA

Folder ini berisi cadangan folder data alihmedia. Dengan programnya:

  alihmedia --data FOLDER_BARU restore FOLDER_INI

Tanpa programnya (Python 3 saja): simpan baris di bawah sebagai pulih.py, lalu

  python3 pulih.py FOLDER_INI FOLDER_BARU

objects/ab/abcd...   isi berkas; namanya adalah SHA-512 isinya
snapshots/*.json     satu daftar setiap kali mencadangkan; nama = waktu UTC; yang terakhir = terbaru
snapshots/*.sha512   SHA-512 daftar itu: sha512sum -c

Kebenaran ada di repository/ dan staging/; setelah disalin dengan tangan, jalankan
alihmedia --data FOLDER_BARU rebuild.
Jangan mengubah apa pun di folder ini.

ALIHMEDIA BACKUP

This folder is a backup of a data folder of alihmedia. With the program:

  alihmedia --data NEW_FOLDER restore THIS_FOLDER

Without it (Python 3 alone): save the lines below as pulih.py, then

  python3 pulih.py THIS_FOLDER NEW_FOLDER

objects/ab/abcd...   what files hold; each is named by its SHA-512
snapshots/*.json     one list a backup; the name is the UTC time; the last one is the newest
snapshots/*.sha512   the SHA-512 of that list: sha512sum -c

The truth is in repository/ and staging/; after copying by hand run
alihmedia --data NEW_FOLDER rebuild.
Change nothing in this folder.

--- pulih.py
import hashlib, json, os, sys
backup, target = sys.argv[1], sys.argv[2]
newest = max(n[:-5] for n in os.listdir(backup + "/snapshots") if n.endswith(".json"))
for f in json.load(open(backup + "/snapshots/" + newest + ".json"))["files"]:
    name = target + "/" + f["path"]
    try:
        data = open(backup + "/objects/" + f["sha512"][:2] + "/" + f["sha512"], "rb").read()
        if hashlib.sha512(data).hexdigest() != f["sha512"]:
            raise OSError("rusak / damaged")
    except OSError as problem:
        print(f["path"], problem)
        continue
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    open(name, "wb").write(data)
    os.chmod(name, int(f["mode"], 8))
    os.utime(name, ns=(f["mtime_ns"], f["mtime_ns"]))
)";

}  // namespace alih::pipeline
