// The program as a user meets it: what it says, where, and with which exit status.
#include <sys/stat.h>

#include "tests/close.h"
#include "tests/program.h"

using namespace babelgrad;

namespace {

std::string tiny_run(const std::string& model) {
  return "train --model " + model + " --pairs 120 --max-length 6 --hidden 16 --embed 16"
         " --layers 1 --heads 2 --ffn 16 --epochs 2 ";
}

int ends_in(const std::string& s) { return int(std::count(s.begin(), s.end(), '\n')); }

}  // namespace

TEST_CASE("program: a mistake is one line on stderr, with exit status 1 or 2") {
  Folder folder;
  write_file_atomically(folder.path + "/empty.tsv", "");
  write_file_atomically(folder.path + "/notab.tsv", "go .\tva !\nno tab here\n");
  write_file_atomically(folder.path + "/bad.tsv", "go .\tva !\nhi \xFF\tsalut\n");
  write_file_atomically(folder.path + "/damaged.safetensors", "this is no model");
  make_folder(folder.path + "/a_folder");
  struct { const char* arguments; int status; const char* says; } table[] = {
      {"fly", 2, "unknown command \"fly\""},
      {"trian --out x", 2, "did you mean train?"},
      {"train --limit 5 --out run", 2, "--data"},
      {"train --model rnn", 2, "--out"},
      {"train --model rnm --out run", 2, "--model"},
      {"train --model rnn --epoch 3 --out run", 2, "did you mean --epochs?"},
      {"train --model rnn --epochs 5x --out run", 2, "--epochs"},
      {"train --model rnn --lr nan --out run", 2, "--lr"},
      {"train --model rnn --data missing.tsv --out run", 1, "missing.tsv"},
      {"train --model rnn --data a_folder --out run", 1, "a_folder"},
      {"train --model rnn --data empty.tsv --out run", 1, "empty.tsv"},
      {"train --model rnn --data notab.tsv --out run", 1, "notab.tsv:2"},
      {"train --model rnn --data bad.tsv --out run", 1, "bad.tsv:2:4"},
      {"train --model rnn --resume --out nothing", 1, "nothing"},
      {"train --model transformer --hidden 30 --heads 4 --pairs 50 --max-length 6 --out run2", 1,
       "train: --hidden 30 is not a multiple of --heads 4"},
      {"translate missing", 1, "missing"},
      {"translate damaged.safetensors", 1, "damaged.safetensors"},
      {"translate a_folder", 1, "model.safetensors"},
      {"translate", 2, "RUN is missing"},
      {"evaluate missing --data notab.tsv", 1, "missing"},
      {"corpus --min-length 9 --max-length 5", 2, "--min-length"},
  };
  for (const auto& row : table) {
    std::string arguments = row.arguments;
    CAPTURE(arguments);
    Said result = said_by(folder, arguments);
    CHECK_MESSAGE(result.status == row.status, result.err);
    CHECK_MESSAGE(says(result.err, row.says), result.err);
    CHECK_MESSAGE(ends_in(result.err) == 1, result.err);
    CHECK(result.err.starts_with("error: "));
    CHECK(result.out.empty());
    CHECK(!exists(folder.path + "/run/model.safetensors"));
  }
}

TEST_CASE("program: every command has its --help on stdout") {
  Folder folder;
  for (const char* command :
       {"", "train ", "translate ", "evaluate ", "analyse ", "attend ", "explain ", "graph ",
        "corpus ", "demo ", "bench ", "lab ", "report ", "subwords "}) {
    Said result = said_by(folder, std::string(command) + "--help");
    CHECK(result.status == 0);
    CHECK(says(result.out, "babelgrad"));
    CHECK(result.err.empty());
  }
  CHECK(said_by(folder, "--version").out.starts_with("babelgrad "));
}

