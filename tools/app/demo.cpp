// babelgrad demo: the whole story in a few minutes. The same sentences, three models: one vector
// for the source; a look back at it before every word; attention alone.
#include <algorithm>

#include "data/file.h"
#include "data/grammar.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/guarded.h"
#include "tools/app/cli/output.h"
#include "tools/app/report/report.h"
#include "tools/app/run/alignment_view.h"
#include "tools/app/run/analysis.h"
#include "tools/app/run/evaluate.h"
#include "tools/app/run/record.h"
#include "tools/app/run/train.h"
#include "tools/app/view/heatmap.h"

namespace babelgrad {
namespace {

struct Demo {
  std::string folder = "runs/demo";
  int pairs = 24000, max_length = 12;
  std::uint64_t seed = 1;
  TrainingCorpus corpus;
  std::vector<Pair> test;
};

struct Learned {
  std::string name;
  TrainOutcome outcome;
  Evaluation evaluation;
  AttentionView view;
  double aer = -1;  // none without attention
};

constexpr int most_valid = 400;                 // pairs that validate

// Those of babelgrad train --preset demo, and what the run's log tells of them, by which a report
// finds the pairs.
struct Recipe {
  TrainSettings settings;
  NamedValues options;
};
Recipe recipe_for(const std::string& model, const Demo& demo) {
  Args args("train", "");
  TrainOptions o;
  const std::string pairs = text(demo.pairs), longest = text(demo.max_length);
  const std::string seed = text(demo.seed);
  const char* words[] = {"train", "--preset", "demo", "--model", model.c_str(), "--pairs",
                         pairs.c_str(), "--max-length", longest.c_str(), "--seed", seed.c_str()};
  read_options(args, o, std::size(words), words);
  Recipe recipe{o.settings, args.values()};
  TrainSettings& s = recipe.settings;
  s.schedule.total = long(demo.corpus.train.size() / s.batch_size + 1) * s.epochs;
  s.schedule.warmup = std::min(s.schedule.warmup, s.schedule.total / 4);       // of a small demo
  for (auto& [name, value] : recipe.options)    // so that train --resume continues it
    value = name == "decay-steps" ? text(s.schedule.total)
            : name == "warmup"    ? text(s.schedule.warmup)
                                  : value;
  recipe.options.push_back({"most-valid", text(most_valid)});
  return recipe;
}

void divide_corpus(Demo& demo) {
  Splits parts = splits_of(make_corpus(demo.pairs, demo.seed, {3, demo.max_length}));
  demo.corpus = {std::move(parts.train), std::move(parts.validation)};
  demo.test = std::move(parts.test);
  bool enough = !demo.test.empty() && !demo.corpus.validation.empty();
  check(enough, "demo: ", demo.pairs, " pairs leave none to test on; take more --pairs");
  demo.corpus.validation.resize(std::min<std::size_t>(demo.corpus.validation.size(), most_valid));
}

std::string folder_of(const Demo& demo, const std::string& name) {
  return demo.folder + "/" + name;
}

// A demo takes the place of a demo, whose log tells how many pairs validate, and of nothing else.
void check_replaceable(const std::string& folder) {
  const NamedValues options = recorded_options(folder);
  if (std::ranges::count(options, "most-valid", &NamedValues::value_type::first) > 0) return;
  for (const std::string& name : names_in(folder))
    check(name == "lock" || is_folder(folder + "/" + name), "demo: ", printable(folder), ": holds ",
          options.empty() ? join("a file ", in_quotes(name), " that belongs to no demo")
                          : "a run of train",
          ", which is kept; choose another --out");
}

Learned learn_all(const std::string& name, const Demo& demo, Progress& progress) {
  Learned out{name, {}, {}, {}, -1};
  const std::string folder = folder_of(demo, name);
  make_folder(folder);
  FolderLock lock(folder);
  clear_run(folder);
  const Recipe recipe = recipe_for(name, demo);
  log_settings(folder, recipe.options);
  out.outcome = run_training(recipe.settings, demo.corpus, folder, false, progress);
  if (!out.outcome.complete) return out;
  out.evaluation = evaluate(*out.outcome.model, demo.test);
  if (attention_layers(*out.outcome.model) == 0) return out;
  out.view = best_view(*out.outcome.model, demo.corpus.validation);
  out.aer = alignment_error(*out.outcome.model, demo.test, out.view);
  return out;
}

std::vector<std::string> floor_row(const Demo& demo) {
  analysis::Row floor = analysis::floors_of(demo.corpus.train, demo.test);
  return {"floor: word by word, diagonal", "", "", fixed(floor.floor_bleu, 1),
          fixed(100 * floor.floor_exact, 1), fixed(floor.floor_aer, 3)};
}

void print_table(const Demo& demo, std::vector<Learned>& models) {
  std::vector<std::vector<std::string>> rows{
      {"model", "parameters", "seconds", "BLEU", "exact %", "AER"}};
  for (Learned& m : models) {
    rows.push_back({m.name, text(parameter_count(m.outcome.model->module())),
                    fixed(m.outcome.seconds, 1), fixed(m.evaluation.bleu_tokens.score, 1),
                    fixed(100 * m.evaluation.exact, 1), m.aer < 0 ? "-" : fixed(m.aer, 3)});
  }
  rows.push_back(floor_row(demo));
  print(join("\nheld out: ", demo.test.size(), " sentences no model has seen, 3 to ",
             demo.max_length, " words\n"));
  print(table(rows, "lr"));
}

// Five held-out sentences, from short to long.
std::vector<std::size_t> examples(const Demo& demo) {
  std::vector<std::size_t> chosen;
  for (int k = 1; k <= 5; k++) {
    int wanted = 3 + (demo.max_length - 3) * k / 5;
    auto miss = [wanted](const Pair& pair) { return std::abs(int(pair.src.size()) - wanted); };
    chosen.push_back(std::ranges::min_element(demo.test, {}, miss) - demo.test.begin());
  }
  return chosen;
}

void show_translations(const Demo& demo, const std::vector<Learned>& models) {
  for (std::size_t i : examples(demo)) {
    print(join("\n", detokenize(demo.test[i].src, Language::english)));
    for (const Learned& m : models) {
      const Tokens& said = m.evaluation.translations[i];
      const std::string gap(13 - m.name.size(), ' ');
      const std::string right = m.outcome.model->target_text(demo.test[i].tgt);
      print(join("  ", m.name, gap, m.outcome.model->target_text(said)));
      if (said != demo.test[i].tgt) print(join("    not right: ", right));
    }
  }
}

void show_alignments(const Demo& demo, const std::vector<Learned>& models) {
  const Pair& pair = demo.test[examples(demo).back()];
  for (const Learned& m : models) {
    if (m.aer < 0) continue;
    std::string title = m.name;
    if (attention_heads(*m.outcome.model) > 1) title += ", " + m.view.name();
    Panel panel{attention_matrix(*m.outcome.model, pair.src, pair.tgt, m.view), pair.tgt, pair.src,
                title, pair.gold};
    write_file_atomically(folder_of(demo, m.name) + "/alignment.svg", heatmap_svg(panel));
    Screen out = screen(1);
    if (m.name != "attention") continue;
    print("\nwhere each French word looked in the English sentence:\n");
    print(heatmap_text(panel, {out.utf8, out.width, out.safe}));
  }
}

}  // namespace

int demo_command(int argc, const char* const* argv) {
  Demo demo;
  Args args("demo", "babelgrad demo");
  args.about("Trains the book's three models on the built-in corpus, one after the other, and "
             "shows side by side how well they translate. A minute and a half on two cores.");
  args.string("out", &demo.folder, "FOLDER",
              "where models, logs and alignments go; a demo there is replaced");
  args.integer("pairs", &demo.pairs, 100, 1000000, "sentences to draw from the built-in grammar");
  args.integer("max-length", &demo.max_length, 8, 40, "longest source, in words");
  args.integer("seed", &demo.seed, 0, UINT64_MAX, "same seed, same demo");
  args.threads();
  args.parse(argc, argv);
  const char* const names[] = {"rnn", "attention", "transformer"};
  for (const char* name : names) check_replaceable(folder_of(demo, name));
  const auto is_there = [&](const char* name) { return exists(folder_of(demo, name)); };
  if (std::ranges::none_of(names, is_there)) note_on_others(demo.folder);
  divide_corpus(demo);
  watch_signals();
  Progress progress(screen(2));
  std::vector<Learned> models;
  for (const char* name : names) {
    models.push_back(learn_all(name, demo, progress));
    if (models.back().outcome.complete) continue;
    progress.finish();
    say(join("stopped after step ", models.back().outcome.steps, " of the ", name, ", saved; ",
             program_name(), " train --resume --out ", for_shell(folder_of(demo, name)),
             " goes on with this one; demo begins anew"));
    return exit_status();
  }
  progress.finish();
  print_table(demo, models);
  show_translations(demo, models);
  show_alignments(demo, models);
  const std::string& program = program_name();
  print(join("\nwrote ", demo.folder,
             "/{rnn,attention,transformer}/{model.safetensors,log.jsonl,alignment.svg}\nnext:\n  ",
             program, " translate ", demo.folder, "/attention\n  ", program, " attend ",
             demo.folder, "/transformer \"the king 's horse sees her .\" --html attention.html\n  ",
             program, " evaluate ", demo.folder, "/transformer"));
  return exit_status();
}

}  // namespace babelgrad
