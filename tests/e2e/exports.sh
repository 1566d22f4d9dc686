#!/usr/bin/env bash
# What goes out of the real program, judged by other programs: exports.sh PROGRAM DRAW_BOOK
# PDF/A by PDFBox's Preflight, PDF words by pdftotext, ALTO by its schema (where the schemas are at
# hand: ALIH_SCHEMAS, or shared/schemas beside the source tree), files over HTTP by curl.
program=$1 draw_book=$2
. "$(dirname "$0")/lib.sh"

"$draw_book" book --pages 8 >/dev/null
alih ingest book --title 'Cerita & <Luwuk> "1936"' --field creator="Tim Alih Media" --field language=ind >/dev/null
check "an item that has not been read is not exported" 5 "$(code alih export "$(no 1)" --format pdf --to early.pdf)"
mkdir few
cp book/001.* book/004.* few/
# One has words that run up the page, one a word that Tesseract begins with a blank.
if [ -d "$samples" ]; then cp "$samples"/{phototest.tif,syn-bilevel-7-0.tif,lept-pageseg2.tif,sroie-086.jpg} few/; fi
alih ingest few --wait >/dev/null
check "an unknown format is refused" 2 "$(code alih export "$(no 1)" --format docx --to x)"

preflight() {
  local jars
  jars=$(printf '/usr/share/java/%s.jar:' preflight pdfbox2 fontbox2 xmpbox commons-logging javax.activation jaxb-api)
  java -cp "$jars" org.apache.pdfbox.preflight.Validator_A1b "$1" 2>/dev/null | grep -c "is a valid PDF/A-1b file" || true
}
for n in 1 2; do
  alih export "$(no $n)" --format pdf --to "out/$n.pdf" >/dev/null
  alih export "$(no $n)" --format pdfa1b --to "out/$n.1b.pdf" >/dev/null
  alih export "$(no $n)" --format alto --to "out/$n.alto" >/dev/null
  alih export "$(no $n)" --format hocr --to "out/$n.hocr" >/dev/null
  check "Preflight passes PDF/A-1b of item $n" 1 "$(preflight "out/$n.1b.pdf")"
  qpdf --check "out/$n.pdf" >/dev/null
  check "the 2u file says what it is" "2 U" "$(qpdf --qdf --object-streams=disable "out/$n.pdf" - | strings |
    sed -n 's/.*<pdfaid:part>\(.*\)<\/pdfaid:part>.*/\1/p; s/.*<pdfaid:conformance>\(.*\)<\/pdfaid:conformance>.*/\1/p' | xargs)"
  python3 "$here/pdf_words.py" "out/$n.pdf" "out/$n.alto"
  xmllint --noout --nonet "out/$n.hocr" 2>/dev/null || { echo "FAILED: hOCR is no XML" >&2; exit 1; }
  if [ -d "$schemas" ]; then
    for page in out/$n.alto/*.xml; do
      XML_CATALOG_FILES="$schemas/catalog.xml" xmllint --nonet --noout --schema "$schemas/alto-4-4.xsd" "$page" 2>/dev/null ||
        { echo "FAILED: $page does not validate" >&2; exit 1; }
    done
    echo "ok: every ALTO page of item $n validates"
  else
    echo "no schemas at $schemas; ALTO not validated"
  fi
  (cd "out/$n.alto" && sha256sum --quiet -c manifest-sha256.txt)
done
check "black and white pages are G4" True "$(pdfimages -list out/2.pdf | awk 'NR > 2 {print $9}' | holds ccitt || { [ -d "$samples" ] || echo True; })"
alih export "$(no 1)" --format pdf --to again.pdf >/dev/null
check "the same item gives the same bytes" "$(sha256sum <out/1.pdf)" "$(sha256sum <again.pdf)"
rm -rf data/cache
alih export "$(no 1)" --format pdf --to without-cache.pdf >/dev/null
check "and the same without the cache" "$(sha256sum <out/1.pdf)" "$(sha256sum <without-cache.pdf)"

# --- pages in layers, and in black and white
kinds() { pdfimages -list "$1" | awk 'NR > 2 {print $3 "/" $9}' | sort | uniq -c | awk '{print $2 "=" $1}' | xargs; }
check "pictures that do not exist are refused" 2 "$(code alih export "$(no 1)" --format pdf --images webp --to x.pdf)"
alih export "$(no 1)" --format pdf --images mrc --to out/mrc.pdf >/dev/null
alih export "$(no 1)" --format pdfa1b --images mrc --to out/mrc.1b.pdf >/dev/null
alih export "$(no 1)" --format pdfa1b --images g4 --to out/g4.1b.pdf >/dev/null
# One page of the book is black and white already.
check "without a profile the access image" "image/ccitt=1 image/jpeg=7" "$(kinds out/1.pdf)"
check "a stencil over a JPEG for each page with letters" "image/ccitt=1 image/jpeg=7 stencil/ccitt=6" "$(kinds out/mrc.pdf)"
check "black and white when it is asked for" "image/ccitt=8" "$(kinds out/g4.1b.pdf)"
check "Preflight passes PDF/A-1b in layers" 1 "$(preflight out/mrc.1b.pdf)"
check "and in black and white" 1 "$(preflight out/g4.1b.pdf)"
python3 "$here/pdf_words.py" out/mrc.pdf out/1.alto
check "in layers it is far smaller" True \
  "$(python3 -c "import os; print(os.path.getsize('out/mrc.pdf') * 4 < os.path.getsize('out/1.pdf'))")"
check "the outline has every page" 8 "$(grep -ao '/Title (Halaman [0-9]*)' out/mrc.1b.pdf | sort -u | wc -l)"
alih export "$(no 1)" --format pdf --images mrc --to again.pdf >/dev/null
check "the same bytes from the cache" "$(sha256sum <out/mrc.pdf)" "$(sha256sum <again.pdf)"
layers() { find data/cache -name "m_$1.*.layers" -printf '%f\n' | xargs; }
before=$(layers 2)
alih page redo "$(no 1)" 2 --language eng >/dev/null
alih process --until-idle >/dev/null
check "a page read again forgets its layers" "" "$(layers 2)"
alih export "$(no 1)" --format pdf --images mrc --to again.pdf >/dev/null
check "and gets others" False "$(python3 -c "import sys; print(sys.argv[1] in ('', sys.argv[2]))" "$(layers 2)" "$before")"
alih ingest few --profile arsip --wait >/dev/null
alih export "$(no 3)" --format pdf --to out/3.pdf >/dev/null
check "the profile of textual records has layers" True "$(kinds out/3.pdf | holds stencil)"

# --- derivatives over HTTP
serve
base="http://$address/api/v1/items/alm-$(date +%Y)-000001/pages/2"
curl -fsS -D whole.head -o whole.tif "$base/pyramid"
tag=$(sed -n 's/^ETag: \(.*\)\r$/\1/p' whole.head)
check "the pyramid is a TIFF" "TIFF" "$(file -b whole.tif | cut -c1-4)"
check "it is not sent again to who has it" 304 "$(curl -sS -o /dev/null -w '%{http_code}' -H "If-None-Match: \"x\", $tag" "$base/pyramid")"
status=$(curl -sS -o part -w '%{http_code}' -r 1000-1999 "$base/pyramid")
check "a range gives its part" "206 $(tail -c +1001 whole.tif | head -c 1000 | sha256sum)" "$status $(sha256sum <part)"
status=$(curl -sS -o part -w '%{http_code}' -r -500 "$base/image")
curl -fsS -o image.jpg "$base/image"
check "and the end of a file" "206 $(tail -c 500 image.jpg | sha256sum)" "$status $(sha256sum <part)"
check "a range behind the end" 416 "$(curl -sS -o /dev/null -w '%{http_code}' -r 99999999- "$base/image")"
check "a range of another version gives the whole" 200 \
  "$(curl -sS -o /dev/null -w '%{http_code}' -r 0-9 -H 'If-Range: "old"' "$base/image")"
check "of this version the part" 206 \
  "$(curl -sS -o /dev/null -w '%{http_code}' -r 0-9 -H "If-Range: $tag" "$base/pyramid")"
curl -fsS -o tile.jpg "$base/tiles/0/1/1"
check "a tile is a JPEG of 512 pixels" "512x512" "$(file -b tile.jpg | grep -o '512x512')"
check "a tile that is not there" 404 "$(curl -sS -o /dev/null -w '%{http_code}' "$base/tiles/9/0/0")"
check "no tile's address" 404 "$(curl -sS -o /dev/null -w '%{http_code}' "$base/tiles/0/x/0")"
echo "all ok"
