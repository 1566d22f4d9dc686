#!/usr/bin/env bash
# What comes in at the doors of the real program: doors.sh PROGRAM DRAW_BOOK SANE_DRIVERS
# Scanned folders of pages, files of every kind, names in any script, the same file twice, hostile
# files. Real samples are used where they are at hand (ALIH_SAMPLES, or shared/samples beside the
# source tree).
program=$1 draw_book=$2 drivers=$3
. "$(dirname "$0")/lib.sh"

# --- a folder of 40 pages through SANE comes out pixel-identical
data=scanned
mkdir feeder sane
"$draw_book" feeder --pages 40 >/dev/null
if [ -d "$samples" ]; then
  # Real pages of every depth and colour take the place of the drawn ones.
  rm -f feeder/*
  find "$samples" -maxdepth 1 -type f \( -name '*.tif' -o -name '*.png' -o -name '*.jpg' \) |
    sort | sed -n 1,40p | xargs -I{} cp {} feeder/
else
  echo "no samples at $samples; scanning drawn pages"
fi
echo pages >sane/dll.conf
outcome=$(SANE_CONFIG_DIR=$work/sane LD_LIBRARY_PATH=$drivers alih scan --device "pages:$work/feeder" --title feeder |
  get "d['pages_captured'], d['outcome']")
check "forty sheets from the folder" "40 feeder_empty" "$outcome"
alih ingest feeder --title "the same as files" >/dev/null
alih export "$(no 1)" --format masters --to masters >/dev/null
alih ingest masters/*.tif --title "the masters as files" >/dev/null
pixels() { alih item pages "$(no "$1")" | get "'\n'.join(p['master']['pixel_sha256'] for p in d['pages'])"; }
check "their pixels are the files' pixels" "$(pixels 2)" "$(pixels 1)"
check "and those of the masters as exported" "$(pixels 2)" "$(pixels 3)"

# --- names in any script, the same file twice, one item a file
data=named
mkdir names
page() { cp feeder/"$(ls feeder | sed -n "$1p")" "$2"; }
page 1 "names/ꦗꦮ ᬩᬮᬶ.tif"
page 2 "names/Arsip (2) عربى.png"
page 2 "names/中文 \"kutip\" 'x'.jpg"
page 3 names/$'latin-\xe9.tif'
taken=$(alih ingest names --title nama | get "d['items'][0]['pages'], len(d['items'][0]['rejected']), [(x['digitization_no'], x['page']) for x in d['items'][0]['duplicates']]")
check "names in any script; the same bytes twice are noticed" "4 0 [('$(no 1)', 1)]" "$taken"
again=$(alih ingest --each names | get "[(i['pages'], i['duplicates'][0]['digitization_no']) for i in d['items']] == [(1, '$(no 1)')] * 4")
check "one item a file; each is noticed as known" True "$again"
check "--no-duplicates refuses them" 5 "$(code alih ingest --no-duplicates names)"
data=fresh
check "also within one call" "3 ['duplicate']" \
  "$(alih ingest --no-duplicates names 2>/dev/null | get "d['items'][0]['pages'], [r['code'] for r in d['items'][0]['rejected']]")"
mkfifo pipe
check "a pipe is refused at once" 4 "$(code timeout 10 "$program" --data "$work/fresh" ingest pipe)"
data=named
check "verify finds no problem" "[]" "$(alih verify --all | get "d['problems']")"

# --- every kind of file that the samples have, and every hostile one
if [ ! -d "$samples" ]; then
  echo "no samples at $samples; kinds and hostile files left out"
  exit 0
fi
data=every
mkdir kinds
find "$samples" -maxdepth 1 -type f ! -name '*.txt' ! -name '*.json' ! -name '*.tsv' ! -name '*.md' |
  xargs -I{} cp {} kinds/
count=$(ls kinds | wc -l)
# What is taken is in question here, not how long a page of 81 million pixels takes beside other tests.
ALIHMEDIA_PIPELINE_DECODE_TIMEOUT_S=120 alih ingest --each kinds >taken.json || true
check "every sample of any kind is taken in" "$count []" \
  "$(get "len(d['items']), [r for i in d['items'] for r in i['rejected']] + d['rejected']" <taken.json)"

data=hostile
good="$samples/phototest.tif"
refused=0
for file in "$samples"/hostile/*; do
  start=$(date +%s)
  set +e
  answer=$(alih ingest "$file" "$good" --title "$(basename "$file")" 2>/dev/null)
  got=$?
  set -e
  [ $(($(date +%s) - start)) -lt 20 ] || { echo "FAILED: $file took too long" >&2; exit 1; }
  rejected=$(get "len(d['items'][0]['rejected'])" <<<"$answer")
  expected=0
  if [ "$rejected" -gt 0 ]; then expected=8 refused=$((refused + 1)); fi
  check "$(basename "$file"): $(get "[r['reason'] for r in d['items'][0]['rejected']] or 'read'" <<<"$answer")" $expected $got
  check "  and the good page after it is there" True \
    "$(get "d['items'][0]['pages'] >= 1" <<<"$answer")"
done
[ $refused -ge 18 ] || { echo "FAILED: only $refused hostile files were refused" >&2; exit 1; }
code_of() { alih ingest "$samples/hostile/$1" "$good" 2>/dev/null | get "d['items'][0]['rejected'][0]['code']"; }
check "unreadable is told from too large" "unreadable too_large too_large" \
  "$(code_of truncated.jpg) $(code_of bomb-bilevel-40000.png) $(code_of hugemono.pdf)"
check "alone, a bad file gives 4 and no number" 4 "$(code alih ingest "$samples/hostile/truncated.jpg")"
echo "all ok"
