#!/usr/bin/env bash
# Stacks with separator sheets: separators.sh PROGRAM DRAW_BOOK SANE_DRIVERS. They become items at
# every door, the sheets are told and not lost silently, and what cannot be read splits nothing.
program=$1 draw_book=$2 drivers=$3
. "$(dirname "$0")/lib.sh"

# --- the sheet that the program prints, as a scanner sees it
"$draw_book" pages --pages 8 >/dev/null
sheet() { # sheet NAME DPI [number]
  alih paper print separator --to "$1.pdf" ${3:+--for "$3"} >/dev/null
  pdftoppm -r "$2" -gray "$1.pdf" >"$1.pgm"
}
tiff() { # tiff FROM.pgm TO.tif [HOW]: over = upside down, torn = with holes, coarse = 16 pixels for one
  python3 - "$1" "$2" "${3:-}" <<'EOF'
import struct, sys
source, target, how = sys.argv[1:]
head, size, most, pixels = open(source, "rb").read().split(b"\n", 3)
width, height = map(int, size.split())
rows = [pixels[y * width:(y + 1) * width] for y in range(height)]
if how == "over":
    rows = [row[::-1] for row in rows[::-1]]
if how == "torn":
    rows = [bytes(255 if (x // 9 + y // 9) % 2 else v for x, v in enumerate(row)) for y, row in enumerate(rows)]
if how == "coarse":
    rows = [bytes(v for v in row for _ in range(16)) for row in rows for _ in range(16)]
width, height, data = len(rows[0]), len(rows), b"".join(rows)
tags = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8),
        (277, 3, 1), (278, 4, height), (279, 4, len(data))]
out = b"II*\0" + struct.pack("<I", 8 + len(data) + len(data) % 2) + data + b"\0" * (len(data) % 2)
out += struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", t, kind, 1, v) for t, kind, v in tags)
open(target, "wb").write(out + b"\0\0\0\0")
EOF
}
check "a number that Code 39 cannot say" 2 "$(code alih paper print separator --to no.pdf --for kecil)"
check "makes no file" no "$([ -e no.pdf ] && echo yes || echo no)"
sheet plain 150
qpdf --check plain.pdf >/dev/null
tiff plain.pgm separator.tif
tiff plain.pgm over.tif over
tiff plain.pgm torn.tif torn
sheet numbered 150 X0022/2016
tiff numbered.pgm numbered.tif
sheet coarse 9
tiff coarse.pgm coarse.tif coarse

items() { get "' '.join(str(i['pages']) for i in d['items']) + ' | ' + str(len(d['separators']))"; }
plain() { tr -d "(),'[]"; }
stack() { # stack DIR WORD: p a page, s separator, o upside down, n numbered, b blank, t torn, c coarse
  local i page=0 from
  mkdir -p "$1"
  for ((i = 0; i < ${#2}; i++)); do
    case ${2:i:1} in
      p) page=$((page + 1)) from=$(ls pages/00"$page".*) ;;
      b) from=$(ls pages/008.*) ;;
      s) from=separator.tif ;;
      o) from=over.tif ;;
      n) from=numbered.tif ;;
      t) from=torn.tif ;;
      c) from=coarse.tif ;;
    esac
    cp "$from" "$1/$(printf %02d "$i").${from##*.}"
  done
}
barcodes() { for n in "$@"; do alih item show "$(no "$n")" | get "d.get('fields', d).get('barcode') or '-'"; done | xargs; }

# --- files
stack usual ppspsop
alih ingest usual --split --title "Surat masuk" --wait >taken
check "page, page, separator, page, two separators, page: three items" "2 1 1 | 3" "$(items <taken)"
check "the sheets are told" "02.tif 04.tif 05.tif" \
  "$(get "' '.join(s['path'].split('/')[-1] for s in d['separators'])" <taken)"
check "and why" True "$(get "all({c['kind'] + c['text'] for c in s['codes']} == {'patch_t', 'code_39PATCHT'} for s in d['separators'])" <taken)"
check "titles have a number" "Surat masuk,Surat masuk (2),Surat masuk (3)" \
  "$(alih item list | get "','.join(i['title'] for i in d['items'])")"
