// A small XML checker for tests of what is drawn, and how often something is in it.
#pragma once

#include <string>
#include <vector>

namespace babelgrad {

inline int count(const std::string& text, const std::string& what) {
  int n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) n++;
  return n;
}

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

}  // namespace babelgrad
