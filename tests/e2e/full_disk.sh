#!/usr/bin/env bash
# A disk that fills up under a service at work: full_disk.sh PROGRAM DRAW_BOOK. Needs a file system of
# its own, so it is skipped (code 77) where mounting is not permitted.
program=$1 draw_book=$2
if [ "${ALIH_IN_NAMESPACE:-}" = "" ]; then
  # In a namespace of its own the mount is gone with the last process of it, whatever happens.
  unshare --mount true 2>/dev/null || {
    echo "skipped: mounting is not permitted here (needs root)"
    exit 77
  }
  ALIH_IN_NAMESPACE=1 exec unshare --mount "$0" "$@"
fi
. "$(dirname "$0")/lib.sh"
mkdir disk
mount -t tmpfs -o size=80m none disk || {
  echo "skipped: a tmpfs cannot be mounted"
  exit 77
}
clean_disk() {
  if [ -n "$service" ]; then { kill -9 "$service" && wait "$service"; } 2>/dev/null || true; fi
  cd /
  umount -l "$work/disk" 2>/dev/null || true
  rm -rf "$work"
}
trap clean_disk EXIT
data=disk/data
fill() { # all that is left, and what the ballast gives then
  dd if=/dev/zero of=disk/filler1 bs=64k 2>/dev/null || true
  sleep 2
  dd if=/dev/zero of=disk/filler2 bs=64k 2>/dev/null || true
  dd if=/dev/zero of=disk/filler3 bs=512 2>/dev/null || true
}
free_space() { rm -f disk/filler?; }
left() { alih status | get "d['queue']['pending'] + d['queue']['running']"; }
done_within() { # "what" seconds
  for _ in $(seq $(($2 * 5))); do
    [ "$(left)" = 0 ] && { echo "ok: $1"; return 0; }
    sleep 0.2
  done
  echo "FAILED: $1: $(alih status) $(cat serve.log)" >&2
  exit 1
}
post() { # file, title: sets status
  status=$(curl -sS --max-time 20 -o answer -w '%{http_code}' --data-binary "@$1" -H 'Content-Type: application/octet-stream' \
    "http://$address/api/v1/items?name=$(basename "$1")&title=$2")
}

# A floor and a ballast that fit this disk.
export ALIHMEDIA_REPOSITORY_KEEP_FREE_MIB=16 ALIHMEDIA_REPOSITORY_BALLAST_MIB=8
"$draw_book" all --pages 18 >/dev/null
mkdir book more third
mv all/00[25].jpg book/
mv all/008.jpg all/011.jpg more/
mv all/01[47].jpg third/
page=$work/all/004.tif
first=$(no 1)
serve
pid=$service
alih ingest book --title "Sebelum penuh" --wait >/dev/null
text=$(alih search guru --count-only)
alih export "$first" --format txt --to before.txt >/dev/null
alih pause >/dev/null
alih ingest more --title "Menunggu" >/dev/null # in the queue when the disk fills up
masters() { for i in 1 2; do alih item pages "$(no "$i")" | get "'\n'.join(p['master']['sha256'] for p in d['pages'])"; done; }
acknowledged=$(masters)

# --- full
fill
check "not a byte is left" 0 "$(df --output=avail disk | tail -1 | tr -d ' ')"
check "taking in by the command ends with 6" 6 "$(code alih ingest "$page" --title penuh)"
post "$page" penuh
check "over HTTP with 507 and the reason" "507 disk_full True" \
  "$status $(get "d['title'], len(d['detail']) > 10" <answer | tr -d "(),'")"
status=$(curl -sS --max-time 20 -o answer -w '%{http_code}' -X PUT --data-binary "@$page" "http://$address/api/v1/uploads/penuh?name=a")
check "an upload too" 507 "$status"
check "what is here is searched" "$text" "$(alih search guru --count-only)"
check "over HTTP as well" 200 "$(curl -sS --max-time 20 -o answer -w '%{http_code}' "http://$address/api/v1/search?q=guru")"
check "and exported, to another disk" 0 "$(code alih export "$first" --format txt --to full.txt)"
cmp before.txt full.txt
check "the service is still the same" True "$(kill -0 "$pid" && echo True)"
check "and says that intake is closed" closed "$(alih status | get "'open' if d['disk']['intake'] == 'open' else 'closed'")"
code alih resume >/dev/null # cannot be written down, or is; both will do
sleep 3
check "nothing acknowledged is gone" "$acknowledged" "$(masters)"

# --- room again: within five seconds, without a new start
free_space
taken=no
for _ in $(seq 25); do
  post "$page" lagi
  [ "$status" = 201 ] && { taken=yes; break; }
  sleep 0.2
done
check "with room again material is taken in within 5 s" yes "$taken"
check "by the same service" True "$(kill -0 "$pid" && echo True)"
alih resume >/dev/null
done_within "and the queue is finished" 90
check "every page is done" "[]" \
  "$(for i in 1 2 3; do alih item pages "$(no "$i")"; echo; done | python3 -c "
import json, sys
print(sorted({p['state'] for line in sys.stdin if line.strip() for p in json.loads(line)['pages']} - {'blank', 'indexed'}))")"
check "nothing that was refused has come" 3 "$(alih item list | get "d['total']")"
check "what was acknowledged is there" "$acknowledged" "$(masters)"
check "no page was set aside" 0 "$(alih status | get "d['queue']['failed']")"
check "verify finds nothing" "[]" "$(alih verify --all | get "d['problems']")"

# --- again, and this time it fills up while pages are in work
alih ingest third --title "Di tengah kerja" >/dev/null
acknowledged=$(masters)
sleep 1
fill
sleep 3
check "reading goes on" "$acknowledged" "$(masters)"
free_space
if ! kill -0 "$pid" 2>/dev/null; then
  # The database's own writing met the full disk: the service ends with 6 and systemd starts it anew.
  ended=0
  wait "$pid" || ended=$?
  check "a service whose database met the full disk ends with 6" 6 "$ended"
  serve
fi
done_within "with room again the pages in work are done" 90
check "all of them" "['indexed'] 2" "$(alih item pages "$(no 4)" | get "sorted({p['state'] for p in d['pages']}), len(d['pages'])" | sed 's/^(//; s/, \([0-9]*\))$/ \1/')"
kill "$service" && wait "$service" || true
service=""
check "verify finds nothing at the end" "[]" "$(alih verify --all | get "d['problems']")"
echo "all ok"