TEST_CASE("program: train, translate, evaluate and attend, from beginning to end") {
  for (const char* model : {"rnn", "attention", "transformer"}) {
    CAPTURE(model);
    Folder folder;
    Said trained = said_by(folder, tiny_run(model) + "--out run");
    REQUIRE_MESSAGE(trained.status == 0, trained.err);
    CHECK(trained.out.empty());
    CHECK(!says(trained.err, "\r"));   // no live line when nobody watches
    CHECK(ends_in(read_file(folder.path + "/run/log.jsonl")) == 7);   // options, updates, epochs
    CHECK(exists(folder.path + "/run/report.html"));

    Said translated = said_by(folder, "translate run", "the dog sleeps .\n\nthe zyx sees him .\n");
    CHECK(translated.status == 0);
    CHECK(ends_in(translated.out) == 3);                                   // a line for a line
    CHECK(says(translated.err, "\"zyx\" is not in the vocabulary"));
    Said beam = said_by(folder, "translate run --beam 3 --n-best 2", "the dog sleeps .\n");
    CHECK(beam.status == 0);
    CHECK(ends_in(beam.out) == 2);
    CHECK(says(beam.out, " ||| "));
    CHECK(said_by(folder, "translate run --n-best 2", "a\n").status == 2);
    CHECK(says(said_by(folder, "translate run", "bad \xFF\n").err, "stdin:1:5"));

    Said evaluated = said_by(folder, "evaluate run --limit 20");
    CHECK_MESSAGE(evaluated.status == 0, evaluated.err);
    CHECK(says(evaluated.out, "BLEU|nrefs:1|case:lc|eff:no|tok:13a|smooth:exp|"));
    CHECK(said_by(folder, "evaluate run --limit 3 --json").out.starts_with("{\"pairs\":3,"));

    Said attended = said_by(folder, "attend run \"the dog sleeps .\" --target \"le chien dort .\""
                               " --svg heads.svg");
    bool has_attention = model != std::string("rnn");
    CHECK(attended.status == 0);
    CHECK(exists(folder.path + "/heads.svg"));
    Said looking = said_by(folder, "attend run \"the dog sleeps .\" --by attention");
    CHECK(looking.status == (has_attention ? 0 : 1));
    if (!has_attention) CHECK(says(looking.err, "has none"));
    CHECK(said_by(folder, "attend run \"the dog sleeps .\" --by occlusion --json").status == 0);
    Said page = said_by(folder, "attend run \"the dog sleeps .\" --target \"le chien dort .\""
                           " --html page.html --gold \"0-0 1?1\"");
    CHECK_MESSAGE(page.status == 0, page.err);
    std::string html = read_file(folder.path + "/page.html");
    CHECK(html.starts_with("<!DOCTYPE html>"));
    CHECK((!says(html, "No attention")) == has_attention);
    CHECK(says(html, "class=\"gold possible\""));
    CHECK(says(html, "id=\"occlusion\"") != has_attention);
    CHECK(said_by(folder, "attend run \"the dog sleeps .\" --layer 9").status == 2);
    Said told = said_by(folder, "explain run \"the dog sleeps .\" --grad --json");
    CHECK_MESSAGE(told.status == 0, told.err);
    CHECK(told.out.starts_with("{\"model\":"));
    Said drawn = said_by(folder, "graph run \"the dog sleeps .\" --dot graph.dot");
    CHECK_MESSAGE(drawn.status == 0, drawn.err);
    CHECK(read_file(folder.path + "/graph.dot").starts_with("digraph"));
  }
}

TEST_CASE("program: train --without names what it takes, and refuses what is not there") {
  Folder folder;
  std::string tiny = " --pairs 80 --max-length 6 --hidden 8 --embed 8 --layers 1 --heads 2 "
                     "--ffn 8 --epochs 1 --out run ";
  Said shown = said_by(folder, "train --model transformer --without norm,mask --dump-config");
  CHECK(says(shown.out, "\nwithout = norm,mask\n"));
  CHECK(says(said_by(folder, "train --model rnn --dump-config").out, "\nwithout = \n"));
  for (const char* wrong : {"rnn --without attention", "attention --without residual",
                            "transformer --without=mask,residul", "attention --without scaling"}) {
    Said refusal = said_by(folder, std::string("train --model ") + wrong + tiny);
    CHECK_MESSAGE(refusal.status == 2, refusal.err);
    CHECK(refusal.err.starts_with("error: train: --without: this model has no "));
    CHECK(std::ranges::count(refusal.err, '\n') == 1);
    CHECK(!exists(folder.path + "/run"));
  }
  std::string all = "mask,positions,residual,norm,ffn,scaling,W_v,self-attention,attention";
  CHECK(said_by(folder, "train --model transformer --without " + all + tiny).status == 0);
  CHECK(said_by(folder, "evaluate run --limit 3").status == 0);
  CHECK(said_by(folder, "evaluate run --limit 3 --beam 2").status == 0);
  CHECK(said_by(folder, "attend run 'the dog sleeps .'").status == 0);       // by occlusion
  Said blind = said_by(folder, "attend run 'the dog sleeps .' --by attention");
  CHECK(blind.status == 1);
  CHECK(blind.err == "error: attention: this model has none; train --model attention or "
                     "transformer\n");
  CHECK(said_by(folder, "attend run 'the dog sleeps .' --html page.html").status == 0);
  Said told = said_by(folder, "explain run 'the dog sleeps .'");
  CHECK(told.status == 0);
  CHECK(says(told.out, "scaled embeddings"));
  CHECK(says(told.out, "self-attention: scores"));   // of the decoder
  for (const char* gone : {"cross-attention", "feed-forward", "norm"})
    CHECK_MESSAGE(!says(told.out, gone), gone);
}

