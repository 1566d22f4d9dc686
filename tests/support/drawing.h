#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <pango/pangocairo.h>

// What the programs that draw pages of text share. Any thread.
namespace alih::testing_support {

template <auto F>
struct Release {
  template <typename T>
  void operator()(T* p) const {
    F(p);
  }
};
using Surface = std::unique_ptr<cairo_surface_t, Release<cairo_surface_destroy>>;
using Context = std::unique_ptr<cairo_t, Release<cairo_destroy>>;
using FontOptions = std::unique_ptr<cairo_font_options_t, Release<cairo_font_options_destroy>>;
using FontDescription = std::unique_ptr<PangoFontDescription, Release<pango_font_description_free>>;
using Layout = std::unique_ptr<PangoLayout, Release<g_object_unref>>;

// Without spaces at its ends.
inline std::string trimmed(std::string_view s) {
  const auto first = s.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return std::string(s.substr(first, s.find_last_not_of(' ') - first + 1));
}

// A cell of a table that is set flush right: digits and what stands between them.
inline bool is_amount(std::string_view cell) {
  return !cell.empty() && cell.find_first_not_of("0123456789.,%-") == std::string_view::npos;
}

}  // namespace alih::testing_support
