#include "access/password.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>

#include <sodium.h>

#include "core/utf8.h"

namespace alih::access {
namespace {

constexpr int kAtOnce = 2;  // each takes 64 MiB and a core
constexpr std::chrono::seconds kLongestWait{10};
constexpr std::size_t kLongest = 1024;  // bytes

// The line in front of the computation.
class Line {
 public:
  [[nodiscard]] bool enter() {
    std::unique_lock lock(mutex_);
    if (!free_.wait_for(lock, kLongestWait, [&] { return load_.now < kAtOnce; })) return false;
    ++load_.now;
    load_.most = std::max(load_.most, load_.now);
    return true;
  }
  void leave() {
    {
      const std::lock_guard lock(mutex_);
      --load_.now;
    }
    free_.notify_one();
  }
  HashLoad load() {
    const std::lock_guard lock(mutex_);
    return load_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable free_;
  HashLoad load_;  // mutex_
};
Line& line() {
  static Line one;
  return one;
}
struct Place {
  bool entered = line().enter();
  Place() = default;
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    if (entered) line().leave();
  }
};

Error too_many() {
  return {ErrorCode::busy, message("Terlalu banyak orang masuk bersamaan; coba lagi sebentar",
                                   "Too many people sign in at once; try again in a moment")};
}

Result<std::string> hash_in_place(std::string_view password, const Settings& settings) {
  std::array<char, crypto_pwhash_STRBYTES> out{};
  constexpr std::size_t kMiB = std::size_t{1} << 20U;
  if (::crypto_pwhash_str_alg(out.data(), password.data(), password.size(),
                              static_cast<unsigned long long>(settings.argon2_passes),
                              static_cast<std::size_t>(settings.argon2_memory_mib) * kMiB,
                              crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return fail(ErrorCode::unavailable, "Memori tidak cukup untuk menghitung kata sandi",
                "There is not enough memory to compute the password");
  }
  return std::string(out.data());
}

}  // namespace

Result<std::string> hash_password(std::string_view password, const Settings& settings) {
  if (::sodium_init() < 0) std::abort();
  const Place place;
  if (!place.entered) return fail(too_many());
  return hash_in_place(password, settings);
}

Result<bool> check_password(std::string_view password, const std::string& hash,
                            const Settings& settings) {
  if (::sodium_init() < 0) std::abort();
  password = password.substr(0, kLongest + 1);  // a longer one is nobody's
  const Place place;
  if (!place.entered) return fail(too_many());
  if (hash.empty()) {
    ALIH_TRY([[maybe_unused]] const auto spent, hash_in_place(password, settings));
    return false;
  }
  return ::crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

Status check_choice(std::string_view password, std::string_view account, const Settings& settings) {
  int characters = 0;
  for (auto rest = password; !rest.empty(); ++characters) {
    char32_t code = 0;
    const auto length = utf8_character(rest, code);
    if (length == 0 || code < 0x20) {
      return fail(ErrorCode::bad_field, "Kata sandi harus teks UTF-8 satu baris",
                  "The password must be one line of UTF-8 text");
    }
    rest.remove_prefix(length);
  }
  if (characters < settings.password_length) {
    return fail(ErrorCode::bad_field, "Kata sandi paling sedikit {} huruf",
                "The password must have at least {} characters", {settings.password_length});
  }
  if (password.size() > kLongest) {
    return fail(ErrorCode::bad_field, "Kata sandi paling panjang {} byte",
                "The password may have at most {} bytes", {kLongest});
  }
  std::string low(password);
  std::transform(low.begin(), low.end(), low.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const bool one_letter = std::all_of(low.begin(), low.end(), [&](char c) { return c == low[0]; });
  // What is left besides the account's name must not be a digit or two.
  constexpr std::size_t kOwn = 4;
  const auto at = account.empty() ? std::string::npos : low.find(account);
  const bool own_name = at != std::string::npos && low.size() - account.size() < kOwn;
  if (one_letter || own_name) {
    return fail(ErrorCode::bad_field, "Kata sandi terlalu mudah ditebak; pilih yang lain",
                "The password is too easy to guess; choose another one");
  }
  return {};
}

HashLoad hash_load() { return line().load(); }

}  // namespace alih::access
