#include "indexer/text_index.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/edit_distance.h"
#include "indexer/analyzer.h"

namespace alih::indexer {
namespace {

constexpr std::size_t kMostPrefixTerms = 1000;
constexpr std::size_t kMostFuzzyTerms = 50;
constexpr int kMostResults = 10000;

double weight(Field field) {
  switch (field) {
    case Field::text:
      return 1.0;
    case Field::title:
      return 2.0;
    case Field::creator:
      return 1.5;
    case Field::other:
      return 1.0;
  }
  return 1.0;
}

constexpr std::array kFields{Field::text, Field::title, Field::creator, Field::other};

bool field_allowed(const Leaf& leaf, Field field) {
  if (leaf.field == "title") return field == Field::title;
  if (leaf.field == "creator") return field == Field::creator;
  if (leaf.field == "no" || leaf.field == "type") return field == Field::other;
  return true;
}

// A document of a segment, ordered as the segments and their documents are.
using DocumentKey = std::pair<std::uint32_t, std::uint32_t>;

}  // namespace

ItemFacts facts_of(const Item& item) {
  ItemFacts facts;
  facts.year_of_register = item.year;
  facts.sequence_no = item.sequence_no;
  facts.series = item.series;
  facts.material_type = item.field("material_type");
  const auto year = item.field("date_issued");
  int value = 0;
  if (std::from_chars(year.data(), year.data() + year.size(), value).ec == std::errc()) {
    facts.year_issued = value;
  }
  facts.access = item.access;
  return facts;
}

// One place of a phrase: any of these terms.
struct TextIndex::Slot {
  std::vector<Spelling> terms;
};

struct TextIndex::FieldHits {
  struct Hit {
    std::uint32_t count = 0;
    std::set<std::uint32_t> positions;
    std::set<std::string> terms;
  };
  std::map<DocumentKey, Hit> documents;
};

struct TextIndex::LeafHits {
  std::array<FieldHits, kFieldCount> fields;
};

struct TextIndex::Totals {
  std::array<double, kFieldCount> documents{};  // with at least one term in the field
  std::array<double, kFieldCount> length{};
};

void TextIndex::add_segment(std::uint32_t id, std::shared_ptr<const MicroSegment> segment) {
  segments_[id] = std::move(segment);
}
void TextIndex::remove_segment(std::uint32_t id) { segments_.erase(id); }
void TextIndex::remove_document(std::uint32_t ordinal) { deleted_.insert(ordinal); }

TextIndex::Totals TextIndex::totals() const {
  Totals t;
  for (const auto& [id, segment] : segments_) {
    for (const auto& d : segment->documents()) {
      if (is_deleted(d.ordinal)) continue;
      for (std::size_t f = 0; f < kFieldCount; ++f) {
        if (d.lengths[f] == 0) continue;
        t.documents[f] += 1;
        t.length[f] += d.lengths[f];
      }
    }
  }
  return t;
}

std::vector<std::string> TextIndex::prefix_terms(std::string_view prefix) const {
  std::set<std::string> terms;
  for (const auto& [id, segment] : segments_) {
    for (const auto field : kFields) {
      std::size_t taken = 0;
      segment->each_term(field, prefix, [&](std::string_view term) {
        terms.emplace(term);
        return ++taken < kMostPrefixTerms;
      });
    }
  }
  std::vector<std::string> out(terms.begin(), terms.end());
  if (out.size() > kMostPrefixTerms) out.resize(kMostPrefixTerms);
  return out;
}

std::vector<std::string> TextIndex::fuzzy_terms(const std::string& term) const {
  const int limit = term.size() >= 8 ? 2 : term.size() >= 4 ? 1 : 0;
  std::set<std::pair<int, std::string>> found;
  for (const auto& [id, segment] : segments_) {
    for (const auto field : kFields) {
      segment->each_term(field, "", [&](std::string_view candidate) {
        const int d = edit_distance(term, candidate, limit);
        if (d <= limit) found.emplace(d, candidate);
        return true;
      });
    }
  }
  std::vector<std::string> out;
  for (const auto& [d, candidate] : found) {
    out.push_back(candidate);
    if (out.size() == kMostFuzzyTerms) break;
  }
  return out;
}

std::vector<std::vector<TextIndex::Slot>> TextIndex::alternatives_of(
    const Leaf& leaf, const SearchRequest& request) const {
  const auto parts = parts_of(leaf.text);
  const bool exact = request.exact || leaf.kind == Leaf::Kind::phrase;
  std::vector<std::vector<Slot>> out;
  std::vector<Slot> slots;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Slot slot;
    const bool last = i + 1 == parts.size();
    if (last && leaf.kind == Leaf::Kind::prefix) {
      for (auto& term : prefix_terms(parts[i])) slot.terms.push_back({std::move(term), false});
    } else if (last && leaf.kind == Leaf::Kind::fuzzy) {
      for (auto& term : fuzzy_terms(parts[i])) slot.terms.push_back({std::move(term), false});
    } else if (exact) {
      slot.terms.push_back({parts[i], false});
    } else {
      slot.terms = spellings(parts[i]);
      if (request.spelling == SpellingChoice::modern) {
        std::erase_if(slot.terms, [](const Spelling& s) { return s.old_only; });
      } else if (request.spelling == SpellingChoice::old_only && slot.terms.size() > 1) {
        const bool typed_old = !slot.terms[1].old_only;  // the modern form was added second
        std::erase_if(slot.terms, [&](const Spelling& s) {
          return !s.old_only && !(typed_old && &s == &slot.terms.front());
        });
      }
    }
    slots.push_back(std::move(slot));
  }
  const bool one_word = leaf.kind == Leaf::Kind::word && parts.size() > 1;
  out.push_back(std::move(slots));
  if (one_word) {
    if (auto joined = joined_form(leaf.text); !joined.empty()) {
      out.push_back({Slot{exact ? std::vector<Spelling>{{joined, false}} : spellings(joined)}});
    }
  }
  return out;
}

