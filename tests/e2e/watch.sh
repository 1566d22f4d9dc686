#!/usr/bin/env bash
# The hot folder alone, beside a service and in the service; `stop` and the UPS hook.
program=$1
. "$(dirname "$0")/lib.sh"
draw_book=$2
export ALIHMEDIA_PIPELINE_WATCH_SETTLE_S=1

"$draw_book" pages --pages 6 >/dev/null
mkdir -p in/buku
cp pages/001.* in/surat.tif
cp pages/002.* pages/003.* in/buku/
printf junk >in/buku/004.jpg
printf junk >in/rusak.png

check "wrong options are told before anything is taken" 2 "$(code "$program" --data "$work/$data" watch in --profile nosuch --once)"
check "nothing was taken" "" "$(ls in/selesai 2>/dev/null)"
out=$(alih watch in --once --profile buku) && check "some were refused" 8 0 || check "exit code" 8 $?
check "one line an entry" "buku partly 2;rusak.png refused 0;surat.tif taken 1;" \
  "$(echo "$out" | python3 -c '
import json, os, sys
for line in sys.stdin:
    d = json.loads(line)
    print(os.path.basename(d["path"]), d["outcome"], d["pages"], end=";")')"
check "what was taken is in selesai" "buku surat.tif" "$(ls in/selesai | xargs)"
check "what was not is in ditolak, with its reason" "buku buku.alasan.txt rusak.png rusak.png.alasan.txt" \
  "$(ls in/ditolak | xargs)"
check "the title is the name" "buku surat" "$(alih item list | get "' '.join(sorted(i['title'] for i in d['items']))")"

cp in/selesai/surat.tif in/lagi.tif
check "the same file again makes no item" 0 "$(code alih watch in --once)"
check "two items" 2 "$(alih item list | get "d['total']")"

mkdir in/lain
cp pages/001.* in/lain/1.tif # a page of another item
cp pages/006.* in/lain/2.tif # the same blank sheet twice
cp pages/006.* in/lain/3.tif
check "an item with sheets that are here already keeps them all" 3 "$(alih watch in --once | get "d['pages']")"
cp -r in/selesai/lain in/lain
check "the same folder again makes no item" duplicate "$(alih watch in --once | get "d['outcome']")"
check "three items" 3 "$(alih item list | get "d['total']")"

mkdir hot
export ALIHMEDIA_PIPELINE_WATCH_FOLDER=$work/hot
serve
cp pages/004.* "in/$(printf 'nama\xff.tif')"
check "beside a service, a name that is no UTF-8" 0 "$(code alih watch in --once)"
cp pages/005.* hot/
for _ in $(seq 100); do
  [ "$(alih item list | get "d['total']")" = 5 ] && break
  sleep 0.2
done
check "the service has a hot folder of its own" 5 "$(alih item list | get "d['total']")"
start=$(date +%s%N)
ended() { set +e; wait "$1"; local c=$?; set -e; echo "$2: exit $c"; [ $c = 0 ]; }
check "stop" 0 "$(code alih stop)"
took=$((($(date +%s%N) - start) / 1000000))
[ $took -lt 10000 ] || { echo "FAILED: stop took $took ms" >&2; exit 1; }
ended "$service" "the service"
service=""
check "stop when nothing runs" 0 "$(code alih stop)"

"$program" --data "$work/$data" --quiet watch in &
watcher=$!
sleep 0.5
kill "$watcher"
ended "$watcher" "the watch"
"$program" --data "$work/$data" --quiet process --until-idle &
worker=$!
sleep 1
check "the UPS hook ends an overnight batch" 0 \
  "$(ALIHMEDIA=$program ALIHMEDIA_DATA=$work/$data NOTIFYTYPE=LOWBATT code "$here/../../config/ups/alihmedia-ups" "UPS battery is low")"
ended "$worker" "the batch"
alih process --until-idle >/dev/null
check "and goes on later: all pages are read" 0 "$(alih status | get "d['queue']['pending'] + d['queue']['failed']")"
check "verify" 0 "$(code alih verify)"
