# Sourced by the end-to-end tests, with `program` set: a folder of its own to work in, removed at the
# end with the service that ran in it, and words for checks.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
samples=${ALIH_SAMPLES:-$here/../../../shared/samples}
schemas=${ALIH_SCHEMAS:-$here/../../../shared/schemas}
export ALIHMEDIA_REPOSITORY_KEEP_FREE_MIB=0 ALIHMEDIA_REPOSITORY_KEEP_FREE_PERCENT=0
export ALIHMEDIA_REPOSITORY_BALLAST_MIB=0
work=$(mktemp -d)
data=data
service=""
clean() {
  local status=$?
  [ $status -eq 0 ] || echo "ended with $status in: $BASH_COMMAND" >&2
  if [ -n "$service" ]; then kill "$service" 2>/dev/null || true; wait "$service" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap clean EXIT
cd "$work"
alih() { "$program" --data "$work/$data" --json --quiet "$@"; }
get() { python3 -c "import json,sys; d=json.load(sys.stdin); print($1)"; }
check() { # check "what" expected actual
  [ "$2" = "$3" ] || { echo "FAILED: $1: expected '$2', got '$3'" >&2; exit 1; }
  echo "ok: $1"
}
# Reads to the end: a writer that is cut off (`grep -q`, `head`) fails its pipe now and then.
holds() { grep -- "$1" >/dev/null && echo True; }
code() { set +e; "$@" >/dev/null 2>&1; local c=$?; set -e; echo $c; }
no() { printf 'ALM/%s/%06d' "$(date +%Y)" "$1"; }
serve() { # starts the service on $data; sets address to host:port
  "$program" --data "$work/$data" serve --listen 127.0.0.1:0 >serve.log 2>&1 &
  service=$!
  for _ in $(seq 100); do
    if [ -s "$data/service.json" ]; then
      address=$(get "d['address']" <"$data/service.json")
      return 0
    fi
    sleep 0.1
  done
  echo "FAILED: the service does not start: $(cat serve.log)" >&2
  exit 1
}
