#!/usr/bin/env bash
# Files over HTTP: http_doors.sh PROGRAM DRAW_BOOK. In pieces with the connection cut, and every hostile
# file there is (ALIH_SAMPLES, or shared/samples beside the source tree), three times over: an answer
# with a reason within 20 seconds, the good page after it is taken in, and the service does not grow.
program=$1 draw_book=$2
. "$(dirname "$0")/lib.sh"
"$draw_book" book --pages 2 >/dev/null
good=$(ls book/* | sed -n 1p)
serve
api() { curl -sS --max-time 30 "$@"; }
post() { # file, further words for curl: sets status, seconds, answer
  local file=$1
  shift
  read -r status seconds < <(api -o answer -w '%{http_code} %{time_total}\n' --data-binary "@$file" \
    -H 'Content-Type: application/octet-stream' "$@")
}
items() { api "http://$address/api/v1/items?limit=1" | grep -o '"total":[0-9]*' | cut -d: -f2; }

# --- a request that does not arrive whole changes nothing; one that drips in is given up
raw() { # seconds to wait for the answer, what to send (printf): the answer's first line
  python3 - "$address" "$1" "$2" <<'END'
import socket, sys
host, port = sys.argv[1].rsplit(":", 1)
with socket.create_connection((host, int(port)), float(sys.argv[2])) as s:
    s.sendall(sys.argv[3].encode().decode("unicode_escape").encode())
    s.shutdown(socket.SHUT_WR)
    print(s.makefile().readline().strip())
END
}
check "a body of no told length is refused" 411 \
  "$(curl -s -o /dev/null -w '%{http_code}' -H 'Transfer-Encoding: chunked' -d '{}' "http://$address/api/v1/session")"
check "a host name that only begins like this machine is not this machine" 401 \
  "$(curl -s -o /dev/null -w '%{http_code}' -H "Host: 127.evil.example:80" "http://$address/metrics")"
python3 - "$address" <<'END'
import socket, sys, time
host, port = sys.argv[1].rsplit(":", 1)
s = socket.create_connection((host, int(port)))
s.sendall(b"GET / HTTP/1.1\r\n")
start = time.monotonic()
try:
    while time.monotonic() - start < 60:
        s.sendall(b"A: b\r\n")
        s.settimeout(1)
        try:
            if s.recv(100) == b"":
                break
        except TimeoutError:
            pass
except OSError:
    pass
seconds = time.monotonic() - start
assert seconds < 30, f"a head that drips in is still waited for after {seconds:.0f} s"
print(f"ok: a head that drips in is given up after {seconds:.0f} s")
END

# --- in pieces, cut off in the middle
size=$(stat -c %s "$good")
half=$((size / 2))
put() { # upload, first byte, file with the piece, further words for curl
  local id=$1 from=$2 piece=$3 bytes
  shift 3
  bytes=$(stat -c %s "$piece")
  status=$(api -o answer -w '%{http_code}' -X PUT --data-binary "@$piece" -H 'Content-Type: application/octet-stream' \
    -H "Content-Range: bytes $from-$((from + bytes - 1))/$size" "$@" \
    "http://$address/api/v1/uploads/$id?name=$(basename "$good")" 2>/dev/null) || true
}
here_now() { api "http://$address/api/v1/uploads/$1" | get "d['received']"; }
head -c "$half" "$good" >first
tail -c +$((half + 1)) "$good" >second
put buku 0 first
check "the first piece is here" "200 $half" "$status $(here_now buku)"
# The sender dies in the middle of the second one: 10,000 bytes a second, for a second.
timeout 1 curl -s -X PUT --limit-rate 10000 --data-binary @second -H 'Content-Type: application/octet-stream' \
  -H "Content-Range: bytes $half-$((size - 1))/$size" "http://$address/api/v1/uploads/buku" >/dev/null || true
check "of a piece that broke off nothing is kept" "$half" "$(here_now buku)"
put buku 0 first
check "a piece that begins elsewhere is told where to go on" "409 $half" "$status $(get "d['received']" <answer)"
kill -9 "$service" && wait "$service" 2>/dev/null || true
rm -f data/service.json
serve
check "it outlives the service" "$half" "$(here_now buku)"
put buku "$half" second
check "resumed, it is whole" "200 $size" "$status $(here_now buku)"
status=$(api -o answer -w '%{http_code}' -H 'Content-Type: application/json' \
  -d '{"uploads":["buku"],"title":"Dalam potongan"}' "http://$address/api/v1/items")
check "and becomes an item" "201 1" "$status $(get "d['items'][0]['pages']" <answer)"
check "with the bytes of the file" "$(sha256sum <"$good" | cut -d' ' -f1)" \
  "$(alih item pages "$(no 1)" | get "d['pages'][0]['master']['sha256']")"
post "$good" "http://$address/api/v1/items?name=lagi.tif"
check "the same file again is told, by its name alone" "201 lagi.tif" \
  "$status $(get "d['items'][0]['duplicates'][0]['path']" <answer)"
check "the upload is gone" 404 "$(api -o /dev/null -w '%{http_code}' "http://$address/api/v1/uploads/buku")"
head -c "$half" "$good" >part
put potong 0 part
status=$(api -o answer -w '%{http_code}' -H 'Content-Type: application/json' -d '{"uploads":["potong"]}' \
  "http://$address/api/v1/items")
check "half a file is no item, and one hears why" "True True" \
  "$([ "$status" -ge 400 ] && echo True) $(get "len(d['detail']) > 10" <answer)"

# --- a change that was cut off on its way is not made, though what came of it can be read
folded() { tr 'A-Z/' 'a-z-' <<<"$1"; }
check "half a change is refused" "HTTP/1.1 400 Bad Request" \
  "$(raw 20 "PATCH /api/v1/items/$(folded "$(no 1)") HTTP/1.1\r\nHost: $address\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"title\":\"Separuh\"}")"
check "and not made" "Dalam potongan" "$(alih item show "$(no 1)" --json | get "d['title']")"

# --- pages of one item in several requests at once
"$draw_book" several --pages 7 >/dev/null
several=(several/*)
post "${several[0]}" "http://$address/api/v1/items?name=a.png&title=serentak"
check "an item for them" 201 "$status"
number=$(get "d['items'][0]['digitization_no']" <answer)
for file in "${several[@]:1}"; do
  api -o /dev/null --data-binary "@$file" -H 'Content-Type: application/octet-stream' \
    "http://$address/api/v1/items/$(folded "$number")/pages?name=$(basename "$file")" &
  posts+=($!)
done
wait "${posts[@]}"
check "each has its own master" "7 7" "$(alih item pages "$number" | get "len({p['master']['file'] for p in d['pages']}), len({p['master']['pixel_sha256'] for p in d['pages']})" | tr -d '(),')"
check "verify finds nothing in it" "[]" "$(alih verify "$number" | get "d['problems']")"

# --- every hostile file
if [ ! -d "$samples/hostile" ]; then
  echo "no samples at $samples; hostile files left out"
  exit 0
fi
page="$samples/phototest.tif"
resident() { awk '/^VmRSS/ {print $2}' "/proc/$service/status"; } # KiB, of the service alone
reason='"title":"(unreadable|too_large|device_lost|timeout)".*"detail":"[^"]{10}'
alih pause >/dev/null # reading them is another matter
count=$(items)
for round in 1 2 3; do
  for file in "$samples"/hostile/*; do
    name=$(basename "$file")
    post "$file" --max-time 20 "http://$address/api/v1/items?name=$name&title=$name"
    # Taken in, or refused with a reason; nothing in between.
    told=no
    case $status in
      201) told=yes count=$((count + 1)) ;;
      413 | 422 | 503 | 504) grep -Eq "$reason" answer && told=yes ;;
      400) [ -s "$file" ] || told=yes ;; # an empty file is no file
    esac
    [ "$told $(items)" = "yes $count" ] ||
      { echo "FAILED: $name, round $round: $status after $seconds s: $(cat answer); $(items) items, not $count" >&2; exit 1; }
    [ "$round" -gt 1 ] || echo "ok: $name: $status in $seconds s: $(grep -o '"detail":"[^"]*' answer || true)"
  done
  post "$page" "http://$address/api/v1/items?name=phototest.tif&title=baik$round"
  count=$((count + 1))
  check "round $round: the good page after them is taken in" "201 $count" "$status $(items)"
  memory[round]=$(resident)
done
echo "the service's memory after each round: ${memory[*]} KiB"
# In the first round threads and buffers come to stay. From then on 48 files cost next to nothing: 0.1
# to 0.4 MiB measured, most of it the rows of ten new items; the pixels of one picture of theirs that
# stayed in memory would be more than this.
check "in two more rounds the service grows by less than 2 MiB" yes \
  "$([ $((memory[3] - memory[1])) -lt 2048 ] && echo yes || echo "${memory[*]} KiB")"
check "its workers still work" "200 image/jpeg" \
  "$(api -o /dev/null -w '%{http_code} %{content_type}' "http://$address/api/v1/items/alm-$(date +%Y)-$(printf %06d "$count")/pages/1/image")"
check "the service that met them still answers" ok "$(api "http://$address/healthz" | get "d['status']")"
check "verify finds nothing" "[]" "$(alih verify --all | get "d['problems']")"
echo "all ok"
