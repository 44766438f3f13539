// babelgrad ids: pairs as a model reads them, tensors of ids in a safetensors file, from which
// other engines train it further; and our logits, to which theirs are compared.
#include <algorithm>

#include "data/safetensors.h"
#include "data/tsv.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/output.h"
#include "tools/app/corpus.h"
#include "tools/app/run/record.h"
#include "tools/app/run/unknown.h"

namespace babelgrad {
namespace {

struct IdsOptions {
  std::string run, like, data, out;
  int limit = 0;
  bool swap = false, logits = false;
};

void read_ids_options(IdsOptions& o, int argc, const char* const* argv) {
  Args args("ids", "babelgrad ids run/ --data train.tsv --out train.ids");
  declare_run(args, o.run, o.like);
  args.string("data", &o.data, "FILE", "pairs, source TAB target");
  args.string("out", &o.out, "FILE", "the tensors, as safetensors");
  args.flag("swap", &o.swap, "the second column is the source");
  args.integer("limit", &o.limit, 0, 1000000000, "only this many pairs; 0: all");
  args.flag("logits", &o.logits, "also what the model says of each target token");
  args.threads();
  args.parse(argc, argv);
  args.need("data"), args.need("out");
  check_not_read("ids", "--out", o.out, {o.run, o.like, o.data}, ids_file);
}

// The logits of all labels (labels, vocabulary), a few sentences at a time.
std::vector<Real> logits_of(Translator& model, const std::vector<Pair>& pairs, Index labels) {
  constexpr int together = 64;
  constexpr Index most = Index(1) << 31;
  const int words = model.tgt_vocab.size();
  check(labels <= most / words, "ids: ", labels, " tokens have ", labels * words, " logits; ",
        "--limit leaves fewer than ", most);
  std::vector<Real> out;
  out.reserve(labels * words);
  for (int begin = 0; begin < int(pairs.size()); begin += together) {
    std::vector<int> rows;
    for (int i = begin; i < std::min(int(pairs.size()), begin + together); i++) rows.push_back(i);
    const Tensor logits = model.logits(
        make_batch(model.config, pairs, rows, model.src_vocab, model.tgt_vocab));
    out.insert(out.end(), logits.data(), logits.data() + logits.numel());
  }
  return out;
}

}  // namespace

int ids_command(int argc, const char* const* argv) {
  IdsOptions o;
  read_ids_options(o, argc, argv);
  const auto model = load_model(o.run, o.like);
  const Vocab &src = model->src_vocab, &tgt = model->tgt_vocab;
  const TsvCorpus corpus = read_tsv(o.data, {o.limit, model->tokenizer(), 0, o.swap});
  if (const std::string lost = left_out(corpus); !lost.empty())
    say(join("note: ", printable(o.data), ": ", lost));
  note(note_on_known(*model, corpus.pairs, o.data));
  std::vector<Pair> pairs;
  std::vector<int> rows;
  for (const Pair& pair : corpus.pairs) {
    rows.push_back(int(pairs.size()));
    pairs.push_back(model->pieces(pair));
  }
  // Packed, so that a sentence follows the other: a b c <eos>.
  const Batch all = make_batch(model->config, pairs, rows, src, tgt);
  const Ints &src_lens = all.lens.src, &tgt_lens = all.lens.tgt;
  const auto flat = [](const char* name, const Ints& ids) {
    return stored(name, {int(ids.numel())}, ids.values().data());
  };
  std::vector<StoredTensor> tensors{flat("src", all.src), flat("src_lens", src_lens),
                                    flat("tgt", all.label), flat("tgt_lens", tgt_lens)};
  std::vector<Real> logits;
  if (o.logits) {
    logits = logits_of(*model, pairs, all.tokens);
    tensors.push_back(stored("logits", {int(all.tokens), tgt.size()}, logits.data()));
  }
  write_safetensors(o.out, tensors, {{"src_pad", text(src.pad())},
                                     {"tgt_pad", text(tgt.pad())},
                                     {"tgt_bos", text(tgt.bos())},
                                     {"tgt_eos", text(tgt.eos())}});
  say(join("wrote ", printable(o.out), ": ", pairs.size(), " pairs, ", all.src.numel(),
           " and ", all.tokens, " ids"));
  return 0;
}

}  // namespace babelgrad
