#include "tools/app/run/alignment_view.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "data/alignment.h"

namespace babelgrad {
namespace {

// The word that each piece belongs to; <eos> is one more.
std::vector<int> word_of(const Tokens& words, Tokens Pair::* side, const Translator& model) {
  std::vector<int> all;
  for (int w = 0; w < int(words.size()); w++) {
    Pair word;
    word.*side = {words[std::size_t(w)]};
    all.insert(all.end(), (model.pieces(word).*side).size(), w);
  }
  all.push_back(int(words.size()));
  return all;
}

// As <bos> stands before them.
std::vector<int> after_bos(std::vector<int> words) {
  for (int& word : words) word++;
  words.insert(words.begin(), 0);
  words.pop_back();                             // what <eos> would be reads nothing more
  return words;
}

// (1, heads, pieces, pieces) -> (1, heads, words, words): what is looked at adds up, and those who
// look have the mean of their pieces (Clark et al. 2019, section 4.1).
Tensor by_words(const Tensor& weights, const std::vector<int>& rows,
                const std::vector<int>& columns) {
  const int heads = weights.dim(1), m = rows.back() + 1, n = columns.back() + 1;
  Tensor out({1, heads, m, n});
  for (int i = 0; i < int(rows.size()); i++) {
    const Real share = Real(1) / Real(std::ranges::count(rows, rows[i]));
    for (int h = 0; h < heads; h++)
      for (int j = 0; j < int(columns.size()); j++)
        out.data()[(Index(h) * m + rows[i]) * n + columns[j]] += share * weights.at({0, h, i, j});
  }
  return out;
}

std::vector<Tensor> by_words(const std::vector<Tensor>& layers, const std::vector<int>& rows,
                             const std::vector<int>& columns) {
  std::vector<Tensor> out;
  for (const Tensor& weights : layers) out.push_back(by_words(weights, rows, columns));
  return out;
}

AttentionMaps maps_of(const std::string& kind, const std::vector<Tensor>& layers,
                      const Tokens& rows, const Tokens& columns) {
  AttentionMaps maps{kind, rows, columns, {}};
  for (const Tensor& weights : layers) {
    auto& heads = maps.weights.emplace_back();
    for (int h = 0; h < weights.dim(1); h++) {
      Weights& out = heads.emplace_back(rows.size(), std::vector<double>(columns.size()));
      for (int t = 0; t < int(rows.size()); t++)
        for (int s = 0; s < int(columns.size()); s++) out[t][s] = double(weights.at({0, h, t, s}));
    }
  }
  return maps;
}

Tokens with_eos(Tokens words) {
  words.emplace_back(eos_token);
  return words;
}

AttentionMaps cross_maps(Translator& model, const Tokens& src, const Tokens& tgt) {
  check(attention_layers(model) > 0,
        "attention: this model has none; train --model attention or transformer");
  Batch batch = make_batch({model.pieces({src, tgt})}, {0}, model.src_vocab, model.tgt_vocab);
  return maps_of("cross",
                 by_words(model.attention(batch.src, batch.lens.src, batch.tgt),
                          word_of(tgt, &Pair::tgt, model), word_of(src, &Pair::src, model)),
                 with_eos(tgt), with_eos(src));
}

// The view's own rows and columns, without those of <eos>.
Weights weights_of(const AttentionMaps& cross, const AttentionView& view) {
  const std::size_t rows = cross.rows.size() - 1, columns = cross.columns.size() - 1;
  const int layers = int(cross.weights.size()), heads = int(cross.weights[0].size());
  Weights out(rows, std::vector<double>(columns));
  const double count = (view.layer < 0 ? layers : 1) * (view.head < 0 ? heads : 1);
  for (int l = 0; l < layers; l++)
    for (int h = 0; h < heads; h++) {
      if ((view.layer >= 0 && l != view.layer) || (view.head >= 0 && h != view.head)) continue;
      for (std::size_t t = 0; t < rows; t++)
        for (std::size_t s = 0; s < columns; s++)
          out[t][s] += cross.weights[l][h][t + view.shift][s] / count;
    }
  return out;
}

// Row t of the logits of a packed batch belongs to label t, whichever sentence that is in.
std::vector<double> label_log_probs(Translator& model, const Batch& batch) {
  const Tensor log_p = log_softmax(model.logits(batch));
  const int words = log_p.dim(-1);
  std::vector<double> out;
  for (Index row = 0; row < batch.label.numel(); row++)
    out.push_back(double(log_p.data()[row * words + batch.label[row]]));
  return out;
}

}  // namespace

std::string AttentionView::name() const {
  std::string which = layer < 0 ? "all layers" : join("layer ", layer + 1);
  return which + (head < 0 ? ", mean of heads" : join(", head ", head + 1));
}

std::string AttentionView::name_in(const Translator& model) const {
  const int heads = attention_heads(model), layers = attention_layers(model);
  const std::string which = layers > 1 ? join("layer ", layer + 1, " of ", layers, ", ") : "";
  return which + (heads == 1  ? "one head"
                  : head >= 0 ? join("head ", head + 1, " of ", heads)
                              : join("mean of ", heads, " heads"));
}

int attention_layers(const Translator& model) {
  const ModelConfig& config = model.config;
  if (config.model == "rnn" || config.lacks("attention")) return 0;
  return config.model == "attention" ? 1 : config.layers;
}

int attention_heads(const Translator& model) {
  return model.config.model == "transformer" ? model.config.heads : 1;
}

Weights attention_matrix(Translator& model, const Tokens& src, const Tokens& tgt,
                         const AttentionView& view) {
  const AttentionMaps cross = cross_maps(model, src, tgt);
  const int layers = attention_layers(model), heads = attention_heads(model);
  check(view.layer < layers, "attention: layer ", view.layer + 1, " of a model with ", layers);
  check(view.head < heads, "attention: head ", view.head + 1, " of a model with ", heads);
  return weights_of(cross, view);
}

std::vector<AttentionMaps> attention_maps(Translator& model, const Tokens& src, const Tokens& tgt) {
  if (attention_layers(model) == 0) return {};
  std::vector<AttentionMaps> all{cross_maps(model, src, tgt)};
  auto [of_source, of_target] = model.self_attention();    // of the same call
  if (of_target.empty()) return all;
  const Tokens source = all[0].columns, written = all[0].rows;
  Tokens read = tgt;
  read.insert(read.begin(), std::string(bos_token));
  const std::vector<int> src_words = word_of(src, &Pair::src, model),
                         tgt_words = word_of(tgt, &Pair::tgt, model);
  all.push_back(maps_of("encoder", by_words(of_source, src_words, src_words), source, source));
  all.push_back(maps_of("decoder", by_words(of_target, tgt_words, after_bos(tgt_words)), written,
                        read));
  return all;
}

std::vector<AttentionView> every_view(Translator& model) {
  const int heads = attention_heads(model);
  std::vector<AttentionView> views;
  for (int layer = 0; layer < attention_layers(model); layer++)
    for (int head = heads > 1 ? -1 : 0; head < heads; head++)
      for (int shift = 0; shift <= (model.config.model == "transformer"); shift++)
        views.push_back({layer, head, shift});
  return views;
}

std::vector<std::vector<Link>> links_of(const AttentionMaps& cross,
                                        const std::vector<AttentionView>& views) {
  std::vector<std::vector<Link>> links;
  for (const AttentionView& view : views)
    links.push_back(links_from_attention(weights_of(cross, view)));
  return links;
}

std::vector<double> alignment_errors(Translator& model, const std::vector<Pair>& pairs,
                                     const std::vector<AttentionView>& views) {
  std::vector<AerCount> counts(views.size());
  for (const Pair& pair : pairs) {
    if (pair.gold.empty()) continue;
    const auto links = links_of(cross_maps(model, pair.src, pair.tgt), views);
    for (std::size_t v = 0; v < views.size(); v++) counts[v].add(links[v], pair.gold);
  }
  std::vector<double> errors;
  for (const AerCount& count : counts) errors.push_back(count.aer());
  return errors;
}

double alignment_error(Translator& model, const std::vector<Pair>& pairs,
                       const AttentionView& view) {
  return alignment_errors(model, pairs, {view})[0];
}

Weights occlusion(Translator& model, const Tokens& src, const Tokens& tgt) {
  std::vector<Pair> variants{model.pieces({src, tgt})};      // the whole one first
  for (std::size_t hidden = 0; hidden < src.size(); hidden++) {
    Tokens rest = src;
    rest[hidden] = unk_token;
    variants.push_back(model.pieces({rest, tgt}));
  }
  const std::vector<int> word = word_of(tgt, &Pair::tgt, model);
  Weights lost(tgt.size(), std::vector<double>(src.size()));
  std::vector<double> whole;
  constexpr Index most_logits = 1 << 23;
  const Index logits = Index(word.size()) * model.tgt_vocab.size();
  const int at_once = int(std::max<Index>(1, most_logits / logits)), count = int(variants.size());
  for (int first = 0; first < count; first += at_once) {
    std::vector<int> rows(std::min(at_once, count - first));
    std::iota(rows.begin(), rows.end(), first);
    const Batch batch = make_batch(model.config, variants, rows, model.src_vocab, model.tgt_vocab);
    const std::vector<double> log_p = label_log_probs(model, batch);
    const int n = batch.lens.tgt[0];            // of all variants: the target is the same
    if (first == 0) whole.assign(log_p.begin(), log_p.begin() + n);
    for (std::size_t i = 0; i < rows.size(); i++)
      for (int t = 0; t < n && rows[i] > 0; t++)
        if (word[t] < int(tgt.size()))
          lost[word[t]][rows[i] - 1] += whole[t] - log_p[i * std::size_t(n) + t];
  }
  return lost;
}

Weights shares_lost(Weights nats) {
  for (auto& row : nats)
    for (double& lost : row) lost = lost > 0 ? 1 - std::exp(-lost) : 0;
  return nats;
}

double occlusion_error(Translator& model, const std::vector<Pair>& pairs) {
  AerCount count;
  for (const Pair& pair : pairs)
    if (!pair.gold.empty())
      count.add(links_from_attention(occlusion(model, pair.src, pair.tgt)), pair.gold);
  return count.aer();
}

AttentionView best_view(Translator& model, const std::vector<Pair>& pairs) {
  std::vector<AttentionView> views = every_view(model);
  check(!views.empty(), "attention: this model has none");
  if (attention_heads(model) == 1) std::erase_if(views, [](auto& view) { return view.shift > 0; });
  const std::vector<double> errors = alignment_errors(model, pairs, views);
  return views[std::ranges::min_element(errors) - errors.begin()];
}

}  // namespace babelgrad
