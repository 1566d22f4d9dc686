#pragma once

#include "core/settings.h"

namespace alih::capture {

// Deadlines of one scanner session. A vendor's driver may hang in any call: when a deadline passes
// the session's process is ended and the pages before are kept.
struct Settings {
  int open_timeout_s = 30;
  int start_timeout_s = 90;
  int read_timeout_s = 30;
  int cancel_timeout_s = 15;
  int close_timeout_s = 45;
  int discovery_timeout_s = 20;
  int busy_retries = 3;
};

template <typename Visitor>
constexpr void describe(Visitor& field, Settings& s) {
  using settings::between;
  field("open_timeout_s", s.open_timeout_s, "Batas waktu membuka pemindai, detik",
        "Give up on opening a scanner after this many seconds", between(1, 600));
  field("start_timeout_s", s.start_timeout_s, "Batas waktu memulai satu halaman, detik",
        "Give up on the start of a page after this many seconds", between(1, 600));
  field("read_timeout_s", s.read_timeout_s, "Batas waktu tanpa data baru, detik",
        "Give up when no new byte came for this many seconds", between(1, 600));
  field("cancel_timeout_s", s.cancel_timeout_s, "Batas waktu membatalkan, detik",
        "Give up on cancelling after this many seconds", between(1, 600));
  field("close_timeout_s", s.close_timeout_s, "Batas waktu menutup pemindai, detik",
        "Give up on closing a scanner after this many seconds", between(1, 600));
  field("discovery_timeout_s", s.discovery_timeout_s, "Batas waktu mencari pemindai, detik",
        "Give up on looking for scanners after this many seconds", between(1, 600));
  field("busy_retries", s.busy_retries, "Berapa kali mencoba lagi bila pemindai sibuk atau memanas",
        "How often to try again when a scanner is busy or warming up", between(0, 60));
}

#ifndef __clang__
static_assert(settings::fully_described<Settings>());
#endif

}  // namespace alih::capture
