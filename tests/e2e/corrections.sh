#!/usr/bin/env bash
# Staff correct what the machine read: corrections.sh PROGRAM DRAW_BOOK
# Over the command line, HTTP and the reader's form; then search, ALTO, PDF, hOCR and txt say it.
program=$1 draw_book=$2
. "$(dirname "$0")/lib.sh"

"$draw_book" book --pages 3 >/dev/null
alih ingest book --title Buku --field language=ind --language ind --wait >/dev/null
n=$(no 1)
words() { alih page show "$n" "$1" | get "$2"; }
"$program" --data data page show "$n" 1 >text.txt
check "the same text changes nothing" "$(words 1 "d['recipe'], d['findings']" | sha256sum)" \
  "$(alih page correct "$n" 1 --text-file text.txt | get "d['recipe'], d['findings']" | sha256sum)"
# The first word of the third line of two words and more becomes one that no machine would read.
python3 - <<'PY'
lines = open("text.txt", encoding="utf-8").read().split("\n")
at = [i for i, line in enumerate(lines) if len(line.split()) > 2][2]
lines[at] = " ".join(["Xerxoswati"] + lines[at].split()[1:])
lines[at + 1:at + 1] = ["sisipan tangan qintal", "sidang xenofo-", "biawan, lama"]
open("new.txt", "w", encoding="utf-8").write("\n".join(lines))
PY
old_box=$(python3 - "$program" "$n" <<'PY'
import json, subprocess, sys
lines = [l.split() for l in open("text.txt", encoding="utf-8").read().split("\n") if l.split()]
at = [i for i, l in enumerate(lines) if len(l) > 2][2]
place = sum(len(l) for l in lines[:at])
out = subprocess.run([sys.argv[1], "--data", "data", "--json", "page", "show", sys.argv[2], "1"], capture_output=True)
print(json.loads(out.stdout)["words"][place]["box"])
PY
)
check "a file that is not there" 3 "$(code alih page correct "$n" 1 --text-file nowhere.txt)"
alih page correct "$n" 1 --text-file new.txt >corrected.json
check "the word has the old one's box" "$old_box" "$(get "[w['box'] for w in d['words'] if w['text'] == 'Xerxoswati'][0]" <corrected.json)"
check "and is marked" True "$(get "[w.get('corrected', False) for w in d['words'] if w['text'] == 'Xerxoswati'][0]" <corrected.json)"
check "eight words are a person's" 8 "$(get "sum(w.get('corrected', False) for w in d['words'])" <corrected.json)"
check "the text is what was written" "$(tr -s ' \n' '\n' <new.txt | xargs)" "$(get "d['text']" <corrected.json | tr -s ' \n' '\n' | xargs)"
check "it is found" 1 "$(alih search Xerxoswati | get "d['total']")"
check "in the event chain" 1 "$(alih item show "$n" | get "sum(e['type'] == 'text correction' for e in d['events'])")"
check "nothing waits to be read" 0 "$(alih status | get "d['queue']['pending']")"
check "reading again is refused" 5 "$(code alih page redo "$n" 1)"

alih export "$n" --format alto --to alto >/dev/null
alih export "$n" --format pdf --to book.pdf >/dev/null
alih export "$n" --format hocr --to book.hocr >/dev/null
alih export "$n" --format txt --to book.txt >/dev/null
check "ALTO has it as corrected" 1 "$(grep -c 'CONTENT="Xerxoswati" CS="true"' alto/*_0001.xml)"
check "a word over a line's end is found whole" 1 "$(alih search xenofobiawan | get "d['total']")"
check "ALTO has its halves" "1 1 1" "$(for part in 'CONTENT="xenofo" SUBS_TYPE="HypPart1" SUBS_CONTENT="xenofobiawan"' '<HYP [^>]*CONTENT="-"' \
  'SUBS_TYPE="HypPart2" SUBS_CONTENT="xenofobiawan"'; do grep -c "$part" alto/*_0001.xml; done | xargs)"
