#!/usr/bin/env bash
# Days at the office, each as the people there would live it, over the command line and HTTP:
# scenarios.sh PROGRAM DRAW_BOOK WRITE_SHEETS [NUMBER…]
# The whole table of who may see what is with the tests of access (people.py).
program=$1 draw_book=$2 sheets=$3
shift 3
. "$(dirname "$0")/lib.sh"
export ALIHMEDIA_API_LANGUAGE=en
top=$work
clean_all() {
  local status=$?
  work=$top
  [ $status -eq 0 ] || echo "ended with $status" >&2
  if [ -n "$service" ]; then kill "$service" 2>/dev/null || true; wait "$service" 2>/dev/null || true; fi
  rm -rf "$top"
}
trap clean_all EXIT
year=$(date +%Y) month=$(date +%Y-%m)
text() { pdftotext -layout "$1" - | tr -s ' \n' '  '; }
has() { check "$1: $2" yes "$(grep -qF -- "$2" <<<"$3" && echo yes || echo "no: $3")"; }
post() { curl -sS -o answer.json -w '%{http_code}' -H 'Content-Type: application/json' -d "$2" "http://$address$1"; }
stop() { kill "$service"; wait "$service" || true; service=""; }
small_page() { # FILE SEED: a page of a few hundred bytes, each its own
  python3 - "$1" "$2" <<'P'
import struct, sys, zlib
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
seed = int(sys.argv[2])
row = bytes([0]) + bytes([255 - seed % 200] * 8 + [255] * 192)
with open(sys.argv[1], "wb") as f:
    f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 200, 100, 8, 0, 0, 0, 0))
            + chunk(b"tEXt", b"seed\0" + str(seed).encode())
            + chunk(b"IDAT", zlib.compress(row * 100)) + chunk(b"IEND", b""))
P
}

# 1. Batch handover: 40 books with an Excel list in INLISLite 3.2's form.
scenario_1() {
  python3 "$sheets" inlislite32_bad bad.xlsx 40
  python3 "$sheets" inlislite32 good.xlsx 40
  serve
  list() { curl -sS -o answer.json -w '%{http_code}' --data-binary @"$1" -H 'Content-Type: application/octet-stream' \
    "http://$address/api/v1/handovers/lists?source_unit=Bidang+Pengolahan&sender=Siti+Aminah&receiver=Budi+Santoso&from=inlislite"; }
  check "three rows without NO. INDUK refuse the list" 422 "$(list bad.xlsx | sed 's/400/422/')"
  check "each is named by its row, with its reason" "[7, 19, 35] True" "$(get "[r['row'] for r in d['rejected']], all(r['reason'] for r in d['rejected'])" <answer.json | sed 's/^(//; s/)$//; s/\], /] /')"
  check "nothing is half imported" 0 "$(curl -sS "http://$address/api/v1/handovers" | get "d['total']")"
  check "the mended list makes the batch" 201 "$(list good.xlsx)"
  check "all 40, received" "40 received" "$(get "d['handover']['count'], d['handover']['entries'][39]['state']" <answer.json | tr -d "(),'")"
  batch=$(get "d['handover']['batch_no']" <answer.json)
  check "the handover sheet comes as a PDF" 201 "$(curl -sS -o st.pdf -w '%{http_code}' -H 'Content-Type: application/json' -d "{\"for\": [\"$batch\"]}" "http://$address/api/v1/papers/serah-terima")"
  sheet=$(text st.pdf)
  for words in "NOMOR: $batch" "sebanyak 40 (empat puluh)" "Siti Aminah" "Budi Santoso" "X00040/2016"; do has "on it" "$words" "$sheet"; done
  check "the age of the queue is visible" "40 True" "$(curl -sS "http://$address/api/v1/performance" | get "d['queue']['waiting'], d['queue']['oldest_wait_s'] > 0" | tr -d '(),')"
  check "to people too" True "$(curl -sS "http://$address/serah-terima" | holds "<td>40</td><td>40</td>")"
  stop
}