TEST_CASE("program: train says what was left out, and that nothing validates") {
  Folder folder;
  write_file_atomically(folder.path + "/tab.tsv", "one\tun\ntwo\tdeux\nthree\ttrois\tet plus\n");
  write_file_atomically(folder.path + "/empty.tsv", "one\tun\na\t\n\tb\n");
  write_file_atomically(folder.path + "/long.tsv", "a b c d\tb\na\tb c d e\na\tb\n");
  const std::string train = "train --model rnn --embed 4 --hidden 4 --layers 1 --epochs 2"
                            " --overwrite --out run ";
  struct { const char* arguments; const char* says; bool does; } table[] = {
      {"--data tab.tsv", "tab.tsv: 3 pairs of 3 lines (0 empty, 0 too long, 1 third column passed",
       true},
      {"--data tab.tsv", "most pairs", false},
      {"--data empty.tsv", "note: most pairs of empty.tsv are left out\n", true},
      {"--data long.tsv --max-tokens 3", "note: most pairs of long.tsv are left out\n", true},
      {"--data long.tsv --max-tokens 4", "most pairs", false},
      {"--data tab.tsv --val empty.tsv",
       "note: empty.tsv: 2 pairs with an empty side are left out, most of the file\n", true},
      {"--data tab.tsv --val tab.tsv",
       "note: tab.tsv: 1 third columns that are no links are left out\n", true},
      {"--data tab.tsv --val long.tsv", "long.tsv:", false},
      {"--data tab.tsv --num-train 3", "note: --num-train 3 leaves none of 3 pairs to validate",
       true},
      {"--data tab.tsv --num-train 2", "note: --num-train", false},
      {"--data tab.tsv --preset multi30k-ladder --warmup 0",
       "note: nothing is held out of 3 pairs; give --val or a larger --hold-out. The model", true},
      {"--data tab.tsv --hidden 6 --hidden 4",
       "note: --hidden is given more than once; the last one counts: 4", true}};
  for (const auto& row : table) {
    const std::string arguments = train + row.arguments;
    const Said result = said_by(folder, arguments);
    CHECK_MESSAGE(result.status == 0, result.err);
    CHECK_MESSAGE(says(result.err, row.says) == row.does, arguments, ": ", result.err);
  }
}

