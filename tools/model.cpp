#include "tools/model.h"

#include <algorithm>
#include <sstream>

#include "data/moses.h"
#include "models/beam_search.h"
#include "models/pre_norm.h"
#include "models/without.h"
#include "nn/file.h"
#include "nn/weights.h"
#include "tools/terminal.h"

namespace babelgrad {
namespace {

template <class E, class D>
struct Holder : Translator {
  Seq2Seq<E, D> model;

  Holder(const ModelConfig& config, const Vocab& src, const Vocab& tgt, E encoder, D decoder)
      : Translator(config, src, tgt), model(std::move(encoder), std::move(decoder), tgt.pad()) {
    model.label_smoothing = Real(config.label_smoothing);
  }
  Module& module() override { return model; }
  Tensor training_step(const Batch& batch) override { return model.training_step(batch); }
  Prediction greedy(const Ints& src, const Ints& lens, int max_len) override {
    return model.predict_step(src, lens, max_len, tgt_vocab.bos(), tgt_vocab.eos());
  }
  std::vector<std::vector<Hypothesis>> beam(const Ints& src, const Ints& lens,
                                            const Ints& max_lens,
                                            const BeamOptions& options) override {
    NoGrad guard;
    Standing weights(tensors(named_parameters(model)));
    auto state = model.decoder.init_state(model.encoder(src, lens), lens);
    return beam_search(model.decoder, std::move(state), max_lens, tgt_vocab.bos(), tgt_vocab.eos(),
                       options);
  }
  std::vector<Tensor> attention(const Ints& src, const Ints& lens, const Ints& tgt) override {
    if (config.lacks("attention")) return {};
    NoGrad guard;
    model(src, tgt, lens);
    return model.decoder.attention_weights();
  }
};

template <class E, class D>
std::unique_ptr<Translator> hold(const ModelConfig& c, const Vocab& src, const Vocab& tgt,
                                 E encoder, D decoder) {
  return std::make_unique<Holder<E, D>>(c, src, tgt, std::move(encoder), std::move(decoder));
}

Cell cell_of(const std::string& name) {
  return name == "rnn" ? Cell::rnn : name == "lstm" ? Cell::lstm : Cell::gru;
}

Score score_of(const std::string& name) {
  return name == "dot"          ? Score::dot
         : name == "scaled_dot" ? Score::scaled_dot
         : name == "general"    ? Score::general
                                : Score::additive;
}

template <class E, class D>
std::unique_ptr<Translator> transformer(const ModelConfig& c, const Vocab& src, const Vocab& tgt) {
  Real p = Real(c.dropout);
  Activation act = c.activation == "gelu" ? Activation::gelu : Activation::relu;
  return hold(c, src, tgt, E(src.size(), c.hidden, c.ffn, c.heads, c.layers, p, false, act),
              D(tgt.size(), c.hidden, c.ffn, c.heads, c.layers, p, act));
}

std::unique_ptr<Translator> whole_translator(const ModelConfig& c, const Vocab& src,
                                             const Vocab& tgt) {
  if (c.model == "transformer")
    return c.norm == "pre" ? transformer<PreNormEncoder, PreNormDecoder>(c, src, tgt)
                           : transformer<TransformerEncoder, TransformerDecoder>(c, src, tgt);
  Real p = Real(c.dropout);
  Cell cell = cell_of(c.cell);
  Seq2SeqEncoder encoder(src.size(), c.embed, c.hidden, c.layers, p, cell);
  if (c.model == "rnn") {
    return hold(c, src, tgt, encoder,
                Seq2SeqDecoder(tgt.size(), c.embed, c.hidden, c.layers, p, cell));
  }
  return hold(c, src, tgt, encoder,
              Seq2SeqAttentionDecoder(tgt.size(), c.embed, c.hidden, c.layers, p, cell,
                                      score_of(c.score)));
}

// Press and Wolf 2017; Vaswani et al. 2017, section 3.4: handles of the same parameters.
void tie_embeddings(Module& module, const std::string& tie) {
  if (tie == "none") return;
  struct Find : Visitor {
    Tensor *encoder = nullptr, *decoder = nullptr, *dense = nullptr;
    void on_parameter(const std::string& name, Tensor& parameter) override {
      if (name == "encoder.embedding.weight") encoder = &parameter;
      if (name == "decoder.embedding.weight") decoder = &parameter;
      if (name == "decoder.dense.weight") dense = &parameter;
    }
  } found;
  module.fields(found);
  auto same = [](const Tensor& kept, const Tensor& given_up) {
    check(kept.shape() == given_up.shape(), "tie: word vectors of ", kept.shape(), " cannot be ",
          given_up.shape(), " as well; make --embed and --hidden the same");
  };
  same(*found.decoder, *found.dense);
  if (tie == "all") {
    same(*found.decoder, *found.encoder);
    *found.encoder = *found.decoder;
  }
  *found.dense = *found.decoder;
}

}  // namespace

std::unique_ptr<Translator> make_translator(const ModelConfig& c, const Vocab& src,
                                            const Vocab& tgt) {
  check(c.tie != "all" || src == tgt, "tie all: one table is of one vocabulary, but of ",
        src.size(), " and ", tgt.size(), " entries some are not the same");
  std::unique_ptr<Translator> made = whole_translator(c, src, tgt);
  for (const std::string& part : c.without) take_away(made->module(), part);
  made->module().apply([&](Module& module) {
    auto* attention = dynamic_cast<Attention*>(&module);
    if (attention && c.attention_dropout >= 0) attention->dropout.p = Real(c.attention_dropout);
  });
  tie_embeddings(made->module(), c.tie);
  for (Parameter& param : named_parameters(made->module())) {
    if (!param.name.ends_with("embedding.weight")) continue;
    for (Index i = 0; i < param.tensor.numel(); i++)
      param.tensor.data()[i] *= Real(c.embedding_std);
  }
  return made;
}

bool ModelConfig::lacks(const std::string& part) const {
  return std::ranges::find(without, part) != without.end();
}

std::vector<std::string> parts_from(const std::string& list) {
  std::vector<std::string> names;
  std::istringstream in(list);
  for (std::string name; std::getline(in, name, ',');) {
    std::erase(name, ' ');
    if (!name.empty()) names.push_back(name);
  }
  std::ranges::stable_sort(names, {}, [](const std::string& name) {
    return std::ranges::find(parts(), name, &Part::name) - parts().begin();
  });
  return names;
}

// Tried on the smallest model of its kind, so that nothing of the configured size is allocated.
void check_parts(const ModelConfig& config) {
  if (config.norm == "pre") {
    check(config.model == "transformer", "norm pre is of the Transformer, not of ", config.model);
    for (const char* part : {"residual", "norm"})
      check(!config.lacks(part), "norm pre cannot be without ", part, ", only norm post can");
  }
  check(config.without.size() <= parts().size(), "config: without has ", config.without.size(),
        " parts; there are ", parts().size());
  ModelConfig small = config;
  small.embed = small.hidden = 2, small.layers = small.heads = small.ffn = 1;
  struct Restore {
    Random before = generator();                // whose numbers are for the model to come
    ~Restore() { generator() = before; }
  } restore;
  make_translator(small, Vocab(), Vocab());
}

Tokenizer tokenizer_of(const ModelConfig& config) {
  return config.tokenizer == "book"    ? Tokenizer::book
         : config.tokenizer == "moses" ? Tokenizer::moses
                                       : Tokenizer::standard;
}

Language language_of(const ModelConfig& config) {
  return config.language == "english"  ? Language::english
         : config.language == "german" ? Language::german
                                       : Language::french;
}

Json to_json(const ModelConfig& c) {
  Json json = Json::object({{"model", c.model},
                            {"cell", c.cell},
                            {"score", c.score},
                            {"activation", c.activation},
                            {"embed", c.embed},
                            {"hidden", c.hidden},
                            {"layers", c.layers},
                            {"heads", c.heads},
                            {"ffn", c.ffn},
                            {"dropout", c.dropout},
                            {"label_smoothing", c.label_smoothing},
                            {"embedding_std", c.embedding_std},
                            {"tokenizer", c.tokenizer},
                            {"num_steps", c.num_steps}});
  if (!c.without.empty()) json["without"] = c.without;   // a whole model's file is as it ever was,
  if (c.language != "french") json["language"] = c.language;
  if (c.tie != "none") json["tie"] = c.tie;
  if (c.norm != "post") json["norm"] = c.norm;
  if (c.attention_dropout >= 0 && c.attention_dropout != c.dropout)
    json["attention_dropout"] = c.attention_dropout;
  if (c.merges > 0) json["merges"] = c.merges, json["joint"] = c.joint;   // as is one of words
  return json;
}

ModelConfig config_from_json(const Json& json) {
  constexpr int most = 1 << 20;
  auto word = [&](const char* key, std::initializer_list<const char*> allowed) {
    std::string value = json.get_string(key);
    bool known = std::ranges::any_of(allowed, [&](const char* w) { return value == w; });
    check(known, "config: ", key, " is ", printable(value), ", which this version does not know");
    return value;
  };
  auto size = [&](const char* key, int low) { return int(json.get_int(key, low, most)); };
  auto share = [&](const char* key) {
    double value = json.get_double(key);
    check(value >= 0 && value < 1, "config: ", key, " ", value, " is outside [0, 1)");
    return value;
  };
  ModelConfig c;
  c.model = word("model", {"rnn", "attention", "transformer"});
  c.cell = word("cell", {"rnn", "gru", "lstm"});
  c.score = word("score", {"additive", "dot", "scaled_dot", "general"});
  c.activation = word("activation", {"relu", "gelu"});
  c.tokenizer = word("tokenizer", {"book", "standard", "moses"});
  c.embed = size("embed", 1), c.hidden = size("hidden", 1), c.layers = size("layers", 1);
  c.heads = size("heads", 1), c.ffn = size("ffn", 1), c.num_steps = size("num_steps", 0);
  c.dropout = share("dropout"), c.label_smoothing = share("label_smoothing");
  c.embedding_std = json.get_double("embedding_std");
  if (json.find("language")) c.language = word("language", {"english", "french", "german"});
  if (json.find("tie")) c.tie = word("tie", {"none", "decoder", "all"});
  if (json.find("norm")) c.norm = word("norm", {"post", "pre"});
  if (json.find("attention_dropout")) c.attention_dropout = share("attention_dropout");
  if (json.find("merges")) c.merges = size("merges", 1), c.joint = json.at("joint").as_bool();
  if (const Json* parts = json.find("without")) {
    for (const Json& part : parts->as_array("without"))
      c.without.push_back(part.as_string("without"));
  }
  if (c.norm == "pre" || !c.without.empty()) check_parts(c);
  return c;
}

Batch make_batch(const ModelConfig& config, const std::vector<Pair>& pairs,
                 const std::vector<int>& rows, const Vocab& src_vocab, const Vocab& tgt_vocab) {
  if (config.num_steps > 0) return fixed_batch(pairs, rows, src_vocab, tgt_vocab, config.num_steps);
  return padded_batch(pairs, rows, src_vocab, tgt_vocab);
}

Pair Translator::pieces(const Pair& words, double dropout, Random* dice) const {
  const auto spelt = [&](const Subwords& subwords, const Vocab& vocab, const Tokens& sentence) {
    const auto known = [&](const std::string& piece) { return vocab.contains(piece); };
    Tokens out;
    for (const std::string& word : sentence) {
      const Tokens parts = word == unk_token ? Tokens{word}
                           : dice ? subwords.encode({word}, dropout, *dice, known)
                                  : subwords.encode({word}, known);
      out.insert(out.end(), parts.begin(), parts.end());
    }
    return out;
  };
  return {spelt(src_subwords, src_vocab, words.src), spelt(tgt_subwords, tgt_vocab, words.tgt)};
}

Tokens Translator::target_words(const std::vector<int>& ids) const {
  const Tokens pieces = tgt_vocab.words(ids);
  return tgt_subwords.empty() ? pieces : join_pieces(pieces);
}

Tokens Translator::as_written(const Tokens& words) const {
  return tokenizer() == Tokenizer::book ? words : unescape_moses(words);
}

std::string Translator::as_text(const Tokens& pieces) const {
  return target_text(config.merges > 0 ? join_pieces(pieces) : pieces);
}

std::string Translator::target_text(const Tokens& words) const {
  return detokenize(words, language_of(config));
}

Batch Translator::source_batch(const std::vector<Tokens>& sentences) const {
  std::vector<Pair> pairs;
  std::vector<int> rows;
  for (const Tokens& sentence : sentences) {
    rows.push_back(int(pairs.size()));
    pairs.push_back(pieces({sentence, {}}));
  }
  return make_batch(config, pairs, rows, src_vocab, tgt_vocab);
}

}  // namespace babelgrad
