#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace alih {

// The languages people are addressed in. Indonesian comes first everywhere.
enum class Language { indonesian, english };

// One sentence for a person, in both languages. A value; any thread.
struct Message {
  std::string id;
  std::string en;

  [[nodiscard]] const std::string& in(Language language) const {
    return language == Language::english ? en : id;
  }
  bool operator==(const Message&) const = default;
};

// What may stand at a `{}`: text or a number.
class Arg {
 public:
  Arg(std::string_view text) : text_(text) {}                 // NOLINT: conversion is the point
  Arg(const std::string& text) : text_(text) {}               // NOLINT
  Arg(const char* text) : text_(text) {}                      // NOLINT
  Arg(int value) : text_(std::to_string(value)) {}            // NOLINT
  Arg(unsigned value) : text_(std::to_string(value)) {}       // NOLINT
  Arg(long value) : text_(std::to_string(value)) {}           // NOLINT
  Arg(unsigned long value) : text_(std::to_string(value)) {}  // NOLINT
  Arg(long long value) : text_(std::to_string(value)) {}      // NOLINT
  Arg(unsigned long long value) : text_(std::to_string(value)) {}  // NOLINT

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Each `{}` of both sentences is replaced by the next argument; a `{}` without one stays.
[[nodiscard]] Message message(std::string_view id, std::string_view en,
                              std::initializer_list<Arg> args = {});

}  // namespace alih
