// Every operation refuses what does not fit, in one line that names the operation and the shapes.
#include "autograd/ops.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

const Tensor a({2, 3}), b({4, 2}), v({3}), r0 = Tensor::scalar(1), none0({2, 0}), box({1, 1, 1}),
             boxes({2, 1, 1});

struct Wrong {
  const char* message;                          // the whole of it
  void (*f)();
};

const char fits[] = " do not broadcast; aligned at the right, dimensions must be equal or 1";

const std::vector<Wrong> broadcasts = {
    {"add", [] { (void)(a + b); }}, {"sub", [] { (void)(a - b); }}, {"mul", [] { (void)(a * b); }},
    {"div", [] { (void)(a / b); }},
    {"pow", [] { (void)pow(a, b); }},
    {"maximum", [] { (void)maximum(a, b); }},
    {"minimum", [] { (void)minimum(a, b); }}, {"masked_fill", [] { (void)masked_fill(a, b, 0); }}};

// Each `f(axis)` is asked for axis 2 and axis -3 of shape (2, 3).
const std::vector<std::pair<const char*, void (*)(int)>> axes = {
    {"sum", [](int i) { (void)sum(a, {i}); }}, {"mean", [](int i) { (void)mean(a, {i}); }},
    {"max", [](int i) { (void)max(a, {i}); }}, {"min", [](int i) { (void)min(a, {i}); }},
    {"var", [](int i) { (void)var(a, {i}); }}, {"std_dev", [](int i) { (void)std_dev(a, {i}); }},
    {"logsumexp", [](int i) { (void)logsumexp(a, i); }},
    {"cumsum", [](int i) { (void)cumsum(a, i); }},
    {"transpose", [](int i) { (void)transpose(a, 0, i); }},
    {"slice", [](int i) { (void)slice(a, i, 0, 1); }},
    {"select", [](int i) { (void)select(a, i, 0); }},
    {"squeeze", [](int i) { (void)squeeze(a, i); }},
    {"flip", [](int i) { (void)flip(a, i); }}, {"cat", [](int i) { (void)cat({a, a}, i); }},
    {"repeat_interleave", [](int i) { (void)repeat_interleave(a, 2, i); }},
    {"softmax", [](int i) { (void)softmax(a, i); }},
    {"log_softmax", [](int i) { (void)log_softmax(a, i); }},
    {"permute", [](int i) { (void)permute(a, {0, i}); }},
    {"index_select", [](int i) { (void)index_select(a, i, Ints{0}); }}};

