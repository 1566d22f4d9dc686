#include "core/fixity.h"

#include <array>
#include <new>

#include <openssl/evp.h>

namespace alih {
namespace {

struct Free {
  void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
};
using Context = std::unique_ptr<EVP_MD_CTX, Free>;

Context start(const EVP_MD* algorithm) {
  Context context(EVP_MD_CTX_new());
  if (!context || EVP_DigestInit_ex(context.get(), algorithm, nullptr) != 1) throw std::bad_alloc();
  return context;
}

std::string finish_hex(EVP_MD_CTX* context) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
  unsigned size = 0;
  EVP_DigestFinal_ex(context, raw.data(), &size);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(std::size_t{size} * 2);
  for (unsigned i = 0; i < size; ++i) {
    out += digits[raw[i] >> 4U];
    out += digits[raw[i] & 15U];
  }
  return out;
}

}  // namespace

struct FixityDigest::State {
  Context sha512 = start(EVP_sha512());
  Context sha256;  // empty: not wanted
  std::uint64_t bytes = 0;
};

FixityDigest::FixityDigest(What what) : state_(std::make_unique<State>()) {
  if (what == What::both) state_->sha256 = start(EVP_sha256());
}
FixityDigest::~FixityDigest() = default;
FixityDigest::FixityDigest(FixityDigest&&) noexcept = default;
FixityDigest& FixityDigest::operator=(FixityDigest&&) noexcept = default;

void FixityDigest::add(std::span<const std::byte> bytes) {
  EVP_DigestUpdate(state_->sha512.get(), bytes.data(), bytes.size());
  if (state_->sha256) EVP_DigestUpdate(state_->sha256.get(), bytes.data(), bytes.size());
  state_->bytes += bytes.size();
}

Fixity FixityDigest::finish() {
  return {finish_hex(state_->sha512.get()),
          state_->sha256 ? finish_hex(state_->sha256.get()) : std::string(), state_->bytes};
}

struct Sha256::State {
  Context context = start(EVP_sha256());
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::add(std::span<const std::byte> bytes) {
  EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size());
}
void Sha256::add(std::string_view text) { add(std::as_bytes(std::span(text))); }
std::string Sha256::finish() { return finish_hex(state_->context.get()); }

Fixity fixity_of(std::span<const std::byte> bytes) {
  FixityDigest digest;
  digest.add(bytes);
  return digest.finish();
}

std::string sha256_hex(std::span<const std::byte> bytes) {
  Sha256 digest;
  digest.add(bytes);
  return digest.finish();
}

std::string sha256_hex(std::string_view text) { return sha256_hex(std::as_bytes(std::span(text))); }

}  // namespace alih
