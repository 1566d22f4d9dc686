#include "indexer/text_index.h"

#include <algorithm>
#include <array>

#include "core/fields.h"
#include "indexer/analyzer.h"
#include "indexer/expand.h"
#include "indexer/matching.h"
#include "indexer/query.h"
#include "indexer/spelling.h"

namespace alih::indexer {
namespace {

constexpr int kMostResults = 10000;
constexpr std::array kWordFields{Field::text, Field::doubtful, Field::title, Field::creator,
                                 Field::other};

double weight_of(Field field) {
  switch (field) {
    case Field::text:
    case Field::other:
      return 1.0;
    case Field::title:
      return 2.0;
    case Field::creator:
      return 1.5;
    case Field::root:
      return 0.4;
    case Field::doubtful:
      return 0.5;
  }
  return 1.0;
}
constexpr double kSynonymWeight = 0.7;
constexpr double kMisreadWeight = 0.3;

std::vector<Field> fields_of(const Leaf& leaf) {
  if (leaf.field == "title") return {Field::title};
  if (leaf.field == "creator") return {Field::creator};
  if (leaf.field == "no" || leaf.field == "type") return {Field::other};
  return {kWordFields.begin(), kWordFields.end()};
}

bool is_letters(std::string_view term) {
  return !term.empty() &&
         std::all_of(term.begin(), term.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

// Makes the sources of leaves, and what is lit where they match.
class Planner {
 public:
  Planner(const IndexView& view, const Stemmer& stemmer, const Synonyms& synonyms,
          const SearchRequest& request, const LanguageUse& use)
      : view_(view), stemmer_(stemmer), synonyms_(synonyms), request_(request), use_(use) {}

  Result<PlanLeaf> leaf(const Leaf& asked) {
    PlanLeaf out;
    out.excluded = asked.excluded;
    fields_ = fields_of(asked);
    out_ = &out;
    lights_ = !asked.excluded;
    const bool exact = request_.exact || asked.kind == Leaf::Kind::phrase;
    const auto parts = parts_of(asked.text);
    std::vector<Slot> slots;
    for (const auto& part : parts) slots.push_back(slot_of(part, exact));
    if (asked.kind == Leaf::Kind::prefix || asked.kind == Leaf::Kind::fuzzy) {
      ALIH_CHECK(widen(slots.back(), parts.back(), asked.kind));
    }
    add_slots(slots, 1.0);
    if (asked.kind != Leaf::Kind::word) return out;
    if (parts.size() > 1) {
      for (const auto& form : {joined_form(asked.text), number_form(asked.text)}) {
        if (!form.empty()) add_slots({slot_of(form, exact)}, 1.0);
      }
    }
    if (exact) return out;
    auto words = parts;
    auto written = asked.text;
    if (use_.repetition) {
      add_repetition(parts);
      // goeroe2 is goeroe for the rules below.
      const auto forms = parts.size() == 1 ? repeated_forms(parts[0]) : std::vector<std::string>();
      if (!forms.empty()) {
        written = forms.back();
        words = {written};
      }
    }
    const bool everywhere = asked.field.empty();
    if (everywhere && use_.roots) add_root(words, written);
    if (use_.synonyms) add_synonyms(words);
    if (everywhere && use_.misreadings && words.size() == 1) ALIH_CHECK(add_misread(words[0]));
    return out;
  }

  Highlight take_highlight() { return std::move(highlight_); }
  // More words begin so, or are like it, than were looked for.
  [[nodiscard]] bool cut_beginnings() const { return cut_beginnings_; }
  [[nodiscard]] bool cut_likenesses() const { return cut_likenesses_; }

 private:
  // One place of a phrase: spellings, or terms of the index that are known already.
  struct Slot {
    std::vector<Spelling> spellings;
    std::vector<PlanTerm> known;
    bool is_known = false;
  };

  Slot slot_of(const std::string& part, bool exact) const {
    Slot slot;
    if (exact || !use_.spelling) {
      slot.spellings.push_back({part, false});
      return slot;
    }
    slot.spellings = spellings(part);
    if (request_.spelling == SpellingChoice::modern) {
      std::erase_if(slot.spellings, [](const Spelling& s) { return s.old_only; });
    } else if (request_.spelling == SpellingChoice::old_only && slot.spellings.size() > 1) {
      const bool typed_old = !slot.spellings[1].old_only;  // the modern form was added second
      const auto typed = slot.spellings.front().term;
      std::erase_if(slot.spellings, [&](const Spelling& s) {
        return !s.old_only && !(typed_old && s.term == typed);
      });
    }
    return slot;
  }

  Status widen(Slot& slot, const std::string& part, Leaf::Kind kind) {
    slot.is_known = true;
    slot.spellings.clear();
    if (kind == Leaf::Kind::prefix) {
      ALIH_TRY(auto found, expand_prefix(view_, fields_, part));
      slot.known = std::move(found.terms);
      cut_beginnings_ = cut_beginnings_ || found.cut;
      return {};
    }
    const int edits = part.size() >= 8 ? 2 : part.size() >= 4 ? 1 : 0;
    ALIH_TRY(auto found, expand_fuzzy(view_, fields_, part, edits));
    slot.known = std::move(found.terms);
    cut_likenesses_ = cut_likenesses_ || found.cut;
    return {};
  }

  void light(std::vector<Highlight::Slot> slots) {
    if (lights_) highlight_.phrases.push_back(std::move(slots));
  }

  // The terms of a slot in one field.
  static std::vector<PlanTerm> terms_in(const Slot& slot, Field field) {
    std::vector<PlanTerm> out;
    for (const auto& term : slot.known) {
      if (term.field == field) out.push_back(term);
    }
    if (slot.is_known) return out;
    for (const auto& s : slot.spellings) out.push_back({field, s.term, s.old_only, {}});
    return out;
  }

  // A word, or words one behind the other, in every field; what of the text is unsure counts less,
  // but a phrase may run over it.
  void add_slots(const std::vector<Slot>& slots, double weight) {
    for (const auto field : fields_) {
      const bool phrase = slots.size() > 1;
      if (phrase && field == Field::doubtful) continue;
      PlanSource source;
      source.field = length_field(field);
      source.weight = weight * weight_of(field);
      for (const auto& slot : slots) {
        auto terms = terms_in(slot, field);
        if (phrase && field == Field::text) {
          for (auto& term : terms_in(slot, Field::doubtful)) terms.push_back(std::move(term));
        }
        source.slots.push_back(std::move(terms));
      }
      out_->sources.push_back(std::move(source));
    }
    std::vector<Highlight::Slot> lit;
    for (const auto& slot : slots) {
      auto& here = lit.emplace_back();
      for (const auto& term : slot.known) here.terms.insert(term.term);
      for (const auto& s : slot.spellings)
        (s.old_only ? here.old_terms : here.terms).insert(s.term);
    }
    light(std::move(lit));
  }

  // anak2 for anak-anak, and what anak2 repeats.
  void add_repetition(const std::vector<std::string>& parts) {
    if (parts.size() == 1) {
      const auto forms = repeated_forms(parts[0]);
      for (const auto& form : forms) add_slots({slot_of(form, false)}, 1.0);
    } else if (parts.size() == 2 && parts[1].starts_with(parts[0]) && is_letters(parts[0])) {
      // orang-orangnya: orang2nja
      Slot slot;
      for (const auto& s : slot_of(parts[0], false).spellings) {
        slot.spellings.push_back({s.term + "2", s.old_only});
        const auto ending = parts[1].substr(parts[0].size());
        for (const auto& e : spellings(ending)) {
          if (!ending.empty()) slot.spellings.push_back({s.term + "2" + e.term, s.old_only});
        }
      }
      add_slots({slot}, 1.0);
    }
  }

  void add_root(const std::vector<std::string>& parts, const std::string& written) {
    // The last part carries the word's meaning when it is repeated: tulis-menulis, surat-suratnya.
    const auto joined = parts.size() > 1 ? joined_form(written) : std::string();
    std::vector<std::string> roots;
    for (const auto& form :
         {parts.size() == 1 ? parts[0] : joined, parts.size() == 2 ? parts[1] : std::string()}) {
      if (!is_letters(form) || stemmer_.is_name(form)) continue;
      auto root = stemmer_.root_of(form);
      if (!stemmer_.is_root(root)) root = stemmer_.root_of(to_modern(form));
      if (!stemmer_.is_root(root)) continue;
      if (parts.size() == 2 && stemmer_.root_of(parts[0]) != root) continue;
      if (std::find(roots.begin(), roots.end(), root) == roots.end()) roots.push_back(root);
    }
    for (const auto& root : roots) {
      PlanSource source;
      source.field = Field::root;
      source.weight = weight_of(Field::root);
      auto& terms = source.slots.emplace_back();
      terms.push_back({Field::root, root, false, {}});
      std::vector<Highlight::Slot> lit(1);
      lit[0].roots.insert(root);
      for (const auto& s : slot_of(root, false).spellings) {
        for (const auto field : kWordFields) {
          if (parts.size() == 1 && s.term == parts[0]) continue;  // stands in a source already
          terms.push_back({field, s.term, s.old_only, {}});
        }
        (s.old_only ? lit[0].old_terms : lit[0].terms).insert(s.term);
      }
      out_->sources.push_back(std::move(source));
      light(std::move(lit));
    }
  }

  void add_synonyms(const std::vector<std::string>& parts) {
    auto known = synonyms_.of(parts);
    if (known.empty() && parts.size() == 1) {
      // The list has one spelling of each word.
      const auto modern = to_modern(parts[0]);
      if (modern != parts[0]) known = synonyms_.of({modern});
    }
    for (const auto& words : known) {
      std::vector<Slot> slots;
      for (const auto& w : words) slots.push_back(slot_of(w, false));
      add_slots(slots, kSynonymWeight);
    }
  }

  // What bad print makes of the word: forms that a frequent misreading gives, that no dictionary
  // knows and that are rare beside it.
  Status add_misread(const std::string& part) {
    constexpr std::size_t kShortest = 4;
    constexpr std::uint64_t kRarer = 20;
    if (!is_letters(part) || part.size() < kShortest) return {};
    PlanSource source;
    source.field = Field::text;
    source.weight = kMisreadWeight;
    auto& terms = source.slots.emplace_back();
    std::vector<Highlight::Slot> lit(1);
    const auto written = slot_of(part, false).spellings;
    const auto is_written = [&](const std::string& form) {
      return std::any_of(written.begin(), written.end(),
                         [&](const Spelling& s) { return s.term == form; });
    };
    for (const auto& s : written) {
      std::uint64_t own = 0;
      ALIH_CHECK(count(Field::text, s.term, own));
      for (const auto& form : misreadings(s.term, true)) {
        if (is_written(form) || lit[0].terms.contains(form)) continue;
        for (const auto field : {Field::text, Field::doubtful}) {
          PlanTerm term{field, form, false, {}};
          for (const auto& segment : view_.segments()) {
            ALIH_TRY(auto list, segment.segment->find(field, form));
            term.lists.push_back(std::move(list));
          }
          const auto documents = documents_of(term);
          if (documents == 0 || documents > std::max<std::uint64_t>(2, own / kRarer)) continue;
          if (is_word(form)) break;
          lit[0].terms.insert(form);
          terms.push_back(std::move(term));
        }
      }
    }
    if (terms.empty()) return {};
    out_->sources.push_back(std::move(source));
    light(std::move(lit));
    return {};
  }

  Status count(Field field, const std::string& term, std::uint64_t& documents) const {
    for (const auto& segment : view_.segments()) {
      ALIH_TRY(const auto list, segment.segment->find(field, term));
      documents += list.documents;
    }
    return {};
  }

  // A word of its own, so no misreading of another.
  bool is_word(const std::string& term) const {
    return is_letters(term) && stemmer_.facts_of(term).known;
  }

  const IndexView& view_;
  const Stemmer& stemmer_;
  const Synonyms& synonyms_;
  const SearchRequest& request_;
  const LanguageUse& use_;
  std::vector<Field> fields_;
  PlanLeaf* out_ = nullptr;
  bool lights_ = true;
  bool cut_beginnings_ = false;
  bool cut_likenesses_ = false;
  Highlight highlight_;
};

// Questions with another word in place of one that is found (almost) nowhere. Counted under the
// asker's filter, so that no closed word is told.
Result<std::vector<std::string>> suggest(const IndexView& view, const Query& query,
                                         const std::string& asked, const Plan& plan,
                                         const Filter& filter) {
  constexpr std::size_t kFew = 2;         // documents
  constexpr std::size_t kMostLooked = 8;  // candidates a word
  constexpr std::size_t kMost = 3;
  std::vector<std::string> out;
  for (std::size_t g = 0; g < query.groups.size(); ++g) {
    for (std::size_t l = 0; l < query.groups[g].size() && out.size() < kMost; ++l) {
      const auto& leaf = query.groups[g][l];
      const auto parts = parts_of(leaf.text);
      if (leaf.kind != Leaf::Kind::word || leaf.excluded || parts.size() != 1 ||
          parts[0].size() < 4) {
        continue;
      }
      ALIH_TRY(const auto own, count_matches(view, plan.groups[g][l], filter));
      if (own > kFew) continue;
      const auto fields = fields_of(leaf);
      ALIH_TRY(const auto found,
               expand_fuzzy(view, fields, parts[0], parts[0].size() >= 6 ? 2 : 1));
      std::string best;
      std::size_t most = own * 2 + 1;
      std::size_t looked = 0;
      double best_distance = 0;
      for (const auto& term : found.terms) {
        if (term.term == parts[0] || ++looked > kMostLooked) continue;
        PlanLeaf one;
        for (const auto field : fields) {
          one.sources.push_back({length_field(field), 1, {{{field, term.term, false, {}}}}});
        }
        ALIH_TRY(const auto count, count_matches(view, one, filter));
        const auto distance = reading_distance(parts[0], term.term);
        const bool nearer = best.empty() || distance <= best_distance;
        if (count > most && nearer) {
          most = count;
          best = term.term;
          best_distance = distance;
        }
      }
      if (best.empty()) continue;
      auto other = asked;
      other.replace(leaf.at, leaf.text.size(), best);
      out.push_back(std::move(other));
    }
  }
  return out;
}

}  // namespace

Result<Matches> search(const IndexView& view, const Stemmer& stemmer, const Synonyms& synonyms,
                       const SearchRequest& request, const LanguageUse& use) {
  ALIH_TRY(const auto query, parse_query(request.query));
  if (request.limit < 0 || request.offset < 0 || request.offset > kMostResults - request.limit) {
    return fail(ErrorCode::bad_query, "Paling jauh {} hasil pertama yang dapat dilihat",
                "At most the first {} results can be seen", {kMostResults});
  }
  Filter filter;
  filter.audience = request.audience;
  if (request.series) filter.series.push_back({*request.series});
  if (!query.series.empty()) filter.series.push_back(query.series);
  filter.material_type = request.material_type;
  filter.language = request.language;
  filter.year_from = request.year_from ? request.year_from : query.year_from;
  filter.year_to = request.year_to ? request.year_to : query.year_to;
  if (request.item) filter.item = view.item_number(request.item->str());

  Planner planner(view, stemmer, synonyms, request, use);
  Plan plan;
  for (const auto& group : query.groups) {
    auto& leaves = plan.groups.emplace_back();
    for (const auto& leaf : group) {
      ALIH_TRY(auto made, planner.leaf(leaf));
      leaves.push_back(std::move(made));
    }
  }
  Matches out;
  if (planner.cut_likenesses()) {
    out.notes.push_back(message(
        "Terlalu banyak kata yang mirip; hanya {} yang paling mungkin yang dicari. Tulis kata yang "
        "lebih panjang.",
        "Too many words are like this; only the {} likeliest were looked for. Write a longer word.",
        {kMostFuzzyTerms}));
  }
  if (planner.cut_beginnings()) {
    out.notes.push_back(message(
        "Terlalu banyak kata yang berawalan demikian; hanya {} yang paling sering dicari. Tulis "
        "awalan yang lebih panjang.",
        "Too many words begin like this; only the {} most frequent were looked for. Write a longer "
        "beginning.",
        {kMostPrefixTerms}));
  }
  Wanted wanted;
  wanted.top = static_cast<std::size_t>(request.limit == 0 ? 0 : request.offset + request.limit);
  wanted.by_item = request.by_item;
  ALIH_TRY(auto answer, match(view, plan, filter, wanted));
  out.total = answer.total;
  out.series = std::move(answer.series);
  out.years = std::move(answer.years);
  out.types = std::move(answer.types);
  out.languages = std::move(answer.languages);
  for (auto i = static_cast<std::size_t>(request.offset); i < answer.best.size(); ++i) {
    const auto& ranked = answer.best[i];
    const auto& documents = view.segments()[ranked.segment].segment->documents();
    out.window.push_back(
        {documents.items()[documents.item(ranked.document)], documents.page_seq(ranked.document),
         static_cast<double>(ranked.score) / kScoreUnit, std::max<std::size_t>(1, ranked.in_item)});
  }
  out.highlight = planner.take_highlight();
  constexpr std::size_t kFewHits = 2;
  if (out.total <= kFewHits && !request.exact && request.limit > 0) {
    ALIH_TRY(out.suggestions, suggest(view, query, request.query, plan, filter));
  }
  return out;
}

namespace {

// Perpustakaan and Kearsipan in the name of an office are still those words; what only looks like a
// root with something before or behind it (Banggai) is a name.
bool is_root_of_name(std::string_view term, std::string_view root) {
  constexpr std::size_t kLongest = 5;
  return root.size() >= kLongest && term.ends_with("an") &&
         (term.starts_with("ke") || term.starts_with("pe"));
}

// The root of a token, where it has one that is another word.
std::string root_for(const Token& token, const Stemmer::Facts& facts, bool old_page) {
  const auto& root = facts.root.empty() && old_page ? facts.old_root : facts.root;
  return token.name && !is_root_of_name(token.term, root) ? std::string() : root;
}

// The one root that a word has whose reading has a frequent error undone: pernbaca is pembaca.
// Empty when there is none, or more than one.
std::string repaired_root(const Stemmer& stemmer, const std::string& term) {
  std::string found;
  auto forms = misreadings(term, false);
  for (auto at = term.find('c'); at != std::string::npos; at = term.find('c', at + 1)) {
    auto form = term;
    form[at] = 'e';
    forms.push_back(std::move(form));
  }
  for (const auto& form : forms) {
    for (const auto& word : {form, to_modern(form)}) {
      const auto root = stemmer.root_of(word);
      if (!stemmer.is_root(root) || root.size() < 4) continue;
      if (!found.empty() && found != root) return {};
      found = root;
      break;
    }
  }
  return found;
}

void take_note(Inverter& to, const Stemmer& stemmer, std::uint32_t number,
               const std::string& term) {
  Inverter::Note note;
  note.made = true;
  note.spelling = static_cast<std::int8_t>(evidence_of(term));
  note.letters = is_letters(term);
  if (note.letters) {
    const auto facts = stemmer.facts_of(term);
    note.known = facts.known;
    if (!facts.root.empty()) {
      note.root = to.number_of(Field::root, facts.root);
      note.root_of_name = is_root_of_name(term, facts.root);
    }
    if (!facts.old_root.empty()) {
      note.old_root = to.number_of(Field::root, facts.old_root);
      note.old_root_of_name = is_root_of_name(term, facts.old_root);
    }
  }
  to.note(number) = note;
}

}  // namespace

void add_page(Inverter& to, const Stemmer& stemmer, std::uint32_t ordinal, const std::string& item,
              std::uint32_t page_seq, const TextLayer& text) {
  const auto tokens = analyze(text);
  std::vector<std::uint32_t> numbers;
  numbers.reserve(tokens.size());
  std::uint32_t terms = 0;
  int old_evidence = 0;
  int modern_evidence = 0;
  for (const auto& t : tokens) {
    const auto number = to.number_of(t.doubtful ? Field::doubtful : Field::text, t.term);
    numbers.push_back(number);
    if (!to.note(number).made) take_note(to, stemmer, number, t.term);
    if (t.joined || t.position >= kAlternatePosition) continue;
    ++terms;
    const int evidence = to.note(number).spelling;
    if (evidence > 0) ++old_evidence;
    if (evidence < 0) ++modern_evidence;
  }
  Document d;
  d.ordinal = ordinal;
  d.item = item;
  d.page_seq = page_seq;
  d.orthography = orthography_from(old_evidence, modern_evidence);
  d.lengths[static_cast<std::size_t>(Field::text)] = terms;
  d.lengths[static_cast<std::size_t>(Field::root)] = terms;
  to.add_document(d);
  const bool old_page = d.orthography != Orthography::modern;
  // Words that no dictionary knows, on a page whose words it mostly knows, are likely misread.
  std::vector<std::size_t> strangers;
  std::size_t words = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const auto& t = tokens[i];
    to.add(numbers[i], t.position);
    const auto& note = to.note(numbers[i]);
    if (!note.letters) continue;
    const bool older = note.root == Inverter::Note::kNone && old_page;
    const auto root = older ? note.old_root : note.root;
    const bool counts = !t.name || (older ? note.old_root_of_name : note.root_of_name);
    if (root != Inverter::Note::kNone && counts) to.add(root, 0);
    if (t.joined || t.name || t.position >= kAlternatePosition || t.term.size() < 4) continue;
    ++words;
    if (!note.known) strangers.push_back(i);
  }
  constexpr std::size_t kMostRepaired = 60;
  if (strangers.size() * 2 > words || strangers.size() > kMostRepaired) return;
  for (const auto i : strangers) {
    const auto& term = tokens[i].term;
    if (term.size() < 5) continue;
    if (!to.note(numbers[i]).looked_for_repair) {
      const auto root = repaired_root(stemmer, term);
      const auto repaired = root.empty() ? Inverter::Note::kNone : to.number_of(Field::root, root);
      auto& note = to.note(numbers[i]);
      note.repaired = repaired;
      note.looked_for_repair = true;
    }
    if (const auto root = to.note(numbers[i]).repaired; root != Inverter::Note::kNone) {
      to.add(root, 0);
    }
  }
}

void add_item(Inverter& to, const Stemmer& stemmer, std::uint32_t ordinal, const Item& item) {
  struct Value {
    Field field;
    std::vector<Token> tokens;
  };
  std::vector<Value> values;
  values.push_back({Field::other, analyze(item.digitization_no)});
  for (const auto& f : all_fields()) {
    const auto found = item.fields.find(std::string(f.name));
    if (!f.searched || found == item.fields.end()) continue;
    const auto field = f.dublin_core == "title"     ? Field::title
                       : f.dublin_core == "creator" ? Field::creator
                                                    : Field::other;
    for (const auto& value : found->second) values.push_back({field, analyze(value)});
  }
  Document d;
  d.ordinal = ordinal;
  d.item = item.id.str();
  for (const auto& value : values) {
    const auto n = static_cast<std::uint32_t>(std::count_if(
        value.tokens.begin(), value.tokens.end(), [](const Token& t) { return !t.joined; }));
    d.lengths[static_cast<std::size_t>(value.field)] += n;
    d.lengths[static_cast<std::size_t>(Field::root)] += n;
  }
  to.add_document(d);
  std::array<std::uint32_t, kFieldCount> next{};
  for (const auto& value : values) {
    auto& position = next[static_cast<std::size_t>(value.field)];
    std::uint32_t last = 0;
    for (const auto& t : value.tokens) {
      to.add_term(value.field, t.term, position + t.position);
      last = std::max(last, t.position + 1);
      if (value.field == Field::creator) continue;  // names
      if (const auto root = root_for(t, stemmer.facts_of(t.term), true); !root.empty()) {
        to.add_term(Field::root, root, 0);
      }
    }
    position += last + 1;  // no phrase runs from one value into the next
  }
}

}  // namespace alih::indexer
