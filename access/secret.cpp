#include "access/secret.h"

#include <array>
#include <cstdlib>
#include <vector>

#include <sodium.h>

#include "core/fixity.h"

namespace alih::access {
namespace {

// Without it nothing of the library may be called; it cannot fail on a system with a random source.
void ready() {
  static const int started = ::sodium_init();
  if (started < 0) std::abort();
}

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string base64(const std::vector<unsigned char>& raw) {
  std::string out(sodium_base64_ENCODED_LEN(raw.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  ::sodium_bin2base64(out.data(), out.size(), raw.data(), raw.size(),
                      sodium_base64_VARIANT_ORIGINAL);
  out.resize(out.find('\0'));
  return out;
}

}  // namespace

std::string new_secret() {
  ready();
  constexpr std::size_t kBytes = 32;
  std::array<unsigned char, kBytes> raw{};
  ::randombytes_buf(raw.data(), raw.size());
  std::string out(2 * kBytes + 1, '\0');
  ::sodium_bin2hex(out.data(), out.size(), raw.data(), raw.size());
  out.pop_back();
  return out;
}

std::string new_code(int groups) {
  ready();
  constexpr std::string_view kLetters = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
  constexpr int kGroup = 5;
  std::string out;
  for (int i = 0; i < groups * kGroup; ++i) {
    if (i > 0 && i % kGroup == 0) out += '-';
    out += kLetters[::randombytes_uniform(static_cast<std::uint32_t>(kLetters.size()))];
  }
  return out;
}

std::string plain_code(std::string_view code) {
  std::string out;
  for (const char c : code) {
    if (c == '-' || c == ' ') continue;
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

std::string digest_of(std::string_view secret) { return sha256_hex(secret); }

bool same_secret(std::string_view a, std::string_view b) {
  ready();
  return a.size() == b.size() && ::sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string new_key() {
  ready();
  std::string out(kKeyBytes, '\0');
  ::randombytes_buf(out.data(), out.size());
  return out;
}

std::string seal(std::string_view text, std::string_view key) {
  ready();
  static_assert(crypto_secretbox_KEYBYTES == kKeyBytes);
  std::vector<unsigned char> raw(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES +
                                 text.size());
  ::randombytes_buf(raw.data(), crypto_secretbox_NONCEBYTES);
  ::crypto_secretbox_easy(raw.data() + crypto_secretbox_NONCEBYTES, bytes(text), text.size(),
                          raw.data(), bytes(key));
  return base64(raw);
}

std::optional<std::string> unseal(std::string_view sealed, std::string_view key) {
  ready();
  if (sealed.empty() || key.size() != kKeyBytes) return std::nullopt;
  std::vector<unsigned char> raw(sealed.size());
  std::size_t size = 0;
  if (::sodium_base642bin(raw.data(), raw.size(), sealed.data(), sealed.size(), nullptr, &size,
                          nullptr, sodium_base64_VARIANT_ORIGINAL) != 0 ||
      size < crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES) {
    return std::nullopt;
  }
  std::string out(size - crypto_secretbox_NONCEBYTES - crypto_secretbox_MACBYTES, '\0');
  if (::crypto_secretbox_open_easy(
          reinterpret_cast<unsigned char*>(out.data()), raw.data() + crypto_secretbox_NONCEBYTES,
          size - crypto_secretbox_NONCEBYTES, raw.data(), bytes(key)) != 0) {
    return std::nullopt;
  }
  return out;
}

}  // namespace alih::access
