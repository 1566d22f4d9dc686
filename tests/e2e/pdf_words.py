#!/usr/bin/env python3
"""pdf_words.py PDF ALTO_FOLDER: pdftotext -bbox finds each word of the ALTO pages at its place,
within two pixels of the access image."""
import glob
import html
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

NS = "{http://www.loc.gov/standards/alto/ns-v4#}"
TOLERANCE = 2

text = subprocess.run(["pdftotext", "-bbox", sys.argv[1], "-"], capture_output=True, text=True,
                      check=True).stdout
pages = re.split(r"<page ", text)[1:]
files = sorted(glob.glob(sys.argv[2] + "/*.xml"))
assert len(pages) == len(files), (len(pages), len(files))
words = 0
missing = []
for page, file in zip(pages, files):
    alto = ET.parse(file).getroot().find(f".//{NS}Page")
    width = float(re.search(r'width="([\d.]+)"', page).group(1))
    scale = float(alto.get("WIDTH")) / width
    found = {}
    for *box, word in re.findall(
            r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>',
            page):
        found.setdefault(html.unescape(word), []).append([float(v) * scale for v in box])
    for line in alto.iter(f"{NS}TextLine"):
        hyphen = line.find(f"{NS}HYP")
        strings = line.findall(f"{NS}String")
        for string in strings:
            words += 1
            x, y, w, h = (float(string.get(k)) for k in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
            content = string.get("CONTENT")
            if hyphen is not None and string is strings[-1]:  # one word in the PDF
                content += hyphen.get("CONTENT")
                w += float(hyphen.get("WIDTH"))
            near = [b for b in found.get(content, [])
                    if max(abs(u - v) for u, v in zip(b, (x, y, x + w, y + h))) <= TOLERANCE]
            if not near:
                missing.append((file, content, x, y))
if missing or words < 50:
    sys.exit(f"FAILED: of {words} words {len(missing)} are not where ALTO says: {missing[:5]}")
print(f"ok: pdftotext finds all {words} words where ALTO says")
