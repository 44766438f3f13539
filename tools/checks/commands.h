// What keeps code, claims and pages together; each returns an exit status.
#pragma once

namespace babelgrad::checks {

int style_command(int argc, const char* const* argv);
int claims_command(int argc, const char* const* argv);
int examples_command(int argc, const char* const* argv);
int page_command(int argc, const char* const* argv);

}  // namespace babelgrad::checks
