#!/usr/bin/env bash
# The digitization register as a book, with what comes before it and is printed of it, as people use
# it from the command line: book.sh PROGRAM DRAW_BOOK WRITE_SHEETS
program=$1 draw_book=$2 sheets=$3
. "$(dirname "$0")/lib.sh"
export ALIHMEDIA_API_LANGUAGE=en
year=$(date +%Y)
mkdir out
text() { pdftotext -layout "$1" - | tr -s ' \n' '  '; }
has() { # has "what" WORDS TEXT
  check "$1: $2" yes "$(grep -qF -- "$2" <<<"$3" && echo yes || echo "no: $3")"
}
kinds() { get "sorted({p['kind'] for p in d['problems']})"; }

# --- a batch, from a list and from what is typed
python3 "$sheets" inlislite32 list.xlsx 4
alih handover new --source "Bidang Pengolahan" --sender "Siti Aminah" --sender-nip "19680817 199003 2 005" \
  --receiver Budi --list list.xlsx >batch.json
check "a list makes a batch" "ST/$year/0001 4 4" "$(get "d['handover']['batch_no'], d['handover']['count'], d['handover']['waiting']" <batch.json | tr -d "(),'")"
check "nothing waits twice" 4 "$(code alih handover new --source A --sender B --receiver C --list list.xlsx)"
check "and each row says where it waits" True "$(alih handover new --source A --sender B --receiver C --list list.xlsx | get "'ST/$year/0001' in d['rejected'][0]['reason'] and len(d['rejected']) == 4")"
check "identity numbers are not kept in a batch" 4 \
  "$(code alih handover new --source A --sender B --receiver C --thing "title=Satu;identity_no=7201010101010001")"
check "typed, one refused for all" 5 "$(code alih handover new --source A --sender B --receiver C --thing "title=Satu" --thing "accession_no=X00001/2016")"
alih handover new --source Layanan --sender Ani --receiver Budi --thing "title=Koran;accession_no=77/K" --thing "title=Peta" >/dev/null
check "batches have numbers without gaps" "ST/$year/0001 ST/$year/0002" "$(alih handover list | get "' '.join(h['batch_no'] for h in d['handovers'])")"
check "an empty batch is refused" 4 "$(code alih handover new --source A --sender B --receiver C)"

# --- registered before it is scanned, by its barcode
began=$(date -u -d '-90 seconds' +%Y-%m-%dT%H:%M:%S.000Z)
check "a barcode registers" "$(no 1) ST/$year/0001 2" "$(alih register new --barcode 00000000002 --field condition=good --began "$began" |
  get "d['digitization_no'], d['batch_no'], d['batch_entry']" | tr -d "(),'")"
check "twice is refused with a link" True "$(alih register new --barcode 00000000002 2>/dev/null | get "'/koleksi/alm-' in d['error']['message']")"
check "an entry registers" "$(no 2)" "$(alih register new --handover st-$year-1 --entry 3 --field condition=good | get "d['digitization_no']")"
check "once" 5 "$(code alih register new --handover "ST/$year/0001" --entry 3)"
check "an entry that is not there" 3 "$(code alih register new --handover "ST/$year/0001" --entry 9)"
check "nothing known of it" 4 "$(code alih register new)"
check "what waits is told" "2 2" "$(alih handover show "ST/$year/0001" | get "d['waiting'], d['registered']" | tr -d '(),')"
alih handover reject "ST/$year/0001" 1 --reason "sudah ada di Perpusnas" >/dev/null
check "a refused one is not registered" 5 "$(code alih register new --handover "ST/$year/0001" --entry 1)"
check "given back unscanned: the item ends as returned" "returned returned" "$(
  alih handover return "ST/$year/0001" 3 --to "Siti" --reason "rapuh" | get "d['entries'][2]['state']" | tr '\n' ' '
  alih item show "$(no 2)" | get "d['state']")"
check "not twice" 5 "$(code alih handover return "ST/$year/0001" 3 --to Siti)"