TextIndex::LeafHits TextIndex::hits_of(const Leaf& leaf, const SearchRequest& request) const {
  LeafHits out;
  const auto alternatives = alternatives_of(leaf, request);
  for (const auto& [id, segment] : segments_) {
    const auto& documents = segment->documents();
    // Position -> term, for every document that has a term of the slot.
    using Places = std::map<std::uint32_t, std::map<std::uint32_t, const std::string*>>;
    for (const auto field : kFields) {
      if (!field_allowed(leaf, field)) continue;
      auto& hits = out.fields[static_cast<std::size_t>(field)].documents;
      for (const auto& slots : alternatives) {
        std::vector<Places> places;
        for (const auto& slot : slots) {
          Places here;
          for (const auto& spelling : slot.terms) {
            for (const auto& posting : segment->postings(field, spelling.term)) {
              const auto& d = documents[posting.document];
              if (is_deleted(d.ordinal)) continue;
              // "raja" typed as "raya": only where the page is not in the modern spelling.
              if (spelling.old_only &&
                  (d.orthography == Orthography::modern ||
                   (d.orthography == Orthography::unknown && field == Field::text &&
                    classify({spelling.term}) == Orthography::unknown))) {
                continue;
              }
              for (const auto p : posting.positions) here[posting.document][p] = &spelling.term;
            }
          }
          places.push_back(std::move(here));
          if (places.back().empty()) break;
        }
        if (places.size() < slots.size() || places.back().empty()) continue;
        for (const auto& [document, first] : places.front()) {
          for (const auto& [position, term] : first) {
            std::vector<std::pair<std::uint32_t, const std::string*>> found{{position, term}};
            for (std::size_t s = 1; s < places.size(); ++s) {
              const auto in_document = places[s].find(document);
              if (in_document == places[s].end()) break;
              const auto next = in_document->second.find(position + static_cast<std::uint32_t>(s));
              if (next == in_document->second.end()) break;
              found.emplace_back(next->first, next->second);
            }
            if (found.size() < places.size()) continue;
            auto& hit = hits[{id, document}];
            ++hit.count;
            for (const auto& [p, t] : found) {
              if (field == Field::text) hit.positions.insert(p);
              hit.terms.insert(*t);
            }
          }
        }
      }
    }
  }
  return out;
}

