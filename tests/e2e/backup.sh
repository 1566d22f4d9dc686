#!/usr/bin/env bash
# Backups: backup.sh PROGRAM DRAW_BOOK CLONE_PAGES. While the service works, killed anywhere, damaged,
# thinned, drilled, restored by the program and by hand.
program=$1 draw_book=$2 clone_pages=$3
. "$(dirname "$0")/lib.sh"
problems() { get "d['problems']"; }
tree() { # everything in a data folder that a backup has, with digests
  (cd "$1" && find . -type f ! -path './index*' ! -path './cache/*' ! -name lock ! -name service.json \
    ! -name backup.json ! -name ballast -print0 | sort -z | xargs -0 sha256sum)
}
answers() { # of the data folder $1
  for q in luwuk sekolah '"di kabupaten"' 'guru OR nelayan' surat; do
    "$program" --data "$1" --json --quiet search "$q" | sed 's/"took_ms":[^,]*,//'
  done
  "$program" --data "$1" --json --quiet item list
}

# --- open and closed items
first=$(no 1)
"$draw_book" book --pages 4 >/dev/null
alih ingest book --title "Cerita dari Luwuk" --wait >/dev/null
alih item set "$first" batch_no=2026-01 source_unit=Layanan material_type=book language=ind script=Latn \
  page_count_declared=4 condition=good original_location="Rak 1" rights_status=public_domain >/dev/null
alih item close "$first" >/dev/null
"$draw_book" more --pages 2 >/dev/null
alih ingest more --title "Buku terbuka" --wait >/dev/null
check "a backup has no problems" "2 []" "$(alih backup bk | get "d['items'], d['problems']" | tr -d '(),')"
check "the next one copies next to nothing" True "$(alih backup bk | get "d['copied_bytes'] < 20000")"
check "status tells of it" "False bk" "$(alih status | get "d['backup']['overdue'], d['backup']['dir'].split('/')[-1]" | tr -d "(),'")"
check "a drill passes" "[] True" "$(alih backup --drill bk | get "d['problems'], d['questions'] > 3" | tr -d '(),')"
check "a data folder is never overwritten" 5 "$(code alih restore bk)"
check "a backup inside the data folder is refused" 2 "$(code alih backup data/bk)"
"$program" --data r1 --json --quiet restore bk | problems >/dev/null
diff <(tree data) <(tree r1)
diff <(answers data) <(answers r1)
echo "ok: restored files and answers are the same"
check "and verify finds nothing" "[]" "$("$program" --data r1 --json verify --all | problems)"

# --- by hand, as README.txt says
sed '1,/^--- pulih.py/d' bk/README.txt >pulih.py
python3 pulih.py bk r2
diff <(tree data) <(tree r2)
"$program" --data "$work/r2" --quiet rebuild
diff <(answers r1) <(answers r2)
echo "ok: by hand too, and a database made from these files answers the same"

check "a second backup into the same folder waits for nobody" 6 "$(code flock bk/.lock "$program" --data data backup bk)"

# --- while the service works
"$clone_pages" data 20 5 60
serve
(for i in 1 2 3 4; do
  "$draw_book" "busy$i" --pages 2 --seed "$i" >/dev/null
  alih ingest "busy$i" --title "Sibuk $i" >/dev/null
  alih item set "$(no 2)" title="Judul $i" >/dev/null
done) &
busy=$!
for i in 1 2 3; do check "backup $i beside intake" "[]" "$(alih backup live | problems)"; done
check "restore waits for the service to end" 5 "$(code "$program" --data data restore live)"
wait "$busy"
for id in $(cd live/snapshots && ls ./*.json | sed 's/.json//; s,./,,'); do
  "$program" --data "live-$id" --json --quiet restore live --snapshot "$id" >/dev/null
  check "snapshot $id is one state" "[]" "$("$program" --data "live-$id" --json verify --all | problems)"
  rm -r "live-$id"
done
kill "$service" && wait "$service" || true
service=""

# --- killed anywhere
# At ten places between start and end, however fast the machine is: a run that was over before its
# kill came is done again with half the time.
now() { date +%s.%N; }
killed_at() { # killed_at PLACE BEGAN ENDED PREPARE COMMAND…
  local delay prepare=$4
  delay=$(python3 -c "print(($3 - $2) * $1 / 11)")
  shift 4
  for _ in $(seq 20); do
    $prepare
    if python3 "$here/killer.py" "$delay" "$@"; then return; fi
    delay=$(python3 -c "print($delay / 2)")
  done
  echo "FAILED: no kill hits: $*" >&2
  exit 1
}
much_to_copy() { rm -rf kills/objects/[0-7]*; }
began=$(now)
alih backup kills >/dev/null
ended=$(now)
whole=$(ls kills/snapshots/*.json | sed -n 1p)
for i in $(seq 10); do
  killed_at "$i" "$began" "$ended" much_to_copy "$program" --data "$work/data" backup kills --full
  check "after kill $i a backup is clean" "[]" "$(alih backup kills | problems)"
done
(cd kills/snapshots && sha512sum --quiet -c ./*.sha512)
check "and the drill passes" "[]" "$(alih backup --drill kills | problems)"
check "the oldest snapshot is still there" True "$([ -f "$whole" ] && echo True)"
began=$(now)
"$program" --data half --json --quiet restore kills >/dev/null
ended=$(now)
nothing_there() { rm -rf half; }
for i in $(seq 10); do
  killed_at "$i" "$began" "$ended" nothing_there "$program" --data "$work/half" restore kills
  if [ -e half/restoring ]; then
    check "half a restore is no data folder" 5 "$(code "$program" --data half status)"
  fi
  "$program" --data half --json --quiet restore kills | problems >/dev/null || true
  check "after kill $i a restore is whole" "[]" "$("$program" --data half --json verify --all | problems)"
done
rm -r half

# --- a damaged master, a damaged object
master=$(find data/repository -name '*_m_0004*')
cp -p "$master" kept
printf 'x' | dd of="$master" bs=1 seek=100 conv=notrunc 2>/dev/null
check "a damaged master is found" 7 "$(code alih backup bk)"
check "and the good one stays in the backup" "True" \
  "$(alih backup bk | get "[p['kind'] for p in d['problems']] == ['damaged_file']")"
"$program" --data r3 --quiet restore bk >/dev/null 2>&1 || true
check "which comes back" "$(sha256sum <kept)" "$(sha256sum <"r3/${master#data/}")"
cp -p kept "$master"
touch "$master"
check "mended, nothing is said any more" 0 "$(code alih backup bk)"
object=bk/objects/$(sha512sum <kept | cut -c1-2)/$(sha512sum <kept | cut -c1-128)
printf 'x' | dd of="$object" bs=1 seek=100 conv=notrunc 2>/dev/null
check "the drill fails on a flipped object" 7 "$(code alih backup --drill bk)"
check "a restore says what is damaged and does the rest" 8 "$(code "$program" --data r4 restore bk)"
diff <(tree data) <(tree r4) >difference || true
check "all but that one" 1 "$(grep -c '^<' difference)"

# --- the newest only
check "--keep" 0 "$(code alih backup bk --keep 2)"
check "leaves two" 2 "$(ls bk/snapshots/*.json | wc -l)"
named=$(cat bk/snapshots/*.json | grep -o '"sha512":"[0-9a-f]*' | sort -u | wc -l)
check "and only what they name" "$named" "$(find bk/objects -type f | wc -l)"
check "nothing is left over anywhere" "" "$(find bk/incoming data/cache/.scratch -type f 2>/dev/null)"
echo "all ok"
