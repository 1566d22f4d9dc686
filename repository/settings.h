#pragma once

#include <string>

#include "core/settings.h"

namespace alih::repository {

struct Settings {
  std::string master_compression = "deflate";
  int keep_free_mib = 2048;
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
}

#ifndef __clang__
static_assert(settings::fully_described<Settings>());
#endif

}  // namespace alih::repository
