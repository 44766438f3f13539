// Reductions and views against central differences.
#include "tests/autograd_gradients.h"

using namespace babelgrad;

namespace {

const std::vector<Op> reductions = {
    {"sum", [](In x) { return sum(x[0]); }, one},
    {"sum_last", [](In x) { return sum(x[0], {-1}); },
     {{{2, 3}}, {{0}}, {{2, 0}}, {{2, 2, 3}}, {{1}}}},
    {"sum_first_keep", [](In x) { return sum(x[0], {0}, true); }, {{{2, 3}}, {{2, 0}}, {{70, 2}}}},
    {"sum_0_2", [](In x) { return sum(x[0], {2, 0}); }, {{{2, 2, 3}}, {{2, 0, 3}}}},
    {"mean", [](In x) { return mean(x[0]); }, some},
    {"mean_0", [](In x) { return mean(x[0], {0}, true); }, some},
    {"mean_rank0", [](In x) { return mean(x[0]); }, {{{}}}},
    {"max", [](In x) { return max(x[0]); }, some},
    {"max_last", [](In x) { return max(x[0], {-1}); }, some},
    {"max_0_keep", [](In x) { return max(x[0], {0}, true); }, some},
    {"min", [](In x) { return min(x[0]); }, some},
    {"min_last", [](In x) { return min(x[0], {-1}); }, some},
    {"max_rank0", [](In x) { return max(x[0]) + min(x[0]); }, {{{}}}},
    {"var", [](In x) { return var(x[0]); }, {{{2, 3}}, {{3, 1}}, {{2, 2, 3}}}},
    {"var_last_biased", [](In x) { return var(x[0], {-1}, false, true); }, {{{2, 3}}, {{2, 2, 3}}}},
    {"var_of_one", [](In x) { return var(x[0], {}, false); }, {{{1, 1}}, {{}}}},
    {"std_dev", [](In x) { return std_dev(x[0], {-1}); }, {{{2, 3}}, {{2, 2, 3}}}},
    {"std_dev_biased", [](In x) { return std_dev(x[0], {-1}, false, true); }, {{{2, 3}}}},
    {"logsumexp", [](In x) { return logsumexp(x[0]); }, {{{2, 3}}, {{1}}, {{0, 2}}, {{2, 2, 3}}}},
    {"logsumexp_0", [](In x) { return logsumexp(x[0], 0); }, some},
    {"cumsum", [](In x) { return cumsum(x[0], 0); }, {{{2, 3}}, {{4}}, {{2, 0}}, {{1, 1}}}},
    {"cumsum_last", [](In x) { return cumsum(x[0], -1); }, {{{2, 3}}, {{2, 2, 3}}}}};

const std::vector<Op> views = {
    {"reshape", [](In x) { return reshape(x[0], {3, -1}); }, {{{2, 3}}, {{3}}, {{6, 2}}}},
    {"reshape_flat", [](In x) { return reshape(x[0], {-1}); }, one},
    {"permute", [](In x) { return permute(x[0], {2, 0, 1}); },
     {{{2, 2, 3}}, {{2, 0, 3}}, {{1, 1, 1}}}},
    {"transpose", [](In x) { return transpose(x[0], 0, -1); },
     {{{2, 3}}, {{2, 2, 3}}, {{2, 0}}, {{4}}}},
    {"expand", [](In x) { return expand(x[0], {2, 2, 3}); }, {{{2, 3}}, {{1, 3}}, {{1}}, {{}}}},
    {"expand_to_0", [](In x) { return expand(x[0], {0, 3}); }, {{{1, 3}}, {{3}}, {{}}}},
    {"slice", [](In x) { return slice(x[0], 0, 1, 9, 2) * slice(x[0], 0, 0, 1); },
     {{{4}}, {{2, 3}}, {{4, 0}}}},
    {"slice_empty", [](In x) { return slice(x[0], -1, 1, 1); }, {{{2, 3}}, {{0, 3}}}},
    {"slice_overlap", [](In x) { return slice(x[0], 0, 0, 3) * slice(x[0], 0, 1, 4); },
     {{{4}}, {{4, 2}}}},
    {"select", [](In x) { return select(x[0], 0, -1) * select(x[0], 0, 0); },
     {{{2, 3}}, {{1, 1}}, {{3}}, {{2, 0}}}},
    {"select_last", [](In x) { return select(x[0], -1, 1); }, {{{2, 3}}, {{0, 3}}}},
    {"unsqueeze", [](In x) { return unsqueeze(x[0], 1); }, {{{2, 3}}, {{0}}, {{2}}}},
    {"unsqueeze_end", [](In x) { return unsqueeze(x[0], -1); }, one},
    {"squeeze", [](In x) { return squeeze(x[0], 1); }, {{{2, 1, 3}}, {{0, 1}}, {{1, 1}}}},
    {"flip", [](In x) { return flip(x[0], 0); }, {{{2, 3}}, {{4}}, {{2, 0}}, {{0}}, {{1, 1}}}},
    {"cat", [](In x) { return cat({x[0], x[1], x[0]}, 1); },
     {{{2, 3}, {2, 2}}, {{2, 0}, {2, 1}}, {{0, 1}, {0, 2}}, {{1, 1}, {1, 1}}}},
    {"stack", [](In x) { return stack({x[0], x[1], x[0]}, 1); },
     {{{2, 3}, {2, 3}}, {{2}, {2}}, {{2, 0}, {2, 0}}}},
    {"unbind", [](In x) { return unbind(x[0], 1)[0] * unbind(x[0], 1)[2]; }, {{{2, 3}}, {{0, 3}}}},
    {"stack_rank0", [](In x) { return stack({x[0], x[1]}); }, {{{}, {}}}},
    {"repeat", [](In x) { return repeat(x[0], {2, 3}); }, {{{2, 3}}, {{1, 1}}, {{2, 0}}}},
    {"repeat along a new axis", [](In x) { return repeat(x[0], {4, 1, 2}); }, {{{2, 3}}}},
    {"repeat_interleave", [](In x) { return repeat_interleave(x[0], 2, 0); },
     {{{2, 3}}, {{4}}, {{2, 0}}, {{1, 1}}}}};

}  // namespace

TEST_CASE("gradients: reductions agree with central differences to 1e-6, in every layout" *
          doctest::skip(!is_double)) {
  check_table(reductions);
}

TEST_CASE("gradients: views agree with central differences to 1e-6, in every layout" *
          doctest::skip(!is_double)) {
  check_table(views);
}