# --- states
check "on hold needs a reason" 2 "$(code alih item hold "$(no 1)")"
alih item hold "$(no 1)" --reason "jilid lepas" >/dev/null
check "on hold" on_hold "$(alih item show "$(no 1)" | get "d['state']")"
alih paper print ditunda --to out/ditunda.pdf >/dev/null
has "the list of what is on hold" "jilid lepas" "$(text out/ditunda.pdf)"
alih item resume "$(no 1)" >/dev/null
check "goes on" registered "$(alih item show "$(no 1)" | get "d['state']")"
check "a returned one cannot be held" 5 "$(code alih item hold "$(no 2)" --reason x)"

# --- pencil, ink and corrections
alih item set "$(no 1)" title="Hikayat Banggi" >/dev/null
check "in pencil nothing is struck" "1 False" "$(alih register lines "$year" | get "len([l for l in d['lines'] if l['sequence_no'] == 1]), d['lines'][0]['in_ink']" | tr -d '(),')"
check "a correction needs a reason" 2 "$(code alih register correct "$(no 1)" title=X)"
check "and a change" 5 "$(code alih register correct "$(no 1)" title="Hikayat Banggi" --reason x)"
check "of a field that there is" 4 "$(code alih register correct "$(no 1)" titel=X --reason x)"
check "a refused correction leaves no ink" False "$(alih register lines "$year" | get "d['lines'][0]['in_ink']")"
alih register correct "$(no 1)" title="Hikayat Banggai" --reason "salah ketik judul" >/dev/null
check "a correction is a new line, the old one is struck and as it was" \
  "[(1, True, False, 'Hikayat Banggi'), (2, False, True, 'Hikayat Banggai')]" \
  "$(alih register lines "$year" | get "[(l['version'], l['struck'], l['correction'], l['values']['title']) for l in d['lines'] if l['sequence_no'] == 1]")"
"$draw_book" book --pages 3 >/dev/null
alih ingest book --to "$(no 1)" --wait >/dev/null
check "pages that come make the next line, with their digest" True "$(alih register list | get "
(lambda r: r['manifest_sha256'] != '' and len(r['lines']) == 3)(d['rows'][0])")"
check "verify finds nothing" "[]" "$(alih verify --all | kinds)"

# --- what is printed
check "a mandatory field that is empty refuses the book, and is named" "4 True" "$(
  alih register new --title "Tanpa kondisi" >/dev/null
  code alih paper print register --for "$year" --to out/r.pdf | tr '\n' ' '
  alih paper print register --for "$year" --to out/r.pdf 2>/dev/null | get "all(w in d['error']['message'] for w in ('condition', 'material_type', '$(no 3)'))")"
check "nothing is written" False "$([ -e out/r.pdf ] && echo True || echo False)"
alih paper print register --for "$year" --draft --to out/draft.pdf >draft.json
check "a draft is printed and not kept" None "$(get "d['item_id']" <draft.json)"
has "a draft" "(KONSEP)" "$(text out/draft.pdf)"
alih item set "$(no 3)" material_type=book page_count_declared=5 condition=good >/dev/null
alih paper print register --for "$year" --to out/r.pdf >printed.json
register=$(text out/r.pdf)
for words in "BUKU INVENTARIS ALIH MEDIA" "Perbaikan" "salah ketik judul" "Dicoret, lihat baris" "Dikembalikan" "3 (tiga) bahan" "Halaman 1 dari" "NIP."; do
  has "the register" "$words" "$register"
done
check "it is an item of its series, with the words that stand on it" "BIAM/$year/000001 True" "$(
  number=$(get "d['number']" <printed.json); echo "$number $(alih page show "$number" 1 | get "'BUKU INVENTARIS ALIH MEDIA' in d['text'] and len(d['words']) > 50")" | sed -n 1p)"
check "found by a search" "ALM-BIAM BIAM/$year/000001" "$(alih search '"Buku Inventaris Alih Media"' --series ALM-BIAM | get "d['hits'][0]['series'] + ' ' + d['hits'][0]['digitization_no']")"
check "its words lie where they are printed" True "$(
  alih page show "BIAM/$year/000001" 1 >words.json
  pdftotext -bbox out/r.pdf boxes.html
  python3 - <<'P'
