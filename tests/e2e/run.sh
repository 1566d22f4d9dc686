#!/usr/bin/env bash
# The real program as a person uses it: run.sh PROGRAM DRAW_BOOK SANE_CONFIG_DIR
program=$1 draw_book=$2
. "$(dirname "$0")/lib.sh"
export SANE_CONFIG_DIR=$3

data=scan
device=test:0
pages=$(alih scan --device $device --source "Automatic Document Feeder" --mode Gray --title uji | get "d['pages_captured'], d['outcome']")
check "ten sheets from the feeder" "10 feeder_empty" "$pages"
mkdir reference
scanimage -d $device --source "Automatic Document Feeder" --mode Gray --format=pnm --batch=reference/p%02d.pnm 2>/dev/null || true
year=$(date +%Y)
alih export "ALM/$year/000001" --format masters --to masters >/dev/null
(cd masters && sha256sum --quiet -c manifest-sha256.txt); echo "ok: exported masters match their manifest"
same=$(alih item pages "ALM/$year/000001" | python3 -c "
import json,sys,glob,hashlib
ours=[p['master']['pixel_sha256'] for p in json.load(sys.stdin)['pages']]
theirs=[]
for f in sorted(glob.glob('reference/*')):
    theirs.append(hashlib.sha256(open(f,'rb').read().split(b'\n',4)[4]).hexdigest())
print(ours==theirs, len(ours))")
check "pixels equal scanimage's" "True 10" "$same"
check "an unknown device is not found" 3 "$(code alih scan --device test:7 --title x)"

"$draw_book" book --pages 30 >/dev/null
data=calm
check "a text file is refused" 4 "$(echo no >no.tif; code alih ingest no.tif)"
check "no number was burnt" 0 "$(alih register list | get "d['total']")"
check "some inputs bad is exit 8" 8 "$(code alih ingest book/001.tif no.tif --title campuran)"
check "an absent model is said early" 6 "$(code alih ingest book --language nosuch)"
alih ingest book --title "Buku uji" >/dev/null
alih process --until-idle >/dev/null
for word in guru goeroe sekolah Luwuk; do
  [ "$(alih search "$word" --count-only | get "d['total']")" -gt 1 ] || { echo "FAILED: $word not found" >&2; exit 1; }
done
echo "ok: old and new spelling are found"
check "a malformed query is exit 4" 4 "$(code alih search '"open')"
check "verify finds nothing" "[]" "$(alih verify --all | get "d['problems']")"

data=storm
alih ingest book/001.tif --title campuran >/dev/null
alih ingest book --title "Buku uji" >/dev/null
# 20 kills of the whole group. Each waits for as many more pages as its number says, then for a
# part of a second, so that they hit the start, a page in work, and the moment a page is written.
for kill in 0:0.3 1:0.0 1:0.4 0:0.7 1:0.2 2:0.0 1:0.6 0:1.1 1:0.1 1:0.8 2:0.3 1:0.0 0:0.5 1:0.5 1:0.1 \
            1:0.3 0:0.9 2:0.2 1:0.7 1:0.0; do
  setsid "$program" --data "$work/storm" --json process >"$work/done.json" 2>/dev/null &
  victim=$!
  for _ in $(seq 600); do
    [ "$(wc -l <"$work/done.json")" -ge "${kill%:*}" ] && break
    kill -0 $victim 2>/dev/null || break
    sleep 0.05
  done
  sleep "${kill#*:}"
  kill -9 -- -$victim 2>/dev/null || true
  wait $victim 2>/dev/null || true
done
left=$(alih status | get "d['queue']['pending']")
[ "$left" -lt 25 ] || { echo "FAILED: the kills did not spread over the batch: $left left" >&2; exit 1; }
echo "ok: 20 kills, $left pages left"
alih process --until-idle >/dev/null
pages() { alih item pages "ALM/$year/$1" | get "[(p['page'], p['state'], p['master']['sha256']) for p in d['pages'] if p['state']!='removed']"; }
# In the calm folder the book is item 2 as well: item 1 is the mixed one.
data=calm; calm=$(pages 000002)
data=storm
check "30 pages, none lost, none twice, same digests" "$calm" "$(pages 000002)"
check "thirty of them" 30 "$(alih item pages "ALM/$year/000002" | get "len(d['pages'])")"
check "verify after the kills" "[]" "$(alih verify --all | get "d['problems']")"
answers() { alih search "$1" --limit 100 | get "[(h.get('page'), h['score'], h['snippet'], h.get('boxes')) for h in d['hits']]"; }
for query in guru perpustakaan '"surat nomor"' sek*; do
  data=calm; calm=$(answers "$query"); data=storm; storm=$(answers "$query")
  check "answers to $query equal those of a calm run" "$calm" "$storm"
done

snapshot() { alih item show "ALM/$year/000002"; alih item pages "ALM/$year/000002"; alih register list; answers guru; }
alih item set "ALM/$year/000002" creator="Tim Uji" date_issued=1936 >/dev/null
before=$(snapshot)
rm -rf "$work/storm/index"
check "a lost database is said" 6 "$(code alih search guru)"
alih rebuild >/dev/null
check "rebuild gives the same" "$before" "$(snapshot)"
check "verify after rebuild" "[]" "$(alih verify --all | get "d['problems']")"
printf x | dd of="$(ls storm/staging/*/*_m_0001.tif | sed -n 1p)" bs=1 seek=100 conv=notrunc 2>/dev/null
check "one changed byte is found" 7 "$(code alih verify --all)"

data=calm
serve
check "the token is the owner's only" 600 "$(stat -c %a calm/service.json)"
check "healthz" ok "$(curl -fsS "http://$address/healthz" | get "d['status']")"
metrics=$(curl -fsS "http://$address/metrics")
metric() { awk -v name="$1" '$1 == name { print $2 }' <<<"$metrics"; }
check "metrics: read lines" "$(alih status | get "*(d['reading'][k] for k in ('lines_fast', 'lines_slow'))")" \
  "$(metric 'alihmedia_lines_read_total{way="fast"}') $(metric 'alihmedia_lines_read_total{way="slow"}')"
check "metrics: differences" 0 "$(metric alihmedia_line_differences_total)"
check "metrics: nothing waits" 0 "$(metric 'alihmedia_pages{state="waiting"}')"
check "search over HTTP" "$(alih search guru --count-only | get "d['total']")" \
  "$(curl -fsS "http://$address/api/v1/search?q=guru" | get "d['total']")"
page=$(curl -fsS "http://$address/api/v1/search?q=guru" | get "[h['page'] for h in d['hits'] if h['kind']=='page'][0]")
reader=$(curl -fsS "http://$address/koleksi/alm-$year-000002/halaman/$page?q=guru")
case $reader in *"<rect x="*) echo "ok: words are marked on the page" ;; *) echo "FAILED: no marks" >&2; exit 1 ;; esac
python3 "$here/browser.py" "$address" shots
rm -rf calm/cache
check "a deleted access image is made again" image/jpeg \
  "$(curl -fsS -o /dev/null -w '%{content_type}' "http://$address/api/v1/items/alm-$year-000002/pages/$page/image")"
check "two framings are refused" 400 "$(curl -s -o /dev/null -w '%{http_code}' -H 'Content-Length: 3' -H 'Transfer-Encoding: chunked' --data-binary abc "http://$address/healthz")"
check "through a proxy one is no staff" 404 "$(curl -s -o /dev/null -w '%{http_code}' -H 'X-Forwarded-For: 10.0.0.1' "http://$address/api/v1/items/alm-$year-000002")"
check "a wrong token is refused" 401 "$(curl -s -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer x' -d '{"words":["status"],"cwd":"/"}' "http://$address/internal/verbs/status")"
check "rebuild while the service runs" 5 "$(code alih rebuild)"
alih ingest book/002.jpg --title "Lewat layanan" --wait >/dev/null
check "a verb goes to the service" indexed "$(alih item show "ALM/$year/000003" | get "d['state']")"
kill -TERM $service
wait $service && ended=0 || ended=$?
service=""
check "SIGTERM ends with 0" 0 "$ended"
check "verify at the end" "[]" "$(alih verify --all | get "d['problems']")"
echo "1 passed, 0 failed"