# 2. Register in five minutes, two operators at once.
scenario_2() {
  python3 "$sheets" inlislite32 catalogue.xlsx 40
  alih import catalogue.xlsx --from inlislite >/dev/null
  serve
  curl -sS "http://$address/daftar?barcode=X00022/2016" >form.html
  check "the label may show the no. induk" True "$(grep -q 'value="00000000022"' form.html && echo True)"
  curl -sS "http://$address/daftar?barcode=00000000022" >form.html
  check "a scanned barcode fills the form from the catalogue" True "$(grep -q 'value="X00022/2016"' form.html && grep -q 'value="Hikayat Banggai jilid 22' form.html && echo True)"
  check "the eye has the next field" True "$(grep -o '<input[^>]*autofocus[^>]*>' form.html | holds 'name="source_unit"')"
  check "all of its authors" True "$(grep -q 'value="Pradana, Mamik | Ali, A. | Budi, B."' form.html && echo True)"
  began=$(date -u -d '-3 minutes' +%Y-%m-%dT%H:%M:%S.000Z)
  save() { # barcode file
    curl -sS -o "$2" -w '%{http_code} %{redirect_url}\n' --data-urlencode "title=Buku $1" --data-urlencode "barcode=$1" \
      --data-urlencode "page_count_declared=118" --data-urlencode "condition=slight_damage" --data-urlencode "began_at=$began" \
      --data-urlencode "material_type=book" --data-urlencode "rights_status=in_copyright" --data-urlencode "isbn=979-407-123-5" \
      "http://$address/daftar"
  }
  for i in $(seq 20); do
    save "$(printf '%011d' "$i")" "a$i" >"code.a$i" &
    a=$!
    save "$(printf '%011d' $((i + 20)))" "b$i" >"code.b$i" &
    wait $a $!
  done
  check "all 40 saves are answered" 40 "$(cat code.* | grep -o '303 http[^ ]*selesai=alm-[0-9-]*' | wc -l)"
  check "with 40 numbers" 40 "$(cat code.* | grep -o 'alm-[0-9]*-[0-9]*' | sort -u | wc -l)"
  check "gapless when two press save together" "$(seq -s ' ' 40)" "$(curl -sS "http://$address/api/v1/register?limit=100" | get "' '.join(str(r['sequence_no']) for r in d['rows'])")"
  check "what is digitised already is refused" "409" "$(save 00000000022 again | cut -d' ' -f1)"
  check "with a link" True "$(grep -q '/koleksi/alm-' again && echo True)"
  check "by its no. induk too" "409 True" "$(curl -sS -o induk -w '%{http_code}' --data-urlencode title=x --data-urlencode accession_no=X00022/2016 "http://$address/daftar") $(grep -q '/koleksi/alm-' induk && echo True)"
  check "rights as she said" in_copyright "$(curl -sS "http://$address/api/v1/items/alm-$year-000001" | get "d['rights_status']")"
  check "a mistyped ISBN is told, and hinders nothing" "isbn True" "$(curl -sS "http://$address/api/v1/items/alm-$year-000001" | get "d['warnings'][0]['field']") $(curl -sS "http://$address/daftar?selesai=alm-$year-000001&lang=id" | grep -q 'angka ujinya salah' && echo True)"
  check "and the form keeps what was typed" True "$(grep -q 'value="Buku 00000000022"' again && echo True)"
  check "the step's time is recorded, beside five minutes" "within 300.0 True" "$(curl -sS "http://$address/api/v1/performance?period=$month" | get "
(lambda s: (s['standing'], s['standard_s'], 175 < s['active_s'] < 290))(d['items'][0]['steps']['2'])" | tr -d "(),'")"
  stop
  check "verify finds nothing" 0 "$(code alih verify --all)"
}

