#include "access/policy.h"

#include <algorithm>
#include <array>

namespace alih::access {
namespace {

// Who may see content, each circle within the one before.
enum class Circle {
  anyone,
  on_premises,  // whoever is in the office, by the server's own networks
  staff,        // operators and above
  keepers,      // librarians and above
  custodians,   // archivists and section heads
};

struct Content {
  Circle find;
  Circle find_text;
  Circle view;
  Circle download;
};

Content stricter(const Content& a, const Content& b) {
  return {std::max(a.find, b.find), std::max(a.find_text, b.find_text), std::max(a.view, b.view),
          std::max(a.download, b.download)};
}

// The table, first part: what the rights status leaves open (domain_publik … rahasia).
Content by_rights(RightsStatus rights, const Licence& licence) {
  using enum Circle;
  switch (rights) {
    //                     find        find_text   view         download
    case RightsStatus::public_domain:
      return {anyone, anyone, anyone, anyone};
    case RightsStatus::open_government_work:
      return {anyone, anyone, anyone, anyone};
    case RightsStatus::licensed:
      return {anyone, anyone, licence.images ? anyone : on_premises,
              licence.download ? anyone : keepers};
    case RightsStatus::in_copyright:
      return {anyone, anyone, on_premises, keepers};
    case RightsStatus::orphan:
      return {anyone, anyone, on_premises, keepers};
    case RightsStatus::undetermined:
      return {anyone, staff, staff, keepers};
    case RightsStatus::confidential:
      return {custodians, custodians, custodians, custodians};
  }
  return {custodians, custodians, custodians, custodians};
}

// Second part: what the access class leaves open. The stricter of the two holds.
Content by_class(AccessClass access) {
  using enum Circle;
  switch (access) {
    //              find        find_text    view         download
    case AccessClass::open:
      return {anyone, anyone, anyone, anyone};
    case AccessClass::on_premises:
      return {anyone, on_premises, on_premises, keepers};
    case AccessClass::restricted:
      return {staff, staff, staff, staff};
    case AccessClass::closed:
      return {custodians, custodians, custodians, custodians};
  }
  return {custodians, custodians, custodians, custodians};
}

Content content_of(const Item& item) {
  auto out = stricter(by_rights(item.rights, licence_of(item)), by_class(item.access));
  // A tombstone is for staff.
  if (item.state == ItemState::withdrawn || item.state == ItemState::rejected) {
    out = stricter(out, {Circle::staff, Circle::staff, Circle::staff, Circle::keepers});
  }
  return out;
}

Circle circle_of(const Subject& subject) {
  if (subject.roles.has(Role::archivist) || subject.roles.has(Role::section_head)) {
    return Circle::custodians;
  }
  if (subject.roles.has(Role::librarian)) return Circle::keepers;
  if (subject.roles.has(Role::operate)) return Circle::staff;
  return subject.on_premises ? Circle::on_premises : Circle::anyone;  // an administrator too
}

// Third part: duties, by role. Scope: what a token needs for it.
struct Duty {
  Action action;
  std::string_view name;
  Scope scope;
  bool everyone;  // by circle alone (content), or with any account
  Roles roles;
};
constexpr auto kOperate = Role::operate;
constexpr auto kLibrarian = Role::librarian;
constexpr auto kArchivist = Role::archivist;
constexpr auto kHead = Role::section_head;
constexpr auto kAdmin = Role::administrator;
const std::array<Duty, kActionCount> kDuties{{
    {Action::find, "find", Scope::read, true, {}},
    {Action::find_text, "find_text", Scope::read, true, {}},
    {Action::view, "view", Scope::read, true, {}},
    {Action::download, "download", Scope::read, true, {}},
    {Action::see_workings,
     "see_workings",
     Scope::read,
     false,
     {kOperate, kLibrarian, kArchivist, kHead}},
    {Action::describe, "describe", Scope::write, false, {kOperate, kLibrarian, kArchivist, kHead}},
    {Action::correct, "correct", Scope::write, false, {kOperate, kLibrarian, kArchivist, kHead}},
    {Action::decide_rights, "decide_rights", Scope::write, false, {kLibrarian, kArchivist, kHead}},
    {Action::close, "close", Scope::write, false, {kOperate, kLibrarian, kArchivist, kHead}},
    {Action::withdraw, "withdraw", Scope::write, false, {kLibrarian, kArchivist, kHead}},
    {Action::see_personal, "see_personal", Scope::read, false, {kLibrarian, kArchivist, kHead}},
    {Action::erase_personal, "erase_personal", Scope::write, false, {kHead}},
    {Action::take_in, "take_in", Scope::write, false, {kOperate, kLibrarian, kArchivist, kHead}},
    {Action::see_catalogue,
     "see_catalogue",
     Scope::read,
     false,
     {kOperate, kLibrarian, kArchivist, kHead}},
    {Action::import_catalogue,
     "import_catalogue",
     Scope::write,
     false,
     {kLibrarian, kArchivist, kHead}},
    {Action::export_records,
     "export_records",
     Scope::read,
     false,
     {kOperate, kLibrarian, kArchivist, kHead}},
    {Action::print_papers,
     "print_papers",
     Scope::read,
     false,
     {kOperate, kLibrarian, kArchivist, kHead}},
    {Action::see_queue,
     "see_queue",
     Scope::read,
     false,
     {kOperate, kLibrarian, kArchivist, kHead, kAdmin}},
    {Action::run_queue,
     "run_queue",
     Scope::write,
     false,
     {kOperate, kLibrarian, kArchivist, kHead, kAdmin}},
    {Action::verify, "verify", Scope::keep, false, {kArchivist, kHead, kAdmin}},
    {Action::keep, "keep", Scope::keep, false, {kAdmin}},
    {Action::manage_people, "manage_people", Scope::people, false, {kAdmin}},
    {Action::use_account, "use_account", Scope::people, true, {}},
}};

const Duty& duty_of(Action action) { return kDuties.at(static_cast<std::size_t>(action)); }

std::optional<Circle> needed(Action action, const Item& item) {
  if (action > Action::download) return std::nullopt;  // a duty
  const auto content = content_of(item);
  if (action == Action::find) return content.find;
  if (action == Action::find_text) return content.find_text;
  return action == Action::view ? content.view : content.download;
}

Decision refused(const Subject& subject) {
  return subject.account.empty() && !subject.owner ? Decision::unknown : Decision::denied;
}

struct RoleRow {
  Role role;
  std::string_view word;
  std::string_view id;
  std::string_view en;
};
constexpr std::array<RoleRow, kRoleCount> kRoles{{
    {Role::operate, "operator", "operator", "operator"},
    {Role::librarian, "librarian", "pustakawan", "librarian"},
    {Role::archivist, "archivist", "arsiparis", "archivist"},
    {Role::section_head, "section_head", "kepala seksi", "section head"},
    {Role::administrator, "administrator", "administrator", "administrator"},
}};
constexpr std::array<std::string_view, kScopeCount> kScopes{"read", "write", "keep", "people"};

}  // namespace

std::string_view word(Role role) { return kRoles.at(static_cast<std::size_t>(role)).word; }
Message label(Role role) {
  const auto& row = kRoles.at(static_cast<std::size_t>(role));
  return message(row.id, row.en);
}
std::optional<Role> role_from(std::string_view text) {
  for (const auto& row : kRoles) {
    if (row.word == text) return row.role;
  }
  return std::nullopt;
}
std::string role_words() {
  std::string out;
  for (const auto& row : kRoles) {
    if (!out.empty()) out += ", ";
    out += row.word;
  }
  return out;
}

std::string_view word(Scope scope) { return kScopes.at(static_cast<std::size_t>(scope)); }
std::optional<Scope> scope_from(std::string_view text) {
  for (std::size_t i = 0; i < kScopes.size(); ++i) {
    if (kScopes.at(i) == text) return static_cast<Scope>(i);
  }
  return std::nullopt;
}

std::string_view word(Action action) { return duty_of(action).name; }

Roles all_roles() {
  Roles out;
  for (const auto& row : kRoles) out.add(row.role);
  return out;
}
Scopes all_scopes() { return {Scope::read, Scope::write, Scope::keep, Scope::people}; }

Subject owner_subject(const Agent& agent) {
  Subject out;
  out.agent = agent;
  out.roles = all_roles();
  out.on_premises = true;
  out.owner = true;
  return out;
}

Decision authorize(const Subject& subject, Action action, const Item& item) {
  const auto& duty = duty_of(action);
  const auto own = circle_of(subject);
  const bool in_scope = subject.scopes.has(duty.scope);
  if (!subject.scopes.has(Scope::read) || own < content_of(item).find) return Decision::hidden;
  if (const auto circle = needed(action, item)) {
    return in_scope && own >= *circle ? Decision::allowed : refused(subject);
  }
  return in_scope && (duty.everyone || subject.roles.meets(duty.roles)) ? Decision::allowed
                                                                        : refused(subject);
}

Decision authorize(const Subject& subject, Action action) {
  const auto& duty = duty_of(action);
  if (!subject.scopes.has(duty.scope)) return refused(subject);
  if (action == Action::use_account) {
    return subject.account.empty() ? refused(subject) : Decision::allowed;
  }
  if (duty.everyone || subject.roles.meets(duty.roles)) return Decision::allowed;
  return refused(subject);
}

Error no_such_item(std::string_view number) {
  return {ErrorCode::not_found,
          message("Tidak ada bahan bernomor {}", "There is no item numbered {}", {number})};
}

namespace {

Status as_error(Decision decision, Action action, std::string_view number) {
  switch (decision) {
    case Decision::allowed:
      return {};
    case Decision::hidden:
      return fail(no_such_item(number));
    case Decision::unknown:
      return fail(ErrorCode::unauthorized, "Hanya untuk petugas; masuk dulu",
                  "For staff only; sign in first");
    case Decision::denied:
      return fail(ErrorCode::forbidden, "Peran Anda tidak mengizinkan ini ({})",
                  "Your role does not allow this ({})", {word(action)});
  }
  return {};
}

}  // namespace

Status permit(const Subject& subject, Action action, const Item& item, std::string_view number) {
  const auto decision = authorize(subject, action, item);
  if (decision == Decision::allowed || decision == Decision::hidden ||
      !needed(action, item).has_value()) {
    return as_error(decision, action, number);
  }
  // Known to be there: where it can be seen, whoever asks.
  if (content_of(item).view == Circle::on_premises && action == Action::view) {
    return fail(ErrorCode::forbidden, "Citra halaman ini hanya dapat dilihat di kantor",
                "The images of this item can be seen at the office only");
  }
  return fail(ErrorCode::forbidden,
              "Bahan ini tidak boleh dilihat atau diunduh dari sini karena hak atau akses-nya",
              "This item may not be seen or taken from here, by its rights or access class");
}

Status permit(const Subject& subject, Action action) {
  return as_error(authorize(subject, action), action, {});
}

Audience audience_of(const Subject& subject, const Settings& settings) {
  Audience out;
  out.records = out.texts = 0;
  const bool staff = circle_of(subject) >= Circle::staff;
  for (int a = 0; a < 4; ++a) {
    for (int r = 0; r < 7; ++r) {
      for (int l = 0; l < (r == static_cast<int>(RightsStatus::licensed) ? 4 : 1); ++l) {
        Item item;
        item.access = static_cast<AccessClass>(a);
        item.rights = static_cast<RightsStatus>(r);
        if ((l & 1) != 0) item.fields["licence_allows"].emplace_back("images");
        if ((l & 2) != 0) item.fields["licence_allows"].emplace_back("download");
        const auto bit = std::uint64_t{1} << access_kind(item);
        if (!may(subject, Action::find, item)) continue;
        out.records |= bit;
        const bool short_one =
            !staff && !licence_of(item).images &&
            (item.rights == RightsStatus::in_copyright || item.rights == RightsStatus::orphan ||
             item.rights == RightsStatus::licensed);
        if (!may(subject, Action::find_text, item)) continue;
        if (short_one && settings.snippet_words == 0) continue;
        out.texts |= bit;
        if (short_one) out.short_texts |= bit;
      }
    }
  }
  out.short_words = settings.snippet_words;
  if (!staff) out.no_text_series = settings.no_text_series;
  return out;
}

bool may_read_text(const Audience& audience, const Item& item) {
  return std::find(audience.no_text_series.begin(), audience.no_text_series.end(), item.series) ==
         audience.no_text_series.end();
}

bool may_quote(const Audience& audience, const Item& item) {
  return Audience::has(audience.texts, access_kind(item)) && may_read_text(audience, item);
}

bool is_public(Action action, const Item& item) { return may(Subject{}, action, item); }

}  // namespace alih::access