check "four masters" 4 "$(for n in 1 2 3; do alih item pages "$(no $n)"; done | grep -o '"file":"[^"]*"' | sort -u | wc -l)"
check "the event of the first page names the sheet" 1 \
  "$(alih item show "$(no 2)" | get "sum(e['detail'].endswith('; behind a separator sheet: code_39 PATCHT, patch_t') for e in d['events'])")"
check "taken in again it is refused" 5 "$(code alih ingest usual --split --not-again)"
check "and no number is used" 3 "$(alih item list | get "d['total']")"

data=more
stack bad ptpc
check "unreadable separators split nothing" "4 | 0" "$(alih ingest bad --split | items)"
stack text ppppppp
check "nor do pages of text" "7 | 0" "$(alih ingest text --split | items)"
check "nor does anything when it is not asked for" "7 | 0" "$(alih ingest usual | items)"
stack ends spps
check "a separator first and last makes no empty item" "2 | 2" "$(alih ingest ends --split | items)"
stack alone so
check "separators alone are no item" 4 "$(code alih ingest alone --split)"
check "and no number" 4 "$(alih item list | get "d['total']")"
stack kept pspsop
check "kept, they are first pages" "1 2 3 | 3" "$(alih ingest kept --split --keep-separators | items)"
stack both ppsbpb
check "of both sides, a blank back goes with its front" "2 2 | 2" "$(alih ingest both --split --duplex | items)"
check "of one side a blank sheet stays" "2 3 | 1" "$(alih ingest both --split | items)"
data=numbers
stack numbered pnpsp
check "a numbered separator" "1 1 1 | 2" "$(alih ingest numbered --split | items)"
check "numbers the item behind it, and no other" "- X0022/2016 -" "$(barcodes 1 2 3)"
check "added to an item until the first separator" "2 1 | 1" \
  "$(stack added ppsp && alih ingest added --split --to "$(no 1)" | items)"
check "which has them" 3 "$(alih item pages "$(no 1)" | get "len(d['pages'])")"

# --- one file of many pages: each item has the whole file, and its own pages of it
data=data
alih export "$(no 1)" --format pdf --to two.pdf >/dev/null
qpdf --empty --pages two.pdf 1 plain.pdf 1 two.pdf 2 -- one.pdf
data=pdf
check "a PDF" "1 1 | 1" "$(alih ingest one.pdf --split --title PDF | items)"
check "its pages" "0 2" "$(for n in 1 2; do alih item pages "$(no $n)" | get "d['pages'][0]['master']['frame']"; done | xargs)"
check "again nothing is new" 5 "$(code alih ingest one.pdf --split --not-again)"
check "both are read" 2 "$(alih process --until-idle | tail -1 | get "d['summary']['pages_done']")"

# --- the other doors
data=doors
stack hot/setumpuk pspp
check "the hot folder: one entry, two items" "taken 3 1 1" "$(ALIHMEDIA_PIPELINE_WATCH_SETTLE_S=1 alih watch hot --once --split |
  get "d['outcome'], d['pages'], len(d['more_items']), d['separators']" | plain)"
mkdir sane
echo pages >sane/dll.conf
scan() { SANE_CONFIG_DIR=$work/sane LD_LIBRARY_PATH=$drivers alih scan --device "pages:$work/$1" "${@:2}"; }
stack feeder sppnpsop
scan feeder --split --title Pindai >scanned
check "the scanner" "2 1 1 | 4 4 feeder_empty" "$(items <scanned) $(get "d['pages_captured'], d['outcome']" <scanned | plain)"
check "sheets by their place" "1 4 6 7" "$(get "' '.join(str(s['number']) for s in d['separators'])" <scanned)"
check "titles" "Pindai,Pindai (2),Pindai (3)" "$(alih item list | get "','.join(i['title'] for i in d['items'][2:])")"
check "the number" "- X0022/2016 -" "$(barcodes 3 4 5)"
stack feeder2 psp
check "kept" "1 2 | 1" "$(scan feeder2 --split --keep-separators | items)"
stack feeder3 ppsbpb
check "both sides" "2 2 | 2" "$(scan feeder3 --split --duplex | items)"
check "not asked for, not cut" 3 "$(scan feeder2 | get "d['pages_captured']")"
stack feeder4 ss
check "separators alone" 4 "$(code scan feeder4 --split)"
check "nothing is left of them" 0 "$(find doors -name 'new_*' | wc -l)"
serve
curl -fsS -H "Authorization: Bearer $(get "d['token']" <doors/service.json)" --data-binary @one.pdf \
  -o answer "http://$address/api/v1/items?name=satu.pdf&split=true"
check "over HTTP" "1 1 | 1" "$(items <answer)"
kill "$service" && wait "$service" 2>/dev/null || true
service=""
for data in data more numbers pdf doors; do
  check "verify finds no problem in $data" "[]" "$(alih verify --all | get "d['problems']")"
done
all() { for n in 1 2 3 4 5; do alih item show "$(no $n)"; alih item pages "$(no $n)"; done; }
all >before
rm -r doors/index
alih rebuild >/dev/null
check "rebuild gives the same" "$(sha256sum <before)" "$(all | sha256sum)"
echo "all ok"
