// Compiled with -mavx2 -mavxvnni -ffp-contract=off.
#include <cstdint>

#include <immintrin.h>

#include "ocr/lstm_kernel.h"

namespace alih::ocr {
namespace {

constexpr int kOffset = 128;  // vpdpbusd takes unsigned activations

#include "ocr/lstm_avx2_body.h"

using Operand = __m256i;
inline Operand four(const std::uint8_t* p) { return broadcast(p); }
inline Ints multiplied(Ints sum, Operand x, Ints w) { return _mm256_dpbusd_avx_epi32(sum, x, w); }

#include "ocr/lstm_kernel_body.h"

}  // namespace

const LstmKernel kAvxVnniKernel{"avx-vnni", kLanes, kOffset, convolve, down, along, dense};

}  // namespace alih::ocr
