// A small XML checker for tests of what is drawn, one for whole pages, how often something is in
// them, and the words that must stay words there.
#pragma once

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "data/file.h"
#include "tests/folder.h"

namespace babelgrad {

inline int count(const std::string& text, const std::string& what) {
  int n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) n++;
  return n;
}

// Markup, ends of markup, escapes, directions, and bytes that are no text.
inline const std::vector<std::string> hostile_words = {
    "<script>alert(1)</script>", "</script><img/src=x/onerror=alert(1)>", "\"><img src=x>", "\"]]>",
    "\"'/onload='x", "' onload='x", "&amp;", "&lt;", "</style>", "</title>", "</bdi>", "<!--",
    "--><!--", "\33[31m\t\n", "\33]0;x\7", "\u202Eabc", "\u202E\u2067", "\u0085\u2028", "\uFFFE",
    "\xFF\xC0", std::string("\0", 1)};

inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
inline bool is_xml_name(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-'; }

// What is wrong with it as XML, "" if nothing: tags balance, attributes are quoted and differ, each
// & begins one of the five entities we write, no control bytes.
inline std::string xml_problem(const std::string& s) {
  std::vector<std::string> open;
  for (std::size_t i = 0; i < s.size(); i++) {
    if ((unsigned char)s[i] < 0x20 && s[i] != '\n') return "a control byte";
    if (s[i] == '>') return "a bare >";
    if (s[i] == '&') {
      bool known = false;
      for (const char* name : {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"})
        known |= s.compare(i, std::string(name).size(), name) == 0;
      if (!known) return "a bare &";
    }
    if (s[i] != '<') continue;
    const bool closing = s[++i] == '/';
    if (closing) i++;
    std::string name;
    while (i < s.size() && is_xml_name(s[i])) name += s[i++];
    if (name.empty() || !is_letter(name[0])) return "a tag without a name";
    std::vector<std::string> seen;
    while (i < s.size() && s[i] == ' ') {
      std::string attribute;
      for (i++; i < s.size() && is_xml_name(s[i]); i++) attribute += s[i];
      if (s.compare(i, 2, "=\"") != 0) return "an attribute without a value in " + name;
      for (const std::string& other : seen)
        if (other == attribute) return attribute + " twice in " + name;
      seen.push_back(attribute);
      for (i += 2; i < s.size() && s[i] != '"'; i++)
        if (s[i] == '<') return "< in an attribute";
      i++;
    }
    if (s.compare(i, 2, "/>") == 0) i++;
    else if (i >= s.size() || s[i] != '>') return "an open tag " + name;
    else if (!closing) open.push_back(name);
    else if (open.empty() || open.back() != name) return "a stray </" + name + ">";
    else open.pop_back();
  }
  return open.empty() ? "" : "no </" + open.back() + ">";
}

// The SHA-256 of these bytes in base64, as coreutils have it.
inline std::string base64_sha256(const std::string& bytes) {
  static std::map<std::string, std::string> known;
  std::string& hash = known[bytes];
  if (!hash.empty()) return hash;
  Folder folder;
  write_file_atomically(folder.path + "/bytes", bytes);
  const std::string command = "sha256sum < " + folder.path + "/bytes | cut -c 1-64 | " +
                              "tr a-f A-F | basenc --base16 -d | base64";
  std::FILE* pipe = popen(command.c_str(), "r");
  for (int c; pipe && (c = std::fgetc(pipe)) > ' ';) hash += char(c);
  if (pipe) pclose(pipe);
  return hash;
}

// Takes what stands between all `open` and `close` out of the page, and returns it.
inline std::vector<std::string> cut_out(std::string& page, const std::string& open,
                                         const std::string& close) {
  std::vector<std::string> all;
  for (std::size_t at = page.find(open); at != page.npos; at = page.find(open, at + 1)) {
    const std::size_t begin = at + open.size(), end = page.find(close, begin);
    if (end == page.npos) break;
    all.push_back(page.substr(begin, end - begin));
    page.erase(begin, end - begin);
  }
  return all;
}

// What is wrong with a page that should be whole, and load and run nothing but the styles and the
// script in it, which its policy admits by their hashes; "" if nothing.
inline std::string page_problem(std::string page) {
  const std::string doctype = "<!DOCTYPE html>\n";
  if (!page.starts_with(doctype + "<html")) return "no page";
  std::string policy = "default-src 'none'; style-src";
  for (const std::string& style : cut_out(page, "<style>", "</style>"))
    policy += " 'sha256-" + base64_sha256(style) + "'";
  for (const std::string& script : cut_out(page, "<script>", "</script>"))
    policy += "; script-src 'sha256-" + base64_sha256(script) + "'";
  if (count(page, "Policy\" content=\"" + policy + "; base-uri 'none'; form-action 'none'\"") != 1)
    return "another policy than " + policy;
  for (const char* what : {" src=\"", " style=\"", " onload=\"", "<link", "@import", "https:"})
    if (count(page, what) > 0) return what;
  return xml_problem(page.substr(doctype.size()));
}

}  // namespace babelgrad
