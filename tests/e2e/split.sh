#!/usr/bin/env bash
# Open books: split.sh PROGRAM DRAW_BOOK SANE_DRIVERS. Pictures of two pages become two pages of one
# master, at every door, and stay so in exports, objects, a rebuild and a backup.
program=$1 draw_book=$2 drivers=$3
. "$(dirname "$0")/lib.sh"
first=$(no 1)

# 1 gray TIFF; 2 colour JPEG, skewed; 3 PNG, faint fold; 4 black and white; 5 one page on its side.
"$draw_book" book --pages 5 --spreads >/dev/null
alih ingest book --title "Buku terbuka" --split-pages --wait >taken
check "four spreads and a sheet are nine pages" "9 4 1 []" \
  "$(get "' '.join(str(d['items'][0][k]) for k in ('pages', 'split', 'unsure_split', 'rejected'))" <taken)"
check "of five masters" 5 "$(alih item pages "$first" | get "len({p['master']['file'] for p in d['pages']})")"
check "both halves name the same one" True \
  "$(alih item pages "$first" | get "all(d['pages'][i]['master']['file'] == d['pages'][i + 1]['master']['file'] for i in (0, 2, 4, 6))")"
check "the register counts each file once" "$(cat book/0* | wc -c) 9" \
  "$(alih item show "$first" | get "'%d %d' % (d['total_bytes'], d['image_count'])")"
alih export "$first" --format txt --to out/txt >/dev/null
for n in 1 2 3 4 5 6 7 8; do
  alih page show "$first" "$n" >"page$n"
  side=$((n % 2)) own=kanan other=kiri
  if [ "$side" = 1 ]; then own=kiri other=kanan; fi
  check "page $n has its own words only" "True 0" "$(get "
'%s %d' % (sum(w['text'].startswith('$own') for w in d['words']) >= 12, sum(w['text'].startswith('$other') for w in d['words']))" <"page$n")"
  check "page $n is a part of its master, and its words map into it" True "$(get "
(lambda r, m: all(r[0] <= m[0] * (x + w / 2) + m[1] * (y + h / 2) + m[2] <= r[0] + r[2]
                  for x, y, w, h in (v['box'] for v in d['words'])))(d['master']['region'], d['to_master'])" <"page$n")"
done
check "the sheet is whole and says why" "None False" \
  "$(alih page show "$first" 9 | get "'%s %s' % (d['master']['region'], d['findings'][0]['applied'])")"
check "the event names the split and its confidence" 8 "$(alih item show "$first" | get "
sum('split with confidence 0.' in e['detail'] or 'split with confidence 1.' in e['detail'] for e in d['events'])")"

# --- exports
for format in pdf pdfa1b alto hocr masters; do
  alih export "$first" --format "$format" --to "out/$format" >/dev/null
done
qpdf --check out/pdf >/dev/null
check "the PDF has nine pages, upright but the sheet" "9 8" "$(pdfinfo -l 99 out/pdf |
  awk '/^Pages:/ {n = $2} /^Page .* size:/ {if ($4 < $6) u++} END {print n, u}')"
