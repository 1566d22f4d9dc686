#pragma once

#include <string>
#include <vector>

#include "capture/settings.h"
#include "core/settings.h"
#include "indexer/settings.h"
#include "ocr/settings.h"
#include "processing/settings.h"
#include "repository/settings.h"

namespace alih::pipeline {

struct Settings {
  int workers = 2;
  int page_timeout_s = 180;
  int decode_timeout_s = 18;  // a hostile file is done with in 20
  int page_memory_mib = 1024;
  int attempts = 3;
  int pages_per_worker = 200;
  int lock_wait_s = 10;
  std::string night_from;
  std::string night_until;
  int fixity_days = 30;
  int fixity_mib_s = 20;
  int backup_days = 7;
  std::string watch_folder;
  std::string watch_profile;
  bool watch_split = false;
  int watch_settle_s = 5;
  std::string pdf_images = "jpeg";
  int import_mib = 128;
  int import_rows = 200000;
  int import_timeout_s = 300;
};

template <typename Visitor>
constexpr void describe(Visitor& field, Settings& s) {
  using settings::between;
  field("workers", s.workers, "Banyaknya proses pengolah halaman",
        "How many page workers run side by side", between(1, 256));
  field("page_timeout_s", s.page_timeout_s, "Batas waktu mengolah satu halaman, detik",
        "Give up on processing a page after this many seconds", between(1, 3600));
  field("decode_timeout_s", s.decode_timeout_s, "Batas waktu membuka satu berkas citra, detik",
        "Give up on opening an image file after this many seconds", between(1, 3600));
  field("page_memory_mib", s.page_memory_mib, "Memori terbanyak satu proses pengolah, MiB",
        "Most memory of one page worker, in MiB", between(256, 65536));
  field("attempts", s.attempts, "Berapa kali satu halaman dicoba sebelum disisihkan",
        "How often a page is tried before it is set aside", between(1, 20));
  field("pages_per_worker", s.pages_per_worker,
        "Setelah sekian halaman proses pengolah diganti yang baru",
        "After this many pages a worker is replaced by a new one", between(1, 100000));
  field("lock_wait_s", s.lock_wait_s,
        "Berapa lama menunggu bila folder data sedang dipakai program lain, detik",
        "How long to wait while another program uses the data folder, in seconds",
        between(0, 3600));
  field("night_from", s.night_from,
        "Layanan mengolah halaman biasa mulai jam ini, JJ:MM; kosong: sepanjang hari",
        "The service works on ordinary pages from this hour, HH:MM; empty: all day");
  field("night_until", s.night_until, "sampai jam ini, JJ:MM", "until this hour, HH:MM");
  field("fixity_days", s.fixity_days,
        "Layanan memeriksa ulang semua berkas dalam sekian hari; 0: tidak",
        "The service checks every file again within so many days; 0: not at all", between(0, 3650));
  field("fixity_mib_s", s.fixity_mib_s, "Baca paling cepat untuk pemeriksaan itu, MiB per detik",
        "Fastest reading for that check, in MiB a second", between(1, 10000));
  field("backup_days", s.backup_days,
        "Ingatkan bila cadangan terakhir lebih tua dari sekian hari (0 = jangan)",
        "Warn when the last backup is older than this many days (0 = never)", between(0, 3650));
  field("watch_folder", s.watch_folder,
        "Layanan menerima berkas yang diletakkan di folder ini; kosong: tidak ada",
        "The service takes in files that are put into this folder; empty: none");
  field("watch_profile", s.watch_profile, "Profil bahan dari folder itu",
        "Profile of the items from that folder");
  field("watch_split", s.watch_split,
        "Lembar pemisah dalam berkas dari folder itu memulai bahan baru",
        "Separator sheets in what comes from that folder begin new items");
  field("watch_settle_s", s.watch_settle_s,
        "Berkas di folder itu diterima setelah sekian detik tidak berubah",
        "Files in that folder are taken in when they did not change for so many seconds",
        between(1, 3600));
  field(
      "pdf_images", s.pdf_images,
      "Citra dalam PDF bahan tanpa profil: jpeg, mrc (latar dan huruf terpisah, kecil), atau g4 "
      "(hitam putih)",
      "Pictures in the PDF of an item without a profile: jpeg, mrc (background and letters apart, "
      "small) or g4 (black and white)");
  field("import_mib", s.import_mib, "Berkas katalog terbesar yang diimpor, MiB",
        "Largest file of a catalogue that is imported, in MiB", between(1, 10000));
  field("import_rows", s.import_rows, "Baris terbanyak dalam satu berkas katalog",
        "Most rows of one file of a catalogue", between(1, 10000000));
  field("import_timeout_s", s.import_timeout_s, "Batas waktu membaca berkas katalog, detik",
        "Give up on reading a file of a catalogue after this many seconds", between(1, 86400));
}

#ifndef __clang__
static_assert(settings::fully_described<Settings>());
#endif

// What stands on the office's papers. A person is "peran; jabatan; nama; NIP; dari; sampai": the
// role that a paper asks for, title, name, NIP and the first and last day in the role (an empty day
// is open), e.g. "kepala_dinas; Kepala Dinas; Dra. A; 196808171990031005; 2024-01-02;".
struct Office {
  std::string unit = "Dinas Perpustakaan dan Kearsipan Kabupaten Banggai";
  std::string section = "Bidang Layanan, Alih Media dan Otomasi Perpustakaan";
  std::string place = "Luwuk";
  std::vector<std::string> letterhead = {"PEMERINTAH KABUPATEN BANGGAI",
                                         "DINAS PERPUSTAKAAN DAN KEARSIPAN"};
  std::vector<std::string> officials = {};
  std::string record_number = "{no}/BA-AM/{bulan}/{tahun}";
  std::string paper = "f4";
  std::string font = "Liberation Serif";
  int standard_register_min = 5;
  int standard_digitize_min = 60;
  int standard_file_min = 5;
  int idle_min = 10;
};

template <typename Visitor>
constexpr void describe(Visitor& field, Office& s) {
  using settings::between;
  field("unit", s.unit, "Nama instansi seperti tercetak pada surat",
        "Name of the office as printed on its papers");
  field("section", s.section, "Bidang atau seksi yang melaksanakan alih media",
        "Section that digitizes");
  field("place", s.place, "Tempat, di depan tanggal surat", "Place, before the date of a paper");
  field("letterhead", s.letterhead, "Baris kop surat, dari atas; yang kedua paling besar",
        "Lines of the letterhead from the top; the second is the largest");
  field("officials", s.officials,
        "Pejabat, masing-masing \"peran; jabatan; nama; NIP; dari; sampai\"; peran: kepala_dinas, "
        "pimpinan_unit_kearsipan, kepala_seksi",
        "Officials, each \"role; title; name; NIP; from; until\"; roles: kepala_dinas, "
        "pimpinan_unit_kearsipan, kepala_seksi");
  field(
      "record_number", s.record_number,
      "Pola nomor Berita Acara untuk paper print --number: {no} nomor urut dalam tahun, {bulan} "
      "bulan dengan angka Romawi, {tahun}",
      "Pattern of the number of a Berita Acara for paper print --number: {no} counts in the year, "
      "{bulan} is the month in Roman digits, {tahun} the year");
  field("paper", s.paper, "Ukuran kertas: f4 atau a4", "Paper size: f4 or a4");
  field("font", s.font, "Huruf surat; harus terpasang", "Typeface of papers; must be installed");
  field("standard_register_min", s.standard_register_min,
        "Waktu standar SOP langkah 2, menit per bahan; 0: tanpa standar",
        "Standard time of step 2 of the procedure, minutes an item; 0: none", between(0, 10000));
  field("standard_digitize_min", s.standard_digitize_min,
        "Waktu standar SOP langkah 3, menit per bahan; 0: tanpa standar",
        "Standard time of step 3, minutes an item; 0: none", between(0, 10000));
  field("standard_file_min", s.standard_file_min,
        "Waktu standar SOP langkah 4, menit per file; 0: tanpa standar",
        "Standard time of step 4, minutes a file; 0: none", between(0, 10000));
  field("idle_min", s.idle_min,
        "Jeda antara dua tindakan yang masih dihitung sebagai waktu kerja, menit",
        "A gap between two acts that still counts as work, in minutes", between(1, 240));
}

#ifndef __clang__
static_assert(settings::fully_described<Office>());
#endif

// Settings of the pipeline and of every folder that it drives, by value.
struct Everything {
  capture::Settings capture;
  processing::Settings processing;
  ocr::Settings ocr;
  repository::Settings repository;
  indexer::Settings indexer;
  Settings pipeline;
  Office office;
};

template <typename Visitor>
constexpr void describe(Visitor& field, Everything& s) {
  field.section("capture", s.capture);
  field.section("processing", s.processing);
  field.section("ocr", s.ocr);
  field.section("repository", s.repository);
  field.section("indexer", s.indexer);
  field.section("pipeline", s.pipeline);
  field.section("office", s.office);
}

#ifndef __clang__
static_assert(settings::fully_described<Everything>());
#endif

}  // namespace alih::pipeline