import json, re
page = json.load(open("words.json"))
html = open("boxes.html").read()
width = float(re.search(r'<page width="([\d.]+)"', html)[1])
k = page["width"] / width
drawn = [(m[5], float(m[1]) * k, float(m[2]) * k, float(m[3]) * k, float(m[4]) * k) for m in
         re.finditer(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)<', html)]
off = []
for text, x0, y0, x1, y1 in drawn:
    near = min((abs(w["box"][0] - x0) + abs(w["box"][1] - y0) for w in page["words"] if w["text"] == text), default=1e9)
    off.append(near)
off.sort()
print(off[len(off) // 2] < 12 and sum(o > 60 for o in off) < 0.1 * len(off))
P
)"
check "no number of the register is used by a paper" 3 "$(alih register list | get "d['total']")"
for ending in csv xlsx; do alih paper print register --for "$year" --to out/r.$ending >/dev/null; done
check "the same lines as a table" "True ya" "$(python3 - <<'P'
import csv, zipfile
rows = list(csv.reader(open("out/r.csv", encoding="utf-8-sig")))
sheet = zipfile.ZipFile("out/r.xlsx").read("xl/worksheets/sheet1.xml").decode()
print(len(rows[0]) == 17 and sheet.count("<row") == len(rows), [r for r in rows if "Hikayat Banggi" in r][0][-1])
P
)"
alih paper print serah-terima --for "ST/$year/0001" --to out/st.pdf >/dev/null
handover=$(text out/st.pdf)
for words in "BERITA ACARA SERAH TERIMA" "NOMOR: ST/$year/0001" "sebanyak 4 (empat)" "Siti Aminah" "NIP. 19680817 199003 2 005" "Budi" "X00003/2016"; do
  has "the handover's record" "$words" "$handover"
done
check "a batch without titles is refused" 4 "$(
  alih handover new --source A --sender B --receiver C --thing "barcode=998877" >/dev/null
  code alih paper print serah-terima --for "ST/$year/0003" --to out/x.pdf)"
check "no such batch" 3 "$(code alih paper print serah-terima --for "ST/$year/0009" --to out/x.pdf)"

# --- a paper against the files
export ALIHMEDIA_OFFICE_OFFICIALS="pimpinan_unit_kearsipan; Kepala Bidang Kearsipan; Dra. Siti Aminah; 196808171990032005; 2020-01-01;"
alih item set "$(no 1)" ba_no="7/BA/$year" source_unit="Bagian Umum" original_location="Rak 3" series=ALM-ARS material_type=textual_record classification_code=045.2 development_level=copy >/dev/null
alih paper print daftar --for "$(no 1)" --to out/daftar.pdf >/dev/null
list=$(text out/daftar.pdf)
for words in "DAFTAR ARSIP YANG DIALIHMEDIAKAN" "Unit Pengolah : Bagian Umum" "arsip tekstual" "1936" "120 hal." "asli di Rak 3" "Dra. Siti Aminah"; do
  has "the list" "$words" "$list"
