// babelgrad manual: pages for man and a completion for bash, made from the options that the
// commands themselves declare. make install writes them.
#include <algorithm>

#include "data/file.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/run/record.h"

namespace babelgrad {
namespace {

// What --help of a command knows, or of one of its actions. `lab` is another program: only its name
// is known here.
Help help_of(const Command& command, const std::string& action = "") {
  std::vector<const char*> words{command.name};
  if (!action.empty()) words.push_back(action.c_str());
  words.push_back("--help");
  try {
    if (command.run != lab_command) command.run(int(words.size()), words.data());
  } catch (const HelpWanted& wanted) { return wanted.help; }
  return {command.name, "", join("babelgrad ", command.name, " ", command.arguments), {},
          {{"help", "", "print this"}}};
}

std::vector<Help> helps_of(const Command& command) {
  if (command.actions.empty()) return {help_of(command)};
  std::vector<Help> all;
  for (const std::string& action : command.actions) all.push_back(help_of(command, action));
  return all;
}

// --- pages

// As roff prints it: a line that begins with a dot is no request, a dash is a dash.
std::string roff(const std::string& text) {
  std::string out;
  for (char c : text) {
    if ((out.empty() || out.back() == '\n') && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') out += "\\e";
    else if (c == '-') out += "\\-";
    else out += c;
  }
  return out;
}

std::string item(const std::string& name, const std::string& value, const std::string& help) {
  const std::string behind = value.empty() ? "" : " \\fI" + roff(value) + "\\fR";
  return ".TP\n\\fB" + roff(name) + "\\fR" + behind + "\n" + roff(help) + "\n";
}

std::string page_head(const std::string& name, const std::string& summary) {
  std::string title = name;
  for (char& c : title)
    if (c >= 'a' && c <= 'z') c += 'A' - 'a';
  return join(".TH ", roff(title), " 1 \"\" \"babelgrad ", program_version, "\"\n.SH NAME\n",
              roff(name), " \\- ", roff(summary), "\n");
}

std::string page_end(const std::string& more) {
  return ".SH EXIT STATUS\n0: done; 1: failed, with one line on stderr; 2: wrong use; 128 + n: "
         "stopped by signal n.\n.SH SEE ALSO\n" + more + "\n";
}

std::string command_page(const Command& command) {
  std::string page = page_head(join("babelgrad-", command.name), command.summary);
  page += ".SH SYNOPSIS\n";
  const std::vector<Help> all = helps_of(command);
  for (const Help& help : all)
    page += ".B babelgrad " + roff(help.synopsis()) + "\n" + (&help == &all.back() ? "" : ".br\n");
  for (const Help& help : all) {
    page += ".SH " + (all.size() == 1 ? "OPTIONS" : roff(help.command)) + "\n";
    for (const Help::Argument& it : help.arguments) page += item(it.name, "", it.help);
    for (const Help::Option& it : help.options)
      page += item("--" + it.name, it.kind, it.help);
    page += ".PP\nExample:\n.PP\n.nf\n.RS\n" + roff(help.examples) + "\n.RE\n.fi\n";
  }
  return page + page_end(".BR babelgrad (1)");
}

std::string main_page() {
  std::string page = page_head("babelgrad", "train, use and look into models that translate");
  page += ".SH SYNOPSIS\n.B babelgrad\n.I COMMAND\n[\\fIoptions\\fR]\n.br\n"
          ".B babelgrad \\-\\-version\n.SH COMMANDS\n";
  for (const Command& it : all_commands()) page += item(it.name, "", it.summary);
  std::string others;
  for (const Command& it : all_commands())
    others += join(others.empty() ? "" : ",\n", ".BR babelgrad\\-", it.name, " (1)");
  return page + page_end(others);
}

// --- completion

bool is_choice(const std::string& kind) { return kind.find('|') != kind.npos; }

// As the case of what may follow the command: `of` is "train", or "subwords learn".
std::string completed_options(std::string of, const Help& help) {
  std::string options, values;
  if (const std::size_t blank = of.find(' '); blank != of.npos) of.insert(blank, "\\");
  for (const Help::Option& it : help.options) {
    options += (options.empty() ? "--" : " --") + it.name;
    if (!is_choice(it.kind)) continue;
    std::string words = it.kind;
    std::ranges::replace(words, '|', ' ');
    values += join("    ", of, ":--", it.name, ") words=\"", words, "\" ;;\n");
  }
  return values + join("    ", of, ":*) options=\"", options, "\" ;;\n");
}

std::string completion() {
  std::string names, known, actions;
  for (const Command& command : all_commands()) {
    names += join(names.empty() ? "" : " ", command.name);
    std::string words;
    for (const std::string& action : command.actions) {
      words += (words.empty() ? "" : " ") + action;
      known += completed_options(join(command.name, " ", action), help_of(command, action));
    }
    if (words.empty()) known += completed_options(command.name, help_of(command));
    else actions += join("    ", command.name, ") actions=\"", words, "\" ;;\n");
  }
  return "# bash completion of babelgrad, made by `babelgrad manual --completion`\n"
         "_babelgrad() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  local command=${COMP_WORDS[1]} actions= options= words=\n"
         "  COMPREPLY=()\n"
         "  if [ \"$COMP_CWORD\" = 1 ]; then\n"
         "    COMPREPLY=($(compgen -W \"" + names + " --help --version\" -- \"$word\"))\n"
         "    return\n"
         "  fi\n"
         "  case $command in\n" + actions + "  esac\n"
         "  if [ -n \"$actions\" ]; then\n"
         "    if [ \"$COMP_CWORD\" = 2 ]; then\n"
         "      COMPREPLY=($(compgen -W \"$actions --help\" -- \"$word\"))\n"
         "      return\n"
         "    fi\n"
         "    command=\"$command ${COMP_WORDS[2]}\"\n"
         "  fi\n"
         "  case $command:$before in\n" + known + "  esac\n"
         "  if [ -n \"$words\" ]; then COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
         "  elif [[ $word = -* ]]; then COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
         "  else compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
         "  fi\n"
         "}\n"
         "complete -F _babelgrad babelgrad";
}

void write_pages(const std::string& folder) {
  make_folder(folder);
  std::vector<std::pair<std::string, std::string>> pages{{folder + "/babelgrad.1", main_page()}};
  for (const Command& it : all_commands())
    pages.emplace_back(join(folder, "/babelgrad-", it.name, ".1"), command_page(it));
  for (const auto& [path, page] : pages)
    check_not_read("manual", "--pages", path, {}, manual_file);
  for (const auto& [path, page] : pages) write_file_atomically(path, page);
}

}  // namespace

int manual_command(int argc, const char* const* argv) {
  std::string name, pages;
  bool complete = false;
  Args args("manual", "babelgrad manual train | man -l -");
  args.optional("command", &name, "whose page; none: the page about all");
  args.flag("completion", &complete, "instead of a page, what bash completes");
  args.string("pages", &pages, "DIR", "instead of one page, all of them as files");
  args.parse(argc, argv);
  args.refuse({{{"completion", "pages"}, !name.empty(), "is made for all commands; name none"},
               {{"pages"}, complete, "applies to pages; leave out --completion"}});
  if (!pages.empty()) return write_pages(pages), 0;
  std::string out = complete ? completion() : name.empty() ? main_page() : "";
  std::vector<std::string> names;
  for (const Command& command : all_commands()) {
    if (!complete && name == command.name) out = command_page(command);
    names.push_back(command.name);
  }
  if (out.empty())
    usage_error("manual: unknown command ", in_quotes(name), did_you_mean(name, names));
  if (out.ends_with('\n')) out.pop_back();
  print(out);
  return 0;
}

}  // namespace babelgrad
