#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <random>
#include <span>
#include <string_view>

namespace alih::bench {

// Numbers that are the same with every library: the standard fixes the engine, not its
// distributions. One thread.
class Random {
 public:
  // The name makes a page's numbers its own: a new kind of page changes no other page.
  Random(std::uint64_t seed, std::string_view name, int page) {
    constexpr std::uint64_t kPrime = 1099511628211U;
    std::uint64_t h = std::uint64_t{14695981039346656037U} ^ seed;
    for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * kPrime;
    h = (h ^ static_cast<std::uint64_t>(page)) * kPrime;
    engine_.seed(h);
  }

  // From 0 to n - 1.
  [[nodiscard]] int below(int n) {
    return static_cast<int>(engine_() % static_cast<std::uint64_t>(n));
  }
  [[nodiscard]] int between(int low, int high) { return low + below(high - low + 1); }
  [[nodiscard]] double uniform(double low, double high) {
    constexpr double kSteps = 9007199254740992.0;  // 2^53
    return low + (high - low) * static_cast<double>(engine_() >> 11U) / kSteps;
  }
  [[nodiscard]] bool chance(double share) { return uniform(0, 1) < share; }
  [[nodiscard]] double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform(0, 1)));
    return radius * std::cos(2 * std::numbers::pi * uniform(0, 1));
  }
  [[nodiscard]] std::uint64_t word() { return engine_(); }
  template <typename T>
  [[nodiscard]] const T& pick(std::span<const T> from) {
    return from[static_cast<std::size_t>(below(static_cast<int>(from.size())))];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace alih::bench