# 4. Rescan after quality control: pages 12 and 13 of a book of 14 have a cut margin.
scenario_4() {
  mkdir pages again
  for n in $(seq 14); do small_page "pages/$(printf %02d "$n").png" "$n"; done
  for n in 12 13; do small_page "again/$n.png" $((n + 100)); done
  alih ingest pages --title "Buku empat belas" --wait >/dev/null
  alih item approve "$(no 1)" >/dev/null
  check "checked" "checked passed" "$(alih item show "$(no 1)" | get "d['state'], d['qc_result']" | tr -d "(),'")"
  alih export "$(no 1)" --format pdf --to before.pdf >/dev/null
  serve
  base=/api/v1/items/alm-$year-000001
  for n in 12 13; do check "page $n is refused" 200 "$(post "$base/pages/$n/judgement" '{"good": false, "reason": "tepi terpotong"}')"; done
  check "without a reason nothing is" 422 "$(post "$base/pages/11/judgement" '{"good": false}' | sed 's/400/422/')"
  check "the item is back at its scanner" captured "$(alih item show "$(no 1)" | get "d['state']")"
  check "it cannot be approved" 409 "$(post "$base/approval" '{}')"
  for n in 12 13; do
    check "page $n is scanned again" 200 "$(curl -sS -o answer.json -w '%{http_code}' --data-binary @again/$n.png -H 'Content-Type: application/octet-stream' "http://$address$base/pages/$n/replacement?reason=tepi+terpotong")"
  done
  for _ in $(seq 100); do [ "$(alih status | get "d['queue']['pending'] + d['queue']['running']")" = 0 ] && break; sleep 0.2; done
  check "only these two were read again" "14 2 2" "$(alih item show "$(no 1)" | get "
(lambda by: (len([k for k in by if by[k] == 1]) - 2 + 2 - 2, len(set(e['page'] for e in d['events'] if e['type'] == 'page replacement')), len(set(e['page'] for e in d['events'] if e['type'] == 'ingestion' and 'takes the place' in e['detail'])))
)({p: len([e for e in d['events'] if e['page'] == p and e['type'] == 'image processing']) for p in {e['page'] for e in d['events'] if e['page']}})" | tr -d '(),')"
  check "old images are kept as superseded" 16 "$(ls data/staging/*/*_m_*.png | wc -l)"
  check "the event shows who and why" True "$(alih item show "$(no 1)" | get "all('tepi terpotong' in e['detail'] and e['agent']['name'] for e in d['events'] if e['type'] in ('page rejection', 'page replacement')) and len([e for e in d['events'] if e['type'] == 'page rejection']) == 2")"
  check "pages stay where they were" "$(seq -s ' ' 14)" "$(alih item pages "$(no 1)" | get "' '.join(str(p['page']) for p in d['pages'])")"
  check "now it passes" 200 "$(post "$base/approval" '{}')"
  stop
  alih export "$(no 1)" --format pdf --to after.pdf >/dev/null
  check "the PDF has the new pages and only those are other" "12 13" "$(python3 - <<'P'
import subprocess
def pages(name):
    subprocess.run(["pdftoppm", "-r", "72", "-png", name, name + ".d"], check=True)
    return [open(f"{name}.d-{n:02}.png", "rb").read() for n in range(1, 15)]
a, b = pages("before.pdf"), pages("after.pdf")
print(*[n + 1 for n in range(14) if a[n] != b[n]])
P
)"
  # A description that is wrong goes back to step 2, and to nobody's shelf before it is mended.
  check "sent back needs a reason" 2 "$(code alih item send-back "$(no 1)")"
  alih item send-back "$(no 1)" --reason "judul tidak sesuai sampul" >/dev/null
  check "sent back to its description" "registered returned" "$(alih item show "$(no 1)" | get "d['state'] + ' ' + d['qc_result']")"
  check "who and why" "failure True" "$(alih item show "$(no 1)" | get "[(e['outcome'] + ' ' + str('judul tidak sesuai' in e['detail'])) for e in d['events'] if e['type'] == 'quality control'][-1]")"
  check "it cannot pass as it is" 5 "$(code alih item approve "$(no 1)")"
  check "resuming ends a hold and nothing else" 5 "$(code alih item resume "$(no 1)" --reason "sudah")"
  alih item set "$(no 1)" ba_no=7/BA-AM/XI/2026 >/dev/null
  check "a number mends nothing" "registered returned" "$(alih item show "$(no 1)" | get "d['state'] + ' ' + d['qc_result']")"
  check "a pattern that cannot count is refused" 4 "$(ALIHMEDIA_OFFICE_RECORD_NUMBER='{no}{tahun}' code alih config check)"
  has "nor be closed" "sent its description back" "$(alih item close "$(no 1)" 2>&1 || true)"
  alih item set "$(no 1)" title="Buku dengan judul yang benar" >/dev/null
  check "mended" "indexed None" "$(alih item show "$(no 1)" | get "d['state'] + ' ' + str(d.get('qc_result'))")"
  check "now it passes" 0 "$(code alih item approve "$(no 1)")"
  check "checksums are right" 0 "$(code alih verify --all)"
}

