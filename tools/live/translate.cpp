// What is shown beside a sentence that is typed: its translation, how sure of each word the model
// was, where it looked, and what the grammar says, if the sentence is one of the grammar's.
#include <algorithm>
#include <cmath>

#include "autograd/ops.h"
#include "data/grammar.h"
#include "data/text.h"
#include "tools/live/session.h"

namespace babelgrad::live {
namespace {

// As many of the likeliest target words as are told; log-probabilities of all of them.
struct Said {
  Tokens words;
  Tensor log_p;                                 // (words and <eos>, vocabulary)
};

Tensor log_probs(Translator& model, const Tokens& src, const Tokens& tgt) {
  const Batch batch = make_batch(model.config, {model.pieces({src, tgt})}, {0}, model.src_vocab,
                                 model.tgt_vocab);
  const Tensor logits = model.logits(batch);
  return log_softmax(reshape(logits, {-1, logits.dim(-1)}));
}

double probability(const Tensor& log_p, int row, int id) {
  return std::exp(double(log_p.at({row, id})));
}

// The place in `right` that each word of `said` stands for, by the least changes from one to the
// other (Levenshtein 1966), or -1: it is one too many. Another word counts as one and a half too
// many or too few, so that words which are the same stay together.
std::vector<int> places(const Tokens& said, const Tokens& right) {
  constexpr int other = 3, one = 2;
  const std::size_t n = said.size(), m = right.size();
  std::vector<std::vector<int>> cost(n + 1, std::vector<int>(m + 1));
  for (std::size_t i = n + 1; i-- > 0;)
    for (std::size_t j = m + 1; j-- > 0;)
      cost[i][j] = i == n   ? one * int(m - j)
                   : j == m ? one * int(n - i)
                            : std::min({cost[i + 1][j + 1] + other * (said[i] != right[j]),
                                        cost[i + 1][j] + one, cost[i][j + 1] + one});
  std::vector<int> out;
  for (std::size_t i = 0, j = 0; i < n;) {
    if (j < m && cost[i][j] == cost[i + 1][j + 1] + other * (said[i] != right[j]))
      out.push_back(int(j)), i++, j++;
    else if (j < m && cost[i][j] == cost[i][j + 1] + one) j++;
    else out.push_back(-1), i++;
  }
  return out;
}

Json links_of(const Pair& pair) {
  Json links = Json::array();
  for (const Link& link : pair.gold)
    links.push_back(Json::array({link.src, link.tgt, link.sure}));
  return links;
}

Json grammar_says(const Pair& pair, const Translator& model) {
  return Json::object({{"words", pair.tgt},
                       {"text", model.target_text(pair.tgt)},
                       {"links", links_of(pair)},
                       {"split", split_of(pair.src) == Split::train ? "train" : "held out"}});
}

// Word by word: how likely it was, and if the grammar says another, which, and how likely that was.
Json judged(const Translator& model, const Said& said, const Pair* right) {
  const std::vector<int> stands_for =
      right ? places(said.words, right->tgt) : std::vector<int>(said.words.size(), -1);
  Json words = Json::array();
  for (int t = 0; t < int(said.words.size()); t++) {
    Json word = Json::object(
        {{"word", said.words[t]},
         {"p", probability(said.log_p, t, model.tgt_vocab[said.words[t]])}});
    if (right) {
      const int place = stands_for[t];
      const bool good = place >= 0 && right->tgt[place] == said.words[t];
      word["right"] = good;
      if (!good && place >= 0) {
        word["instead"] = right->tgt[place];
        word["p_instead"] = probability(said.log_p, t, model.tgt_vocab[right->tgt[place]]);
      }
    }
    words.push_back(word);
  }
  return words;
}

std::string key_of(const Tokens& src) { return join(src); }

const Pair* known_of(const Session& session, const Tokens& src) {
  const auto found = session.known.find(key_of(src));
  return found == session.known.end() ? nullptr : &found->second;
}

// Draws a sentence of that many words which no training of the demo has seen.
Pair draw_pair(int length, Random& random) {
  const Grammar grammar({length, length});
  for (;;) {
    Pair pair = grammar.sample(random);
    if (split_of(pair.src) == Split::test) return pair;
  }
}

}  // namespace

Tokens words_of(const Json& request, const Translator& model) {
  Tokens words = tokenize(request.get_string("source"), model.tokenizer());
  if (words.size() > std::size_t(most_words)) words.resize(most_words);
  return words;
}

// {"model", "source"}; "align": with alignment.
Json translate(Session& session, const Json& request) {
  Seat& seat = session.seat(request);
  Translator& model = *seat.model;
  NoGrad guard;
  const Tokens src = words_of(request, model);
  if (src.empty()) return Json::object({{"source", Json::array()}, {"words", Json::array()}});
  Json known = Json::array();
  for (const std::string& word : src) known.push_back(model.src_vocab.contains(word));
  const Tokens said = model.translate({src})[0];
  const Pair* right = known_of(session, src);
  Json out = Json::object({{"source", src}, {"known", known}, {"text", model.target_text(said)}});
  out["words"] = judged(model, {said, log_probs(model, src, said)}, right);
  if (right) out["grammar"] = grammar_says(*right, model), out["exact"] = said == right->tgt;
  if (right) {                                  // how likely it found the right sentence
    const Tensor log_p = log_probs(model, src, right->tgt);
    double sum = 0;
    for (int t = 0; t < int(right->tgt.size()); t++)
      sum += double(log_p.at({t, model.tgt_vocab[right->tgt[t]]}));
    out["loss"] = -sum / double(right->tgt.size());
  }
  if (!request.get_bool("align") || said.empty()) return out;
  const bool attends = attention_layers(model) > 0;
  const Weights weights = attends ? attention_matrix(model, src, said, seat.view)
                                  : shares_lost(occlusion(model, src, said));
  Json rows = Json::array();
  for (const auto& row : weights) rows.push_back(std::vector<float>(row.begin(), row.end()));
  out["weights"] = rows;
  out["by"] = !attends                         ? "occlusion"
              : attention_heads(model) == 1 ? "attention"
                                            : "attention, " + seat.view.name();
  return out;
}

// {"length", "seed"} -> a sentence of so many tokens, which from now on the page knows.
Json draw(Session& session, const Json& request) {
  Random random(request.get_uint("seed"));
  const int length = int(request.get_int("length", 3, 40));
  const Pair pair = draw_pair(length, random);
  session.known[key_of(pair.src)] = pair;
  return Json::object({{"source", detokenize(pair.src, Language::english)}, {"words", pair.src}});
}

// {"from", "count", "seed"}: the grammar's sentences `from` .. of the demo's draw; all that come
// before a sentence are drawn to find it, so the page asks for few at a time, in order.
Json make_known(Session& session, const Json& request) {
  const Grammar grammar({3, 12});
  Random random(request.get_uint("seed"), request.get_uint("counter"));
  for (auto left = request.get_int("count", 1, 100000); left > 0; left--) {
    Pair pair = grammar.sample(random);
    pair.tags.clear();
    const std::string key = key_of(pair.src);
    session.known.emplace(key, std::move(pair));
  }
  return Json::object({{"counter", random.counter()}, {"known", session.known.size()}});
}

// {"model", "length": 0 for any, "count", "seed"} -> how many held-out sentences come out word for
// word as the grammar has them
Json held_out(Session& session, const Json& request) {
  Translator& model = session.model(request);
  Random random(request.get_uint("seed"));
  const int length = int(request.get_int("length", 0, 40));
  std::vector<Tokens> sources, targets;
  for (auto left = request.get_int("count", 1, 5000); left > 0; left--) {
    const Pair pair = draw_pair(length > 0 ? length : 3 + random.below(10), random);
    sources.push_back(pair.src), targets.push_back(pair.tgt);
  }
  const std::vector<Tokens> said = model.translate(sources);
  int right = 0;
  for (std::size_t i = 0; i < said.size(); i++) right += said[i] == targets[i];
  return Json::object({{"right", right}, {"count", said.size()}});
}

// {"model", "count"}: of all layers and heads the one whose alignment has the lowest error rate on
// so many sentences of the grammar.
Json choose_view(Session& session, const Json& request) {
  Seat& seat = session.seat(request);
  if (attention_layers(*seat.model) == 0) return Json::object({{"view", nullptr}});
  NoGrad guard;
  Random random(7);
  std::vector<Pair> pairs;
  for (auto left = request.get_int("count", 1, 1000); left > 0; left--)
    pairs.push_back(draw_pair(4 + random.below(8), random));
  seat.view = best_view(*seat.model, pairs);
  return Json::object({{"view", seat.view.name()}});
}

// The words that a model reads, without the special ones, and what it is.
Json vocabulary(Session& session, const Json& request) {
  Translator& model = session.model(request);
  Tokens words;
  for (int id = 0; id < model.src_vocab.size(); id++)
    if (!model.src_vocab.is_special(id)) words.push_back(model.src_vocab.word(id));
  return Json::object({{"words", words},
                       {"model", to_json(model.config)},
                       {"parameters", parameter_count(model.module())}});
}

// All words that it writes, by id.
Json said_words(Session& session, const Json& request) {
  return Json::object({{"words", session.model(request).tgt_vocab.words()}});
}

}  // namespace babelgrad::live
