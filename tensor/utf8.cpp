#include "tensor/utf8.h"

#include <algorithm>
#include <bit>

#include "tensor/check.h"

namespace babelgrad {
namespace {

// Nothing of these may reach a terminal: C0, DEL and C1, what turns the direction of writing, line
// separators, byte order marks and U+FFFF.
constexpr CodeRange hostile[] = {{0, 0x1F}, {0x7F, 0x9F}, {0x61C, 0x61C}, {0x200E, 0x200F},
  {0x2028, 0x202E}, {0x2066, 0x2069}, {0xFEFF, 0xFEFF}, {0xFFFE, 0xFFFF}};

// The blocks that matter for words; not the whole of Unicode's tables. Zero goes before wide.
constexpr CodeRange zero_width[] = {{0, 0x1F}, {0x7F, 0x9F}, {0x300, 0x36F}, {0x483, 0x489},
  {0x591, 0x5BD}, {0x610, 0x61A}, {0x61C, 0x61C}, {0x64B, 0x65F}, {0x670, 0x670}, {0x6D6, 0x6DC},
  {0x93C, 0x93C}, {0x941, 0x948}, {0x94D, 0x94D}, {0xE31, 0xE31}, {0xE34, 0xE3A}, {0xE47, 0xE4E},
  {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F},
  {0x20D0, 0x20FF}, {0x302A, 0x302D}, {0x3099, 0x309A}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
  {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF}};
constexpr CodeRange wide[] = {{0x1100, 0x115F}, {0x2E80, 0x303E}, {0x3041, 0x4DBF},
  {0x4E00, 0xA4CF}, {0xA960, 0xA97C}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF}, {0xFE30, 0xFE6F},
  {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF},
  {0x20000, 0x3FFFD}};

bool is_scalar(int code) {                      // a code point that text may hold: no surrogate
  return code >= 0 && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

std::string escaped(std::string_view bytes) {
  constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  for (unsigned char byte : bytes) out += {'\\', 'x', hex[byte >> 4], hex[byte & 15]};
  return out;
}

}  // namespace

bool within(int code_point, std::span<const CodeRange> ranges) {
  return std::ranges::any_of(
      ranges, [=](CodeRange r) { return r.first <= code_point && code_point <= r.last; });
}

// RFC 3629. The first byte begins with as many ones as the sequence has bytes, none if it is alone.
CodePoint first_code_point(std::string_view s) {
  constexpr CodePoint malformed = {-1, 1};
  constexpr int least[] = {0, 0, 0x80, 0x800, 0x10000};   // a longer form of less is no UTF-8
  if (s.empty()) return {-1, 0};
  const unsigned char lead = s[0];
  const int ones = std::countl_one(lead), bytes = std::max(ones, 1);
  if (ones == 1 || ones > 4 || s.size() < std::size_t(bytes)) return malformed;
  int value = lead & (0xFF >> ones);
  for (int i = 1; i < bytes; i++) {
    if ((s[i] & 0xC0) != 0x80) return malformed;
    value = value << 6 | (s[i] & 0x3F);
  }
  return value < least[bytes] || !is_scalar(value) ? malformed : CodePoint{value, bytes};
}

Index invalid_utf8(std::string_view s) {
  Index at = 0;
  for (CodePoint c; at < Index(s.size()); at += c.bytes) {
    c = first_code_point(s.substr(at));
    if (c.value < 0) return at;
  }
  return -1;
}

std::string encode_utf8(int code_point) {
  check(is_scalar(code_point), "encode_utf8: ", code_point, " is no code point");
  if (code_point < 0x80) return std::string(1, char(code_point));
  int more = code_point < 0x800 ? 1 : code_point < 0x10000 ? 2 : 3;
  std::string out(1, char(0xFF00 >> (more + 1) | code_point >> 6 * more));
  while (more-- > 0) out += char(0x80 | (code_point >> 6 * more & 0x3F));
  return out;
}

int display_width(std::string_view s) {
  int columns = 0;
  each_code_point(s, [&](int value, std::string_view) {
    columns += within(value, zero_width) ? 0 : within(value, wide) ? 2 : 1;
  });
  return columns;
}

std::string printable(std::string_view s, std::size_t limit) {
  std::string out;
  for (CodePoint c; !s.empty(); s.remove_prefix(c.bytes)) {
    c = first_code_point(s);
    std::string piece(s.substr(0, c.bytes));
    if (c.value < 0 || within(c.value, hostile)) piece = escaped(piece);
    if (out.size() + piece.size() > limit) return out + "...";
    out += piece;
  }
  return out;
}

}  // namespace babelgrad
