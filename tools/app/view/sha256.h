// SHA-256 (FIPS 180-4) and base64 (RFC 4648): what a Content-Security-Policy names a script by.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace babelgrad {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view bytes);
std::string base64(std::string_view bytes);     // padded with '='
std::string csp_hash(std::string_view text);    // 'sha256-...', with the quotes

}  // namespace babelgrad
