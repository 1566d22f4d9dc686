#!/usr/bin/env bash
# The computer's clock jumps while the service runs: clock.sh PROGRAM DRAW_BOOK CLOCK_SHIFT
# To 1970 as with a dead battery, a day ahead, a day back: nothing sticks, nothing is done twice, ids
# and register numbers do not collide, events keep their order, the night keeps its hours.
program=$1 draw_book=$2 clock_shift=$3
. "$(dirname "$0")/lib.sh"
export TZ=WITA-8  # no summer time in the midst of a night
year=$(date +%Y)
day=86400
jump() { # the clock is that many seconds off, from now on
  python3 - "$work/shift" "$1" <<'P'
import struct, sys
with open(sys.argv[1], "r+b" if __import__("os").path.exists(sys.argv[1]) else "wb") as f:
    f.write(struct.pack("q", int(sys.argv[2])))
P
}
# 1 March 1970 and not January: far from the seconds since the machine was started.
to_1970=$(python3 -c "import time; print(int(59 * 86400 - time.time()))")
shifted() { ALIH_CLOCK_SHIFT="$work/shift" LD_PRELOAD="$clock_shift" "$@"; }
stop() { kill "$service"; wait "$service" || true; service=""; }
files=0
pages() { # folder, count: small pages, each with its own bytes
  mkdir -p "$1"
  files=$((files + 1))
  python3 - "$1" "$2" "$files" <<'P'
import struct, sys, zlib
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
for n in range(int(sys.argv[2])):
    row = bytes([0]) + bytes([255 - int(sys.argv[3])] * 8 + [255 - n] * 8 + [255] * 184)
    with open(f"{sys.argv[1]}/{n:02}.png", "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 200, 100, 8, 0, 0, 0, 0))
                + chunk(b"IDAT", zlib.compress(row * 100)) + chunk(b"IEND", b""))
P
}
waiting() { alih status | get "d['queue']['pending'] + d['queue']['running']"; }
done_within() { # "what" seconds
  for _ in $(seq $(($2 * 5))); do
    [ "$(waiting)" = 0 ] && { echo "ok: $1"; return 0; }
    sleep 0.2
  done
  echo "FAILED: $1: $(alih status)" >&2
  exit 1
}
clock_is() { date -u -d @"$(($(date +%s) + $1))" +%Y-%m-%d; }

# --- jumps under a service at work, each time with pages waiting
jump 0
shifted serve
take() { alih ingest "$1" --title "$1" >/dev/null; }
at() { # number of the item: when its last event was
  alih item show "$(no "$1")" | get "d['events'][-1]['at'][:10]"
}
pages a 6 && take a
jump $to_1970
pages b 6 && take b
check "the program believes it" 1970-03-01 "$(at 2)"
done_within "pages taken before and after a jump to 1970 are done" 40
jump $day
pages c 6 && take c
check "a day ahead" "$(clock_is $day)" "$(at 3)"
done_within "and done" 30
jump -$day
pages d 6 && take d
done_within "a day back" 30
# As a clock that is set right by the network, again and again, while pages are in work.
pages e 20 && take e
for s in $day $to_1970 0 -$day $to_1970 $day 0; do
  jump "$s"
  sleep 0.2
  curl -fsS --max-time 5 -o /dev/null "http://$address/api/v1/search?q=a"
done
done_within "a clock that jumps while pages are in work" 40

# --- killed with a page in its hands, started anew in 1970
"$draw_book" book --pages 2 >/dev/null
take book
for _ in $(seq 100); do
  [ "$(alih status | get "d['queue']['running'] > 0")" = True ] && break
  sleep 0.1
done
{ kill -9 "$service" && wait "$service"; } 2>/dev/null || true
service=""
rm -f data/service.json
jump $to_1970
shifted serve
done_within "what was in work when it died is done by a service that thinks it is 1970" 60
pages f 2 && take f
done_within "and more" 20
stop

check "the register counts on, in the year of its newest row" "$(seq -f "ALM/$year/%06g" 7)" \
  "$(alih register list | get "'\n'.join(r['digitization_no'] for r in d['rows'])")"
check "no page was tried again or set aside; ids are unique; events have the order of their numbers, not of the clock" \
  "48 ['blank', 'indexed'] 0 True True True" "$(python3 - <<'P'
import glob, json
ids, states, events = [], [], []
for path in glob.glob("data/staging/*/*.json"):
    d = json.load(open(path))
    mine = [e["sequence"] for e in d["events"]]
    assert mine == sorted(mine), mine
    events += d["events"]
    if d["format"] == "alihmedia-item": ids.append(d["item"]["item_id"])
    else:
        ids.append(d["page"]["page_id"])
        states.append(d["page"]["state"])
events.sort(key=lambda e: e["sequence"])
ids += [e["id"] for e in events]
print(len(states), sorted(set(states)), sum(e["outcome"] != "success" for e in events), len(ids) == len(set(ids)),
      [e["sequence"] for e in events] == list(range(1, len(events) + 1)),
      any(a["at"] > b["at"] for a, b in zip(events, events[1:])))
P
)"
check "verify finds nothing" "[]" "$(alih verify --all | get "d['problems']")"
jump 0
alih backup bk >/dev/null
jump -$day
pages g 1 && shifted alih ingest g --title g >/dev/null
shifted alih backup bk >/dev/null
check "the later backup is the newest, whatever its clock said" 8 \
  "$(get "d['counts']['items']" <"bk/snapshots/$(cd bk/snapshots && ls ./*.json | sed 's/.json$//' | LC_ALL=C sort | tail -1).json")"

# --- an empty register in 1970
data=fresh
jump $to_1970
pages h 1 && shifted alih ingest h --title h >/dev/null
check "a new register does not begin in 1970" ALM/2026/000001 \
  "$(alih register list | get "d['rows'][0]['digitization_no']")"

# --- the night, in the hours of the clock as it is
data=night
jump 0
# From three hours from now for one hour: not now, whatever the hour.
from=$(date -d '+3 hours' +%H:00) until=$(date -d '+4 hours' +%H:00)
into_the_night=$(($(date -d "$(date -d '+3 hours' +'%F %H:30')" +%s) - $(date +%s)))
ALIHMEDIA_PIPELINE_NIGHT_FROM=$from ALIHMEDIA_PIPELINE_NIGHT_UNTIL=$until shifted serve
pages i 3 && take i
sleep 3
check "by day ordinary pages wait" 3 "$(waiting)"
jump $into_the_night
done_within "when the night comes they are done" 15
jump 0
pages j 3 && take j
sleep 3
check "by day again they wait" 3 "$(waiting)"
jump $((into_the_night - 40 * day))
done_within "the hour counts, not the date" 15
stop
check "verify finds nothing" "[]" "$(alih verify --all | get "d['problems']")"
echo "all ok"