check "the black and white pages are G4" 2 "$(pdfimages -list out/pdf | grep -c ccitt)"
python3 "$here/pdf_words.py" out/pdf out/alto
check "ALTO says which part" 8 "$(cat out/alto/*.xml | grep -c '; region ')"
if [ -d "$schemas" ]; then
  for page in out/alto/*.xml; do
    XML_CATALOG_FILES="$schemas/catalog.xml" xmllint --nonet --noout --schema "$schemas/alto-4-4.xsd" "$page" 2>/dev/null ||
      { echo "FAILED: $page does not validate" >&2; exit 1; }
  done
fi
check "the masters are the files as they came" "$(cat book/001.tif book/002.jpg book/003.png book/004.tif book/005.tif | sha256sum)" \
  "$(cat out/masters/*_m_* | sha256sum)"
serve
base="http://$address/api/v1/items/alm-$(date +%Y)-000001/pages"
for n in 1 2; do
  curl -fsS -o "image$n.jpg" "$base/$n/image"
  curl -fsS -o "pyramid$n.tif" "$base/$n/pyramid"
  check "page $n is served at its own size" \
    "$(get "'%dx%d' % (d['access_width'], d['access_height'])" <"page$n")" "$(file -b "image$n.jpg" | grep -o '[0-9]\{3,\}x[0-9]\{3,\}' | tail -1)"
done
check "not the same picture twice" 4 "$(sha256sum image?.jpg pyramid?.tif | cut -c1-64 | sort -u | wc -l)"
curl -fsS -H "Authorization: Bearer $(get "d['token']" <data/service.json)" --data-binary @book/001.tif \
  -o posted "http://$address/api/v1/items?name=dua.tif&split_pages=true"
check "over HTTP too" 2 "$(get "d['items'][0]['pages']" <posted)"
kill "$service" && wait "$service" 2>/dev/null || true
service=""

# --- kept
alih item set "$first" batch_no=1 source_unit=Layanan material_type=book language=ind script=Latn \
  page_count_declared=9 condition=good original_location="Rak 1" rights_status=public_domain >/dev/null
alih item close "$first" >/dev/null
check "one object: 5 masters, 9 records, 9 ALTO, the item" "v1 24" \
  "$(python3 "$here/ocfl_check.py" data/repository | cut -d' ' -f2-)"
check "verify finds no problem" "[]" "$(alih verify --all | get "d['problems']")"
all() { alih item show "$first"; alih item pages "$first"; alih search kanan | sed 's/"took_ms":[^,]*,//'; }
all >before
alih backup cadangan >/dev/null
rm -r data/index
alih rebuild >/dev/null
all >after
check "rebuild gives the same" "$(sha256sum <before)" "$(sha256sum <after)"
data=pulih
alih restore cadangan >/dev/null
all >restored
check "a restored backup too" "$(sha256sum <before)" "$(sha256sum <restored)"
check "and verifies" "[]" "$(alih verify --all | get "d['problems']")"
alih page redo "$first" 2 >/dev/null
alih process --until-idle >/dev/null
check "a half is read again as that half" "$(get "d['recipe']" <page2)" "$(alih page show "$first" 2 | get "d['recipe']")"

# --- the other doors, and no
data=lain
pages() { alih item show "$(no "$1")" | get "d['image_count']"; }
alih ingest book/001.tif --title Tidak --profile buku --no-split-pages >/dev/null
check "a profile of books splits, unless told not to" 1 "$(pages 1)"
alih ingest book/001.tif --title Ya --profile buku >/dev/null
check "and does when not told" 2 "$(pages 2)"
mkdir -p hot
cp book/002.jpg hot/
ALIHMEDIA_PIPELINE_WATCH_SETTLE_S=1 alih watch hot --once --split-pages >/dev/null
check "the hot folder" 2 "$(pages 3)"
mkdir sane feeder
cp book/001.tif book/003.png book/005.tif feeder/
echo pages >sane/dll.conf
check "and the scanner: two spreads and a sheet" "5 feeder_empty" "$(SANE_CONFIG_DIR=$work/sane LD_LIBRARY_PATH=$drivers \
  alih scan --device "pages:$work/feeder" --split-pages --title pindai | get "'%d %s' % (d['pages_captured'], d['outcome'])")"
check "three masters" 3 "$(alih item pages "$(no 4)" | get "len({p['master']['file'] for p in d['pages']})")"
check "the findings tell of it" "True False" "$(alih item pages "$(no 4)" | get "'%s %s' % (d['pages'][1]['findings'][0]['applied'], d['pages'][4]['findings'][0]['applied'])")"
check "verify finds no problem here" "[]" "$(alih verify --all | get "d['problems']")"
echo "all ok"
