#!/usr/bin/env bash
# The office's papers as a person prints them: papers.sh PROGRAM DRAW_BOOK
program=$1 draw_book=$2
. "$(dirname "$0")/lib.sh"

"$draw_book" book --pages 3 >/dev/null
alih ingest book --title 'Hikajat Loewoek' --series ALM-ARS --field creator="Anonim" --wait >/dev/null
alih ingest book/001.* --title 'Surat keputusan' --series ALM-ARS --wait >/dev/null
year=$(date +%Y)
mkdir out
text() { pdftotext -layout "$1" - | tr -s ' \n' '  '; }

# --- nothing is printed while a mandatory field is empty, and all of them are named
check "the record is refused" 4 "$(code alih paper print berita-acara --for "$(no 1)" --for "$(no 2)" --to out/ba.pdf)"
said=$(alih paper print berita-acara --for "$(no 1)" --for "$(no 2)" --to out/ba.pdf 2>&1 || true)
for word in "classification_code pada $(no 1)" "development_level pada $(no 2)" ba_no pimpinan_unit_kearsipan "source_unit pada $(no 1)" "material_type pada $(no 2)" "page_count_declared pada $(no 2)" "kurun waktu"; do
  check "it names $word" yes "$(grep -qF "$word" <<<"$said" && echo yes || echo "no: $said")"
done
check "nothing is written" "" "$(ls out)"

for n in 1 2; do
  alih item set "$(no $n)" ba_no="12/BA-AM/XI/$year" source_unit="Bagian Umum" material_type=textual_record \
    page_count_declared=$((n == 1 ? 3 : 1)) date_from=1936 date_to=1938 condition=good classification_code=005.$n development_level=original >/dev/null
done
export ALIHMEDIA_OFFICE_OFFICIALS="pimpinan_unit_kearsipan; Kepala Bidang Kearsipan; Dra. Siti Aminah; 19680817 199003 2 005; 2020-01-01;"
alih paper print berita-acara --for "$(no 1)" --for "$(no 2)" --to out/ba.pdf >/dev/null
ba=$(text out/ba.pdf)
for words in "NOMOR: 12/BA-AM/XI/$year" "sebanyak 2 (dua) berkas, 4 (empat) halaman" "arsip tekstual" \
  "DAFTAR ARSIP YANG DIALIHMEDIAKAN" "005.1" "asli" "Hikajat Loewoek" "1936–1938" "Dra. Siti Aminah" "NIP. 19680817 199003 2 005" "Bagian Umum" \
  "Tanda autentikasi"; do
  check "the record says $words" yes "$(grep -qF "$words" <<<"$ba" && echo yes || echo "no: $ba")"
done
check "the digest in the code is that of the items' manifests" yes "$(
  digest=$(for n in 1 2; do
    printf '%s  %s\n' "$(alih item show "$(no $n)" --json | python3 -c 'import json,sys; v=json.load(sys.stdin); print((v.get("fields",v))["manifest_sha256"] if isinstance((v.get("fields",v)).get("manifest_sha256"),str) else v["fields"]["manifest_sha256"][0])')" "$(no $n)"
  done | sha256sum | cut -c1-16)
  grep -qF "$digest" <<<"$ba" && echo yes || echo "no: $digest"
)"
check "other numbers on the items are refused" 4 "$(
  alih item set "$(no 2)" ba_no="13/BA" >/dev/null
  code alih paper print berita-acara --for "$(no 1)" --for "$(no 2)" --to out/x.pdf
)"

# --- numbers of records follow the office's pattern
alih ingest book/002.* --title 'Surat kedua' --series ALM-ARS --wait >/dev/null
alih item set "$(no 3)" source_unit="Bagian Umum" material_type=textual_record page_count_declared=1 date_from=1940 condition=good \
  classification_code=005 development_level=copy >/dev/null
export ALIHMEDIA_OFFICE_RECORD_NUMBER='{no}/BA-AM/{bulan}/{tahun}'
roman=$(date +%-m | python3 -c 'print(["I","II","III","IV","V","VI","VII","VIII","IX","X","XI","XII"][int(input()) - 1])')
check "without a number it is refused" 4 "$(code alih paper print berita-acara --for "$(no 3)" --to out/next.pdf)"
alih item set "$(no 1)" ba_no="41/BA-AM/I/$year" >/dev/null
alih paper print berita-acara --for "$(no 3)" --number --to out/next.pdf >/dev/null
check "the next one of the year" "42/BA-AM/$roman/$year" "$(alih item show "$(no 3)" | get "d['ba_no']")"
check "it stands on the record" yes "$(text out/next.pdf | grep -qF "NOMOR: 42/BA-AM/$roman/$year" && echo yes)"
alih paper print daftar --for "$(no 3)" --number --to out/next.pdf >/dev/null
check "once" "42/BA-AM/$roman/$year" "$(alih item show "$(no 3)" | get "d['ba_no']")"
check "items of two records are none" 5 "$(code alih paper print berita-acara --for "$(no 1)" --for "$(no 3)" --number --to out/next.pdf)"
rm out/next.pdf
alih item withdraw "$(no 3)" --reason "hanya untuk uji" >/dev/null

# --- the register has every number once, also a withdrawn one
alih item withdraw "$(no 2)" --reason "salah ambil" >/dev/null
alih paper print register --for "$year" --to out/register.pdf >/dev/null
register=$(text out/register.pdf)
for words in "BUKU INVENTARIS ALIH MEDIA" "TAHUN $year" "Keterangan" "Ditarik" "Halaman 1 dari 1" "3 (tiga) bahan"; do
  check "the register says $words" yes "$(grep -qF "$words" <<<"$register" && echo yes || echo "no: $register")"
done
check "it is wider than high" yes "$(pdfinfo out/register.pdf | awk '/Page size/ {print ($3 > $5 ? "yes" : "no")}')"
check "a month that does not exist" 2 "$(code alih paper print register --for "$year-13" --to out/x.pdf)"

# --- slip and report
alih paper print slip --for "$(no 1)" --to out/slip.pdf >/dev/null
pdftoppm -r 200 -gray -png out/slip.pdf out/slip
alih ingest out/slip-1.png --title slip --wait >/dev/null
check "the bar code on the slip is the item's number" "code_39 $(no 1)" "$(alih page show "$(no 4)" 1 --json |
  python3 -c 'import json,sys; print(*(c["kind"] + " " + c["text"] for c in json.load(sys.stdin)["codes"]))')"
alih paper print report --for "$(date +%Y-%m)" --to out/report.pdf >/dev/null
check "the report counts what is in the register" yes "$(text out/report.pdf | grep 'arsip tekstual 1 3 3 ' >/dev/null && echo yes || text out/report.pdf)"
for pdf in out/*.pdf; do qpdf --check "$pdf" >/dev/null || { echo "FAILED: $pdf" >&2; exit 1; }; done
echo "all ok"