const std::vector<Wrong> wrong = {
    {"where: shapes (2, 3) and (4, 2) do not broadcast", [] { (void)where(v, a, b); }},
    {"where: shapes (4, 2) and (2, 3) do not broadcast", [] { (void)where(b, a, a); }},
    {"mse_loss: the prediction is (2, 3) and the target (3,); their shapes must be equal",
     [] { (void)mse_loss(a, v); }},
    {"binary_cross_entropy: the prediction is (2, 3) and the target (4, 2); their shapes must be "
     "equal",
     [] { (void)binary_cross_entropy(a, b); }},
    {"binary_cross_entropy_with_logits: the prediction is (2, 3) and the target (4, 2); their "
     "shapes must be equal",
     [] { (void)binary_cross_entropy_with_logits(a, b); }},
    {"binary_cross_entropy: 1.5 is not a probability; binary_cross_entropy_with_logits takes any "
     "number", [] { (void)binary_cross_entropy(Tensor({1}, Real(1.5)), Tensor({1})); }},
    {"binary_cross_entropy: the targets must be constants, without a gradient",
     [] { (void)binary_cross_entropy(v, requires_grad(Tensor({3}))); }},
    {"masked_fill: mask (4, 2, 3) is larger than (2, 3)",
     [] { (void)masked_fill(a, Tensor({4, 2, 3}), 0); }},
    {"mean: of no numbers, shape (2, 0)", [] { (void)mean(none0); }},
    {"max: shape (2, 0) has no numbers to choose from", [] { (void)max(none0, {1}); }},
    {"min: shape (2, 0) has no numbers to choose from", [] { (void)min(none0); }},
    {"var: too few numbers, shape (1,)", [] { (void)var(Tensor({1})); }},
    {"std_dev: too few numbers, shape (2, 0)", [] { (void)std_dev(none0, {}, false); }},
    {"logsumexp: axis -1 of shape (2, 0) is empty", [] { (void)logsumexp(none0); }},
    {"sum: axis 1 is named twice for shape (2, 3)", [] { (void)sum(a, {1, -1}); }},
    {"reshape: (2, 3) has 6 elements and does not fit (4, -1)", [] { (void)reshape(a, {4, -1}); }},
    {"reshape: (2, 3) has 6 elements and does not fit (7,)", [] { (void)reshape(a, {7}); }},
    {"permute: axes (0,) for shape (2, 3)", [] { (void)permute(a, {0}); }},
    {"permute: axes (1, -1) name an axis twice", [] { (void)permute(a, {1, -1}); }},
    {"expand: (2, 3) to (3,)", [] { (void)expand(a, {3}); }},
    {"expand: (2, 3) to (4, 3); only a 1 can be repeated", [] { (void)expand(a, {4, 3}); }},
    {"slice: step 0 must be positive", [] { (void)slice(a, 0, 0, 2, 0); }},
    {"select: index 3 of axis 1 of shape (2, 3)", [] { (void)select(a, 1, 3); }},
    {"select: index -4 of axis 1 of shape (2, 3)", [] { (void)select(a, 1, -4); }},
    {"unsqueeze: axis 3 is outside shape (2, 3)", [] { (void)unsqueeze(a, 3); }},
    {"unsqueeze: axis -4 is outside shape (2, 3)", [] { (void)unsqueeze(a, -4); }},
    {"unsqueeze: (1, 1, 1, 1, 1, 1) has the largest rank there is, 6",
     [] { (void)unsqueeze(Tensor({1, 1, 1, 1, 1, 1}), 0); }},
    {"squeeze: axis 1 of shape (2, 3) is not 1", [] { (void)squeeze(a, 1); }},
    {"cat: (4, 2) beside (2, 3) along axis 1", [] { (void)cat({a, b}, 1); }},
    {"cat: (3,) beside (2, 3) along axis 0", [] { (void)cat({a, v}, 0); }},
    {"cat: no tensors", [] { (void)cat({}, 0); }},
    {"stack: (4, 2) beside (2, 3)", [] { (void)stack({a, b}); }},
    {"repeat: (2,) times for shape (2, 3)", [] { (void)repeat(a, {2}); }},
    {"repeat: (2, -1) times for shape (2, 3)", [] { (void)repeat(a, {2, -1}); }},
    {"repeat_interleave: -1 times axis 0 of shape (2, 3)",
     [] { (void)repeat_interleave(a, -1, 0); }},
    {"repeat_interleave: 2000000000 times axis 0 of shape (2, 3)",
     [] { (void)repeat_interleave(a, 2000000000, 0); }},
    {"matmul: (2, 3) @ (4, 2): inner dimensions 3 and 4 differ", [] { (void)matmul(a, b); }},
    {"matmul: () @ (2, 3): each side needs at least one axis", [] { (void)matmul(r0, a); }},
    {"matmul: (5, 2, 3) @ (4, 2): inner dimensions 3 and 4 differ",
     [] { (void)matmul(Tensor({5, 2, 3}), b); }},
    {"matmul: shapes (5,) and (4,) do not broadcast",
     [] { (void)matmul(Tensor({5, 2, 3}), Tensor({4, 3, 2})); }},
    {"linear: input (2, 3) and weight (4, 2); the weight is (out, in)", [] { (void)linear(a, b); }},
    {"linear: bias (3,) for weight (2, 3)", [] { (void)linear(a, a, v); }},
    {"linear: input () and weight (2, 3)", [] { (void)linear(r0, a); }},
    {"softmax: axis -1 is outside shape ()", [] { (void)softmax(r0); }},
    {"log_softmax: axis -1 is outside shape ()", [] { (void)log_softmax(r0); }},
    {"masked_softmax: valid_lens (2,) for scores (2, 3)",
     [] { (void)masked_softmax(a, Ints{1, 1}); }},
    {"masked_softmax: valid_lens (3,) for scores (2, 1, 3)",
     [] { (void)masked_softmax(Tensor({2, 1, 3}), Ints{1, 1, 1}); }},
    {"cross_entropy: targets (3,) for logits (2, 3)",
     [] { (void)cross_entropy(a, Ints{0, 1, 2}); }},
    {"cross_entropy: target 3 is outside 0 .. 2", [] { (void)cross_entropy(a, Ints{0, 3}); }},
    {"cross_entropy: target -1 is outside 0 .. 2", [] { (void)cross_entropy(a, Ints{0, -1}); }},
    {"cross_entropy: logits need a last axis of classes",
     [] { (void)cross_entropy(r0, Ints(Shape{})); }},
    {"layer_norm: input (2, 3), weight (2,), bias (3,)",
     [] { (void)layer_norm(a, Tensor({2}), v); }},
    {"layer_norm: input (2, 3), weight (3,), bias (2,)",
     [] { (void)layer_norm(a, v, Tensor({2})); }},
    {"layer_norm: needs an axis, not shape ()", [] { (void)layer_norm(r0, v, v); }},
    {"embedding: a table is (rows, features), not (3,)", [] { (void)embedding(v, Ints{0}); }},
    {"embedding: index 2 is outside 0 .. 1", [] { (void)embedding(a, Ints{0, 2}); }},
    {"embedding: index -1 is outside 0 .. 1", [] { (void)embedding(a, Ints{-1}); }},
    {"index_select: an index is (n,), not (1, 1)",
     [] { (void)index_select(a, 0, Ints(Shape{1, 1})); }},
    {"index_select: index 3 is outside 0 .. 2", [] { (void)index_select(a, 1, Ints{3}); }},
    {"gather: index (3, 1) for (2, 3)", [] { (void)gather(a, Ints(Shape{3, 1})); }},
    {"gather: index (2,) for (2, 3)", [] { (void)gather(a, Ints{0, 0}); }},
    {"gather: index 3 is outside 0 .. 2", [] { (void)gather(a, Ints(Shape{2, 1}, 3)); }},
    {"dropout: probability 1 is outside [0, 1)", [] { (void)dropout(a, 1); }},
    {"dropout: probability -0.5 is outside [0, 1)", [] { (void)dropout(a, Real(-0.5)); }},
    {"dropout: probability nan is outside [0, 1)", [] { (void)dropout(a, Real(NAN)); }},
    {"recurrence: inputs (2, 3), weights (4, 2) and bias (3,) for a state (2, 3)",
     [] { recurrence(Cell::rnn, a, b, v, a, {}, packed_sequence({1, 1})); }},
    {"recurrence: row 2 of 2",
     [] {
       Tensor W({3, 3});
       recurrence(Cell::rnn, a, W, v, a, {}, packed_sequence({1, 2}));
     }},
    {"dot_attention: queries (2, 3), keys (2, 3), values (2, 3) are not of three axes each",
     [] { dot_attention(a, a, a, {}, 1, 0); }},
    {"dot_attention: queries (2, 3), keys (1, 1, 1), values (1, 1, 1) are not of three axes each",
     [] { dot_attention(a, box, box, {}, 1, 0); }},
    {"dot_attention: queries (1, 1, 1), keys (2, 3), values (1, 1, 1) are not of three axes each",
     [] { dot_attention(box, a, box, {}, 1, 0); }},
    {"dot_attention: queries (1, 1, 1), keys (1, 1, 1), values (2, 3) are not of three axes each",
     [] { dot_attention(box, box, a, {}, 1, 0); }},
    {"dot_attention: queries (2, 1, 1), keys (1, 1, 1), values (1, 1, 1)",
     [] { dot_attention(boxes, box, box, {}, 1, 0); }},
    {"dot_attention: queries (1, 1, 1), keys (2, 1, 1), values (2, 1, 1)",
     [] { dot_attention(box, boxes, boxes, {}, 1, 0); }},
    {"dot_attention: queries (2, 1, 1), keys (2, 1, 1), values (1, 1, 1)",
     [] { dot_attention(boxes, boxes, box, {}, 1, 0); }},
    {"dot_attention: queries (1, 1, 1), keys (2, 1, 1), values (1, 1, 1)",
     [] { dot_attention(box, boxes, box, Segments{Ints{0}, Ints{1}, 1}, 1, 0); }},
    {"dot_attention: queries (1, 1, 1), keys (0, 1, 1), values (0, 1, 1)",
     [] {
       const Tensor none({0, 1, 1});
       dot_attention(box, none, none, Segments{Ints{0}, Ints{1}, 1}, 1, 0);
     }},
    {"dot_attention: queries (1, 2, 3), keys (1, 4, 2), values (1, 4, 2)",
     [] { dot_attention(unsqueeze(a, 0), unsqueeze(b, 0), unsqueeze(b, 0), {}, 1, 0); }},
    {"additive_attention: queries (1, 2, 3), keys (1, 4, 2), w_v (3,), values (1, 4, 2)",
     [] { additive_attention(unsqueeze(a, 0), unsqueeze(b, 0), v, unsqueeze(b, 0), {}, 0); }},
    {"additive_attention: query 1 sees keys 1 and 1 more of 2",
     [] {
       Tensor X = unsqueeze(a, 0);
       additive_attention(X, X, v, X, Segments{Ints{0, 1}, Ints{1, 2}, 2}, 0);
     }},
    {"clamp: between 2 and 1 there is no number", [] { (void)clamp(a, 2, 1); }},
    {"clamp: between nan and 1 there is no number", [] { (void)clamp(a, Real(NAN), 1); }},
    {"clamp: between 0 and nan there is no number", [] { (void)clamp(a, 0, Real(NAN)); }},
    {"leaky_relu: a slope of nan is no number", [] { (void)leaky_relu(a, Real(NAN)); }},
    {"cross_entropy: label_smoothing 1.5 is outside [0, 1]",
     [] { (void)cross_entropy(a, {0, 0}, {.label_smoothing = Real(1.5)}); }},
    {"cross_entropy: label_smoothing -1 is outside [0, 1]",
     [] { (void)cross_entropy(a, {0, 0}, {.label_smoothing = -1}); }},
    {"cross_entropy: label_smoothing nan is outside [0, 1]",
     [] { (void)cross_entropy(a, {0, 0}, {.label_smoothing = Real(NAN)}); }},
    {"layer_norm: eps 0 must be above 0", [] { (void)layer_norm(a, v, v, 0); }},
    {"layer_norm: eps nan must be above 0", [] { (void)layer_norm(a, v, v, Real(NAN)); }},
    {"layer_norm: eps -1 must be above 0", [] { (void)layer_norm(a, v, v, -1); }},
    {"layer_norm: eps inf must be above 0, and a number",
     [] { (void)layer_norm(a, v, v, Real(INFINITY)); }},
    {"dot_attention: 2147488281 pairs of a query and a key that it sees are more than a batch",
     [] {
       Tensor X({1, 46341, 1});
       dot_attention(X, X, X, {}, 1, 0);
     }},
    {"dot_attention: probability 1 is outside [0, 1)",
     [] { dot_attention(box, box, box, Segments{Ints{0}, Ints{1}, 1}, 1, 1); }},
    {"dot_attention: d nan must be positive",
     [] { dot_attention(box, box, box, Segments{Ints{0}, Ints{1}, 1}, Real(NAN), 0); }},
    {"additive_attention: probability nan is outside [0, 1)",
     [] {
       Tensor X = unsqueeze(a, 0);
       additive_attention(X, X, v, X, Segments{Ints{0, 0}, Ints{1, 1}, 1}, Real(NAN));
     }},
    {"masked_softmax: a valid length of 4 is outside 0 .. 3",
     [] { (void)masked_softmax(Tensor({1, 2, 3}), {4}); }},
    {"masked_softmax: a valid length of -1 is outside 0 .. 3",
     [] { (void)masked_softmax(Tensor({1, 2, 3}), {-1}); }}};

}  // namespace

