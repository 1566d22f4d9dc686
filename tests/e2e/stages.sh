#!/usr/bin/env bash
# Stages off, set otherwise, and seen before and after: stages.sh PROGRAM DRAW_PAGES
program=$1 draw_pages=$2
. "$(dirname "$0")/lib.sh"

"$draw_pages" drawn --pages-per-kind 1 --seed 11 --kinds skew,warp
mkdir pages; cp drawn/skew-000.tif pages/1.tif; cp drawn/warp-000.tif pages/2.tif
alih ingest pages --title "Tahap" --language ind >/dev/null
alih process --until-idle >/dev/null
number=$(no 1)
applied() { alih page show "$number" "$1" | get "[f['applied'] for f in d['findings'] if f['name']=='$2']"; }
check "a skewed page is straightened" "[True]" "$(applied 1 deskew)"
check "a page that bends is laid flat" "[True]" "$(applied 2 dewarp)"
check "each stage tells its time" "True" "$(alih page show "$number" 1 | get "all('ms' in f['numbers'] for f in d['findings'] if f['name'] in ('crop','deskew','edges','dewarp','level','show_through','despeckle','blank','codes'))")"

alih page show "$number" 2 --before-after views >page2.json
check "three images are written" "alm-$(date +%Y)-000001_2_after.jpg alm-$(date +%Y)-000001_2_before.jpg alm-$(date +%Y)-000001_2_reading.jpg" "$(ls views | xargs)"
check "and named" "['after', 'before', 'reading']" "$(get "sorted(d['before_after'])" <page2.json)"

alih page redo "$number" 1 --set processing.deskew.enabled=false --set processing.crop.enabled=false >/dev/null
alih process --until-idle >/dev/null
check "the stage is off" "[]" "$(applied 1 deskew)"
check "and the other page is as it was" "[True]" "$(applied 2 dewarp)"
own="{'processing.crop.enabled': 'false', 'processing.deskew.enabled': 'false'}"
check "the page keeps it" "$own" "$(alih page show "$number" 1 | get "d['settings']")"
recipe=$(alih page show "$number" 1 | get "d['recipe']")
alih page redo "$number" 1 >/dev/null
alih process --until-idle >/dev/null
check "a later redo is the same" "$recipe $own" "$(alih page show "$number" 1 | get "d['recipe']+' '+str(d['settings'])")"
alih rebuild >/dev/null
check "so is a rebuild" "$own" "$(alih page show "$number" 1 | get "d['settings']")"
alih page redo "$number" 1 --set processing.crop.enabled= --set processing.deskew.min_angle_deg=4.99 >/dev/null
check "one is taken away, one added" "{'processing.deskew.enabled': 'false', 'processing.deskew.min_angle_deg': '4.99'}" "$(alih page show "$number" 1 | get "d['settings']")"
alih page redo "$number" 1 --reset >/dev/null
alih process --until-idle >/dev/null
check "as all pages again" "{} [True]" "$(alih page show "$number" 1 | get "d['settings']") $(applied 1 deskew)"
for wrong in processing.deskwe.enabled=false processing.deskew.enabled=maybe processing.deskew.max_angle_deg=99 \
             processing.limits.max_frames=9 ocr.timeout_s=5 deskew processing.stages=crop,nosuch; do
  check "refused: $wrong" 2 "$(code alih page redo "$number" 1 --set $wrong)"
done
check "and changes nothing" "{}" "$(alih page show "$number" 1 | get "d['settings']")"

# A profile has stages too.
alih ingest pages/1.tif --title "Surat" --profile arsip >/dev/null
check "a letter's punch holes go" "{'processing.edges.access': 'true'}" "$(alih item pages "$(no 2)" | get "d['pages'][0]['settings']")"

serve
item=alm-$(date +%Y)-000001
base=http://$address/api/v1/items/$item/pages/1
for view in before image reading; do
  check "$view over HTTP" "image/jpeg" "$(curl -fsS -o $view.jpg -w '%{content_type}' "$base/$view")"
done
check "they differ" 3 "$(sha256sum before.jpg image.jpg reading.jpg | cut -d' ' -f1 | sort -u | wc -l)"
tag=$(curl -fsSI "$base/before" | tr -d '\r' | sed -n 's/^ETag: //Ip')
check "asked again, not sent again" 304 "$(curl -sS -o /dev/null -w '%{http_code}' -H "If-None-Match: $tag" "$base/before")"
page=$(curl -fsS "http://$address/koleksi/$item/halaman/2/banding")
check "side by side" 3 "$(grep -o '<figure>' <<<"$page" | wc -l)"
check "with what was done" 1 "$(grep -c 'Lengkungan diratakan untuk pembacaan</th><td>ya' <<<"$page")"
check "in English" 1 "$(curl -fsS "http://$address/koleksi/$item/halaman/2/banding?lang=en" | grep -c 'Before and after')"
check "the page links to it" 1 "$(curl -fsS "http://$address/koleksi/$item/halaman/2" | grep -c 'halaman/2/banding')"
check "for the public it is not there" 404 "$(curl -sS -o /dev/null -w '%{http_code}' -H 'X-Forwarded-For: 203.0.113.9' "$base/before")"