Result<Matches> TextIndex::search(const SearchRequest& request) const {
  ALIH_TRY(const auto query, parse_query(request.query));
  if (request.limit < 0 || request.offset < 0 || request.offset > kMostResults - request.limit) {
    return fail(ErrorCode::bad_query, "Paling jauh {} hasil pertama yang dapat dilihat",
                "At most the first {} results can be seen", {kMostResults});
  }
  const auto all = totals();

  struct Found {
    double score = 0;
    std::set<std::uint32_t> positions;
    std::set<std::string> terms;
  };
  std::map<DocumentKey, Found> found;
  for (const auto& group : query.groups) {
    std::map<DocumentKey, Found> in_group;
    bool first = true;
    if (group.empty()) {  // filters only: every document, unscored
      for (const auto& [id, segment] : segments_) {
        for (std::uint32_t d = 0; d < segment->documents().size(); ++d) {
          if (!is_deleted(segment->documents()[d].ordinal)) in_group[{id, d}] = {};
        }
      }
    }
    // Excluded words last, so that there is something to exclude from.
    auto leaves = group;
    std::stable_partition(leaves.begin(), leaves.end(), [](const Leaf& l) { return !l.excluded; });
    for (const auto& leaf : leaves) {
      const auto hits = hits_of(leaf, request);
      if (leaf.excluded) {
        for (const auto& field : hits.fields) {
          for (const auto& [document, hit] : field.documents) in_group.erase(document);
        }
        continue;
      }
      std::map<DocumentKey, Found> here;
      for (std::size_t f = 0; f < kFieldCount; ++f) {
        const auto& documents = hits.fields[f].documents;
        if (documents.empty()) continue;
        const double df = static_cast<double>(documents.size());
        const double idf = std::log(1 + (all.documents[f] - df + 0.5) / (df + 0.5));
        const double average = all.documents[f] > 0 ? all.length[f] / all.documents[f] : 1;
        for (const auto& [document, hit] : documents) {
          const auto& d = segments_.at(document.first)->documents()[document.second];
          const double tf = hit.count;
          const double norm =
              settings_.k1 * (1 - settings_.b + settings_.b * d.lengths[f] / average);
          auto& entry = here[document];
          entry.score += weight(kFields[f]) * idf * tf * (settings_.k1 + 1) / (tf + norm);
          entry.positions.insert(hit.positions.begin(), hit.positions.end());
          entry.terms.insert(hit.terms.begin(), hit.terms.end());
        }
      }
      if (first) {
        in_group = std::move(here);
        first = false;
      } else {
        for (auto it = in_group.begin(); it != in_group.end();) {
          const auto other = here.find(it->first);
          if (other == here.end()) {
            it = in_group.erase(it);
            continue;
          }
          it->second.score += other->second.score;
          it->second.positions.merge(other->second.positions);
          it->second.terms.merge(other->second.terms);
          ++it;
        }
      }
    }
    for (auto& [document, entry] : in_group) {
      auto& kept = found[document];
      kept.score += entry.score;
      kept.positions.merge(entry.positions);
      kept.terms.merge(entry.terms);
    }
  }

  struct Ranked {
    const ItemFacts* facts;
    const Document* document;
    const Found* found;
  };
  std::vector<Ranked> ranked;
  Matches out;
  const auto year_from = request.year_from ? request.year_from : query.year_from;
  const auto year_to = request.year_to ? request.year_to : query.year_to;
  for (const auto& [key, entry] : found) {
    const auto& d = segments_.at(key.first)->documents()[key.second];
    const auto facts = facts_->find(d.item);
    if (facts == facts_->end()) continue;
    const auto& f = facts->second;
    if (static_cast<int>(f.access) > static_cast<int>(request.widest_access)) continue;
    if (request.series && f.series != *request.series) continue;
    if (!query.series.empty() &&
        std::find(query.series.begin(), query.series.end(), f.series) == query.series.end()) {
      continue;
    }
    if (request.material_type && f.material_type != *request.material_type) continue;
    if (request.item && request.item->str() != d.item) continue;
    if (year_from && (f.year_issued == 0 || f.year_issued < *year_from)) continue;
    if (year_to && (f.year_issued == 0 || f.year_issued > *year_to)) continue;
    ranked.push_back({&f, &d, &entry});
    ++out.series[f.series];
    if (f.year_issued != 0) ++out.years[f.year_issued];
  }
  out.total = ranked.size();
  std::sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
    if (a.found->score != b.found->score) return a.found->score > b.found->score;
    if (a.facts->year_of_register != b.facts->year_of_register) {
      return a.facts->year_of_register < b.facts->year_of_register;
    }
    if (a.facts->sequence_no != b.facts->sequence_no) {
      return a.facts->sequence_no < b.facts->sequence_no;
    }
    return a.document->page_seq < b.document->page_seq;
  });
  const auto begin = std::min(ranked.size(), static_cast<std::size_t>(request.offset));
  const auto end = std::min(ranked.size(), begin + static_cast<std::size_t>(request.limit));
  for (std::size_t i = begin; i < end; ++i) {
    out.window.push_back({ranked[i].document->item, ranked[i].document->page_seq,
                          ranked[i].found->score, ranked[i].found->positions,
                          ranked[i].found->terms});
  }
  return out;
}

}  // namespace alih::indexer
