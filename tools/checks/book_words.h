// The words of a statement, in Python or C++, and the rewriting that both languages share.
#pragma once

#include <string>
#include <vector>

namespace babelgrad::checks {

using Words = std::vector<std::string>;

Words split_words(const std::string& code);     // names, numbers, strings, operators

bool is_name(const std::string& word);
bool is_type_name(const std::string& word);     // AddNorm, GRU; not X, W_k, num_hiddens
bool is_opening(const std::string& word);       // ( [ {
bool is_closing(const std::string& word);
std::size_t closing(const Words& words, std::size_t opening);    // of the bracket at `opening`
std::string joined(const Words& words);

// What is left to do once a language's own syntax is gone: receivers go behind the call, names are
// translated, brackets, commas and types fall.
Words canonical(Words words);

}  // namespace babelgrad::checks
