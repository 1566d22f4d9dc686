// What the two kernels of 256 bits share; included inside their unnamed namespaces after kOffset.
// No include guard and no includes: this is no header.

constexpr int kLanes = 8;
constexpr int kTogether = 2;
using Floats = __m256;
using Ints = __m256i;

inline Ints load(const std::int32_t* p) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}
inline Floats load(const float* p) { return _mm256_loadu_ps(p); }
inline Ints load_weights(const std::int8_t* p) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}
inline void store(std::int32_t* p, Ints v) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v);
}
inline void store(float* p, Floats v) { _mm256_storeu_ps(p, v); }
inline Ints broadcast(const std::uint8_t* p) {
  int x = 0;
  __builtin_memcpy(&x, p, sizeof x);
  return _mm256_set1_epi32(x);
}
inline Ints larger(Ints a, Ints b) { return _mm256_max_epi32(a, b); }
inline Ints smallest() { return _mm256_set1_epi32(INT32_MIN); }
inline Floats to_floats(Ints v) { return _mm256_cvtepi32_ps(v); }
inline Floats times(Floats a, Floats b) { return _mm256_mul_ps(a, b); }
inline Floats plus(Floats a, Floats b) { return _mm256_add_ps(a, b); }
inline Floats magnitude(Floats x) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0F), x); }
inline Floats clipped(Floats v, float most) {
  return _mm256_min_ps(_mm256_max_ps(v, _mm256_set1_ps(-most)), _mm256_set1_ps(most));
}
inline Floats negative(Floats x) { return _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_LT_OQ); }
inline Floats negated_where_negative(Floats r, Floats x) {
  return _mm256_blendv_ps(r, _mm256_sub_ps(_mm256_setzero_ps(), r), negative(x));
}
inline Floats one_less_where_negative(Floats r, Floats x) {
  return _mm256_blendv_ps(r, _mm256_sub_ps(_mm256_set1_ps(1), r), negative(x));
}

// Two pairs of a table side by side. Loads and shuffles are faster than the processors' gathers.
inline __m128d two(const double* table, int a, int b) {
  return _mm_loadh_pd(_mm_load_sd(table + a), table + b);
}
inline Floats interpolated(const double* table, Floats x) {
  const Floats at = _mm256_min_ps(times(magnitude(x), _mm256_set1_ps(256)), _mm256_set1_ps(4095));
  const Ints index = _mm256_cvttps_epi32(at);
  const Floats part = _mm256_sub_ps(at, to_floats(index));
  alignas(32) int i[8];
  _mm256_store_si256(reinterpret_cast<__m256i*>(i), index);
  const auto half = [&](int k) {
    return _mm256_castpd_ps(_mm256_insertf128_pd(_mm256_castpd128_pd256(two(table, i[k], i[k + 1])),
                                                 two(table, i[k + 4], i[k + 5]), 1));
  };
  const Floats a = half(0);
  const Floats b = half(2);
  const Floats value = _mm256_shuffle_ps(a, b, 0x88);
  const Floats way = _mm256_shuffle_ps(a, b, 0xdd);
  return plus(value, times(way, part));
}

// To the nearest of -127 to 127, halves away from zero.
inline void store_rounded(std::uint8_t* p, Floats x) {
  const Floats y = times(x, _mm256_set1_ps(127));
  const Ints below = _mm256_castps_si256(negative(y));
  Ints r = _mm256_cvttps_epi32(plus(magnitude(y), _mm256_set1_ps(0.5F)));
  r = _mm256_sub_epi32(_mm256_xor_si256(r, below), below);
  r = _mm256_min_epi32(_mm256_max_epi32(r, _mm256_set1_epi32(-127)), _mm256_set1_epi32(127));
  r = _mm256_add_epi32(r, _mm256_set1_epi32(kOffset));
  __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(r), _mm256_extracti128_si256(r, 1));
  words = kOffset == 0 ? _mm_packs_epi16(words, words) : _mm_packus_epi16(words, words);
  _mm_storel_epi64(reinterpret_cast<__m128i*>(p), words);
}
