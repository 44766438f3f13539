// Whether a text has blanks between its words.
#include "data/text.h"

#include <doctest/doctest.h>

#include "data/text.h"

using namespace babelgrad;

namespace {

std::string script(const std::vector<std::string>& lines) {
  std::vector<Tokens> sentences;
  for (const std::string& line : lines) sentences.push_back(tokenize(line, Tokenizer::standard));
  return unspaced_script(sentences);
}

}  // namespace

TEST_CASE("unspaced_script: a sentence that is one word, in the scripts that write so") {
  CHECK(script({"我喜欢你。", "他们在学校学习中文，不是吗？"}) == "Chinese or Japanese");
  CHECK(script({"私は学生です。", "ありがとうございます。"}) == "Chinese or Japanese");
  CHECK(script({"ฉันไปโรงเรียนทุกวัน", "แมวกำลังนอนหลับ"}) == "Thai");
  CHECK(script({"ຂ້ອຍໄປໂຮງຮຽນທຸກມື້"}) == "Lao");
  CHECK(script({"ខ្ញុំទៅសាលារៀនរាល់ថ្ងៃ។"}) == "Khmer");
  CHECK(script({"ကျွန်တော်ကျောင်းကိုသွားတယ်။"}) == "Myanmar");
}

TEST_CASE("unspaced_script: words with blanks between, in any script") {
  CHECK(script({}) == "");
  CHECK(script({"", "...", "3.14 !"}) == "");
  CHECK(script({"the king sleeps .", "Donaudampfschifffahrtsgesellschaft"}) == "");
  CHECK(script({"Москва слезам не верит", "나는 학교에 갑니다", "वह जाता है।"}) == "");
  CHECK(script({"我 喜欢 你 。", "他们 在 学校 学习 中文"}) == "");
  CHECK(script({"ฉัน ไป โรงเรียน ทุก วัน", "แมว กำลัง นอน หลับ"}) == "");
  CHECK(script({"the word 中华人民共和国 is a name , and so is this"}) == "");
}

TEST_CASE("unspaced_note: which side, which script, and what to do") {
  CHECK(unspaced_note("its target", {{"the", "king"}}) == "");
  CHECK(unspaced_note("a.tsv: its target", {{"我喜欢你", "。"}}) ==
        "note: a.tsv: its target is Chinese or Japanese without blanks between words, so that a "
        "sentence is one word; part it into words first");
}
