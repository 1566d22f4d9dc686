#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http.h"

// What every page of the web is made with.
namespace alih::api {

// Text of a page, in the reader's language. One thread.
class Writer {
 public:
  explicit Writer(const Request& request) : request_(request) {}

  [[nodiscard]] std::string say(std::string_view id, std::string_view en) const;
  [[nodiscard]] std::string say(const Message& m) const;
  void add(std::string_view html) { out_ += html; }
  void text(std::string_view plain);

  // The whole page around what was added.
  [[nodiscard]] std::string page(const std::string& title) const;

  [[nodiscard]] static std::string encoded(const std::string& text);
  // An address of ours that keeps the language.
  [[nodiscard]] std::string link(
      const std::string& path,
      const std::vector<std::pair<std::string, std::string>>& query = {}) const;

  void search_form(const std::string& q);

  // The hidden field that a form of a signed-in person must send back; empty when nobody is.
  [[nodiscard]] std::string form_key() const;
  // A labelled line of a form. `more`: further attributes.
  void input(const std::string& label, std::string_view name, std::string_view type,
             std::string_view value = "", std::string_view more = "");

 private:
  const Request& request_;
  std::string out_;
};

// The fields of a form as browsers send them. Errors: usage; unauthorized when the form is not one
// that this session was given.
[[nodiscard]] Result<std::map<std::string, std::string>> form_fields(const Request& request);

}  // namespace alih::api
