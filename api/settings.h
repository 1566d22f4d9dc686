#pragma once

#include <string>

#include "core/settings.h"

namespace alih::api {

struct Settings {
  std::string listen = "127.0.0.1:8080";
  int threads = 128;
  int per_address = 32;
  int header_timeout_s = 5;
  int max_body_kib = 1024;
  std::string language = "id";
};

template <typename Visitor>
constexpr void describe(Visitor& field, Settings& s) {
  using settings::between;
  field("listen", s.listen, "Alamat dan port layanan", "Address and port of the service");
  field("threads", s.threads, "Sambungan yang dilayani bersamaan",
        "Connections served at the same time", between(4, 1024));
  field("per_address", s.per_address, "Sambungan bersamaan dari satu alamat",
        "Connections at the same time from one address", between(1, 1024));
  field("header_timeout_s", s.header_timeout_s, "Batas waktu menunggu kepala permintaan, detik",
        "How long to wait for a request's header, in seconds", between(1, 120));
  field("max_body_kib", s.max_body_kib, "Isi permintaan terbesar, KiB",
        "Largest request body, in KiB", between(1, 1048576));
  field("language", s.language, "Bahasa pesan dan halaman: id atau en",
        "Language of messages and pages: id or en");
}

#ifndef __clang__
static_assert(settings::fully_described<Settings>());
#endif

}  // namespace alih::api
