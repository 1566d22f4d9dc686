// Compiled with -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni -ffp-contract=off.
#include <cstdint>

#include <immintrin.h>

#include "ocr/lstm_kernel.h"

namespace alih::ocr {
namespace {

constexpr int kLanes = 16;
constexpr int kOffset = 128;  // vpdpbusd takes unsigned activations
constexpr int kTogether = 6;
using Floats = __m512;
using Ints = __m512i;
using Operand = __m512i;

inline Ints load(const std::int32_t* p) { return _mm512_loadu_si512(p); }
inline Floats load(const float* p) { return _mm512_loadu_ps(p); }
inline Ints load_weights(const std::int8_t* p) { return _mm512_loadu_si512(p); }
inline void store(std::int32_t* p, Ints v) { _mm512_storeu_si512(p, v); }
inline void store(float* p, Floats v) { _mm512_storeu_ps(p, v); }
inline Operand four(const std::uint8_t* p) {
  int x = 0;
  __builtin_memcpy(&x, p, sizeof x);
  return _mm512_set1_epi32(x);
}
inline Ints multiplied(Ints sum, Operand x, Ints w) { return _mm512_dpbusd_epi32(sum, x, w); }
inline Ints larger(Ints a, Ints b) { return _mm512_max_epi32(a, b); }
inline Ints smallest() { return _mm512_set1_epi32(INT32_MIN); }
inline Floats to_floats(Ints v) { return _mm512_cvtepi32_ps(v); }
inline Floats times(Floats a, Floats b) { return _mm512_mul_ps(a, b); }
inline Floats plus(Floats a, Floats b) { return _mm512_add_ps(a, b); }
inline Floats clipped(Floats v, float most) {
  return _mm512_min_ps(_mm512_max_ps(v, _mm512_set1_ps(-most)), _mm512_set1_ps(most));
}
inline __mmask16 negative(Floats x) {
  return _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LT_OQ);
}
inline Floats negated_where_negative(Floats r, Floats x) {
  return _mm512_mask_sub_ps(r, negative(x), _mm512_setzero_ps(), r);
}
inline Floats one_less_where_negative(Floats r, Floats x) {
  return _mm512_mask_sub_ps(r, negative(x), _mm512_set1_ps(1), r);
}

// Two pairs of a table side by side. Loads and shuffles are faster than the processors' gathers.
inline __m128d two(const double* table, int a, int b) {
  return _mm_loadh_pd(_mm_load_sd(table + a), table + b);
}
inline Floats interpolated(const double* table, Floats x) {
  const Floats at =
      _mm512_min_ps(times(_mm512_abs_ps(x), _mm512_set1_ps(256)), _mm512_set1_ps(4095));
  const Ints index = _mm512_cvttps_epi32(at);
  const Floats part = _mm512_sub_ps(at, to_floats(index));
  alignas(64) int i[16];
  _mm512_store_si512(i, index);
  const auto quarter = [&](int k) {
    return _mm256_insertf128_pd(_mm256_castpd128_pd256(two(table, i[k], i[k + 1])),
                                two(table, i[k + 4], i[k + 5]), 1);
  };
  const __m512 a =
      _mm512_castpd_ps(_mm512_insertf64x4(_mm512_castpd256_pd512(quarter(0)), quarter(8), 1));
  const __m512 b =
      _mm512_castpd_ps(_mm512_insertf64x4(_mm512_castpd256_pd512(quarter(2)), quarter(10), 1));
  const Floats value = _mm512_shuffle_ps(a, b, 0x88);
  const Floats way = _mm512_shuffle_ps(a, b, 0xdd);
  return plus(value, times(way, part));
}

// To the nearest of -127 to 127, halves away from zero.
inline void store_rounded(std::uint8_t* p, Floats x) {
  const Floats y = times(x, _mm512_set1_ps(127));
  Ints r = _mm512_cvttps_epi32(plus(_mm512_abs_ps(y), _mm512_set1_ps(0.5F)));
  r = _mm512_mask_sub_epi32(r, negative(y), _mm512_setzero_si512(), r);
  r = _mm512_min_epi32(_mm512_max_epi32(r, _mm512_set1_epi32(-127)), _mm512_set1_epi32(127));
  r = _mm512_add_epi32(r, _mm512_set1_epi32(kOffset));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(r));
}

#include "ocr/lstm_kernel_body.h"

}  // namespace

const LstmKernel kAvx512VnniKernel{"avx512-vnni", kLanes, kOffset, convolve, down, along, dense};

}  // namespace alih::ocr
