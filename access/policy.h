#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/settings.h"
#include "core/audience.h"
#include "core/holdings.h"
#include "core/message.h"
#include "core/result.h"

// Who may do what. Everything that people or programs ask for passes authorize(); the tables it
// reads are in policy.cpp. Pure functions of values: any thread.
namespace alih::access {

// An account may have several. The public has none.
enum class Role : unsigned { operate, librarian, archivist, section_head, administrator };
inline constexpr std::size_t kRoleCount = 5;
[[nodiscard]] std::string_view word(Role role);  // "operator", "librarian", …
[[nodiscard]] Message label(Role role);
[[nodiscard]] std::optional<Role> role_from(std::string_view word);
[[nodiscard]] std::string role_words();  // all of them, for messages

// What a token may be used for, of what its account may do.
enum class Scope : unsigned { read, write, keep, people };
inline constexpr std::size_t kScopeCount = 4;
[[nodiscard]] std::string_view word(Scope scope);
[[nodiscard]] std::optional<Scope> scope_from(std::string_view word);

// A set of either.
template <typename E>
class Set {
 public:
  constexpr Set() = default;
  constexpr Set(std::initializer_list<E> all) {
    for (const auto e : all) add(e);
  }
  constexpr void add(E e) { bits_ |= 1U << static_cast<unsigned>(e); }
  [[nodiscard]] constexpr bool has(E e) const {
    return (bits_ >> static_cast<unsigned>(e) & 1U) != 0;
  }
  [[nodiscard]] constexpr bool meets(Set other) const { return (bits_ & other.bits_) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  bool operator==(const Set&) const = default;

 private:
  unsigned bits_ = 0;
};
using Roles = Set<Role>;
using Scopes = Set<Scope>;
[[nodiscard]] Roles all_roles();
[[nodiscard]] Scopes all_scopes();

enum class Action : unsigned {
  // Of one item's content: by its access class, rights status, licence and state.
  find,       // its description: in lists, counts, facets, suggestions
  find_text,  // the words of its pages are searched and quoted
  view,       // images and text of its pages
  download,   // take it home: PDF, full text, masters, packages
  // Of one item, by duty; only where it may be found.
  see_workings,   // events, technical data, what is still missing
  describe,       // fields, more pages
  correct,        // text, reading again
  decide_rights,  // access class, rights status, licence
  close,
  withdraw,
  see_personal,    // identity numbers
  erase_personal,  //
  // Of the holdings as a whole.
  take_in,           // scan, ingest, uploads
  see_catalogue,     //
  import_catalogue,  //
  export_records,    // descriptions of many items, the register
  print_papers,
  see_queue,
  run_queue,
  verify,
  keep,           // backup, repair, rebuild, the service
  manage_people,  // accounts, tokens of others
  use_account,    // one's own password and tokens
};
inline constexpr std::size_t kActionCount = 23;
[[nodiscard]] std::string_view word(Action action);  // "find_text"

// Who asks.
struct Subject {
  Agent agent;          // as events name the person
  std::string account;  // "" = nobody signed in
  Roles roles;
  Scopes scopes = all_scopes();
  bool on_premises = false;
  // Of the data folder, at the machine itself: as long as nobody has an account, and whoever could
  // read the files anyway.
  bool owner = false;
};
// All roles: the owner of the data folder.
[[nodiscard]] Subject owner_subject(const Agent& agent);

enum class Decision {
  allowed,
  hidden,   // the item: as if it were not there
  denied,   // known to the person, not allowed
  unknown,  // it may be allowed when the person has signed in
};
[[nodiscard]] Decision authorize(const Subject& subject, Action action, const Item& item);
[[nodiscard]] Decision authorize(const Subject& subject, Action action);  // no item
[[nodiscard]] inline bool may(const Subject& subject, Action action, const Item& item) {
  return authorize(subject, action, item) == Decision::allowed;
}
[[nodiscard]] inline bool may(const Subject& subject, Action action) {
  return authorize(subject, action) == Decision::allowed;
}
// The same as an error for the person: not_found (hidden; the same words as for a number that does
// not exist), forbidden, unauthorized. `number`: as the person wrote it.
[[nodiscard]] Status permit(const Subject& subject, Action action, const Item& item,
                            std::string_view number);
[[nodiscard]] Status permit(const Subject& subject, Action action);
[[nodiscard]] Error no_such_item(std::string_view number);

// For whom a search is answered.
[[nodiscard]] Audience audience_of(const Subject& subject, const Settings& settings);
// Whether the text of a page that may be seen is shown: not of series whose text is for staff only.
[[nodiscard]] bool may_read_text(const Audience& audience, const Item& item);
// Whether the pages' words are searched and quoted, with the settings' say.
[[nodiscard]] bool may_quote(const Audience& audience, const Item& item);

// Whether everybody may look at the item's pages, wherever they are: they may be kept in caches.
[[nodiscard]] bool is_public(Action action, const Item& item);

}  // namespace alih::access
