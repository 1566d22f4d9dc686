// The office's table of rights, role by class by status by action, against one written out by hand.
#include "access/policy.h"

#include <array>
#include <set>

#include <gtest/gtest.h>

#include "core/rights.h"

namespace alih::access {
namespace {

Subject who(const std::string& name) {
  Subject s;
  if (name == "outside" || name == "on premises") {
    s.on_premises = name == "on premises";
    return s;
  }
  s.account = name;
  s.roles.add(*role_from(name));
  return s;
}

Item item(const std::string& access, const std::string& rights) {
  Item i;
  i.access = *access_class_from(access);
  i.rights = *rights_status_from(rights);
  return i;
}

// Who may find, search the text, view, download: from the left, everyone further right may too, but
// for the administrator, who is of the public: o(utside), p(remises), O(perator), L(ibrarian),
// A(rchivist and section head).
struct Row {
  const char* access;
  const char* rights;
  const char* letters;  // the first one who may, of each of the four
};
constexpr Row kTruth[]{
    {"public", "public_domain", "oooo"},
    {"public", "open_government_work", "oooo"},
    {"public", "licensed", "oopL"},
    {"public", "in_copyright", "oopL"},
    {"public", "orphan", "oopL"},
    {"public", "undetermined", "oOOL"},
    {"public", "confidential", "AAAA"},
    {"on_premises", "public_domain", "oppL"},
    {"on_premises", "open_government_work", "oppL"},
    {"on_premises", "licensed", "oppL"},
    {"on_premises", "in_copyright", "oppL"},
    {"on_premises", "orphan", "oppL"},
    {"on_premises", "undetermined", "oOOL"},
    {"on_premises", "confidential", "AAAA"},
    {"restricted", "public_domain", "OOOO"},
    {"restricted", "open_government_work", "OOOO"},
    {"restricted", "licensed", "OOOL"},
    {"restricted", "in_copyright", "OOOL"},
    {"restricted", "orphan", "OOOL"},
    {"restricted", "undetermined", "OOOL"},
    {"restricted", "confidential", "AAAA"},
    {"closed", "public_domain", "AAAA"},
    {"closed", "open_government_work", "AAAA"},
    {"closed", "licensed", "AAAA"},
    {"closed", "in_copyright", "AAAA"},
    {"closed", "orphan", "AAAA"},
    {"closed", "undetermined", "AAAA"},
    {"closed", "confidential", "AAAA"},
};
constexpr std::array kContent{Action::find, Action::find_text, Action::view, Action::download};

// Place of a subject in that order.
int place(const std::string& name) {
  if (name == "outside") return 0;
  if (name == "on premises" || name == "administrator") return name == "administrator" ? 0 : 1;
  if (name == "operator") return 2;
  if (name == "librarian") return 3;
  return 4;
}
int place(char letter) { return static_cast<int>(std::string("opOLA").find(letter)); }

const std::vector<std::string> kWho{"outside",   "on premises",  "operator",     "librarian",
                                    "archivist", "section_head", "administrator"};

TEST(Policy, ContentIsOpenedByTheTableOfRights) {
  ASSERT_EQ(std::size(kTruth), 28U) << "every class with every status";
  for (const auto& row : kTruth) {
    const auto i = item(row.access, row.rights);
    for (const auto& name : kWho) {
      for (std::size_t a = 0; a < kContent.size(); ++a) {
        const bool expected = place(name) >= place(row.letters[a]);
        const auto got = authorize(who(name), kContent.at(a), i);
        EXPECT_EQ(got == Decision::allowed, expected)
            << name << " " << word(kContent.at(a)) << " " << row.access << " " << row.rights;
        // Nobody learns of what may not be found, whatever is asked.
        if (place(name) < place(row.letters[0])) {
          EXPECT_EQ(got, Decision::hidden);
        }
      }
    }
  }
}

TEST(Policy, ALicenceOpensWhatItNames) {
  auto i = item("public", "licensed");
  i.fields["licence_allows"] = {"images"};
  EXPECT_TRUE(may(who("outside"), Action::view, i));
  EXPECT_FALSE(may(who("outside"), Action::download, i));
  i.fields["licence_allows"] = {"download"};
  EXPECT_FALSE(may(who("outside"), Action::view, i));
  EXPECT_TRUE(may(who("outside"), Action::download, i));
  i.access = AccessClass::closed;
  i.fields["licence_allows"] = {"images", "download"};
  EXPECT_FALSE(may(who("operator"), Action::find, i)) << "the class still holds";
  i = item("public", "in_copyright");
  i.fields["licence_allows"] = {"images", "download"};
  EXPECT_FALSE(may(who("outside"), Action::view, i)) << "a licence is of licensed works only";
}

TEST(Policy, ATombstoneIsForStaff) {
  auto i = item("public", "public_domain");
  for (const auto state : {ItemState::withdrawn, ItemState::rejected}) {
    i.state = state;
    EXPECT_EQ(authorize(who("outside"), Action::find, i), Decision::hidden);
    EXPECT_TRUE(may(who("operator"), Action::find, i));
    EXPECT_FALSE(may(who("operator"), Action::download, i));
  }
}

TEST(Policy, DutiesAreThoseOfTheRole) {
  // action, then the roles that have it: operator, librarian, archivist, section head,
  // administrator
  struct Duty {
    Action action;
    const char* roles;
  };
  constexpr Duty kDuties[]{
      {Action::see_workings, "OLAH."},
      {Action::describe, "OLAH."},
      {Action::correct, "OLAH."},
      {Action::decide_rights, ".LAH."},
      {Action::close, "OLAH."},
      {Action::withdraw, ".LAH."},
      {Action::see_personal, ".LAH."},
      {Action::erase_personal, "...H."},
      {Action::take_in, "OLAH."},
      {Action::see_catalogue, "OLAH."},
      {Action::import_catalogue, ".LAH."},
      {Action::export_records, "OLAH."},
      {Action::print_papers, "OLAH."},
      {Action::see_queue, "OLAHX"},
      {Action::run_queue, "OLAHX"},
      {Action::verify, "..AHX"},
      {Action::keep, "....X"},
      {Action::manage_people, "....X"},
  };
  const std::vector<std::string> roles{"operator", "librarian", "archivist", "section_head",
                                       "administrator"};
  const auto open = item("public", "public_domain");
  for (const auto& duty : kDuties) {
    for (std::size_t r = 0; r < roles.size(); ++r) {
      const bool expected = duty.roles[r] != '.';
      EXPECT_EQ(may(who(roles[r]), duty.action), expected) << roles[r] << " " << word(duty.action);
      if (duty.action <= Action::erase_personal) {
        EXPECT_EQ(may(who(roles[r]), duty.action, open), expected);
        EXPECT_EQ(authorize(who(roles[r]), duty.action, item("closed", "public_domain")),
                  r == 2 || r == 3 ? authorize(who(roles[r]), duty.action) : Decision::hidden);
      }
    }
    EXPECT_EQ(authorize(who("outside"), duty.action), Decision::unknown) << word(duty.action);
    EXPECT_EQ(authorize(who("on premises"), duty.action), Decision::unknown);
  }
  // Every action has its own row, in the order of the enumeration.
  std::set<std::string_view> names;
  for (unsigned a = 0; a < kActionCount; ++a) names.insert(word(static_cast<Action>(a)));
  EXPECT_EQ(names.size(), kActionCount);
  EXPECT_EQ(word(Action::use_account), "use_account");
  EXPECT_EQ(word(Action::take_in), "take_in");
}

TEST(Policy, SeveralRolesAddUpAndTheOwnerHasAll) {
  auto both = who("administrator");
  EXPECT_FALSE(may(both, Action::find, item("restricted", "undetermined"))) << "no content";
  both.roles.add(Role::operate);
  EXPECT_TRUE(may(both, Action::find, item("restricted", "undetermined")));
  EXPECT_TRUE(may(both, Action::manage_people));
  const auto owner = owner_subject({"person", "root", ""});
  for (unsigned a = 0; a + 1 < kActionCount; ++a) {  // an account of one's own it has not
    EXPECT_TRUE(may(owner, static_cast<Action>(a), item("closed", "confidential")));
  }
}

TEST(Policy, ATokenDoesNoMoreThanItsScope) {
  auto s = who("section_head");
  s.scopes = {Scope::read};
  const auto i = item("closed", "confidential");
  EXPECT_TRUE(may(s, Action::view, i));
  EXPECT_FALSE(may(s, Action::describe, i));
  EXPECT_FALSE(may(s, Action::take_in));
  EXPECT_FALSE(may(s, Action::verify));
  s.scopes = {Scope::write};
  EXPECT_EQ(authorize(s, Action::find, i), Decision::hidden) << "nothing is read without read";
  EXPECT_TRUE(may(s, Action::take_in));
  auto admin = who("administrator");
  admin.scopes = {Scope::read, Scope::write, Scope::keep};
  EXPECT_TRUE(may(admin, Action::keep));
  EXPECT_FALSE(may(admin, Action::manage_people));
}

TEST(Policy, SearchIsForTheSamePeopleAsEverythingElse) {
  const Settings settings;
  for (const auto& name : kWho) {
    const auto audience = audience_of(who(name), settings);
    for (const auto& row : kTruth) {
      const auto i = item(row.access, row.rights);
      EXPECT_EQ(Audience::has(audience.records, access_kind(i)), may(who(name), Action::find, i))
          << name << row.access << row.rights;
      EXPECT_EQ(may_quote(audience, i), may(who(name), Action::find_text, i));
      const bool is_short = Audience::has(audience.short_texts, access_kind(i));
      const bool protected_work = i.rights == RightsStatus::in_copyright ||
                                  i.rights == RightsStatus::orphan ||
                                  i.rights == RightsStatus::licensed;
      EXPECT_EQ(is_short, place(name) < 2 && protected_work && may_quote(audience, i));
    }
    EXPECT_EQ(audience.everything(), place(name) == 4);
  }
  auto none = settings;
  none.snippet_words = 0;
  EXPECT_FALSE(may_quote(audience_of(who("outside"), none), item("public", "in_copyright")));
  EXPECT_TRUE(may_quote(audience_of(who("operator"), none), item("public", "in_copyright")));
  auto archives = settings;
  archives.no_text_series = {"ALM-ARS"};
  auto letter = item("public", "public_domain");
  letter.series = "ALM-ARS";
  EXPECT_FALSE(may_quote(audience_of(who("outside"), archives), letter));
  EXPECT_FALSE(may_read_text(audience_of(who("outside"), archives), letter));
  EXPECT_TRUE(may_read_text(audience_of(who("operator"), archives), letter));
  EXPECT_TRUE(may_read_text(audience_of(who("outside"), none), item("public", "in_copyright")));
  EXPECT_TRUE(may_quote(audience_of(who("operator"), archives), letter));
}

TEST(Policy, TellsTheSameOfWhatIsHiddenAsOfWhatIsNotThere) {
  const auto hidden = permit(who("outside"), Action::view, item("closed", "public_domain"), "X/1");
  ASSERT_FALSE(hidden);
  EXPECT_EQ(hidden.error().code, no_such_item("X/1").code);
  EXPECT_EQ(hidden.error().message.en, no_such_item("X/1").message.en);
  EXPECT_EQ(permit(who("outside"), Action::view, item("public", "orphan"), "X/1").error().code,
            ErrorCode::forbidden);
  EXPECT_EQ(permit(who("operator"), Action::withdraw, item("public", "orphan"), "X/1").error().code,
            ErrorCode::forbidden);
  EXPECT_EQ(permit(who("outside"), Action::withdraw, item("public", "orphan"), "X/1").error().code,
            ErrorCode::unauthorized);
}

TEST(Rights, YearsOnlySuggest) {
  Item i;
  EXPECT_FALSE(suggest_rights(i, 2026));
  i.fields["creator_died"] = {"1955"};
  EXPECT_EQ(suggest_rights(i, 2026)->status, RightsStatus::public_domain);
  EXPECT_EQ(suggest_rights(i, 2025)->status, RightsStatus::in_copyright)
      << "protected to the end of the seventieth year";
  i.fields["creator_died"] = {"1990"};
  EXPECT_EQ(suggest_rights(i, 2026)->status, RightsStatus::in_copyright);
  i.fields.erase("creator_died");
  i.fields["date_issued"] = {"1905"};
  EXPECT_EQ(suggest_rights(i, 2026)->status, RightsStatus::public_domain);
  i.fields["date_issued"] = {"1906"};
  EXPECT_FALSE(suggest_rights(i, 2026)) << "120 years, not more";
  EXPECT_EQ(i.rights, RightsStatus::undetermined);
}

}  // namespace
}  // namespace alih::access