done
alih paper print berita-acara --for "$(no 1)" --to out/ba.pdf >/dev/null
check "the record matches the files" "True ba 7/BA/$year" "$(alih verify --paper out/ba.pdf | get "d['paper']['matches'], d['paper']['kind'], d['paper']['number']" | tr -d "(),'")"
pdftoppm -r 150 -gray -png -f 1 -l 1 out/ba.pdf out/scan
check "a scan of it does too" 0 "$(code alih verify --paper out/scan-1.png)"
check "the handover's record too" 0 "$(code alih verify --paper out/st.pdf)"
check "a paper of somebody else" 4 "$(code alih verify --paper "$(ls book/*.png | sed -n 1p)")"
# Copiers cut a page into strips, and some put text over them.
for strip in "top 0 877" "rest 877 878"; do
  read -r name from height <<<"$strip"
  pdftoppm -r 150 -jpeg -singlefile -f 1 -l 1 -y "$from" -H "$height" -x 0 -W 1240 out/ba.pdf "out/$name"
done
python3 - <<'P'
def copier(path, text):
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
               b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
               b"/Resources<</XObject<</A 5 0 R/B 6 0 R>>/Font<</F 7 0 R>>>>>>" if text else
               b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
               b"/Resources<</XObject<</A 5 0 R/B 6 0 R>>>>>>"]
    drawn = b"q 595 0 0 421 0 421 cm /A Do Q q 595 0 0 421 0 0 cm /B Do Q"
    if text: drawn += b" BT 3 Tr /F 12 Tf 50 700 Td (Berita Acara) Tj ET"
    objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn))
    for name, height in (("top", 877), ("rest", 878)):
        jpeg = open(f"out/{name}.jpg", "rb").read()
        objects.append(b"<</Type/XObject/Subtype/Image/Width 1240/Height %d/ColorSpace/DeviceRGB"
                       b"/BitsPerComponent 8/Filter/DCTDecode/Length %d>>stream\n%s\nendstream"
                       % (height, len(jpeg), jpeg))
    objects.append(b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
    out, places = b"%PDF-1.4\n", []
    for n, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (n, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % p for p in places)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    open(path, "wb").write(out)
copier("out/copied.pdf", False)
copier("out/copied-text.pdf", True)
P
check "the very file is told from a scan" "file code" "$(for f in ba.pdf scan-1.png; do alih verify --paper "out/$f" | get "d['paper']['compared']"; done | paste -sd' ')"
check "a copier's PDF in strips is a scan" "True code" "$(alih verify --paper out/copied.pdf | get "d['paper']['matches'], d['paper']['compared']" | tr -d "(),'")"
check "with text over it that is said" "7 ['paper_unsure']" "$(code alih verify --paper out/copied-text.pdf) $(alih verify --paper out/copied-text.pdf | get "sorted({p['kind'] for p in d['problems']})")"
# The same code, another list behind it; and a mark that a viewer's pen leaves.
qpdf --empty --pages out/ba.pdf 1 out/st.pdf 1 -- out/altered.pdf
check "a paper that was put together is none of ours" "7 ['paper_altered']" "$(code alih verify --paper out/altered.pdf) $(alih verify --paper out/altered.pdf | get "sorted({p['kind'] for p in d['problems']})")"
{ cat out/ba.pdf; echo '% x'; } >out/touched.pdf
check "nor one that was touched" "['paper_altered']" "$(alih verify --paper out/touched.pdf | get "sorted({p['kind'] for p in d['problems']})")"
cp -r data other
check "not after another page came" 7 "$(
  mv data data.kept; mv other data
  "$draw_book" more --pages 1 >/dev/null
  alih ingest more --to "$(no 1)" --wait >/dev/null
  code alih verify --paper out/ba.pdf
  rm -r data; mv data.kept data)"
check "nor when a byte of a master is another" 7 "$(
  cp -r data other
  mv data data.kept; mv other data
  master=$(ls data/staging/*/alm-$year-000001_m_*.png | sed -n 1p)
  printf X | dd of="$master" bs=1 seek=100 conv=notrunc status=none
  code alih verify --paper out/ba.pdf
  rm -r data; mv data.kept data)"

# --- a month is over: closing
check "a month that is not over stays open" 5 "$(code alih register close "$(date -d "$(date +%Y-%m-01) +40 days" +%Y-%m)")"
check "no such month" 2 "$(code alih register close "$year-13")"
python3 "$sheets" register old.xlsx 5
mkdir -p lama/1 lama/2
cp book/001.* lama/1; cp book/002.* lama/2
check "the paper register of 2019 comes in" 5 "$(alih import old.xlsx --from register | get "d['imported']")"
alih process --until-idle >/dev/null
check "an incomplete year cannot be closed, and says what is missing" "5 True" "$(
  code alih register close 2019 | tr '\n' ' '
  alih register close 2019 2>/dev/null | get "'material_type' in d['error']['message'] and 'ALM/2019/000003' in d['error']['message']")"
was=$data data=corrected
alih import old.xlsx --from register >/dev/null
for n in 1 2 3 4 5; do
  [ $n = 3 ] && alih register correct "ALM/2019/000003" note="lihat map" --reason "lupa dicatat" >/dev/null
  [ $n = 3 ] || alih item set "ALM/2019/00000$n" material_type=manuscript >/dev/null
