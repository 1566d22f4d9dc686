#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/search/store.h"

namespace alih::bench {

// What is measured against what. Pages get numbers from 0 in the order in which they come.
class Engine {
 public:
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  virtual ~Engine() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  // Makes the index anew: each page, then the end, then the best form the engine has.
  virtual void index(const PageLine& page) = 0;
  virtual void finish() = 0;
  virtual void compact() = 0;
  [[nodiscard]] virtual std::uint64_t bytes() const = 0;
  // One synced commit that can be searched when it returns.
  virtual void add(const std::vector<PageLine>& pages) = 0;
  // The best ten, by page_id; empty also where the engine has no such class.
  [[nodiscard]] virtual bool can(std::string_view klass) const = 0;
  [[nodiscard]] virtual std::vector<std::string> query(std::string_view klass,
                                                       const std::vector<std::string>& terms,
                                                       std::string_view filter) = 0;
  // Whether every match scored gives the same ten, with the same scores.
  [[nodiscard]] virtual bool is_exact(std::string_view, const std::vector<std::string>&,
                                      std::string_view) {
    return true;
  }
  // Milliseconds, wall: after a clean end, and as a killed process leaves it, right after a commit.
  struct Opening {
    double clean = 0;
    double killed = 0;
  };
  [[nodiscard]] virtual Opening opening() { return {}; }
};

[[nodiscard]] std::unique_ptr<Engine> make_product(const std::filesystem::path& folder);
[[nodiscard]] std::unique_ptr<Engine> make_xapian(const std::filesystem::path& folder);
[[nodiscard]] std::unique_ptr<Engine> make_fts5(const std::filesystem::path& folder);

}  // namespace alih::bench
