#include "tools/app/run/memory.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "tools/app/cli/terminal.h"

namespace babelgrad {
namespace {

// Bytes that may still be taken: what the system tells, and what a container allows; without Linux
// all that the machine has.
double free_memory() {
  double bytes = double(sysconf(_SC_PHYS_PAGES)) * double(sysconf(_SC_PAGESIZE)), read = 0;
  std::ifstream system("/proc/meminfo"), container("/sys/fs/cgroup/memory.max");
  for (std::string name; system >> name;)
    if (name == "MemAvailable:" && system >> read) bytes = 1024 * read;
  if (container >> read) bytes = std::min(bytes, read);
  return bytes;
}

}  // namespace

// As new_translator() makes them.
double parameters_of(const ModelConfig& c, int src_words, int tgt_words) {
  const bool transformer = c.model == ModelKind::transformer;
  const double hidden = c.hidden, layers = c.layers, ffn = c.ffn;
  const double width = transformer ? hidden : c.embed, square = hidden * hidden;
  double all = tgt_words * (width + 1);         // the decoder's words, and the last layer's bias
  if (c.tie == Tying::none) all += tgt_words * hidden;
  if (c.tie != Tying::all) all += src_words * width;
  if (transformer) {
    const double attention = 4 * square, norm = 2 * hidden, nets = (2 * hidden + 1) * ffn + hidden;
    all += layers * (3 * attention + 5 * norm + 2 * nets);
    return c.norm == NormPlace::pre ? all + 2 * norm : all;
  }
  const auto recurrent = [&](double in) {
    const int gates = c.cell == Cell::rnn ? 1 : c.cell == Cell::gru ? 3 : 4;
    return gates * (in * hidden + (2 * layers - 1) * square + 2 * layers * hidden);
  };
  all += recurrent(width) + recurrent(width + hidden);
  if (c.model == ModelKind::rnn) return all;
  return all + (c.score == Score::additive  ? 2 * square + hidden
                : c.score == Score::general ? square
                                            : 0);
}

// Parts that are taken away were made, but have no gradients.
void check_fits(const ModelConfig& c, int src_words, int tgt_words, int copies,
                const std::string& copies_are) {
  const bool whole = c.without.empty();
  const double count = parameters_of(c, src_words, tgt_words), room = free_memory();
  const double bytes = count * double(sizeof(Real)) * (whole ? copies : 1);
  check(bytes <= room, "a ", c.model, " of ", human(count), " parameters needs ", human(bytes),
        " bytes for ", whole ? copies_are : "weights", ", and ", human(room), " are free; take ",
        "a smaller --hidden or fewer --layers");
}

}  // namespace babelgrad