TEST_CASE("errors: operands that do not broadcast") {
  for (const Wrong& w : broadcasts)
    CHECK(error_of(w.f) == std::string(w.message) + ": shapes (2, 3) and (4, 2)" + fits);
}

TEST_CASE("errors: an axis outside the shape") {
  for (auto& [name, f] : axes) {
    for (int axis : {2, -3}) {
      CHECK(error_of([f = f, axis] { f(axis); }) ==
            std::string(name) + ": axis " + text(axis) + " is outside shape (2, 3)");
    }
  }
}

TEST_CASE("errors: everything else that does not fit") {
  for (const Wrong& w : wrong) {
    std::string message = error_of(w.f);
    CHECK_MESSAGE(message.starts_with(w.message), "wanted: ", std::string(w.message),
                  "\n  got: ", message);
  }
}

TEST_CASE("errors: attention, of what a query sees and of rows that do not belong together") {
  const auto dot = [](const Tensor& Q, const Tensor& K, const Tensor& V, const Segments& seen) {
    return error_of([&] { dot_attention(Q, K, V, seen, 1, 0); });
  };
  const auto additive = [](const Tensor& Q, const Tensor& K, const Tensor& w, const Tensor& V) {
    return error_of([&] { additive_attention(Q, K, w, V, Segments{Ints{0}, Ints{1}, 1}, 0); });
  };
  const Segments one{Ints{0}, Ints{1}, 1};
  const Tensor w({1}), two({1, 2, 1}), wide({1, 1, 2});
  CHECK(dot(box, box, box, one) == "");
  CHECK(dot(box, box, box, {Ints{1}, Ints{0}, 0}) == "");    // sees nothing, behind the last key
  CHECK(dot(box, box, box, {Ints{-1}, Ints{1}, 1}) ==
        "dot_attention: query 0 sees keys -1 and 0 more of 1");
  CHECK(dot(box, box, box, {Ints{0}, Ints{-1}, 1}) ==
        "dot_attention: query 0 sees keys 0 and -2 more of 1");
  CHECK(dot(box, two, two, {Ints{0}, Ints{2}, 1}) ==
        "dot_attention: query 0 sees keys 0 and 1 more of 2");
  CHECK(dot(box, box, box, {Ints{1}, Ints{1}, 1}) ==
        "dot_attention: query 0 sees keys 1 and 0 more of 1");
  CHECK(dot(box, box, box, {Ints{0}, Ints{1, 1}, 1}) ==
        "dot_attention: 2 counts of keys, at most 1, for 1 queries");
  CHECK(dot(box, box, box, {Ints{0}, Ints{0}, -1}) ==
        "dot_attention: 1 counts of keys, at most -1, for 1 queries");
  CHECK(dot(two, box, box, one).starts_with("dot_attention: queries (1, 2, 1)"));
  CHECK(dot(box, two, box, one).starts_with("dot_attention: queries (1, 1, 1), keys (1, 2, 1)"));
  CHECK(dot(wide, box, box, one).starts_with("dot_attention: queries (1, 1, 2)"));
  CHECK(additive(box, box, w, box) == "");
  for (const Tensor& Q : {two, wide, boxes})
    CHECK(additive(Q, box, w, box).starts_with("additive_attention: queries "));
  for (const Tensor& K : {two, wide, boxes})
    CHECK(additive(box, K, w, box).starts_with("additive_attention: queries "));
  for (const Tensor& V : {two, boxes})
    CHECK(additive(box, box, w, V).starts_with("additive_attention: queries "));
  CHECK(additive(box, box, Tensor({2}), box).starts_with("additive_attention: queries "));
  CHECK(additive(boxes, boxes, w, boxes).starts_with("additive_attention: queries "));
}

