#!/usr/bin/env bash
# Closed items: ocfl.sh PROGRAM DRAW_BOOK. One OCFL object an item, new versions for later changes,
# a database that can be made from them, and 30 kills while versions are being made.
program=$1 draw_book=$2
. "$(dirname "$0")/lib.sh"
schema=$schemas/ocfl-1.1-inventory_schema.json
[ -f "$schema" ] || { echo "no schema at $schema; inventories are checked without it"; schema=; }
judge() { python3 "$here/ocfl_check.py" data/repository $schema; }
first=$(no 1)

"$draw_book" book --pages 6 >/dev/null
alih ingest book --title "Cerita dari Luwuk" >/dev/null
check "close refuses an incomplete item and names the fields" True \
  "$(alih item close "$first" 2>/dev/null | get "'rights_status' in d['error']['message'] and 'language' in d['error']['message']")"
alih item set "$first" batch_no=2026-01 source_unit=Layanan material_type=book language=ind script=Latn \
  page_count_declared=6 condition=good original_location="Rak 1" rights_status=public_domain >/dev/null
check "close refuses pages that were not read" 5 "$(code alih item close "$first")"
alih process --until-idle >/dev/null
inodes=$(cd data/staging/* && stat -c '%i %n' ./*_m_* | sort)
alih item close "$first" >/dev/null
check "closing twice is a conflict" 5 "$(code alih item close "$first")"
id=$(alih item show "$first" | get "d['item_id']")
check "one object with masters, page records, ALTO and the item" "$id v1 19" "$(judge)"
content=$(find data/repository -path '*/v1/content')
check "masters were moved, not copied" "$inodes" "$(cd "$content" && stat -c '%i %n' ./*_m_* | sort)"
check "nothing stays in staging" "" "$(find data/staging -mindepth 2)"
check "the item's record and events are readable JSON" "Cerita dari Luwuk packaging" \
  "$(get "d['item']['fields']['title'][0], d['events'][-1]['type']" <"$content/item.json" | tr -d "(),'")"

# --- later changes are new versions
alih item set "$first" title="Cerita dari Luwuk, jilid 1" >/dev/null
check "a change of metadata is version 2" "$id v2 19" "$(judge)"
alih page redo "$first" 3 >/dev/null
check "while a page waits nothing is sealed" "$id v2 19" "$(judge)"
alih process --until-idle >/dev/null
check "when it is read again, version 3" "$id v3 19" "$(judge)"
cp book/002.jpg more.jpg
alih ingest more.jpg --to "$first" --wait >/dev/null
check "an added page comes into version 4" "$id v4 22" "$(judge)"
check "only what changed is stored again" "alm-x_0007.json item.json" \
  "$(ls "${content/v1/v4}" | sed 's/alm-[0-9]*-000001_/alm-/' | grep json | sort | xargs)"
check "verify finds no problem" "[]" "$(alih verify --all | get "d['problems']")"
all() { alih item show "$first"; alih item pages "$first"; alih search luwuk | sed 's/"took_ms":[^,]*,//'; }
all >before
rm -r data/index
alih rebuild >/dev/null
all >after
check "rebuild from the objects gives the same" "$(sha256sum <before)" "$(sha256sum <after)"
alih export "$first" --format masters --to masters >/dev/null
(cd masters && sha256sum --quiet -c manifest-sha256.txt)
check "the masters come out of the object" 7 "$(find masters -name '*_m_*' | wc -l)"
alih item withdraw "$first" --reason "permintaan pemilik" >/dev/null
check "withdrawing is a version too" "$id v5 22" "$(judge)"

# --- damage is found
victim=$(find data/repository -name '*_m_0002*')
cp "$victim" kept
printf 'x' | dd of="$victim" bs=1 seek=100 conv=notrunc 2>/dev/null
check "a changed byte is found" 7 "$(code alih verify --all)"
cp kept "$victim"
touch "$(dirname "$victim")/stray"
check "a stray file is found" 7 "$(code alih verify --all)"
rm "$(dirname "$victim")/stray"
check "and nothing else" 0 "$(code alih verify --all)"

# --- killed anywhere while a version is made
"$draw_book" small --pages 2 >/dev/null
second=$(no 2)
alih ingest small --title "Buku kedua" --wait >/dev/null
alih item set "$second" batch_no=2026-01 source_unit=Layanan material_type=book language=ind script=Latn \
  page_count_declared=2 condition=good original_location="Rak 1" rights_status=public_domain >/dev/null
digests=$(cd small && sha256sum ./* | cut -d' ' -f1 | sort)
for i in $(seq 30); do
  delay=$(python3 -c "print(0.02 + 0.02 * $i)")
  if [ "$(alih item show "$second" | get "d['version']")" = 0 ]; then
    python3 "$here/killer.py" "$delay" "$program" --data "$work/data" item close "$second" || true
  else
    python3 "$here/killer.py" "$delay" "$program" --data "$work/data" item set "$second" title="Buku kedua $i" || true
  fi
  alih status >/dev/null
  python3 "$here/killer.py" 0.15 "$program" --data "$work/data" process --until-idle || true
done
alih process --until-idle >/dev/null
check "after 30 kills verify finds no problem" "[]" "$(alih verify --all | get "d['problems']")"
[ "$(alih item show "$second" | get "d['version']")" -gt 0 ] || alih item close "$second" >/dev/null
judge >/dev/null
version=$(alih item show "$second" | get "d['version']")
[ "$version" -gt 1 ] || { echo "FAILED: only version $version; the kills hit nothing" >&2; exit 1; }
alih export "$second" --format masters --to masters2 >/dev/null
check "and the masters are those that came in (version $version)" "$digests" \
  "$(cd masters2 && sha256sum ./*_m_* | cut -d' ' -f1 | sort)"
all >before
rm -r data/index
alih rebuild >/dev/null
all >after
diff before after >difference || { cut -c1-3000 difference >&2; echo "FAILED: the rebuilt database differs" >&2; exit 1; }
echo "ok: and the database can be made again"
echo "all ok"
