// Compiled with -mavx2 -ffp-contract=off.
#include <cstdint>

#include <immintrin.h>

#include "ocr/lstm_kernel.h"

namespace alih::ocr {
namespace {

constexpr int kOffset = 0;

#include "ocr/lstm_avx2_body.h"

// maddubs takes one side unsigned: the activation's sign goes to the weight. No sum of two products
// passes 2 x 127 x 127, so nothing saturates.
struct Operand {
  __m256i value;
  __m256i magnitude;
};
inline Operand four(const std::uint8_t* p) {
  const Ints x = broadcast(p);
  return {x, _mm256_abs_epi8(x)};
}
inline Ints multiplied(Ints sum, Operand x, Ints w) {
  const Ints pairs = _mm256_maddubs_epi16(x.magnitude, _mm256_sign_epi8(w, x.value));
  return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

#include "ocr/lstm_kernel_body.h"

}  // namespace

const LstmKernel kAvx2Kernel{"avx2", kLanes, kOffset, convolve, down, along, dense};

}  // namespace alih::ocr
