#pragma once

#include <string>

#include "core/settings.h"

namespace alih::repository {

struct Settings {
  std::string master_compression = "deflate";
  int keep_free_mib = 2048;
  int keep_free_percent = 5;
  int ballast_mib = 64;
};

template <typename Visitor>
constexpr void describe(Visitor& field, Settings& s) {
  using settings::between;
  field("master_compression", s.master_compression,
        "Kompresi TIFF master hasil pindai: deflate, lzw, atau none (semuanya tanpa kehilangan)",
        "Compression of scanned TIFF masters: deflate, lzw or none (all lossless)");
  field("keep_free_mib", s.keep_free_mib,
        "Ruang diska yang harus tersisa, MiB; di bawahnya tidak menerima bahan baru",
        "Disk space that must stay free, in MiB; below it nothing new is taken in",
        between(0, 10000000));
  field("keep_free_percent", s.keep_free_percent,
        "dan sedikitnya sekian persen dari diska; yang lebih besar berlaku",
        "and at least so many per cent of the disk; the larger of the two counts", between(0, 90));
  field("ballast_mib", s.ballast_mib,
        "Berkas pengganjal, MiB: dilepas bila diska penuh agar yang sedang berjalan dapat selesai",
        "A ballast file, in MiB: given up when the disk is full so that what runs can end",
        between(0, 100000));
}

#ifndef __clang__
static_assert(settings::fully_described<Settings>());
#endif

}  // namespace alih::repository