# 8. Digitising archives, with a Berita Acara: 23 files of 412 sheets.
scenario_8() {
  local n
  mkdir archive
  for n in $(seq 23); do
    mkdir "archive/$n"
    small_page "archive/$n/1.png" "$n"
    printf 'archive/%s;Surat %s;%s;%s\n' "$n" "$n" "$n/ARS" $((n == 23 ? 16 : 18)) >>rows.csv
  done
  (echo 'path;judul;no induk;jml hal asli'; cat rows.csv) >list.csv
  alih import list.csv --from csv --series ALM-ARS >/dev/null
  alih process --until-idle >/dev/null
  fors=()
  for n in $(seq 23); do
    fors+=(--for "$(no "$n")")
    alih item set "$(no "$n")" ba_no="3/BA-AM/$year" source_unit="Bagian Umum" material_type=textual_record date_from=1950 date_to=1960 \
      condition=good original_location="Rak $n" classification_code=045.2 development_level=original >/dev/null
  done
  check "one empty field of one file refuses all" 4 "$(
    alih item set "$(no 9)" date_from= date_to= >/dev/null
    code alih paper print berita-acara "${fors[@]}" --to ba.pdf)"
  said=$(alih paper print berita-acara "${fors[@]}" --to ba.pdf 2>&1 || true)
  has "and it is named" "$(no 9)" "$said"
  has "with who must sign" pimpinan_unit_kearsipan "$said"
  alih item set "$(no 9)" date_from=1951 date_to=1952 >/dev/null
  export ALIHMEDIA_OFFICE_OFFICIALS="pimpinan_unit_kearsipan; Kepala Bidang Kearsipan; Dra. Siti Aminah; 196808171990032005; 2020-01-01;"
  # Each thing that the two papers must say, emptied in one of the files or in the settings.
  local field before kind
  for kind in berita-acara daftar; do
    for field in ba_no source_unit material_type page_count_declared classification_code development_level; do
      before=$(alih item show "$(no 9)" | get "d['$field']")
      alih item set "$(no 9)" $field= >/dev/null
      said=$(alih paper print $kind "${fors[@]}" --to ba.pdf 2>&1 || true)
      has "$kind refuses without $field" "$field" "$said"
      alih item set "$(no 9)" "$field=$before" >/dev/null
    done
    has "$kind refuses without its signer" pimpinan_unit_kearsipan "$(ALIHMEDIA_OFFICE_OFFICIALS="" alih paper print $kind "${fors[@]}" --to ba.pdf 2>&1 || true)"
    has "$kind refuses without its place" office.place "$(ALIHMEDIA_OFFICE_PLACE="" alih paper print $kind "${fors[@]}" --to ba.pdf 2>&1 || true)"
  done
  alih register new --title "Surat tanpa citra" --series ALM-ARS >/dev/null
  has "and without any picture" "belum ada citra" "$(alih paper print berita-acara --for "$(no 24)" --to ba.pdf 2>&1 || true)"
  check "nothing is printed" False "$([ -e ba.pdf ] && echo True || echo False)"
  alih paper print berita-acara "${fors[@]}" --to ba.pdf >printed.json
  ba=$(text ba.pdf)
  day=$(date +%u | sed 's/1/Senin/;s/2/Selasa/;s/3/Rabu/;s/4/Kamis/;s/5/Jumat/;s/6/Sabtu/;s/7/Minggu/')
  for words in "NOMOR: 3/BA-AM/$year" "hari ini $day" "sebanyak 23 (dua puluh tiga) berkas" "412 (empat ratus dua belas) halaman" \
    "arsip tekstual" "Pelaksana" "Dra. Siti Aminah" "DAFTAR ARSIP YANG DIALIHMEDIAKAN" "Unit Pengolah : Bagian Umum" "1951–1952" "asli di Rak 23" "412 hal." "Tanda autentikasi"; do
    has "on it" "$words" "$ba"
  done
  check "kept as an item of ALM-BA" "ALM-BA 3/BA-AM/$year" "$(alih item show "$(get "d['number']" <printed.json)" | get "d['series'] + ' ' + d['reference_no']")"
  check "found by the number of a file that it is about" True "$(alih search "\"$(no 23)\"" --series ALM-BA --limit 5 | get "d['total'] > 0")"
  check "the mark is that of the files" 0 "$(code alih verify --paper ba.pdf)"
  for n in 1 23; do
    for field in pdf pdfa1b; do
      alih export "$(no "$n")" --format $field --to copy.pdf >/dev/null
      has "every copy bears it ($field)" "Tanda autentikasi: $(no "$n"), Berita Acara 3/BA-AM/$year, SHA-256 manifes $(alih item show "$(no "$n")" | get "d['manifest_sha256']")" "$(pdfinfo copy.pdf)"
    done
  done
  alih paper print daftar "${fors[@]}" --to daftar.xlsx >/dev/null
  check "the list as data" 25 "$(unzip -p daftar.xlsx xl/worksheets/sheet1.xml | grep -o '<row' | wc -l)"
}

