#pragma once

#include <string>
#include <vector>

#include "core/settings.h"

namespace alih::access {

struct Settings {
  std::vector<std::string> networks = {"127.0.0.0/8", "::1/128"};
  std::vector<std::string> trusted_proxies = {};
  int snippet_words = 12;
  std::vector<std::string> no_text_series = {};
  int session_hours = 10;
  int idle_minutes = 60;
  int invite_hours = 72;
  int token_days = 366;
  int password_length = 12;
  int argon2_memory_mib = 64;
  int argon2_passes = 3;
};

template <typename Visitor>
constexpr void describe(Visitor& field, Settings& s) {
  using settings::between;
  field("networks", s.networks,
        "Jaringan kantor (ruang baca): alamat atau CIDR yang termasuk layanan di tempat, misalnya "
        "192.168.10.0/24",
        "Networks of the office (reading room): addresses or CIDR ranges that count as on the "
        "premises, e.g. 192.168.10.0/24");
  field(
      "trusted_proxies", s.trusted_proxies,
      "Proksi (alamat atau CIDR) yang X-Forwarded-For-nya dipercaya; permintaan lewat proksi lain "
      "dianggap dari luar",
      "Proxies (addresses or CIDR ranges) whose X-Forwarded-For is believed; requests through "
      "any other count as from outside");
  field("snippet_words", s.snippet_words,
        "Panjang kutipan hasil pencarian untuk karya yang dilindungi dan yatim piatu, kata; 0: "
        "tanpa kutipan, isinya tidak dicari",
        "Length of the snippets of works in copyright and orphan works, in words; 0: none, and "
        "their text is not searched",
        between(0, 100));
  field("no_text_series", s.no_text_series,
        "Seri yang teks halamannya hanya dicari dan dikutip untuk petugas, misalnya ALM-ARS",
        "Series whose pages' text is searched and quoted for staff only, e.g. ALM-ARS");
  field("session_hours", s.session_hours, "Lama sesi masuk paling panjang, jam",
        "Longest time that a person stays signed in, in hours", between(1, 168));
  field("idle_minutes", s.idle_minutes, "Sesi berakhir setelah tidak dipakai sekian menit",
        "A session ends when it is not used for so many minutes", between(1, 1440));
  field("invite_hours", s.invite_hours, "Kode sekali pakai berlaku sekian jam",
        "A one-time code holds for so many hours", between(1, 720));
  field("token_days", s.token_days, "Masa berlaku token API paling lama, hari",
        "Longest life of an API token, in days", between(1, 3650));
  field("password_length", s.password_length, "Panjang kata sandi paling sedikit, huruf",
        "Shortest password, in characters", between(8, 64));
  field("argon2_memory_mib", s.argon2_memory_mib,
        "Memori satu hitungan argon2id untuk kata sandi, MiB; paling banyak dua bersamaan",
        "Memory of one argon2id computation for a password, in MiB; at most two at once",
        between(8, 1024));
  field("argon2_passes", s.argon2_passes, "Putaran argon2id", "Passes of argon2id", between(1, 20));
}

#ifndef __clang__
static_assert(settings::fully_described<Settings>());
#endif

}  // namespace alih::access
