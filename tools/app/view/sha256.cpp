#include "tools/app/view/sha256.h"

#include <bit>
#include <cmath>

namespace babelgrad {
namespace {

using Word = std::uint32_t;
using State = std::array<Word, 8>;

// The constants are the first 32 bits of the fractions of square and cube roots of primes.
Word fraction(long double root) { return Word((root - std::floor(root)) * 4294967296.0L); }

struct Constants {
  State start;                                  // of the square roots of the first 8 primes
  std::array<Word, 64> round;                   // of the cube roots of the first 64
  Constants() {
    int found = 0;
    for (int n = 2; found < 64; n++) {
      bool prime = true;
      for (int d = 2; d * d <= n; d++) prime &= n % d != 0;
      if (!prime) continue;
      if (found < 8) start[found] = fraction(std::sqrt((long double)n));
      round[found++] = fraction(std::cbrt((long double)n));
    }
  }
};

const Constants& constants() {
  static const Constants c;
  return c;
}

Word mixed(Word x, int a, int b, int c) {
  return std::rotr(x, a) ^ std::rotr(x, b) ^ std::rotr(x, c);
}

std::array<Word, 64> schedule(std::string_view block) {
  std::array<Word, 64> w;
  for (int t = 0; t < 16; t++) {
    w[t] = 0;
    for (int i = 0; i < 4; i++) w[t] = w[t] << 8 | std::uint8_t(block[4 * t + i]);
  }
  for (int t = 16; t < 64; t++) {
    Word s0 = std::rotr(w[t - 15], 7) ^ std::rotr(w[t - 15], 18) ^ w[t - 15] >> 3;
    Word s1 = std::rotr(w[t - 2], 17) ^ std::rotr(w[t - 2], 19) ^ w[t - 2] >> 10;
    w[t] = s1 + w[t - 7] + s0 + w[t - 16];
  }
  return w;
}

void compress(State& state, std::string_view block) {
  const auto w = schedule(block);
  auto [a, b, c, d, e, f, g, h] = state;
  for (int t = 0; t < 64; t++) {
    Word choice = (e & f) ^ (~e & g), majority = (a & b) ^ (a & c) ^ (b & c);
    Word t1 = h + mixed(e, 6, 11, 25) + choice + constants().round[t] + w[t];
    Word t2 = mixed(a, 2, 13, 22) + majority;
    h = g, g = f, f = e, e = d + t1;
    d = c, c = b, b = a, a = t1 + t2;
  }
  const State worked = {a, b, c, d, e, f, g, h};
  for (int i = 0; i < 8; i++) state[i] += worked[i];
}

}  // namespace

Digest sha256(std::string_view bytes) {
  State state = constants().start;
  std::string end(bytes.substr(bytes.size() / 64 * 64));       // what is left of the last block
  for (std::size_t at = 0; at + 64 <= bytes.size(); at += 64) compress(state, bytes.substr(at, 64));
  end += '\x80';
  while (end.size() % 64 != 56) end += '\0';
  for (int shift = 56; shift >= 0; shift -= 8)
    end += char(std::uint64_t(bytes.size()) * 8 >> shift & 255);         // the length in bits
  for (std::size_t at = 0; at < end.size(); at += 64)
    compress(state, std::string_view(end).substr(at, 64));
  Digest digest;
  for (int i = 0; i < 32; i++) digest[i] = std::uint8_t(state[i / 4] >> (24 - 8 * (i % 4)));
  return digest;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view three = bytes.substr(at, 3);
    unsigned bits = 0;
    for (std::size_t i = 0; i < 3; i++)
      bits = bits << 8 | (i < three.size() ? std::uint8_t(three[i]) : 0u);
    for (int i = 0; i < 4; i++)
      out += i > int(three.size()) ? '=' : letters[bits >> (18 - 6 * i) & 63];
  }
  return out;
}

std::string csp_hash(std::string_view text) {
  const Digest digest = sha256(text);
  return "'sha256-" + base64({reinterpret_cast<const char*>(digest.data()), digest.size()}) + "'";
}

}  // namespace babelgrad