TEST_CASE("program: options that come to nothing are noted, and the work goes on") {
  Folder folder;
  write_file_atomically(folder.path + "/pairs.tsv", "ab ab\tab ab\none\tun\ntwo\tdeux\n");
  write_file_atomically(folder.path + "/tab.tsv", "un\tone\tmore\ndeux\ttwo\nab\tab ab\na\t\n");
  write_file_atomically(folder.path + "/said", "ab ab\nun\ndeux\n");
  REQUIRE(said_by(folder, "train --model attention --embed 4 --hidden 4 --data pairs.tsv --epochs 1"
                      " --merges 3 --out run").status == 0);
  struct { const char* arguments; const char* says; } table[] = {
      {"evaluate run --data pairs.tsv --pairs 50 --alphabet 9", "--pairs, --alphabet: no effect"},
      {"evaluate run --data pairs.tsv --tokens", "--tokens: no effect"},
      {"evaluate run --data tab.tsv", "tab.tsv: 1 pairs with an empty side, 1 third columns"},
      {"analyse run --data tab.tsv", "1 pairs with an empty side, 1 third columns that are no"},
      {"report run --data tab.tsv", "tab.tsv: 1 pairs with an empty side, 1 third columns"},
      {"evaluate run --group --pairs 500", "--group: no effect; built-in"},
      {"evaluate --hyp said --data pairs.tsv --beam 3 --alpha 1", "--beam, --alpha: no effect"},
      {"evaluate run --data pairs.tsv --tokens --out out.txt --beam 2 --alpha 1", ""},
      {"analyse run --data pairs.tsv --by tag --trained-length 3 --seed 2",
       "--trained-length: no effect without --by split; --seed: no effect"},
      {"report run --settings --limit 3 --pairs 20", "--limit: no effect; --settings only prints"},
      {"attend run one --target un --beam 2", "--beam: no effect; it applies to the page"},
      {"attend run one --target un --html a.html --beam 1 --alpha 1", "--alpha: no effect"},
      {"attend run one --target un --json --gold 0-0", "--gold: no effect on --json"},
      {"attend run zyx", "\"zyx\" has a piece that is not in the vocabulary"},
      {"explain run zyx", "\"zyx\" has a piece that is not in the vocabulary"},
      {"graph run zyx", "\"zyx\" has a piece that is not in the vocabulary"},
      {"explain run one --target un --head 1", "--head: no effect"},
      {"graph --model rnn --heads 2 --score dot", "--heads: no effect on a model that is no"},
      {"graph --model rnn --dropout 0.5", "--dropout: no effect; it acts between"},
      {"graph --model transformer --cell lstm", "--cell: no effect on the Transformer"},
      {"graph --expression w*w --set w=2 --seed 3", "--seed: no effect"},
      {"graph --expression w*w --set w=2 --collapse 1", "--collapse: no effect"},
      {"graph --model rnn --collapse 0 --expand decoder", "--expand: no effect"},
      {"lab --quick", "--quick: no effect on the list"},
      {"corpus --pairs 1 --split test", "--split test has none of 1 --pairs"},
      {"subwords show run --target", "--target: no effect; both languages have"},
      {"subwords apply codes --seed 3", "--seed: no effect without --dropout"},
      {"subwords apply codes --seed 3 --dropout 0.5", ""},
      {"bench --only machine --seconds 0 --threads 1 --beam 3 --model rnn",
       "--beam: no effect; it applies to --only beam; --model: no effect"}};
  write_file_atomically(folder.path + "/codes", "#version: 0.2\na b\n");
  for (const auto& row : table) {
    const Said result = said_by(folder, row.arguments, "a b\n");
    const std::string wanted = row.says, notes = result.err.substr(0, result.err.find('\n'));
    CAPTURE(row.arguments);
    CHECK_MESSAGE(result.status == 0, result.err);
    CHECK_MESSAGE(notes.starts_with("note: ") == !wanted.empty(), result.err);
    CHECK_MESSAGE(says(notes, wanted), result.err);
  }
}

TEST_CASE("program: options that ask for something else than is done are refused") {
  Folder folder;
  for (const char* command : {"evaluate run --swap", "analyse run --swap", "report run --swap",
                              "bench --only batched --config real"})
    CHECK(said_by(folder, command).status == 2);
  CHECK(said_by(folder, "lab --verdicts --out no").err.starts_with("error: no: is no folder; "));
}

TEST_CASE("program: a run is never overwritten unasked, and a stopped one goes on") {
  Folder folder;
  REQUIRE(said_by(folder, tiny_run("rnn") + "--out whole").status == 0);
  Said stopped = said_by(folder, tiny_run("rnn") + "--out run --max-steps 1");
  CHECK(stopped.status == 0);
  CHECK(stopped.err.ends_with("stopped after step 1, saved; go on with: " + program_path() +
                              " train --resume --out run\n"));
  Said again = said_by(folder, tiny_run("rnn") + "--out run");
  CHECK(again.status == 1);
  CHECK(says(again.err, "--resume"));
  Said wider = said_by(folder, tiny_run("rnn") + "--out run --resume --hidden 17");
  CHECK(says(wider.err, "hidden"));
  CHECK(said_by(folder, tiny_run("rnn") + "--out run --resume").status == 0);
  CHECK(says(said_by(folder, tiny_run("rnn") + "--out run --resume").err,
            "nothing to do: 2 epochs are done, all of --epochs 2"));
  CHECK(read_file(folder.path + "/run/model.safetensors") ==
        read_file(folder.path + "/whole/model.safetensors"));
  CHECK(said_by(folder, tiny_run("rnn") + "--out run --overwrite").status == 0);
  // A model without a checkpoint is no run to resume.
  remove_file(folder.path + "/run/trainer.safetensors");
  const std::string before = read_file(folder.path + "/run/model.safetensors");
  for (const char* how : {"--out run", "--out run --resume"}) {
    const Said refused = said_by(folder, tiny_run("rnn") + how);
    CHECK(refused.status == 1);
    CHECK(refused.err.ends_with(
        "error: run: holds a model, but no trainer.safetensors to go on from, as if killed in its "
        "first epoch; --overwrite begins anew\n"));
  }
  CHECK(read_file(folder.path + "/run/model.safetensors") == before);
  CHECK(said_by(folder, tiny_run("rnn") + "--out empty --resume").err.ends_with(
      "error: empty: holds no run to resume\n"));
}