# 9. Copyright decision: a novel of 1978, from the internet and from the reading room.
scenario_9() {
  local from path image novel=/koleksi/alm-$year-000001
  image=/api/v1/items/alm-$year-000001/pages/1
  "$draw_book" book --pages 1 >/dev/null
  alih ingest book --title "Pulang ke Luwuk" --field date_issued=1978 --field creator="Damanik, T." --field material_type=book --wait >/dev/null
  alih item set "$(no 1)" rights_status=in_copyright access_class=public rights_basis="pengarang masih hidup" rights_expires=2095 >/dev/null
  alih user add rina --full-name "Rina Puspita, S.I.Pust." --nip 198704122010012003 --role librarian >/dev/null
  printf 'kunci perpustakaan\n' | alih user password rina >/dev/null
  export ALIHMEDIA_ACCESS_NETWORKS='["192.168.10.0/24"]' ALIHMEDIA_ACCESS_TRUSTED_PROXIES='["127.0.0.1"]'
  serve
  outside=203.0.113.9 room=192.168.10.21
  at() { curl -sS -o "${3:-answer}" -w '%{http_code}' -H "X-Forwarded-For: $1" -H 'Accept: text/html, application/json, image/*' "http://$address$2"; }
  for from in $outside $room; do
    check "the novel's description, seen from $from" "200 True" "$(at "$from" "$novel" page.html) $(grep -q 'Pulang ke Luwuk' page.html && grep -q 1978 page.html && echo True)"
    check "by programs, too" "200 Pulang ke Luwuk" "$(at "$from" "/api/v1/items/alm-$year-000001") $(get "d['title']" <answer)"
    check "it is found" Pulang "$(at "$from" "/api/v1/search?q=title:luwuk" >/dev/null; get "d['hits'][0]['title'].split()[0]" <answer)"
  done
  at $outside "$novel" page.html >/dev/null
  check "no picture on the page from outside" False "$(grep -q "$image/thumbnail" page.html && echo True || echo False)"
  at $room "$novel" page.html >/dev/null
  check "pictures in the reading room" True "$(grep -q "$image/thumbnail" page.html && echo True)"
  for path in $image/image $image/thumbnail $image/pyramid $image/before; do
    check "${path##*/} in the reading room" 200 "$(at $room "$path")"
    check "${path##*/} by its address from outside" 403 "$(at $outside "$path")"
    check "the refusal is in the log" True "$(grep -q "\"path\":\"$path\",\"from\":\"$outside\",.*\"status\":403" serve.log && echo True)"
    check "a reader's own word does not help" 403 "$(curl -sS -o /dev/null -w '%{http_code}' -H "X-Forwarded-For: $room, $outside" "http://$address$path")"
  done
  # The librarian decides in her browser, at her desk in the office.
  browser() { curl -sS -b jar -c jar -H "X-Forwarded-For: $room" -o "$1" -w '%{http_code}' "${@:2}"; }
  check "a wrong password is refused" 401 "$(browser page.html --data-urlencode account=rina --data-urlencode password=salah "http://$address/masuk")"
  check "she signs in" 303 "$(browser page.html --data-urlencode account=rina --data-urlencode "password=kunci perpustakaan" "http://$address/masuk")"
  browser page.html "http://$address$novel" >/dev/null
  key=$(grep -o 'name="kunci" value="[0-9a-f]*"' page.html | head -1 | cut -d'"' -f4)
  decision=(--data-urlencode "kunci=$key" --data-urlencode rights_status=public_domain --data-urlencode access_class=public
    --data-urlencode "rights_basis=dihibahkan ahli waris kepada umum, surat 7/2026")
  check "no one else may decide" 401 "$(curl -sS -o /dev/null -w '%{http_code}' "${decision[@]}" "http://$address$novel")"
  check "domain publik now" 303 "$(browser page.html "${decision[@]}" "http://$address$novel")"
  for path in $image/image $image/thumbnail; do check "at once, from outside" 200 "$(at $outside "$path")"; done
  check "the decision is in the log of events, with who and why" "in_copyright -> public_domain True rina Rina Puspita, S.I.Pust." "$(alih item show "$(no 1)" | get "
