#include "indexer/ranking.h"

#include "indexer/bitpack.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace alih::indexer {

void score_block(const Scale& scale, const std::uint8_t* lengths, const std::uint32_t* docs,
                 const std::uint32_t* counts, std::size_t size, std::int32_t* out) {
  const auto& table = *scale.lengths;
  std::size_t i = 0;
#if defined(__SSE2__)
  const __m128 top = _mm_set1_ps(scale.top);
  const __m128 one = _mm_set1_ps(1.0F);
  for (; i + 4 <= size; i += 4) {
    const __m128 inverse = _mm_setr_ps(table[lengths[docs[i]]], table[lengths[docs[i + 1]]],
                                       table[lengths[docs[i + 2]]], table[lengths[docs[i + 3]]]);
    const __m128 count = _mm_cvtepi32_ps(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(counts + i)));  // NOLINT: unaligned
    const __m128 t = _mm_mul_ps(count, inverse);
    const __m128 score = _mm_sub_ps(top, _mm_div_ps(top, _mm_add_ps(one, t)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), _mm_cvttps_epi32(score));  // NOLINT
  }
#endif
  for (; i < size; ++i) out[i] = scale.score(counts[i], lengths[docs[i]]);
}

}  // namespace alih::indexer
