#include "indexer/bitpack.h"

#include <array>
#include <bit>
#include <cstring>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace alih::indexer {
namespace {

constexpr std::size_t kLanes = 4;
constexpr unsigned kWord = 32;
constexpr std::size_t kRounds = kBlock / kLanes;

constexpr std::uint32_t mask_of(unsigned width) {
  return width >= kWord ? 0xFFFFFFFFU : (1U << width) - 1;
}

#if defined(__SSE2__)

__m128i load(const unsigned char* in, std::size_t word) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(in) + word);  // NOLINT: unaligned load
}

// Written out for each width, so that every shift is a constant.
template <unsigned Width, bool Sums>
void unpack_width(const unsigned char* in, std::uint32_t base, std::uint32_t* out) {
  auto* to = reinterpret_cast<__m128i*>(out);  // NOLINT: unaligned store
  __m128i sum = _mm_set1_epi32(static_cast<int>(base));
  const auto put = [&](std::size_t round, __m128i value) {
    if constexpr (Sums) {
      value = _mm_add_epi32(value, _mm_slli_si128(value, 4));
      value = _mm_add_epi32(value, _mm_slli_si128(value, 8));
      value = _mm_add_epi32(value, sum);
      sum = _mm_shuffle_epi32(value, 0xFF);
    }
    _mm_storeu_si128(to + round, value);
  };
  if constexpr (Width == 0) {
    for (std::size_t r = 0; r < kRounds; ++r) put(r, _mm_setzero_si128());
  } else if constexpr (Width == kWord) {
    for (std::size_t r = 0; r < kRounds; ++r) put(r, load(in, r));
  } else {
    const __m128i mask = _mm_set1_epi32(static_cast<int>(mask_of(Width)));
    [&]<std::size_t... R>(std::index_sequence<R...>) {
      const auto one = [&]<std::size_t Round>() {
        constexpr unsigned kBit = static_cast<unsigned>(Round) * Width;
        constexpr std::size_t kAt = kBit / kWord;
        constexpr int kShift = static_cast<int>(kBit % kWord);
        __m128i value = _mm_srli_epi32(load(in, kAt), kShift);
        if constexpr (kShift + Width > kWord) {
          value = _mm_or_si128(value,
                               _mm_slli_epi32(load(in, kAt + 1), static_cast<int>(kWord) - kShift));
        }
        put(Round, _mm_and_si128(value, mask));
      };
      (one.template operator()<R>(), ...);
    }
    (std::make_index_sequence<kRounds>{});
  }
}

#else

template <unsigned Width, bool Sums>
void unpack_width(const unsigned char* in, std::uint32_t base, std::uint32_t* out) {
  const auto word = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < 4; ++i) value |= std::uint32_t{in[at * 4 + i]} << (8 * i);
    return value;
  };
  std::uint32_t sum = base;
  for (std::size_t i = 0; i < kBlock; ++i) {
    std::uint32_t value = 0;
    if constexpr (Width > 0) {
      const std::size_t lane = i % kLanes;
      const unsigned bit = static_cast<unsigned>(i / kLanes) * Width;
      const std::size_t at = bit / kWord;
      const unsigned shift = bit % kWord;
      value = word(at * kLanes + lane) >> shift;
      if (shift + Width > kWord) value |= word((at + 1) * kLanes + lane) << (kWord - shift);
      value &= mask_of(Width);
    }
    if constexpr (Sums) value = sum += value;
    out[i] = value;
  }
}

#endif

using Unpack = void (*)(const unsigned char*, std::uint32_t, std::uint32_t*);
template <bool Sums>
constexpr auto table() {
  return []<std::size_t... W>(std::index_sequence<W...>) {
    return std::array<Unpack, kWord + 1>{&unpack_width<static_cast<unsigned>(W), Sums>...};
  }
  (std::make_index_sequence<kWord + 1>{});
}
constexpr auto kPlain = table<false>();
constexpr auto kSums = table<true>();

}  // namespace

unsigned width_of(const std::uint32_t* in, std::size_t count) {
  std::uint32_t all = 0;
  for (std::size_t i = 0; i < count; ++i) all |= in[i];
  return kWord - static_cast<unsigned>(std::countl_zero(all));
}

void pack(const std::uint32_t* in, unsigned width, unsigned char* out) {
  std::array<std::uint32_t, kBlock> words{};
  for (std::size_t i = 0; width > 0 && i < kBlock; ++i) {
    const std::size_t lane = i % kLanes;
    const unsigned bit = static_cast<unsigned>(i / kLanes) * width;
    const std::size_t at = bit / kWord;
    const unsigned shift = bit % kWord;
    words[at * kLanes + lane] |= in[i] << shift;
    if (shift + width > kWord) words[(at + 1) * kLanes + lane] |= in[i] >> (kWord - shift);
  }
  for (std::size_t w = 0; w < kLanes * width; ++w) {
    for (unsigned b = 0; b < 4; ++b) *out++ = static_cast<unsigned char>(words[w] >> (8 * b));
  }
}

void unpack(const unsigned char* in, unsigned width, std::uint32_t* out) {
  kPlain[width > kWord ? kWord : width](in, 0, out);
}

std::uint32_t unpack_one(const unsigned char* in, unsigned width, std::size_t index) {
  if (width == 0) return 0;
  const auto word = [&](std::size_t at) {
    std::uint32_t value = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    std::memcpy(&value, in + at * 4, 4);
#else
    for (unsigned i = 0; i < 4; ++i) value |= std::uint32_t{in[at * 4 + i]} << (8 * i);
#endif
    return value;
  };
  const std::size_t lane = index % kLanes;
  const unsigned bit = static_cast<unsigned>(index / kLanes) * width;
  const std::size_t at = bit / kWord;
  const unsigned shift = bit % kWord;
  auto value = word(at * kLanes + lane) >> shift;
  if (shift + width > kWord) value |= word((at + 1) * kLanes + lane) << (kWord - shift);
  return value & mask_of(width);
}

void unpack_sums(const unsigned char* in, unsigned width, std::uint32_t base, std::uint32_t* out) {
  kSums[width > kWord ? kWord : width](in, base, out);
}

}  // namespace alih::indexer