TEST_CASE("program: a demo takes the place of no run of train") {
  Folder folder;
  make_folder(folder.path + "/runs");
  REQUIRE(said_by(folder, tiny_run("attention") + "--out runs/attention").status == 0);
  const std::string before = read_file(folder.path + "/runs/attention/model.safetensors");
  const Said demo = said_by(folder, "demo --pairs 100 --out runs");
  CHECK(demo.status == 1);
  CHECK(demo.err == "error: demo: runs/attention: holds a run of train, which is kept; choose "
                    "another --out\n");
  CHECK(read_file(folder.path + "/runs/attention/model.safetensors") == before);
  CHECK(names_in(folder.path + "/runs") == std::vector<std::string>{"attention"});
  make_folder(folder.path + "/mine/rnn");
  write_file_atomically(folder.path + "/mine/rnn/model.safetensors", "mine");
  CHECK(said_by(folder, "demo --pairs 100 --out mine").err ==
        "error: demo: mine/rnn: holds a file \"model.safetensors\" that belongs to no demo, which "
        "is kept; choose another --out\n");
  CHECK(read_file(folder.path + "/mine/rnn/model.safetensors") == "mine");
}

TEST_CASE("program: the smallest demo works, and takes its own place") {
  Folder folder;
  for (int turn = 0; turn < 2; turn++) {
    const Said demo = said_by(folder, "demo --pairs 100 --out small --threads 1");
    CHECK_MESSAGE(demo.status == 0, demo.err);
    CHECK(says(demo.out, "held out: "));
  }
  for (const char* model : {"rnn", "transformer"})             // a run like any other
    CHECK(says(said_by(folder, join("train --resume --out small/", model)).err, "nothing to do: "));
}

TEST_CASE("program: the name of a file of pairs may be any bytes") {
  Folder folder;
  write_file_atomically(folder.path + "/\xFF.tsv", "a dog\tun chien\na cat\tun chat\n");
  const Said trained = said_by(folder, "train --model rnn --hidden 4 --embed 4 --layers 1 "
                                       "--epochs 1 --data '\xFF.tsv' --out run");
  CHECK_MESSAGE(trained.status == 0, trained.err);
  CHECK(says(said_by(folder, "report run --settings").out, "\\xFF.tsv"));
}

TEST_CASE("program: a pipe or device is no model, nor a damaged one, which stays as it is") {
  Folder folder;
  REQUIRE(said_by(folder, tiny_run("rnn") + "--out run").status == 0);
  REQUIRE(::mkfifo((folder.path + "/pipe").c_str(), 0600) == 0);
  for (const char* command : {"translate pipe", "evaluate /dev/zero", "attend pipe x"}) {
    const Said refused = said_by(folder, command, "a\n");
    CHECK(refused.status == 1);
    CHECK_MESSAGE(says(refused.err, ": is a pipe or a device, not a file\n"), refused.err);
    CHECK(ends_in(refused.err) == 1);
  }
  const Said piped = said_by(folder, "evaluate run --data /dev/stdin", "a dog\tun chien\n");
  CHECK_MESSAGE(piped.status == 0, piped.err);          // but pairs come through a pipe
  std::string path = folder.path + "/run/model.safetensors", bytes = read_file(path);
  bytes[bytes.size() / 2] ^= 1;
  write_file_atomically(path, bytes);
  Said result = said_by(folder, "translate run", "the dog sleeps .\n");
  CHECK(result.status == 1);
  CHECK(says(result.err, "checksum"));
  CHECK(read_file(path) == bytes);
}

TEST_CASE("program: the built-in corpus has three columns and the same bytes every time") {
  Folder folder;
  Said first = said_by(folder, "corpus --pairs 200 --max-length 12");
  CHECK(first.status == 0);
  CHECK(ends_in(first.out) == 200);
  CHECK(std::count(first.out.begin(), first.out.end(), '\t') == 400);
  CHECK(said_by(folder, "corpus --pairs 200 --max-length 12").out == first.out);
  write_file_atomically(folder.path + "/pairs.tsv", first.out);
  Said trained = said_by(folder, "train --model rnn --data pairs.tsv --hidden 8 --embed 8 "
                                 "--layers 1 --epochs 1 --out r");
  CHECK(trained.status == 0);
}

TEST_CASE("program: a full disk behind stdout, or none at all, is an error") {
  for (const char* out : {"> /dev/full", ">&-"}) {
    std::string command = program_path() +
                          " corpus --pairs 2000 " + out + " 2> /dev/null";
    CHECK(WEXITSTATUS(std::system(command.c_str())) == 1);
  }
}
