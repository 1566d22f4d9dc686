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
  std::string public_url;

  // Where people find the service, without a slash at the end.
  [[nodiscard]] std::string base_url() const {
    auto url = public_url.empty() ? "http://" + listen : public_url;
    while (url.ends_with('/')) url.pop_back();
    return url;
  }
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
  field("public_url", s.public_url,
        "Alamat tetap layanan untuk tautan dalam ekspor, misalnya https://arsip.banggaikab.go.id; "
        "kosong: alamat listen",
        "Lasting address of the service for links in exports, e.g. https://arsip.banggaikab.go.id; "
        "empty: the listen address");
}

#ifndef __clang__
static_assert(settings::fully_described<Settings>());
#endif

}  // namespace alih::api