if [ -d "$schemas" ]; then
  for page in alto/*.xml; do
    XML_CATALOG_FILES="$schemas/catalog.xml" xmllint --nonet --noout --schema "$schemas/alto-4-4.xsd" "$page" 2>/dev/null ||
      { echo "FAILED: $page does not validate" >&2; exit 1; }
  done
  echo "ok: ALTO validates"
fi
check "hOCR has a soft hyphen there" 1 "$(grep -c $'>xenofo\xc2\xad<' book.hocr)"
check "txt has it whole" 1 "$(grep -c 'sidang xenofobiawan,$' book.txt)"
check "the PDF" 1 "$(pdftotext book.pdf - | grep -c Xerxoswati)"
check "hOCR" 1 "$(grep -c '>Xerxoswati<' book.hocr)"
check "txt" 1 "$(grep -c Xerxoswati book.txt)"
python3 "$here/pdf_words.py" book.pdf alto

# --- over HTTP and the form
serve
base="http://$address"
page="$base/api/v1/items/$(get "d['digitization_no'].replace('/', '-').lower()" <<<"$(alih item show "$n")")/pages/2"
curl -fsS "$page" | get "d['text']" >two.txt
{ echo Zebrawati; cat two.txt; } >two-new.txt
check "another site may not" 401 "$(curl -sS -o /dev/null -w '%{http_code}' -X PUT -H 'Origin: http://evil.example' --data-binary @two-new.txt "$page/text")"
check "over HTTP" 1 "$(curl -fsS -X PUT -H 'Content-Type: text/plain' --data-binary @two-new.txt "$page/text" | get "sum(w['text'] == 'Zebrawati' for w in d['words'])")"
check "what was written over an older text is refused" 409 "$(curl -sS -o /dev/null -w '%{http_code}' -X PUT --data-binary @two.txt "$page/text?revision=1")"
reader="$base/koleksi/alm-$(date +%Y)-000001/halaman/3"
check "the reader has a link to the form" 1 "$(curl -fsS "$reader" | grep -c 'accesskey="e"')"
curl -fsS "$reader?edit=1" >form.html
revision=$(sed -n 's/.*name="revision" value="\([0-9]*\)".*/\1/p' form.html)
check "the form has the text, with the focus in it" 1 "$(grep -c '<textarea[^>]*autofocus' form.html)"
curl -fsS "$base/api/v1/items/alm-$(date +%Y)-000001/pages/3" | get "d['text']" >three.txt
{ cat three.txt; echo 'Quendolin & <kawan>'; } >three-new.txt
check "the form saves" 303 "$(curl -sS -o /dev/null -w '%{http_code}' --data-urlencode text@three-new.txt --data-urlencode "revision=$revision" "$reader")"
check "what it saved is found" 1 "$(curl -fsS "$base/api/v1/search?q=Quendolin" | get "d['total']")"
check "saved twice it says so and keeps what was typed" "409 1" "$(curl -sS -o again.html -w '%{http_code}' --data-urlencode text@three-new.txt --data-urlencode "revision=$revision" "$reader") $(grep -c 'Quendolin &amp; &lt;kawan&gt;' again.html | sed 's/[1-9].*/1/')"
if command -v chromium >/dev/null; then
  python3 "$here/correct_in_browser.py" "$reader" || exit 1
else
  echo "no chromium; the form was not typed into"
fi
kill "$service"; wait "$service" || true; service=""

alih page redo "$n" 1 --discard-correction >/dev/null
alih process --until-idle >/dev/null
check "read again when that is meant" 0 "$(alih search Xerxoswati | get "d['total']")"
alih rebuild >/dev/null
check "corrections survive a rebuild" "1 1" "$(alih search Zebrawati | get "d['total']") $(alih search Quendolin | get "d['total']")"
check "and everything verifies" 0 "$(code alih verify --all)"
echo "all ok"
