#include "data/utf8.h"

#include <algorithm>
#include <bit>

#include "data/unicode_tables.h"
#include "tensor/check.h"

namespace babelgrad {
namespace {

// Nothing of these ranges may reach a terminal: C0, DEL and C1, what turns the direction of
// writing, line separators, byte order marks and U+FFFF.
constexpr int hostile[] = {0, 0x20, 0x7F, 0xA0, 0x61C, 0x61D, 0x200E, 0x2010, 0x2028, 0x202F,
                           0x2066, 0x206A, 0xFEFF, 0xFF00, 0xFFFE, 0x10000};

bool is_scalar(int code) {                      // a code point that text may hold: no surrogate
  return code >= 0 && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

std::string byte_escapes(std::string_view bytes) {
  constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  for (unsigned char byte : bytes) out += {'\\', 'x', hex[byte >> 4], hex[byte & 15]};
  return out;
}

}  // namespace

bool within(int code_point, std::span<const int> ranges) {
  return (std::ranges::upper_bound(ranges, code_point) - ranges.begin()) % 2 == 1;
}

// Each number stands there as twice its difference from the one above, less 1 if that is below 0.
std::vector<int> unpack(std::string_view table, int width) {
  std::vector<int> numbers(width);
  int number = 0, unit = 1;
  for (char c : table) {
    if (c < '@') continue;                      // a line end
    number += (c - '@') % 31 * unit, unit *= 31;
    if (c >= '_') continue;
    const int difference = number % 2 == 0 ? number / 2 : -(number + 1) / 2;
    numbers.push_back(numbers[numbers.size() - width] + difference);
    number = 0, unit = 1;
  }
  return {numbers.begin() + width, numbers.end()};
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
  static const auto none = unpack(unicode::zero_width), two = unpack(unicode::wide);
  int columns = 0;
  each_code_point(s, [&](int value, std::string_view) {
    columns += within(value, none) ? 0 : within(value, two) ? 2 : 1;
  });
  return columns;
}

std::string printable(std::string_view s, std::size_t limit) {
  std::string out;
  for (CodePoint c; !s.empty(); s.remove_prefix(c.bytes)) {
    c = first_code_point(s);
    std::string piece(s.substr(0, c.bytes));
    if (c.value < 0 || within(c.value, hostile)) piece = byte_escapes(piece);
    if (out.size() + piece.size() > limit) return out + "...";
    out += piece;
  }
  return out;
}

}  // namespace babelgrad