TEST_CASE("errors: recurrence, of each operand that is of another shape than the others say") {
  const PackedSequence steps = packed_sequence({1, 1});
  const auto error = [&](const Tensor& inputs, const Tensor& weight, const Tensor& b,
                         const Tensor& state) {
    return error_of([&] { recurrence(Cell::rnn, inputs, weight, b, state, {}, steps); });
  };
  const Tensor gi({2, 3}), W({3, 3}), bias({3}), H({2, 3});
  CHECK(error(gi, W, bias, H) == "");
  for (const Tensor& wrong : {Tensor({3}), Tensor({2, 3, 1}), Tensor({2, 4})}) {
    CHECK(error(wrong, W, bias, H).starts_with("recurrence: inputs "));
    CHECK(error(gi, wrong, bias, H).starts_with("recurrence: inputs "));
    CHECK(error(gi, W, bias, wrong).starts_with("recurrence: inputs "));
  }
  CHECK(error(gi, Tensor({4, 3}), bias, H).starts_with("recurrence: inputs "));
  CHECK(error(gi, W, Tensor({4}), H).starts_with("recurrence: inputs "));
}

TEST_CASE("errors: none for what is just allowed") {
  for (auto f : std::vector<void (*)()>{
           [] { (void)clamp(a, 1, 1); }, [] { (void)dropout(a, 0); },
           [] { (void)cross_entropy(a, {0, 2}, {.label_smoothing = 0}); },
           [] { (void)cross_entropy(a, {0, 2}, {.label_smoothing = 1}); },
           [] { (void)binary_cross_entropy(Tensor({2}, {0, 1}), Tensor({2}, {0, 1})); },
           [] { (void)masked_softmax(Tensor({2, 1, 3}), {0, 3}); },
           [] { (void)select(a, 1, -3); }, [] { (void)select(a, 1, 2); },
           [] { (void)unsqueeze(a, -3); }, [] { (void)unsqueeze(a, 2); },
           [] { (void)stack({a, a}, -3); }, [] { (void)stack({a, a}, 2); },
           [] { (void)embedding(a, {0, 1}); }, [] { (void)gather(a, Ints(Shape{2, 1}, 2)); },
           [] { (void)repeat(a, {0, 1}); }, [] { (void)repeat_interleave(a, 0, 0); },
           [] { (void)var(v, {}, true); }, [] { (void)var(Tensor({1}), {}, false); },
           [] { (void)stack({Tensor({1, 1, 1, 1, 1})}); }}) {
    CHECK(error_of(f) == "");
  }
}
