// Beam search with everything that it looked at, and drawing by chance.
#include <algorithm>

#include "models/beam_search.h"
#include "tools/app/run/sample.h"
#include "tools/live/session.h"

namespace babelgrad::live {
namespace {

// One word more of some beginning: `from` is the place of that beginning among those kept one step
// before.
Json candidate(const Translator& model, int from, int token, double log_p, double log_prob,
               const char* fate) {
  return Json::object({{"from", from},
                       {"word", model.tgt_vocab.word(token)},
                       {"log_p", log_p},
                       {"log_prob", log_prob},
                       {"fate", fate}});
}

// Log-probabilities of the next word after each beginning, (beginnings, vocabulary): a packed batch
// of the source beside each. The label of an unfinished beginning is its next word, whatever it is.
Tensor next_log_probs(Translator& model, const Tokens& src, const std::vector<Hypothesis>& live) {
  std::vector<Pair> pairs;
  std::vector<int> rows, last;
  int end = -1;
  for (const Hypothesis& h : live) {
    rows.push_back(int(pairs.size()));
    pairs.push_back(model.pieces({src, {}}));
    pairs.back().tgt = model.tgt_vocab.words(h.tokens);
    last.push_back(end += int(h.tokens.size()) + 1);
  }
  const Batch batch = make_batch(model.config, pairs, rows, model.src_vocab, model.tgt_vocab);
  const Tensor logits = model.logits(batch);
  Tensor log_p = log_softmax(index_select(reshape(logits, {-1, logits.dim(-1)}), 0,
                                          Ints(Shape{int(last.size())}, last)));
  silence(log_p, model.tgt_vocab.never_said());
  return log_p;
}

// What became of a candidate: ended, kept, or dropped. The beam's own pruning says.
const char* fate_of(const Beam& beam, const Hypothesis& parent, int token, bool ends,
                    std::size_t ended_before) {
  std::vector<int> tokens = parent.tokens;
  if (!ends) tokens.push_back(token);
  const auto same = [&](const Hypothesis& h) { return h.tokens == tokens; };
  if (ends)
    return std::any_of(beam.ended.begin() + std::ptrdiff_t(ended_before), beam.ended.end(), same)
               ? "ended"
               : "dropped";
  return std::ranges::any_of(beam.live, same) ? "kept" : "dropped";
}

}  // namespace

// The steps of beam_search() (models/beam_search.h) for one sentence, by the same Beam, with what
// it drops; the beginnings are read anew at each step, as the decoder's state is hidden here.
Json beam(Session& session, const Json& request) {
  Translator& model = session.model(request);
  NoGrad guard;
  const Tokens src = words_of(request, model);
  BeamOptions options;
  options.beam_size = int(request.get_int("width", 1, 12));
  options.alpha = request.get_double("alpha");
  const int eos = model.tgt_vocab.eos(), most = model.longest(int(src.size()) + 1);
  Beam beam;
  Json steps = Json::array();
  for (int t = 1; !beam.live.empty(); t++) {
    const std::vector<Hypothesis> before = beam.live;
    const std::size_t ended = beam.ended.size();
    const TopK top = topk(next_log_probs(model, src, before), options.beam_size);
    beam.grow(top, 0, eos, options);
    Json step = Json::array();
    for (int i = 0; i < int(before.size()) * options.beam_size; i++) {
      const int from = i / options.beam_size, token = top.indices[i];
      const double log_p = double(top.values.data()[i]);
      step.push_back(candidate(model, from, token, log_p, before[from].log_prob + log_p,
                               fate_of(beam, before[from], token, token == eos, ended)));
    }
    steps.push_back(step);
    if (t == most) beam.cut(options);
  }
  Json found = Json::array();
  for (const Hypothesis& h : beam.ranked(options)) {
    const Tokens words = model.target_words(h.tokens);
    found.push_back(Json::object({{"words", words},
                                  {"text", model.target_text(words)},
                                  {"log_prob", h.log_prob},
                                  {"score", h.score},
                                  {"finished", h.finished}}));
  }
  return Json::object({{"source", src}, {"steps", steps}, {"found", found}});
}

Json draw_words(Session& session, const Json& request) {
  Translator& model = session.model(request);
  Random random(request.get_uint("seed"));
  SampleOptions options;
  options.temperature = request.get_double("temperature");
  options.top_k = int(request.get_int("top_k", 0, 1000));
  const Hypothesis drawn = sample(model, words_of(request, model), options, random);
  const Tokens words = model.target_words(drawn.tokens);
  return Json::object({{"words", words},
                       {"text", model.target_text(words)},
                       {"log_prob", drawn.log_prob},
                       {"finished", drawn.finished}});
}

}  // namespace babelgrad::live
