// babelgrad pieces: a model's text as what it reads, and what it says as text, so that another
// engine which has its weights can be used on plain sentences. A line for a line.
#include "data/lines.h"
#include "data/text.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/output.h"
#include "tools/app/run/unknown.h"

namespace babelgrad {
namespace {

struct PiecesOptions {
  std::string run;
  bool target = false, words = false, joined = false, capitals = false;
};

// A word that another engine would take for <eos> itself is none that the model knows.
Tokens harmless(Tokens tokens) {
  for (std::string& token : tokens)
    if (token == pad_token || token == bos_token || token == eos_token) token = unk_token;
  return tokens;
}

Tokens pieces_of_line(const Translator& model, const std::string& line, const PiecesOptions& o) {
  const Tokens words = harmless(tokenize(line, model.tokenizer()));
  if (o.words) return words;
  const Pair pieces = model.pieces(o.target ? Pair{{}, words} : Pair{words, {}});
  return harmless(o.target ? pieces.tgt : pieces.src);
}

// Of a decoder that prints them, <bos>, <eos> and <pad> are no words.
std::string text_of_line(const Translator& model, const std::string& line,
                         const PiecesOptions& o) {
  Tokens said;
  for (const std::string& piece : split_at_spaces(line))
    if (piece != pad_token && piece != bos_token && piece != eos_token) said.push_back(piece);
  const std::string text = model.target_text(model.joined(said));
  return o.capitals ? capitalized(text) : text;
}

}  // namespace

int pieces_command(int argc, const char* const* argv) {
  PiecesOptions o;
  Args args("pieces", "babelgrad pieces run/ < text > pieces");
  args.positional("run", &o.run, "the folder train wrote, or a model file");
  args.flag("join", &o.joined, "the reverse: pieces that an engine wrote become plain text");
  args.flag("words", &o.words, "words, not yet taken apart into subwords");
  args.flag("target", &o.target, "of the target's language, to train on");
  args.flag("capitals", &o.capitals, "with --join: begin each line with a capital letter");
  args.reads_stdin("text");
  args.parse(argc, argv);
  args.refuse({{{"words", "target"}, o.joined, "applies to text; --join reads pieces"},
               {{"capitals"}, !o.joined, "applies to plain text; it needs --join"}});
  const auto model = load_model(o.run);
  Lines lines = lines_of_input(0, check_utf8);
  UnknownWords unknown;
  for (std::string line; lines.next(line);) {
    if (o.joined) print(text_of_line(*model, line, o));
    else print(join(pieces_of_line(*model, line, o)));
    if (!o.joined && !o.target)
      unknown.note(*model, tokenize(line, model->tokenizer()), lines.where());
    if (lines.number() % 512 == 0) flush_output();
  }
  unknown.sum_up();
  return 0;
}

}  // namespace babelgrad
