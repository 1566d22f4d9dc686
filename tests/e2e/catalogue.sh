#!/usr/bin/env bash
# The office's catalogue comes in, describes what is digitised, and goes out to other programs, judged
# by them: catalogue.sh PROGRAM DRAW_BOOK WRITE_SHEETS
# xmllint with the schemas (where they are at hand), yaz-marcdump, sha512sum.
program=$1 draw_book=$2 sheets=$3
. "$(dirname "$0")/lib.sh"
export ALIHMEDIA_API_LANGUAGE=en

valid() { # valid SCHEMA FILE
  if [ -d "$schemas" ]; then
    XML_CATALOG_FILES="$schemas/catalog.xml" xmllint --nonet --noout --schema "$schemas/$1" "$2" 2>xmllint.log ||
      { echo "FAILED: $2 does not validate against $1: $(head -5 xmllint.log)" >&2; exit 1; }
    echo "ok: $2 is valid ($1)"
  else
    echo "no schemas at $schemas; $2 not validated"
    xmllint --nonet --noout "$2"
  fi
}
records() { alih record list --limit 0 | python3 -c '
import json, sys
d = json.load(sys.stdin)
print(json.dumps(sorted((r["identity"], sorted(r["fields"].items())) for r in d["records"])))' ; }

# --- in: all or nothing
python3 "$sheets" inlislite32_bad bad.xlsx 40
check "three rows without NO. INDUK refuse the file" 4 "$(code alih import bad.xlsx --from inlislite)"
out=$(alih import bad.xlsx --from inlislite || true)
check "and each is named by its row" "0 [7, 19, 35]" "$(get "d['imported'], [r['row'] for r in d['rejected']]" <<<"$out" | tr -d '()' | sed 's/, \[/ [/')"
check "nothing is half imported" 0 "$(alih record list | get "d['total']")"
check "the good rows go in when that is asked for" 37 "$(alih import bad.xlsx --from inlislite --skip-bad | get "d['imported']")"
check "exit code of an import in part" 8 "$(code alih import bad.xlsx --from inlislite --skip-bad)"
python3 "$sheets" inlislite32 good.xlsx 40
check "the mended file brings the three" "3 37" "$(alih import good.xlsx --from inlislite | get "d['imported'], d['unchanged']" | tr -d '(),')"
check "a third time nothing comes" "0 40" "$(alih import good.xlsx --from inlislite | get "d['imported'], d['unchanged']" | tr -d '(),')"
python3 "$sheets" inlislite33 v33.xlsx 40
check "3.3's header gives the same rows" "0 0 40" "$(alih import v33.xlsx --from inlislite | get "d['imported'], d['updated'], d['unchanged']" | tr -d '(),')"
check "searchable" 40 "$(alih search tjerita --series KOL-INDUK --count-only | get "d['total']")"
check "an unknown source" 2 "$(code alih import good.xlsx --from excel)"
check "no such file" 3 "$(code alih import none.xlsx --from inlislite)"
check "SLiMS is not INLISLite" 4 "$(code alih import good.xlsx --from slims)"

# --- look-up
"$draw_book" book --pages 2 >/dev/null
alih ingest book --barcode 00000000022 --field page_count_declared=118 >made.json
check "a barcode describes the item" "Hikayat Banggai jilid 22 : tjerita lama|Pradana, Mamik|118|X00022/2016|1936" \
  "$(alih item show "$(no 1)" | get "'|'.join([d['title'], d['creator'][0], str(d['page_count_declared']), d['accession_no'][0], d['date_issued']])")"
check "digitised already: conflict" 5 "$(code alih ingest book --barcode 00000000022)"
check "by its no. induk too" 5 "$(code alih ingest book --field nomor_induk=x00022/2016)"
check "with a link" True "$(alih ingest book --barcode 00000000022 2>/dev/null | get "'/koleksi/alm-' in d['error']['message']")"
check "no number was burnt" 1 "$(alih register list | get "d['total']")"
check "unless it is asked for" 0 "$(code alih ingest book --barcode 00000000022 --once-more)"
check "the digitised book is found once, as an item" "False" "$(alih search 'jilid 22' --limit 50 | get "any(h['series'] == 'KOL-INDUK' for h in d['hits'] if 'jilid 22' in h['title'])")"
alih item withdraw "$(no 2)" --reason "twice" >/dev/null
alih item set "$(no 1)" barcode=00000000023 >/dev/null
check "a typed barcode fills no field that is there" "Hikayat Banggai jilid 22 : tjerita lama" "$(alih item show "$(no 1)" | get "d['title']")"
alih item set "$(no 1)" barcode=00000000022 >/dev/null
check "unknown barcodes are no error" 0 "$(code alih ingest book --barcode 99 --title Lain)"
check "record show" X00005/2016 "$(alih record show --barcode 00000000005 | get "d['record']['fields']['accession_no'][0]")"
check "record show, not there" 3 "$(code alih record show --barcode nothing)"
check "a record is no item" 3 "$(code alih item show "$(alih record list --limit 1 | get "d['records'][0]['record_id']")")"
alih process --until-idle >/dev/null

# --- the files are the truth
records >before.json
alih rebuild >/dev/null
records >after.json
check "rebuild makes the same catalogue" "$(sha256sum <before.json)" "$(sha256sum <after.json)"
check "verify finds no problem" 0 "$(code alih verify --all)"
check "the digitised record stays hidden" "False" "$(alih search 'jilid 22' --limit 50 | get "any(h['series'] == 'KOL-INDUK' for h in d['hits'] if 'jilid 22' in h['title'])")"
cp -r data data.damaged
sed -i 's/Grafika/Grafikb/' data.damaged/catalogue/*.jsonl
check "verify sees a changed catalogue file" 7 "$(code "$program" --data data.damaged --quiet verify --all)"
rm -r data.damaged

# --- killed in the middle: none of it, or after the next start all of it
python3 "$sheets" inlislite32 many.xlsx 3000
data=killed.data
for i in 1 2 3 4 5 6; do
  "$program" --data "$work/$data" --json --quiet import many.xlsx --from inlislite >/dev/null 2>&1 &
  importing=$!
  sleep "0.$((i * 15 % 100))"
  kill -9 $importing 2>/dev/null || true
  wait $importing 2>/dev/null || true
  total=$(alih record list --limit 1 2>/dev/null | get "d.get('total', 0)" || true)
  case $total in 0 | 3000) ;; *) echo "FAILED: $total of 3000 rows after a kill" >&2; exit 1 ;; esac
done
alih import many.xlsx --from inlislite >/dev/null
check "after kills all rows are there, once" 3000 "$(alih record list --limit 1 | get "d['total']")"
check "and verify finds no problem" 0 "$(code alih verify --all)"
data=data

# --- hostile sheets: refused, in time, and the program lives on
for kind in bomb giant_cell formula entities deep; do
  python3 "$sheets" $kind $kind.xlsx
  start=$(date +%s)
  check "$kind is refused" 4 "$(code alih import $kind.xlsx --from inlislite)"
  check "$kind in time" True "$([ $(($(date +%s) - start)) -le 60 ] && echo True)"
done
head -c 300000 good.xlsx >cut.xlsx; truncate -s 3000 cut.xlsx
check "a cut file is refused" 4 "$(code alih import cut.xlsx --from inlislite)"
check "nothing of them is there" "$(sha256sum <before.json)" "$(records | sha256sum)"

# --- out: MARC
alih export --all --format marcxml --to out/all.xml >/dev/null
valid MARC21slim.xsd out/all.xml
alih export --all --catalogue --format marc --to out/all.mrc >/dev/null
alih export --all --catalogue --format marcxml --to out/all2.xml >/dev/null
yaz-marcdump -i marcxml -o marcxml out/all2.xml >out/from-xml.xml 2>yaz.log
yaz-marcdump -i marc -o marcxml out/all.mrc >out/from-mrc.xml 2>>yaz.log
check "yaz-marcdump has no complaint" "" "$(cat yaz.log)"
check "and reads every record" "$(grep -c '<record>' out/all2.xml)" "$(grep -c '<record' out/from-mrc.xml)"
fields() { python3 -c '
import sys, xml.etree.ElementTree as E
for r in E.parse(sys.argv[1]).getroot().iter("{http://www.loc.gov/MARC21/slim}record"):
    for f in r:
        if f.tag.endswith("field"):
            print(f.get("tag"), f.get("ind1"), f.get("ind2"), f.text if f.tag.endswith("controlfield") else [(s.get("code"), s.text) for s in f])' "$1"; }
check "both hold the same" "$(fields out/from-xml.xml | sha256sum)" "$(fields out/from-mrc.xml | sha256sum)"
check "856 and 990" "True True" "$(fields out/all2.xml | python3 -c '
import sys
t = sys.stdin.read()
print("/koleksi/alm-" in t and "\n856 4 0" in t, "990     [(\x27a\x27, \x27X00022/2016\x27)]" in t)')"

# --- round trips: what went out comes in again, into an empty repository, the same
round_trip() { # FORMAT FROM FILE
  alih export --catalogue --format "$1" --to "$3" >/dev/null
  data=$1.data
  check "$1 comes in again" 0 "$(code alih import "$3" --from "$2")"
  records >"$1.json"
  data=data
}
for format in marcxml marc; do
  round_trip $format $format out/cat.$format
  check "$format gives the same records" "$(python3 -c 'import json; print([r[1] for r in json.load(open("before.json"))])' | sha256sum)" \
    "$(python3 -c "import json; print([r[1] for r in json.load(open('$format.json'))])" | sha256sum)"
done
for format in inlislite inlislite30; do
  round_trip $format inlislite out/cat.$format.xlsx
  check "$format gives the same records" "$(sha256sum <before.json)" "$(sha256sum <$format.json)"
done
round_trip csv csv out/cat.csv
check "csv gives the same records" "$(sha256sum <before.json)" "$(sha256sum <csv.json)"
round_trip slims slims out/cat.slims.csv
check "SLiMS gives what its columns hold" "40 Hikayat Banggai jilid 1 : tjerita lama" "$(python3 -c '
import json
r = json.load(open("slims.json"))
print(len(r), dict(r[0][1])["title"][0])')"
# Of items: every field that was set.
alih export "$(no 1)" --format marcxml --to out/one.xml >/dev/null
data=one.data
alih import out/one.xml --from marcxml >/dev/null
one=$(alih record list | get "d['records'][0]['fields']")
data=data
check "an item's fields come back" "True" "$(alih item show "$(no 1)" | get "all(d[k] == (v if isinstance(d[k], list) else type(d[k])(v[0]) if d[k] is not None else None) for k, v in $one.items())")"

# --- out: METS, BagIt, MODS, Dublin Core
alih export "$(no 1)" --format mets --to out/one.mets.xml >/dev/null
valid aip-combined.xsd out/one.mets.xml
alih export "$(no 1)" --format mods --to out/one.mods.xml >/dev/null
valid mods-3-8.xsd out/one.mods.xml
alih export "$(no 1)" --format dc --to out/one.dc.xml >/dev/null
valid oai_dc.xsd out/one.dc.xml
alih export "$(no 1)" --format bagit --to out/bag >/dev/null
(cd out/bag && sha512sum --quiet -c manifest-sha512.txt && sha512sum --quiet -c tagmanifest-sha512.txt)
check "the bag's Payload-Oxum" "$(cd out/bag/data && find . -type f -printf '%s\n' | awk '{b += $1; n++} END {print b "." n}')" \
  "$(sed -n 's/Payload-Oxum: //p' out/bag/bag-info.txt)"
valid aip-combined.xsd out/bag/data/mets.xml
check "METS names the bag's files with their digests" True "$(python3 -c '
import hashlib, os, xml.etree.ElementTree as E
m = "{http://www.loc.gov/METS/}"
files = list(E.parse("out/bag/data/mets.xml").getroot().iter(m + "file"))
ok = len(files) >= 3
for f in files:
    path = "out/bag/data/" + f.find(m + "FLocat").get("{http://www.w3.org/1999/xlink}href")
    ok = ok and hashlib.sha512(open(path, "rb").read()).hexdigest() == f.get("CHECKSUM") and os.path.getsize(path) == int(f.get("SIZE"))
print(ok)')"
check "a bag is not written over" 5 "$(code alih export "$(no 1)" --format bagit --to out/bag)"

# --- archives: a hierarchy through AtoM's sheet
python3 - <<'P'
import csv
head = open("/dev/null")
rows = [["f1","","F1","Arsip Banggai","Fonds","","ind"]]
for s in range(3): rows.append([f"s{s}","f1",f"F1/{s}",f"Seri {s}","Series","",""])
for i in range(12): rows.append([f"i{i}",f"s{i%3}",f"F1/{i%3}/{i}",f"=Surat {i}","Item","Loewoek|Balantak","id"])
w = csv.writer(open("atom.csv","w",newline=""))
w.writerow(["legacyId","parentId","identifier","title","levelOfDescription","subjectAccessPoints","language","eventDates","eventTypes","eventStartDates","eventEndDates","eventActors"])
for r in rows: w.writerow(r+["1936-1937","Creation","1936-01-00","1937-12-31","Raja Banggai|Controleur"])
P
data=atom.data
check "AtoM's rows come in" 16 "$(alih import atom.csv --from atom --series ALM-ARS | get "d['imported']")"
alih export --catalogue --format atom --to out/atom.csv >/dev/null
records >atom1.json
check "the header is AtoM's, to the letter" "legacyId,parentId,qubitParentSlug,accessionNumber,identifier,title,levelOfDescription,extentAndMedium,repository,archivalHistory,acquisition,scopeAndContent,appraisal,accruals,arrangement,accessConditions,reproductionConditions,language,script,languageNote,physicalCharacteristics,findingAids,locationOfOriginals,locationOfCopies,relatedUnitsOfDescription,publicationNote,digitalObjectPath,digitalObjectURI,generalNote,subjectAccessPoints,placeAccessPoints,nameAccessPoints,genreAccessPoints,descriptionIdentifier,institutionIdentifier,rules,descriptionStatus,levelOfDetail,revisionHistory,languageOfDescription,scriptOfDescription,sources,archivistNote,publicationStatus,physicalObjectName,physicalObjectLocation,physicalObjectType,alternativeIdentifiers,alternativeIdentifierLabels,eventDates,eventTypes,eventStartDates,eventEndDates,eventActors,eventActorHistories,culture" \
  "$(head -1 out/atom.csv | tr -d '"\r')"
check "parents first, dates whole, no formula" "True" "$(python3 -c '
import csv
seen, ok = set(), True
for r in csv.DictReader(open("out/atom.csv", encoding="utf-8")):
    ok = ok and (r["parentId"] == "" or r["parentId"] in seen) and r["eventStartDates"] == "1936-01-00" and r["culture"] == "id" and not r["title"].startswith("=")
    seen.add(r["legacyId"])
print(ok and len(seen) == 16)')"
data=atom2.data
alih import "$work/out/atom.csv" --from atom --series ALM-ARS >/dev/null
records >atom2.json
data=data
check "AtoM gives the same records" "$(sha256sum <atom1.json)" "$(sha256sum <atom2.json)"

# --- the paper register and the scans of before
mkdir -p lama/1 lama/2
"$draw_book" lama/1 --pages 2 >/dev/null; "$draw_book" lama/2 --pages 1 >/dev/null
python3 "$sheets" register register.xlsx 6
data=old.data
check "the paper register becomes items" "6 3 0" "$(alih import register.xlsx --from register | get "d['imported'], d['pages'], len(d['rejected'])" | tr -d '(),')"
check "numbers and dates are kept" "ALM/2019/000002 2019-03-03 2 Batavia Rak: B2" "$(alih item show ALM/2019/000002 | get "d['digitization_no'], d['registered_on'], d['sequence_no'], d['place'], d['note']" | tr -d "(),'")"
check "with their pages" 2 "$(alih item pages ALM/2019/000001 | get "d['total']")"
check "again: nothing is there twice" "0 6" "$(alih import register.xlsx --from register | get "d['imported'], d['unchanged']" | tr -d '(),')"
check "the register has no gap" 0 "$(code alih verify --all)"
"$draw_book" book2 --pages 1 >/dev/null
alih ingest book2 --title Baru >/dev/null
check "new items go on with this year's numbers" "$(no 1)" "$(alih item list | get "d['items'][-1]['digitization_no']")"
alih register export --format csv --to register.csv >/dev/null
records >/dev/null
python3 - <<'P'
import csv
rows = list(csv.reader(open("register.csv", encoding="utf-8-sig")))
at = rows[0].index("No. Inventaris Alih Media")
csv.writer(open("gap.csv", "w")).writerows([r for r in rows if not r[at].endswith("000003")])
csv.writer(open("whole.csv", "w")).writerows(rows)
P
data=gap.data
check "a register with a gap is refused" 4 "$(code alih import gap.csv --from register)"
check "and says which number" "True" "$(alih import gap.csv --from register 2>/dev/null | get "'ALM/2019/000003' in d['rejected'][0]['reason']")"
check "the whole one keeps every number" 7 "$(alih import whole.csv --from register | get "d['imported']")"
check "in the register again" ALM/2019/000006 "$(alih item show ALM/2019/000006 | get "d['digitization_no']")"
printf 'path,judul,no induk\nlama/1,Satu,77\nlama/none,Dua,78\n' >list.csv
data=list.data
check "a list with a file that is not there is refused" 4 "$(code alih import list.csv --from csv)"
printf 'path;judul;no induk\nlama/1;Satu;77\nlama/2;Dua;78\n' >list.csv
check "a list of earlier scans makes items" "2 3" "$(alih import list.csv --from csv | get "d['imported'], d['pages']" | tr -d '(),')"
check "the list again: nothing is there twice" "0 2 0" "$(alih import list.csv --from csv | get "d['imported'], d['unchanged'], len(d['rejected'])" | tr -d '(),')"
printf 'path,judul\nlama/1,Tanpa nomor\n' >bare.csv
check "files that are here already come once" "0 1" "$(alih import bare.csv --from csv | get "d['imported'], d['unchanged']" | tr -d '(),')"
check "with what it says of them" "Dua 78" "$(alih item show "$(no 2)" | get "d['title'], d['accession_no'][0]" | tr -d "(),'")"
data=data

# --- the same over HTTP
serve
url=http://$address/api/v1
check "look-up over HTTP" "X00005/2016" "$(curl -sf "$url/catalogue?barcode=00000000005" | get "d['record']['fields']['accession_no'][0]")"
check "look-up of what is not there" 404 "$(curl -s -o /dev/null -w '%{http_code}' "$url/catalogue?barcode=nothing")"
python3 "$sheets" inlislite32 more.xlsx 41
check "import over HTTP" "1 40" "$(curl -sf --data-binary @more.xlsx -H 'Content-Type: application/octet-stream' "$url/catalogue?from=inlislite&name=more.xlsx" | get "d['imported'], d['unchanged']" | tr -d '(),')"
check "a path column over HTTP is refused" 0 "$(curl -s --data-binary @list.csv -H 'Content-Type: application/octet-stream' "$url/catalogue?from=csv" | get "d['imported']")"
first=$(ls book/*)
first=${first%%$'\n'*}
check "an item by barcode over HTTP" "Hikayat Banggai jilid 41 : tjerita lama" "$(curl -sf --data-binary @"$first" -H 'Content-Type: application/octet-stream' "$url/items?barcode=00000000041&name=a.png" | get "d['items'][0]['digitization_no']" | xargs -I{} "$program" --data "$work/data" --json item show {} | get "d['title']")"
check "digitised already over HTTP" 409 "$(curl -s -o conflict.json -w '%{http_code}' --data-binary @"$first" -H 'Content-Type: application/octet-stream' "$url/items?barcode=00000000041&name=a.png")"
check "a page for staff" 200 "$(curl -s -o page.html -w '%{http_code}' "http://$address/katalog?nomor_induk=X00041/2016")"
check "links to what is digitised" True "$(grep -q '/koleksi/alm-' page.html && echo True)"
check "the command line sees the service's catalogue" 41 "$(alih record list --limit 1 | get "d['total']")"