done
check "a correction lets no incomplete line into a closed book" "5 True" "$(
  code alih register close 2019-03 | tr '\n' ' '
  alih register close 2019-03 2>/dev/null | get "'ALM/2019/000003' in d['error']['message'] and 'ALM/2019/000002' not in d['error']['message']")"
data=$was
for n in 1 2 3 4 5; do alih item set "ALM/2019/00000$n" material_type=manuscript >/dev/null; done
alih paper print register --for 2019-03 --to out/open.pdf >/dev/null
alih register close 2019-03 >closed.json
check "closed" "2019-03 5" "$(get "d['period'], d['lines']" <closed.json | tr -d "(),'")"
check "once" 5 "$(code alih register close 2019-03)"
alih paper print register --for 2019-03 --to out/2019.pdf >/dev/null
before=$(sha256sum <out/2019.pdf)
check "the book is what was printed at its closing, not before" "0 1" \
  "$(pdftotext out/open.pdf - | grep -c '2019-03, ditutup') $(pdftotext out/2019.pdf - | grep -c '2019-03, ditutup')"
paper=$(get "d['paper']" <closed.json)
access_of() { alih item show "$1" --json | get "d['access_class']"; }
check "staff may find it" restricted "$(access_of "$paper")"
alih item set ALM/2019/000004 access_class=closed >/dev/null
check "not once it names an item that was closed" closed "$(access_of "$paper")"
check "nothing more is registered in it" 4 "$(
  python3 "$sheets" register more.xlsx 6
  code alih import more.xlsx --from register)"
check "its lines change by a correction only" 5 "$(code alih item set ALM/2019/000002 title="Naskah Dua")"
check "with a reason" 0 "$(code alih register correct ALM/2019/000002 title="Naskah Dua" --reason "judul pada sampul")"
check "what is no column of the book may change" 0 "$(code alih item set ALM/2019/000003 subject=Banggai)"
ALIHMEDIA_OFFICE_PLACE=Palu ALIHMEDIA_OFFICE_LETTERHEAD='["LAIN"]' alih paper print register --for 2019-03 --to out/2019.pdf >/dev/null
check "its print stays what it was, byte for byte" "$before" "$(sha256sum <out/2019.pdf)"
has "the closed book" "Ditutup" "$(text out/2019.pdf)"
check "its record in the book of this month" True "$(alih register lines "$(date +%Y-%m)" | get "any(l['digitization_no'] == 'ALM/2019/000002' and l['correction'] and l['values']['title'] == 'Naskah Dua' for l in d['lines'])")"
check "and not in the closed one" "[(1, False)]" "$(alih register lines 2019-03 | get "[(l['version'], l['struck']) for l in d['lines'] if l['sequence_no'] == 2]")"
check "the closed book matches its paper" 0 "$(code alih verify --paper out/2019.pdf)"
check "verify finds nothing" "[]" "$(alih verify --all | kinds)"

# --- a paper register with a row that was struck out, a folder of scans and a PDF of before
python3 "$sheets" register_struck struck.xlsx 4
alih export ALM/2019/000001 --format pdf --to lama.pdf >/dev/null
check "four rows, a folder and a PDF" "4 2 0" "$(alih import struck.xlsx --from register | get "d['imported'], d['pages'], len(d['rejected'])" | tr -d '(),')"
alih process --until-idle >/dev/null
check "numbers are kept, the struck one too" "1 2 3 4" "$(alih register list --year 2020 | get "' '.join(str(r['sequence_no']) for r in d['rows'])")"
check "as withdrawn" withdrawn "$(alih item show ALM/2020/000002 | get "d['state']")"
check "the PDF is the master" pdf "$(alih item pages ALM/2020/000003 | get "d['pages'][0]['master']['format']")"
check "again: nothing comes twice" "0 4" "$(alih import struck.xlsx --from register | get "d['imported'], d['unchanged']" | tr -d '(),')"
check "and no gap" "[]" "$(alih verify --all | kinds)"

