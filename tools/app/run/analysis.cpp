#include "tools/app/run/analysis.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <set>

#include "data/alignment.h"
#include "data/bleu.h"
#include "data/grammar.h"
#include "data/lexicon.h"
#include "data/text.h"
#include "tensor/check.h"

namespace babelgrad::analysis {
namespace {

// --- groups and their scores

const std::vector<Link>& looked(const Scored& scored, std::size_t view) {
  check(view < scored.looked.size(), "analysis: links of ", scored.looked.size(),
        " views, view ", view + 1, " is asked for; each pair with gold links needs all of them");
  return scored.looked[view];
}

// Of the pairs whose gold links are known; `unknown` if none are.
double error_rate(const Study& study, const Group& group,
                  const std::function<std::vector<Link>(const Scored&)>& links) {
  AerCount count;
  bool known = false;
  for (int i : group.members) {
    const Scored& scored = study.pairs[i];
    if (scored.pair.gold.empty()) continue;
    count.add(links(scored), scored.pair.gold);
    known = true;
  }
  return known ? count.aer() : unknown;
}

double view_error(const Study& study, const Group& group, std::size_t view) {
  return error_rate(study, group, [&](const Scored& s) { return looked(s, view); });
}

int count_gold(const Study& study, const Group& group) {
  return int(std::ranges::count_if(
      group.members, [&](int i) { return !study.pairs[i].pair.gold.empty(); }));
}

struct TokenScores { double exact, bleu; };

TokenScores token_scores(const Study& study, const Group& group, Tokens Scored::*translation) {
  std::vector<std::string> hyps, refs;
  for (int i : group.members) {
    hyps.push_back(join(study.pairs[i].*translation));
    refs.push_back(join(study.pairs[i].pair.tgt));
  }
  bool four = std::ranges::any_of(group.members, [&](int i) {
    return study.pairs[i].pair.tgt.size() >= 4;
  });
  double exact = exact_match(hyps, refs);
  return {exact, four ? corpus_bleu(hyps, refs, BleuTokens::none).score : unknown};
}

// --- ways to part pairs

// Each pair in the group of its kind, which is an index into the names.
std::vector<Group> parted(const std::vector<Scored>& pairs, const std::vector<std::string>& names,
                          const std::function<std::size_t(const Pair&)>& kind) {
  std::vector<Group> groups;
  for (const std::string& name : names) groups.push_back({name});
  for (std::size_t i = 0; i < pairs.size(); i++)
    groups.at(kind(pairs[i].pair)).members.push_back(int(i));
  std::erase_if(groups, [](const Group& g) { return g.members.empty(); });
  return groups;
}

std::size_t band_of(const Pair& pair) {
  auto holds = [&](const Band& b) { return b.holds(std::max(1, int(pair.src.size()))); };
  return std::ranges::find_if(length_bands(), holds) - length_bands().begin();
}

std::vector<std::string> band_names() {
  std::vector<std::string> names;
  for (const Band& band : length_bands()) names.push_back(band.name());
  return names;
}

const std::vector<std::string> orders = {"monotone", "reordered", "no gold links"};

std::size_t order_of(const Pair& pair) {
  return pair.gold.empty() ? 2 : is_reordered(pair) ? 1 : 0;
}

const char* no_links(const std::vector<Scored>& pairs) {
  bool none = std::ranges::all_of(pairs, [](const Scored& s) { return s.pair.gold.empty(); });
  return none ? "no gold links: neither word order nor alignment is known" : "";
}

// Does any adjective stand before a noun?
bool has_combination(const Pair& pair) {
  static const std::set<std::string> adjectives = [] {
    std::set<std::string> words;
    for (const Adjective& a : lexicon().adjectives) words.insert(a.en);
    return words;
  }();
  static const std::set<std::string> nouns = [] {
    std::set<std::string> words;
    for (const Noun& n : lexicon().nouns) words.insert({n.en[0], n.en[1]});
    return words;
  }();
  auto combined = [](const std::string& a, const std::string& n) {
    return adjectives.contains(a) && nouns.contains(n);
  };
  return std::ranges::adjacent_find(pair.src, combined) != pair.src.end();
}

// --- wrong words

// The cost of turning what is left of the reference, from i, into what is left of said, from j: an
// edit costs more than all words together, a word that is right earns one.
class EditCosts {
 public:
  EditCosts(const Tokens& reference, const Tokens& said)
      : edit(Index(reference.size()) + 1),
        columns_(said.size() + 1),
        cost_((reference.size() + 1) * columns_) {
    for (std::size_t i = reference.size() + 1; i-- > 0;) {
      for (std::size_t j = columns_; j-- > 0;) {
        bool more = i < reference.size(), said_more = j < said.size();
        Index best = more || said_more ? edit * Index(cost_.size()) : 0;
        if (more && said_more) best = at(i + 1, j + 1) + (reference[i] == said[j] ? -1 : edit);
        if (more) best = std::min(best, at(i + 1, j) + edit);
        if (said_more) best = std::min(best, at(i, j + 1) + edit);
        cost_[i * columns_ + j] = best;
      }
    }
  }
  Index at(std::size_t i, std::size_t j) const { return cost_[i * columns_ + j]; }
  const Index edit;

