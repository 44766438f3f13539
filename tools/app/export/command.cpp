// babelgrad export: a trained model as a folder that another engine opens. babelgrad import: what
// Hugging Face has trained further, as a model of ours again.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "data/file.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/guarded.h"
#include "tools/app/cli/output.h"
#include "tools/app/export/export.h"

namespace babelgrad {
namespace {

enum class Engine { ctranslate2, huggingface };
Tokens words_of(Engine) { return {"ctranslate2", "huggingface"}; }

void check_new(const std::string& path) {
  check(!path.empty(), "export: the folder to make has no name");
  check(!exists(path), printable(path), ": is there already; name a folder that is to be made");
}

// What a caller of the other engine has to say, as nothing in the files can.
void tell_limits(const Translator& model) {
  const int most = model.config.num_steps;
  if (most > 0)
    say(join("note: this model reads and says at most ", most, " tokens of a sentence, <eos> ",
             "included; ask the other engine for no more"));
}

void write_files(const std::string& folder, const FolderFiles& files) {
  for (const auto& [name, bytes] : files) {
    const std::size_t slash = name.find('/');
    if (slash != name.npos) make_folder(folder + "/" + name.substr(0, slash));
    write_file_atomically(folder + "/" + name, bytes);
    if (pending_signal()) return;
  }
}

std::string without_slashes(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

}  // namespace

bool write_folder(const std::string& path, const std::function<void(const std::string&)>& fill) {
  check_new(path);
  const std::string parent = std::filesystem::path(path).parent_path().string();
  if (!parent.empty()) make_folder(parent);
  const std::string part = join(path, ".part-", ::getpid());
  const auto remove = [&] {
    std::error_code ignored;
    std::filesystem::remove_all(part, ignored);
  };
  try {
    make_folder(part);
    fill(part);
    if (pending_signal()) return remove(), false;
    check(::rename(part.c_str(), path.c_str()) == 0, printable(path), ": cannot be made: ",
          std::strerror(errno));
  } catch (const Error& error) {
    remove();
    std::string what = error.what();            // with the name that the user knows
    const std::string shown = printable(part);
    const std::size_t at = what.find(shown);
    if (at != what.npos) what.replace(at, shown.size(), printable(path));
    fail(what);
  }
  return true;
}

int export_command(int argc, const char* const* argv) {
  std::string run, folder;
  Named<Engine> to = Engine::ctranslate2;
  Args args("export", "babelgrad export run/ --to ctranslate2 served/");
  args.positional("run", &run, "the folder train wrote, or a model file");
  args.positional("folder", &folder, "to be made, and to hold what the other engine reads");
  args.choice("to", &to, "whose files; for PyTorch the model file is one already");
  args.parse(argc, argv);
  args.need("to");
  folder = without_slashes(folder);
  check_new(folder);
  auto model = load_model(run);
  check_exportable(*model, run, to == Engine::ctranslate2 ? "CTranslate2" : "Hugging Face");
  watch_signals();
  const bool done = write_folder(folder, [&](const std::string& part) {
    write_files(part, to == Engine::ctranslate2 ? ctranslate2_files(*model)
                                                : huggingface_files(*model));
  });
  if (done) tell_limits(*model);
  return exit_status();
}

int import_command(int argc, const char* const* argv) {
  std::string folder, out, like;
  Args args("import", "babelgrad import tuned/ --like run/ again/");
  args.positional("folder", &folder, "what Hugging Face's save_pretrained wrote");
  args.positional("out", &out, "a folder to be made, for the model");
  args.string("like", &like, "RUN", "the model that was exported: its vocabularies, its sizes");
  args.parse(argc, argv);
  args.need("like");
  out = without_slashes(out);
  check_new(out);
  auto model = load_model(like);
  check_exportable(*model, like, "Hugging Face");
  const bool whole = is_folder(folder);
  if (whole)
    check_huggingface_config(*model, read_stored_file(folder + "/config.json"),
                             folder + "/config.json");
  load_huggingface(*model, read_safetensors(whole ? folder + "/model.safetensors" : folder));
  model->training.clear();
  watch_signals();
  write_folder(out, [&](const std::string& part) {
    save_model(*model, part + "/model.safetensors");
  });
  return exit_status();
}

}  // namespace babelgrad