# --- it survives: rebuild, backup, and what somebody changes is seen
alih register lines "$year" >lines.json; alih register lines 2019 >>lines.json; alih handover list >>lines.json; alih register closings >>lines.json
alih rebuild >/dev/null
alih register lines "$year" >again.json; alih register lines 2019 >>again.json; alih handover list >>again.json; alih register closings >>again.json
check "rebuild makes the same book" "$(sha256sum <lines.json)" "$(sha256sum <again.json)"
check "and finds papers by their numbers" 0 "$(code alih item show "BIAM/$year/000001")"
alih backup "$work/bk" >/dev/null
check "a backup restores it" "$(sha256sum <lines.json)" "$(
  data=restored
  alih restore "$work/bk" >/dev/null
  (alih register lines "$year"; alih register lines 2019; alih handover list; alih register closings) | sha256sum)"
tamper() { # tamper FILE FROM TO: what verify of a copy says
  rm -rf copy; cp -r data copy
  sed -i "s/$2/$3/" copy/$1
  "$program" --data "$work/copy" --json --quiet verify --all | get "' '.join(sorted({p['kind'] for p in d['problems']}))" || true
}
check "a changed line is seen" True "$(tamper "staging/$(alih item show ALM/2019/000004 | get "d['item_id']")/item.json" '"title":"Naskah 4"' '"title":"Naskah 5"' | holds register_line)"
check "a changed batch is seen" True "$(tamper "register/handover-$year-0001.json" Hikayat Hikajat | holds damaged_record)"
check "a changed closing is seen" True "$(tamper register/closing-2019-03.json '"lines":5' '"lines":4' | holds damaged_record)"
rm -rf copy; cp -r data copy; rm copy/register/closing-2019-03.json
check "a closing that is gone is seen" True "$("$program" --data "$work/copy" --json --quiet verify --all | get "any(p['kind'] == 'missing_file' for p in d['problems'])")"

# --- times
check "the registration took what its form took" "True within 300.0" "$(alih performance --for "$year" | get "
(lambda s: (90 <= s['active_s'] < 300, s['standing'], s['standard_s']))(d['items'][0]['steps']['2'])" | tr -d "(),'")"
alih item start "$(no 3)" 3 >/dev/null
check "a step is begun once" 5 "$(code alih item start "$(no 3)" 3)"
sleep 1.2
alih item stop "$(no 3)" 3 >/dev/null
check "and ended once" 5 "$(code alih item stop "$(no 3)" 3)"
check "told times count" "True within" "$(alih performance --for "$year" | get "
(lambda s: (1 <= s['active_s'] < 30, s['standing']))([i for i in d['items'] if i['digitization_no'] == '$(no 3)'][0]['steps']['3'])" | tr -d "(),'")"
check "what left no trace is not called quick" not_measured "$(alih performance --for "$year" | get "[i for i in d['items'] if i['digitization_no'] == '$(no 3)'][0]['steps']['4']['standing']")"
check "no standard, no judgement" no_standard "$(ALIHMEDIA_OFFICE_STANDARD_DIGITIZE_MIN=0 alih performance --for "$year" | get "d['items'][0]['steps']['3']['standing']")"
check "over the standard" over "$(ALIHMEDIA_OFFICE_STANDARD_REGISTER_MIN=1 alih performance --for "$year" | get "d['items'][0]['steps']['2']['standing']")"
check "the machine's time is its own" True "$(alih performance | get "d['all']['machine_s'] > 0 and d['by_operator'] != {} and d['queue']['waiting'] >= 1")"
check "no such period" 2 "$(code alih performance --for "$year-13")"
alih paper print kinerja --for "$year" --to out/kinerja.pdf >/dev/null
times=$(text out/kinerja.pdf)
for words in "REKAP KINERJA TERHADAP STANDAR SOP" "5 menit/bahan" "60 menit/bahan" "5 menit/file" "sesuai" "belum terukur" "Waktu mesin" "Periodik"; do
  has "the paper of times" "$words" "$times"
done
for pdf in out/*.pdf; do qpdf --check "$pdf" >/dev/null || { echo "FAILED: $pdf" >&2; exit 1; }; done
echo "all ok"