 private:
  std::size_t columns_;
  std::vector<Index> cost_;
};

// Where positions are counted: the row of a position in a sentence of some length.
struct PlaceRows {
  std::vector<PositionRow> rows;
  int (*row_of)(int position, int length);
};

constexpr int single = 5;                       // the first positions have a row each

int row_in_bands(int position, int) {
  if (position < single) return position;
  auto holds = [=](const Band& b) { return b.holds(position + 1); };
  auto bands = length_bands();
  return single - 1 + int(std::ranges::find_if(bands, holds) - bands.begin());
}

int row_in_fifths(int position, int length) { return int(Index(position) * 5 / length); }

PlaceRows banded() {
  PlaceRows out{{}, row_in_bands};
  for (int i = 1; i <= single; i++) out.rows.push_back({text(i)});
  for (const Band& band : length_bands().subspan(1)) out.rows.push_back({band.name()});
  out.rows.push_back({"the end"});
  return out;
}

PlaceRows fifths() {
  PlaceRows out{{}, row_in_fifths};
  for (const char* name : {"first fifth", "second", "third", "fourth", "last fifth", "the end"})
    out.rows.push_back({name});
  return out;
}

struct Word { int position, length; bool wrong, floor_wrong; };

void add_pair(PlaceRows& table, const std::vector<Word>& words, int first) {
  PositionRow* last = nullptr;
  for (const Word& word : words) {
    PositionRow& row = table.rows[table.row_of(word.position, word.length)];
    if (&row != last) {
      row.pairs++;
      row.reached += first < 0 || first >= word.position;
    }
    last = &row;
    row.words++;
    row.wrong += word.wrong;
    row.floor_wrong += word.floor_wrong;
    row.first += first == word.position;
  }
}

void add_end(PlaceRows& table, int length, int first) {
  PositionRow& end = table.rows.back();
  end.pairs++;
  end.reached += first < 0 || first == length;
  end.first += first == length;
}

std::vector<Word> target_words(const Edits& said, const Edits& floor) {
  std::vector<Word> words;
  const int length = int(said.words.size());
  for (int t = 0; t < length; t++)
    words.push_back({t, length, said.words[t] != Fate::right, floor.words[t] != Fate::right});
  return words;
}

std::vector<Word> source_words(const Pair& pair, const std::vector<Word>& target) {
  std::vector<Word> words;
  const int length = int(pair.src.size());
  for (int s = 0; s < length; s++) {
    Word word{s, length, false, false};
    bool linked = false;
    for (const Link& link : pair.gold) {
      if (link.src != s || !link.sure) continue;
      linked = true;
      word.wrong |= target.at(link.tgt).wrong;
      word.floor_wrong |= target.at(link.tgt).floor_wrong;
    }
    if (linked) words.push_back(word);
  }
  return words;
}

std::vector<PositionRow> filled(PlaceRows table, bool order) {
  std::erase_if(table.rows, [](const PositionRow& row) { return row.pairs == 0; });
  for (PositionRow& row : table.rows)
    if (!order) row.reached = row.first = 0;
  return table.rows;
}

// --- from a model

bool has_gold(const Pair& pair) { return !pair.gold.empty(); }

std::vector<std::vector<Link>> links_looked_at(Translator& model, const Pair& pair,
                                      const std::vector<AttentionView>& views) {
  if (views.empty() || !has_gold(pair)) return {};
  return links_of(attention_maps(model, pair.src, pair.tgt).front(), views);
}

void add_lexicon(Study& study, const std::vector<Pair>& train) {
  LexiconFloor lexicon;
  study.lexicon = std::ranges::any_of(train, has_gold);
  if (!study.lexicon) return;
  for (const Pair& pair : train) lexicon.learn(pair);
  for (Scored& scored : study.pairs) scored.word_by_word = lexicon.translate(scored.pair.src);
}

void choose_view(Study& study, Translator& model, const std::vector<Pair>& validation) {
  study.validated = std::ranges::any_of(validation, has_gold);
  if (study.validated && !study.views.empty()) {
    study.choosing = alignment_errors(model, validation, study.views);
    return;
  }
  for (std::size_t v = 0; v < study.views.size(); v++) {
    AerCount count;
    for (const Scored& scored : study.pairs)
      if (!scored.looked.empty()) count.add(scored.looked[v], scored.pair.gold);
    study.choosing.push_back(count.aer());
  }
}

}  // namespace

int Study::chosen() const {
  return views.empty() ? -1 : int(std::ranges::min_element(choosing) - choosing.begin());
}

int Study::chosen(int layer, int head) const {
  int best = -1;
  for (int i = 0; i < int(views.size()); i++) {
    bool this_one = views[i].layer == layer && views[i].head == head;
    if (this_one && (best < 0 || choosing[i] < choosing[best])) best = i;
  }
  return best;
}

bool Row::few() const {
  return pairs < few_pairs || (with_gold > 0 && with_gold < few_pairs);
}

Row row_of(const Study& study, const Group& group) {
  Row row{group.name, int(group.members.size()), count_gold(study, group)};
  if (row.pairs == 0) return row;
  std::size_t tokens = 0;
  for (int i : group.members) tokens += study.pairs[i].pair.src.size();
  row.length = double(tokens) / row.pairs;
  auto [exact, bleu] = token_scores(study, group, &Scored::said);
  row.exact = exact, row.bleu = bleu;
  if (study.lexicon) {
    auto [floor_exact, floor_bleu] = token_scores(study, group, &Scored::word_by_word);
    row.floor_exact = floor_exact, row.floor_bleu = floor_bleu;
  }
  if (study.chosen() >= 0) row.aer = view_error(study, group, study.chosen());
  row.floor_aer = error_rate(study, group, [](const Scored& s) {
    return diagonal(int(s.pair.src.size()), int(s.pair.tgt.size()));
  });
  return row;
}

std::vector<Row> rows_of(const Study& study, const std::vector<Group>& groups) {
  std::vector<Row> rows;
  for (const Group& group : groups) rows.push_back(row_of(study, group));
  return rows;
}

std::vector<HeadRow> heads_of(const Study& study, const std::vector<Group>& groups) {
  std::vector<HeadRow> rows;
  if (study.views.empty()) return rows;
  for (const Group& group : groups) {
    HeadRow& row = rows.emplace_back(HeadRow{group.name, count_gold(study, group), {}});
    for (std::size_t v = 0; v < study.views.size(); v++)
      row.aer.push_back(view_error(study, group, v));
  }
  return rows;
}

std::string Band::name() const {
  if (high == 0) return join("over ", low - 1);
  return low == high ? text(low) : join(low, "-", high);
}

std::span<const Band> length_bands() {
  static constexpr Band bands[] = {{1, 5},   {6, 10},  {11, 15}, {16, 20},
                                   {21, 30}, {31, 40}, {41, 0}};
  return bands;
}

Group everything(const std::vector<Scored>& pairs) {
  Group all{"all"};
  for (std::size_t i = 0; i < pairs.size(); i++) all.members.push_back(int(i));
  return all;
}

Grouping by_tag(const std::vector<Scored>& pairs) {
  Grouping out{"tag", "phenomenon"};
  std::map<std::string, Group> tagged;
  Group none{"none of them"};
  for (std::size_t i = 0; i < pairs.size(); i++) {
    const auto& tags = pairs[i].pair.tags;
    for (const std::string& tag : std::set(tags.begin(), tags.end())) {
      tagged[tag].name = tag;
      tagged[tag].members.push_back(int(i));
    }
    if (tags.empty()) none.members.push_back(int(i));
  }
  if (tagged.empty()) out.missing = "no phenomena: only pairs of the built-in corpus have tags";
  for (const auto& [_, group] : tagged) out.groups.push_back(group);
  if (!tagged.empty() && !none.members.empty()) out.groups.push_back(none);
  return out;
}

Grouping by_length(const std::vector<Scored>& pairs) {
  return {"length", "source tokens", parted(pairs, band_names(), band_of)};
}

// Sorted links cross if one goes back in the target.
bool is_reordered(const Pair& pair) {
  std::vector<Link> links = pair.gold;
  std::erase_if(links, [](const Link& l) { return !l.sure; });
  std::ranges::sort(links);
  auto back = [](const Link& a, const Link& b) { return b.tgt < a.tgt; };
  return std::ranges::adjacent_find(links, back) != links.end();
}

Grouping by_order(const std::vector<Scored>& pairs) {
  return {"order", "word order", parted(pairs, orders, order_of), no_links(pairs)};
}

Grouping crossed(const Grouping& outer, const Grouping& inner) {
  Grouping out{outer.key + "_" + inner.key, inner.title, {},
               outer.missing.empty() ? inner.missing : outer.missing};
  for (const Group& a : outer.groups) {
    for (const Group& b : inner.groups) {
      Group both{a.name + ", " + b.name};
      std::ranges::set_intersection(a.members, b.members, std::back_inserter(both.members));
      if (!both.members.empty()) out.groups.push_back(both);
    }
  }
  return out;
}

Grouping split_by_length(const std::vector<Scored>& pairs, int trained) {
  auto longer = [=](const Pair& pair) { return std::size_t(int(pair.src.size()) > trained); };
  Grouping out{"longer", "longer than trained",
               parted(pairs, {join("up to ", trained), join("over ", trained)}, longer)};
  out.note = join("over ", trained, ": unseen only by a training up to there; --trained-length");
  if (out.groups.size() < 2)
    out.missing = join("no sources on both sides of ", trained, " tokens: --trained-length, ",
                       "--max-length");
  return out;
}

Grouping split_by_combination(const std::vector<Scored>& pairs) {
  auto kind = [](const Pair& pair) {
    return unseen_combination(pair) ? std::size_t(2) : std::size_t(has_combination(pair));
  };
  Grouping out{"combination", "adjective with noun",
               parted(pairs, {"none", "combination", "unseen combination"}, kind), "",
               "unseen only by a training with --keep-out combinations"};
  if (out.groups.empty() || out.groups.back().name != "unseen combination")
    out.missing = "no adjective stands with a noun that counts as unseen";
  return out;
}

Grouping split_by_depth(const std::vector<Scored>& pairs) {
  int deepest = 0;
  for (const Scored& s : pairs) deepest = std::max(deepest, genitive_depth(s.pair));
  std::vector<std::string> names;
  for (int depth = 0; depth <= deepest; depth++) names.push_back(join("depth ", depth));
  Grouping out{"depth", "genitives in one another",
               parted(pairs, names, [](const Pair& p) { return std::size_t(genitive_depth(p)); })};
  if (deepest > 1) out.note = "from depth 2: unseen only by a training with --keep-out depth";
  if (deepest == 0) out.missing = "no genitive: no depth of nesting";
  return out;
}

Edits edits(const Tokens& reference, const Tokens& said) {
  EditCosts cost(reference, said);
  Edits out;
  std::size_t i = 0, j = 0;
  while (i < reference.size() || j < said.size()) {
    bool more = i < reference.size(), said_more = j < said.size();
    bool same = more && said_more && reference[i] == said[j];
    Index here = cost.at(i, j);
    if (more && said_more && here == cost.at(i + 1, j + 1) + (same ? -1 : cost.edit)) {
      out.words.push_back(same ? Fate::right : Fate::replaced);
      out.wrong.push_back(!same);
      i++, j++;
    } else if (more && here == cost.at(i + 1, j) + cost.edit) {
      out.words.push_back(Fate::missing);
      i++;
    } else {
      out.wrong.push_back(true);
      out.extra++;
      j++;
    }
  }
  return out;
}

int first_wrong(const Tokens& reference, const Tokens& said) {
  if (reference == said) return -1;
  return int(std::ranges::mismatch(reference, said).in1 - reference.begin());
}

Positions positions_of(const Study& study) {
  Positions out;
  PlaceRows target = banded(), source = banded();
  PlaceRows target_fifths = fifths(), source_fifths = fifths();
  for (const Scored& scored : study.pairs) {
    const Pair& pair = scored.pair;
    const int first = first_wrong(pair.tgt, scored.said), length = int(pair.tgt.size());
    const Edits said = edits(pair.tgt, scored.said);
    const Tokens& floor = study.lexicon ? scored.word_by_word : pair.tgt;
    const std::vector<Word> words = target_words(said, edits(pair.tgt, floor));
    const std::vector<Word> sources = source_words(pair, words);
    out.wrong_pairs += first >= 0;
    out.extra += said.extra;
    for (PlaceRows* table : {&target, &target_fifths})
      add_pair(*table, words, first), add_end(*table, length, first);
    for (PlaceRows* table : {&source, &source_fifths}) add_pair(*table, sources, first);
  }
  out.target = filled(target, true), out.target_fifths = filled(target_fifths, true);
  out.source = filled(source, false), out.source_fifths = filled(source_fifths, false);
  return out;
}

Study study_of(Translator& model, const std::vector<Pair>& test,
               const std::vector<Pair>& validation, const std::vector<Pair>& train) {
  Study study;
  std::vector<Tokens> sources;
  for (const Pair& pair : test) sources.push_back(pair.src);
  const std::vector<Tokens> said = model.translate(sources);
  study.views = every_view(model);
  for (std::size_t i = 0; i < test.size(); i++)
    study.pairs.push_back({test[i], said[i], {}, links_looked_at(model, test[i], study.views)});
  add_lexicon(study, train);
  choose_view(study, model, validation);
  return study;
}

Row floors_of(const std::vector<Pair>& train, const std::vector<Pair>& test) {
  Study study;
  for (const Pair& pair : test) study.pairs.push_back({pair});
  add_lexicon(study, train);
  return row_of(study, everything(study.pairs));
}

}  // namespace babelgrad::analysis
