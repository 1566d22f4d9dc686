#!/usr/bin/env bash
# Which pages to look at first: quality.sh PROGRAM DRAW_BOOK
program=$1 draw_book=$2
. "$(dirname "$0")/lib.sh"

"$draw_book" book --pages 8 >/dev/null
mkdir pages; cp book/00[1-8].* pages/
# A ninth page whose transfer broke off: grain, then one tone to the end.
python3 - pages/009.bmp <<'PY'
import random, struct, sys
w, h, lost = 1240, 1754, 500
random.seed(1)
grain = [bytes(random.randrange(225, 235) for _ in range(w)) for _ in range(40)]
rows = [grain[random.randrange(40)] for _ in range(h - lost)] + [bytes([128]) * w] * lost
palette = b''.join(bytes([v, v, v, 0]) for v in range(256))
head = struct.pack('<2sIHHI', b'BM', 54 + 1024 + w * h, 0, 0, 54 + 1024)
info = struct.pack('<IiiHHIIiiII', 40, w, h, 1, 8, 0, w * h, 5906, 5906, 256, 0)
open(sys.argv[1], 'wb').write(head + info + palette + b''.join(reversed(rows)))
PY
alih ingest pages --title "Buku mutu" --profile arsip >/dev/null
rows() { get "[(p['page'], p['risk'], p['reasons']) for p in d['pages']]"; }
check "before reading nobody knows" "[None]" "$(alih item pages "$(no 1)" | get "sorted({p['risk'] for p in d['pages']}, key=str)")"
alih process --until-idle >/dev/null

reasons() { alih item pages "$(no 1)" | get "d['pages'][$1-1]['reasons']"; }
for page in 1 2 3 6 7; do check "page $page is clean" "[]" "$(reasons $page)"; done
check "old spelling read by the models of today" "['old_spelling'] ['old_spelling']" "$(reasons 4) $(reasons 5)"
check "the blank page" "['blank']" "$(reasons 8)"
check "the broken one" "tail_band" "$(alih item pages "$(no 1)" | get "d['pages'][8]['reasons'][0]")"
check "spelling of page 4" "ophuijsen" "$(alih page show "$(no 1)" 4 | get "[f['note'] for f in d['findings'] if f['name']=='text'][0]")"

check "the worst first" "[9, 8]" "$(alih item pages "$(no 1)" --worst 2 | get "[p['page'] for p in d['pages']]")"
check "of nine" 9 "$(alih item pages "$(no 1)" --worst 2 | get "d['total']")"
alih ingest book/002.* --title "Lain" >/dev/null
alih process --until-idle >/dev/null
check "of all items, each named" "$(no 1) 9" "$(alih item pages --worst 1 | get "d['pages'][0]['digitization_no'], d['pages'][0]['page']" | tr -d "(),'")"
check "pages without a risk are no work" "[9, 8, 4, 5]" "$(alih item pages --worst 100 | get "[p['page'] for p in d['pages']]")"
check "a person reads why" "1" "$("$program" --data "$work/$data" item pages "$(no 1)" --worst 9 | grep -c "8.*15 %.*kosong")"
check "pages need a number or --worst" 2 "$(code alih item pages)"
check "page show has it too" "0.15 ['blank']" "$(alih page show "$(no 1)" 8 | get "str(d['risk'])+' '+str(d['reasons'])")"

before=$(alih item pages "$(no 1)" | rows)
alih rebuild >/dev/null
check "the same after a rebuild" "$before" "$(alih item pages "$(no 1)" | rows)"

serve
base=http://$address/api/v1
item=alm-$(date +%Y)-000001
check "sorted over HTTP" "[9, 8]" "$(curl -fsS "$base/items/$item/pages?sort=risk&limit=2" | get "[p['page'] for p in d['pages']]")"
check "in their order without" "[1, 2]" "$(curl -fsS "$base/items/$item/pages?limit=2" | get "[p['page'] for p in d['pages']]")"
check "no other order" 400 "$(curl -sS -o /dev/null -w '%{http_code}' "$base/items/$item/pages?sort=size")"
check "of all items over HTTP" "[9, 8, 4, 5]" "$(curl -fsS "$base/pages" | get "[p['page'] for p in d['pages']]")"
check "for staff only" 401 "$(curl -sS -o /dev/null -w '%{http_code}' -H 'X-Forwarded-For: 203.0.113.9' "$base/pages")"
page=$(curl -fsS "http://$address/koleksi/$item")
check "the item's page names them" 1 "$(grep -c 'Periksa dulu.*Halaman 9.*Halaman 8</a> <span class="risk">risiko 15 %</span><p class="meta">kosong' <<<"$page")"
check "in English too" 1 "$(curl -fsS "http://$address/koleksi/$item?lang=en" | grep -c 'Look at these first.*>blank<')"
check "the public sees none of it" 0 "$(curl -sS -H 'X-Forwarded-For: 203.0.113.9' "http://$address/koleksi/$item" | grep -c 'Periksa dulu' || true)"