(lambda e: (e['detail'][e['detail'].index('in_copyright'):].split(';')[0].split(',')[0], 'surat 7/2026' in e['detail'], e['agent']['account'], e['agent']['name']))(
[e for e in d['events'] if e['type'] == 'rights decision'][-1])" | sed "s/[()']//g; s/, \(True\|rina\|Rina\)/ \1/g")"
  stop
  check "and the refused sign-in with her account" 1 "$(alih user show rina | get "len([e for e in d['events'] if e['type'] == 'sign-in refusal'])")"
  check "verify finds nothing" 0 "$(code alih verify --all)"
  unset ALIHMEDIA_ACCESS_NETWORKS ALIHMEDIA_ACCESS_TRUSTED_PROXIES
}

# 11. Fixity and backup.
scenario_11() {
  for n in 1 2 3; do mkdir "m$n"; small_page "m$n/1.png" "$n"; alih ingest "m$n" --title "Master $n" --field condition=good --field material_type=book --field page_count_declared=1 >/dev/null; done
  alih handover new --source A --sender B --receiver C --thing "title=Menunggu" >/dev/null
  alih process --until-idle >/dev/null
  alih register correct "$(no 2)" title="Master dua" --reason "salah" >/dev/null
  alih backup "$work/second" >/dev/null
  state() { alih register lines "$year"; alih handover list; alih item list; alih search Master | get "sorted(h['digitization_no'] for h in d['hits'])"; }
  state >before.txt
  master=$(ls data/staging/*/alm-$year-000001_m_0001.png)
  python3 - "$master" <<'P'
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(60)
    byte = f.read(1)
    f.seek(60)
    f.write(bytes([byte[0] ^ 1]))
P
  # The service reads every file again each month, by itself; its first round begins when it starts.
  serve
  for _ in $(seq 100); do grep -q "Damaged file in $(no 1)" serve.log && break; sleep 0.1; done
  check "the monthly round finds the flipped byte" True "$(grep -q "Damaged file in $(no 1)" serve.log && echo True)"
  check "the item is marked" "fixity check failure" "$(curl -sS "http://$address/api/v1/items/alm-$year-000001" | get "' '.join([(e['type'], e['outcome']) for e in d['events'] if e['type'] == 'fixity check'][-1])")"
  stop
  check "one flipped byte is found" "7 ['damaged_file']" "$(code alih verify --all) $(alih verify --all | get "sorted({p['kind'] for p in d['problems']})")"
  check "restored from the second copy" 1 "$(alih repair "$(no 1)" --from "$work/second" | get "len(d['repaired'])")"
  check "whole again" 0 "$(code alih verify --all)"
  data=empty
  alih restore "$work/second" >/dev/null
  check "on an empty machine: the same items, register, batches and results" "$(sha256sum <before.txt)" "$(state | sha256sum)"
  check "and whole" 0 "$(code alih verify --all)"
}

# 12. The section head's report of a month.
scenario_12() {
  local n type
  for n in 1 2 3; do
    type=$([ "$n" = 3 ] && echo map || echo book)
    alih register new --title "Bahan $n" --field material_type=$type --field condition=good --field page_count_declared=2 \
      --began "$(date -u -d "-$((n * 2)) minutes" +%Y-%m-%dT%H:%M:%S.000Z)" >/dev/null
    mkdir "s$n"; small_page "s$n/1.png" $((n * 2)); small_page "s$n/2.png" $((n * 2 + 1))
    alih ingest "s$n" --to "$(no "$n")" >/dev/null
  done
  alih process --until-idle >/dev/null
  alih paper print report --for "$month" --to report.pdf >/dev/null
  alih paper print report --for "$month" --to report.xlsx >/dev/null
  alih paper print report --for "$month" --to report.csv >/dev/null
  alih register list >rows.json
  check "numbers equal the register's" "True True True" "$(python3 - <<'P'
import csv, json
rows = json.load(open("rows.json"))["rows"]
table = [r for r in csv.reader(open("report.csv", encoding="utf-8-sig")) if r]
def line(name): return next(r for r in table if r[0] == name)
books = [r for r in rows if r["material_type"] == "book"]
total = line("JUMLAH")
print(line("buku")[1:3] == [str(len(books)), str(sum(r["image_count"] for r in books))],
      total[1:3] == [str(len(rows)), str(sum(r["image_count"] for r in rows))],
      total[3] == "6" and any(r[0].startswith("2. Identifikasi") and r[3].startswith("67 % (2/3)") for r in table))
P
)"
  report=$(text report.pdf)
  for words in "LAPORAN ALIH MEDIA" "5 menit/bahan" "60 menit/bahan" "5 menit/file" "67 % (2/3)" "Waktu mesin, di luar waktu petugas" "peta" "Menurut petugas"; do
    has "the report" "$words" "$report"
  done
  check "as a sheet too" True "$(unzip -p report.xlsx xl/worksheets/sheet1.xml | holds '<row')"
  check "kept" ALM-LAP "$(alih search '"Laporan Alih Media"' --series ALM-LAP | get "d['hits'][0]['series']")"
}

# 14. Archives to SIKN: a fonds, 3 series, 57 files, 412 items, one of them digitised.
scenario_14() {
  python3 - <<'P'
import csv, os
rows, n = [], 0
def add(level, parent, title):
    global n
    n += 1
    rows.append({"legacyId": f"B{n}", "parentId": parent, "identifier": f"BGI-{n}", "title": title, "levelOfDescription": level,
                 "eventDates": "1950-1960", "eventTypes": "Creation", "eventStartDates": "1950-01-00", "eventEndDates": "1960-12-00",
                 "eventActors": "Swapraja Banggai", "language": "id", "script": "Latn", "subjectAccessPoints": "tanah|pajak", "culture": "id",
                 "publicationStatus": "Draft", "accessionNumber": f"ACC-{n}" if level == "Item" else ""})
    return f"B{n}"
fonds = add("Fonds", "", "Swapraja Banggai")
series = [add("Series", fonds, f"Seri {i}") for i in range(3)]
files = [add("File", series[i % 3], f"Berkas {i}") for i in range(57)]
for i in range(412): add("Item", files[i % 57], f"Surat {i}")
with open("atom.csv", "w", newline="") as f:
    w = csv.DictWriter(f, rows[0].keys())
    w.writeheader()
    w.writerows(rows)
P
  check "all 473 come in" "473 0" "$(alih import atom.csv --from atom --series ALM-ARS | get "d['imported'], len(d['rejected'])" | tr -d '(),')"
  mkdir letter; small_page letter/1.png 7
  alih ingest letter --field accession_no=ACC-62 --series ALM-ARS --wait >/dev/null
  check "what is digitised is described by its record" "Surat 0" "$(alih item show "$(no 1)" | get "d['title']")"
  alih item set "$(no 1)" rights_status=open_government_work access_class=public >/dev/null
  export ALIHMEDIA_API_PUBLIC_URL="http://arsip.example"
  alih export --all --catalogue --format atom --to sikn.csv >/dev/null
  check "header, parents first, dates, lists, links" "473 True True True True 1" "$(python3 - "$here/scenarios.sh" <<'P'
import csv, re
rows = list(csv.DictReader(open("sikn.csv", encoding="utf-8")))
head = open("sikn.csv", encoding="utf-8").readline().strip().replace('"', "").split(",")
wanted = ("legacyId,parentId,qubitParentSlug,accessionNumber,identifier,title,levelOfDescription,extentAndMedium,repository,"
          "archivalHistory,acquisition,scopeAndContent,appraisal,accruals,arrangement,accessConditions,reproductionConditions,language,"
          "script,languageNote,physicalCharacteristics,findingAids,locationOfOriginals,locationOfCopies,relatedUnitsOfDescription,"
          "publicationNote,digitalObjectPath,digitalObjectURI,generalNote,subjectAccessPoints,placeAccessPoints,nameAccessPoints,"
          "genreAccessPoints,descriptionIdentifier,institutionIdentifier,rules,descriptionStatus,levelOfDetail,revisionHistory,"
          "languageOfDescription,scriptOfDescription,sources,archivistNote,publicationStatus,physicalObjectName,physicalObjectLocation,"
          "physicalObjectType,alternativeIdentifiers,alternativeIdentifierLabels,eventDates,eventTypes,eventStartDates,eventEndDates,"
          "eventActors,eventActorHistories,culture").split(",")
seen, parents = set(), True
for r in rows:
    parents = parents and (r["parentId"] == "" or r["parentId"] in seen)
    seen.add(r["legacyId"])
dates = all(re.fullmatch(r"\d{4}-\d{2}-\d{2}", r["eventStartDates"]) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", r["eventEndDates"]) for r in rows)
lists = all(r["subjectAccessPoints"] in ("tanah|pajak", "pajak|tanah") for r in rows)
links = [r for r in rows if r["digitalObjectURI"]]
open("link.txt", "w").write(links[0]["digitalObjectURI"] if links else "")
assert links and links[0]["parentId"] == "B5" and links[0]["legacyId"] == "B62", links
print(len(rows), head == wanted, parents, dates, lists, len(links))
P
)"
  serve
  check "the link resolves" 200 "$(curl -sS -o /dev/null -w '%{http_code}' "http://$address$(sed 's#http://arsip.example##' link.txt)")"
  stop
  unset ALIHMEDIA_API_PUBLIC_URL
}

for n in ${*:-1 2 4 8 9 11 12 14}; do
  echo "--- scenario $n"
  data=data
  mkdir "$top/s$n"
  cd "$top/s$n"
  work=$top/s$n
  scenario_"$n"
  cd "$top"
  work=$top
  rm -rf "$top/s$n"
done
echo "all ok"
