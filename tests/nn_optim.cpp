// Optimisers, schedules and clipping, by hand. Whole traces of updates are held against PyTorch's
// in nn_golden.cpp.
#include <cmath>
#include <limits>
#include <memory>

#include "autograd/ops.h"
#include "data/file.h"
#include "nn/layers.h"
#include "nn/moving_average.h"
#include "nn/optim.h"
#include "nn/recurrent.h"
#include "nn/weights.h"
#include "tensor/map.h"
#include "tensor/views.h"
#include "tests/child.h"
#include "tests/close.h"
#include "tests/folder.h"

using namespace babelgrad;

namespace {

Parameter parameter(const std::string& name, const std::vector<Real>& values,
                    const std::vector<Real>& gradient = {}) {
  Tensor w = requires_grad(Tensor({int(values.size())}, values));
  if (!gradient.empty()) w.node->grad = Tensor(w.shape(), gradient);
  return {name, w};
}

void same_gradient(Optimizer& optimizer, Random& random) {
  for (Parameter& p : optimizer.params)
    p.tensor.node->grad = random_tensor(p.tensor.shape(), random);
}

void copy_by_name(std::vector<Parameter> from, std::vector<Parameter> to) {
  REQUIRE(from.size() == to.size());
  for (Parameter& p : to) {
    auto same = std::find_if(from.begin(), from.end(),
                             [&](const Parameter& q) { return q.name == p.name; });
    REQUIRE(same != from.end());
    std::copy_n(same->tensor.data(), p.tensor.numel(), p.tensor.data());
  }
}

// Three steps, then a second optimiser gets the first's numbers, state and steps: both go on alike.
template <class Make>
void continues_from_its_state(Make make) {
  std::vector<Parameter> a{parameter("w", {1, 2, 3}), parameter("b", {4, 5})};
  std::vector<Parameter> b{parameter("w", {0, 0, 0}), parameter("b", {0, 0})};
  std::unique_ptr<Optimizer> first = make(a), second = make(b);
  Random random(1);
  for (int i = 0; i < 3; i++) same_gradient(*first, random), first->step();
  copy_by_name(a, b);
  copy_by_name(first->state(), second->state());
  second->steps = first->steps;
  for (int i = 0; i < 3; i++) {
    Random again(100 + i), twin(100 + i);
    same_gradient(*first, again), first->step();
    same_gradient(*second, twin), second->step();
  }
  for (std::size_t i = 0; i < a.size(); i++) CHECK(same_bits(a[i].tensor, b[i].tensor));
}

std::vector<std::string> names(const std::vector<Parameter>& params) {
  std::vector<std::string> all;
  for (const Parameter& p : params) all.push_back(p.name);
  return all;
}

std::vector<Parameter> parameters_with_gradients() {
  Random random(9);
  std::vector<Parameter> params;
  for (const Shape& shape : {Shape{3}, {200, 301}, {1}, {40000}, {7, 5}}) {
    params.push_back({"p" + text(int(params.size())), requires_grad(random_tensor(shape, random))});
    params.back().tensor.node->grad = random_tensor(shape, random);
  }
  params.push_back({"idle", requires_grad(Tensor({5}, 2))});  // without a gradient
  return params;
}

template <class Make>
void steps_on_threads(const std::string& name, Make make) {
  double first_norm = 0;
  same_for_all_threads(name, [&] {
    std::vector<Parameter> params = parameters_with_gradients();
    auto optimizer = make(params);
    std::vector<Tensor> results;
    double norm = 0;
    for (int i = 0; i < 3; i++) norm = clip_grad_norm(params, 10 - i), optimizer.step();
    if (threads() == 1) first_norm = norm;
    CHECK(norm == first_norm);
    for (const Parameter& p : params) results.push_back(p.tensor);
    for (const Parameter& p : params) if (p.name != "idle") results.push_back(grad(p.tensor));
    return results;
  });
}

}  // namespace

TEST_CASE("(D14) Schedule: constant, after a linear warm-up if one is asked for") {
  Schedule plain{Schedule::constant, 0.5};
  CHECK(plain.at(0) == 0.5);
  CHECK(plain.at(1000000) == 0.5);
  Schedule warm{Schedule::constant, 0.5, 4};
  CHECK(warm.at(0) == doctest::Approx(0.125));
  CHECK(warm.at(1) == doctest::Approx(0.25));
  CHECK(warm.at(3) == doctest::Approx(0.5));
  CHECK(warm.at(4) == 0.5);
}

TEST_CASE("Schedule: inverse_sqrt is Vaswani's, with its peak at the end of the warm-up") {
  Schedule s{Schedule::inverse_sqrt, 0.25, 100};
  CHECK(s.at(49) == doctest::Approx(0.125));
  CHECK(s.at(99) == doctest::Approx(0.25));
  CHECK(s.at(399) == doctest::Approx(0.125));
  CHECK(s.at(9999) == doctest::Approx(0.025));
  for (long n :
       {1, 7, 99, 100, 101, 5000}) {  // d^-1/2 min(n^-1/2, n warmup^-3/2), scaled to the peak
    double noam = std::min(std::pow(n, -0.5), double(n) * std::pow(100, -1.5));
    CHECK(s.at(n - 1) == doctest::Approx(0.25 * 10 * noam));
  }
  CHECK(Schedule{Schedule::inverse_sqrt, 0.25}.at(3) == doctest::Approx(0.125));
}

TEST_CASE("Schedule: cosine falls from the peak to 0 at the last step, and stays there") {
  Schedule s{Schedule::cosine, 0.4, 10, 110};
  CHECK(s.at(4) == doctest::Approx(0.2));
  CHECK(s.at(9) == doctest::Approx(0.4));
  CHECK(s.at(59) == doctest::Approx(0.2));
  CHECK(s.at(34) ==
        doctest::Approx(0.4 * (2 + std::sqrt(2.0)) / 4));  // a quarter of the way: cos 45 degrees
  CHECK(std::abs(s.at(109)) < 1e-15);
  CHECK(std::abs(s.at(5000)) < 1e-15);
  for (long n = 10; n < 109; n++) CHECK(s.at(n + 1) < s.at(n));
}

TEST_CASE("clip_grad_norm: all gradients shrink by limit / norm, by hand") {
  std::vector<Parameter> params{parameter("a", {0}, {3}), parameter("none", {0, 0}),
                                parameter("b", {0, 0}, {0, -4})};
  Tensor before = grad(params[0].tensor);
  CHECK(clip_grad_norm(params, 1) == doctest::Approx(5));
  CHECK(grad(params[0].tensor).item() == doctest::Approx(0.6));
  CHECK(grad(params[2].tensor).at({0}) == 0);
  CHECK(grad(params[2].tensor).at({1}) == doctest::Approx(-0.8));
  CHECK_FALSE(grad(params[1].tensor));
  CHECK(before.item() == 3);  // a gradient someone else holds is not written to
}

TEST_CASE("clip_grad_norm: a norm within the limit changes nothing") {
  std::vector<Parameter> params{parameter("a", {0, 0}, {3, 4})};
  CHECK(clip_grad_norm(params, 5) == doctest::Approx(5));
  CHECK(grad(params[0].tensor).values() == std::vector<Real>{3, 4});
  CHECK(clip_grad_norm({}, 1) == 0);
  CHECK(clip_grad_norm({parameter("zero", {1}, {0})}, 1) == 0);
}

TEST_CASE("clip_grad_norm: a gradient that is not finite is an Error that names the parameter") {
  for (double bad : {double(NAN), double(INFINITY), -double(INFINITY)}) {
    std::vector<Parameter> params{parameter("a", {0}, {1}),
                                  parameter("decoder.dense.bias", {0, 0}, {1, Real(bad)}),
                                  parameter("c", {0}, {Real(bad)})};
    CHECK(error_of([&] { clip_grad_norm(params, 1); }) ==
          "clip_grad_norm: the gradient of decoder.dense.bias is not finite; a smaller learning "
          "rate may help, and check-nan finds where it begins");
    CHECK(grad(params[0].tensor).item() == 1);
  }
}

TEST_CASE("SGD: w -= lr (g + weight_decay w); with momentum the velocity adds up") {
  std::vector<Parameter> p{parameter("w", {1, -2}, {Real(0.5), 1})};
  SGD(p, Real(0.1), 0, false, Real(0.5)).step();
  CHECK(p[0].tensor.at({0}) == doctest::Approx(1 - 0.1 * (0.5 + 0.5)));
  CHECK(p[0].tensor.at({1}) == doctest::Approx(-2 - 0.1 * (1 - 1)));
  std::vector<Parameter> q{parameter("w", {0}, {1})};
  SGD heavy(q, 1, Real(0.5));
  for (double w : {-1.0, -2.5, -4.25}) {  // velocity 1, 1.5, 1.75
    heavy.step();
    CHECK(q[0].tensor.item() == doctest::Approx(w));
  }
  std::vector<Parameter> r{parameter("w", {0}, {1})};
  SGD nesterov(r, 1, Real(0.5), true);
  for (double w : {-1.5, -3.25}) {  // g + velocity / 2: 1.5, 1.75
    nesterov.step();
    CHECK(r[0].tensor.item() == doctest::Approx(w));
  }
}

TEST_CASE("Adam: the first step is lr against the sign of the gradient, whatever its size") {
  std::vector<Parameter> p{parameter("w", {1, 1, 1}, {1000, Real(-0.001), 0})};
  Adam adam(p, Real(0.1));
  adam.step();
  CHECK(p[0].tensor.at({0}) == doctest::Approx(0.9));
  CHECK(p[0].tensor.at({1}) == doctest::Approx(1.1));
  CHECK(p[0].tensor.at({2}) == 1);
}

TEST_CASE("AdamW: weight decay shrinks w by itself; Adam's goes through the gradient") {
  std::vector<Parameter> p{parameter("w", {2}, {0})}, q{parameter("w", {2}, {0})};
  AdamW(p, Real(0.1), Real(0.5)).step();
  CHECK(p[0].tensor.item() == doctest::Approx(2 * (1 - 0.1 * 0.5)));
  Adam(q, Real(0.1), Real(0.5)).step();
  CHECK(q[0].tensor.item() == doctest::Approx(2 - 0.1));
}

TEST_CASE(
    "Optimizer: a parameter without a gradient stays, and zero_grad takes all gradients away") {
  std::vector<Parameter> p{parameter("still", {3}), parameter("moves", {3}, {1})};
  AdamW adam(p, Real(0.1), Real(0.5));
  adam.step();
  CHECK(p[0].tensor.item() == 3);
  CHECK(p[1].tensor.item() < 3);
  adam.zero_grad();
  CHECK_FALSE(grad(p[1].tensor));
}

TEST_CASE("Optimizer: a step to which no backward pass led is an Error, and is none") {
  SGD sgd({parameter("a", {1}), parameter("b", {2})}, 1);
  CHECK(error_of([&] { sgd.step(); }) == "step: no parameter has a gradient; call backward first");
  CHECK(sgd.steps == 0);
  backward(sum(sgd.params[1].tensor));
  sgd.step();
  CHECK(sgd.steps == 1);
  sgd.zero_grad();
  CHECK(error_of([&] { sgd.step(); }).starts_with("step: no parameter has a gradient"));
}

TEST_CASE("Optimizer: a member that fields() forgets is told of at the first loss, once") {
  struct Net : Module {
    Linear hidden{2, 3}, out{3, 1};
    bool forgets;
    explicit Net(bool forgets) : forgets(forgets) {}
    void fields(Visitor& f) override { f("hidden", hidden); if (!forgets) f("out", out); }
  };
  auto told = [](bool forgets, auto prepare) {
    return in_a_child([&] {
      Net net(forgets);
      SGD sgd(named_parameters(net), Real(0.1));
      [[maybe_unused]] const auto more = prepare(net);
      for (int i = 0; i < 3; i++) {
        backward(sum(net.out(tanh(net.hidden(Tensor({1, 2}, 1))))));
        sgd.step(), sgd.zero_grad();
      }
    }).err;
  };
  auto nothing = [](Net&) { return 0; };
  CHECK(told(false, nothing) == "");
  CHECK(told(true, nothing) ==
        "note: backward: the loss also depends on 2 leaves that no optimiser changes, of shape "
        "(1, 3), (1,); what should learn is named in fields(), what should not is better a "
        "constant: detach()\n");
  // Two optimisers for one loss, and what is frozen on purpose.
  CHECK(told(true, [](Net& net) { return SGD(named_parameters(net.out), Real(0.1)); }) == "");
  CHECK(told(true, [](Net& net) {
          net.out.weight = detach(net.out.weight), net.out.bias = detach(net.out.bias);
          return 0;
        }) == "");
}

TEST_CASE("Optimizer: its names are told with the first NaN or Inf") {
  Linear layer(2, 1);
  Adam adam(named_parameters(layer), 1);
  overwrite(layer.weight, "test")[0] = std::numeric_limits<Real>::max();
  set_check_nan(true);
  const std::string forward = error_of([&] { (void)layer(Tensor({1, 2}, 100)); });
  set_check_nan(false);
  CHECK(forward ==
        "linear: forward made an Inf at element 0 of shape (1, 1), by weight, bias");
}

TEST_CASE("Optimizer: a gradient may be any view") {
  Tensor w = requires_grad(Tensor({2, 3}, 0));
  w.node->grad = transpose(Tensor({3, 2}, {1, 2, 3, 4, 5, 6}));
  SGD sgd({{"w", w}}, 1);
  sgd.step();
  CHECK(w.values() == std::vector<Real>{-1, -3, -5, -2, -4, -6});
  w.node->grad = expand(Tensor({1, 1}, 1), {2, 3});
  sgd.step();
  CHECK(w.values() == std::vector<Real>{-2, -4, -6, -3, -5, -7});
}

TEST_CASE("Optimizer: each number of a leaf made of a view goes by its own gradient") {
  for (int kind = 0; kind < 2; kind++) {
    Tensor w = requires_grad(raw::transpose(Tensor({2, 3}, {1, 2, 3, 4, 5, 6})));
    backward(sum(w * Tensor({3, 2}, {0, 1, 0, 0, 0, 0})));
    if (kind == 0) SGD({{"w", w}}, 1).step();
    else Adam({{"w", w}}, 1).step();
    const std::vector<Real> values = w.values();
    CHECK(std::abs(values[1] - 3) < 1e-6);      // the 4 of row 0
    CHECK(std::vector<Real>(values.begin() + 2, values.end()) == std::vector<Real>{2, 5, 3, 6});
    CHECK(values[0] == 1);
  }
}

TEST_CASE("Parameter: a leaf, or a row-major tensor that nothing was computed from") {
  Tensor w = requires_grad(Tensor({2, 3}, 1)), none;
  auto error = [](const Tensor& x) { return error_of([&] { SGD({{"w", x}}, 1); }); };
  CHECK(error(w).empty());
  CHECK(error(Tensor({2, 3})).empty());
  CHECK(error(none) == "parameter w: there is no tensor");
  CHECK(error(square(w)) == "parameter w: shape (2, 3) is the result of square, not a leaf");
  CHECK(error(raw::transpose(w)) ==
        "parameter w: shape (3, 2) is a view that is not row-major; requires_grad() makes a leaf "
        "of it");
}

TEST_CASE("Parameter: listed twice it is one") {
  auto bowl = [](const Tensor& w) { backward(sum(square(w))); };
  Tensor once = requires_grad(Tensor({2}, 3)), twice = requires_grad(Tensor({2}, 3));
  const std::vector<Parameter> one{{"w", once}}, two{{"w", twice}, {"w", twice}, {"again", twice}};
  bowl(once), bowl(twice);
  CHECK(clip_grad_norm(two, 1) == clip_grad_norm(one, 1));
  CHECK(same_bits(grad(once), grad(twice)));
  SGD first(one, Real(0.1), Real(0.9), true), second(two, Real(0.1), Real(0.9), true);
  Adam third(one, Real(0.1)), fourth(two, Real(0.1));
  for (Optimizer* optimizer : std::initializer_list<Optimizer*>{&first, &second, &third, &fourth}) {
    CHECK(optimizer->params.size() == 1);
    optimizer->step();
  }
  CHECK(same_bits(once, twice));
  MovingAverage mean(two, 0.5);
  twice.data()[0] = 77;
  mean.swap();
  CHECK(same_bits(once, twice));
}

TEST_CASE("backward: refuses a graph that met a leaf before a step, a start, a load or a swap") {
  Linear layer(2, 2);
  const std::vector<Parameter> params = named_parameters(layer);
  const std::string bytes = to_safetensors_bytes(stored(params));
  const SafeTensors file = parse_safetensors(bytes, "test");
  backward(sum(layer(Tensor({1, 2}, 1))));      // gradients for the steps
  SGD sgd(params, 1);
  Adam adam(params, 1);
  MovingAverage mean(params, 0.5);
  const std::function<void()> writers[] = {[&] { sgd.step(); },
                                           [&] { adam.step(); },
                                           [&] { uniform_init(layer.weight, 1); },
                                           [&] { xavier_uniform_init(layer.weight); },
                                           [&] { load(params, file); },
                                           [&] { mean.swap(); }};
  for (const auto& write : writers) {
    Tensor y = sum(layer(Tensor({1, 2}, 1)));
    write();
    CHECK(error_of([&] { backward(y); }).find("has been written to since linear read it") !=
          std::string::npos);
  }
  for (const Parameter& p : params) {           // of every leaf
    for (const auto& write : {writers[0], writers[1], writers[4], writers[5]}) {
      Tensor y = sum(square(p.tensor));
      write();
      CHECK(error_of([&] { backward(y); }).find("has been written to since square read it") !=
            std::string::npos);
    }
  }
  Tensor y = sum(layer(Tensor({1, 2}, 1)));
  clip_grad_norm(params, 1), mean.update(1), stored(params), sgd.zero_grad();    // only read
  backward(y);
}

TEST_CASE("Module: layers move, and no copy of one shares its numbers") {
  static_assert(!std::is_copy_constructible_v<Linear> && !std::is_copy_assignable_v<Linear>);
  static_assert(!std::is_copy_constructible_v<Embedding> && !std::is_copy_constructible_v<LSTM>);
  static_assert(std::is_move_constructible_v<Linear> && std::is_move_assignable_v<GRU>);
  std::vector<Linear> layers;
  for (int i = 0; i < 3; i++) layers.emplace_back(2, 2);
  struct Net : Module {
    std::vector<Linear>& layers;
    explicit Net(std::vector<Linear>& layers) : layers(layers) {}
    void fields(Visitor& f) override { f("layers", layers); }
  } net(layers);
  CHECK(parameter_count(net) == 18);
}

TEST_CASE("Optimizer: its state has names, and with it another one goes on exactly alike") {
  Adam adam({parameter("encoder.weight", {1}), parameter("dense.bias", {1})}, 1);
  CHECK(names(adam.state()) ==
        std::vector<std::string>{"exp_avg.encoder.weight", "exp_avg_sq.encoder.weight",
                                 "exp_avg.dense.bias", "exp_avg_sq.dense.bias"});
  CHECK(names(SGD({parameter("w", {1})}, 1, Real(0.9)).state()) ==
        std::vector<std::string>{"momentum_buffer.w"});
  CHECK(SGD({parameter("w", {1})}, 1).state().empty());
  using Params = std::vector<Parameter>;
  continues_from_its_state(
      [](const Params& p) { return std::make_unique<Adam>(p, Real(0.1), Real(0.01)); });
  continues_from_its_state([](const Params& p) { return std::make_unique<AdamW>(p, Real(0.1)); });
  continues_from_its_state(
      [](const Params& p) { return std::make_unique<SGD>(p, Real(0.1), Real(0.9), true); });
}

TEST_CASE("Optimizer: each of them finds the bottom of a bowl") {
  using Params = std::vector<Parameter>;
  auto descend = [](std::unique_ptr<Optimizer> optimizer) {
    Tensor w = optimizer->params[0].tensor, target({2}, {3, -1});
    for (int i = 0; i < 400; i++) {
      optimizer->zero_grad();
      backward(sum(square(w - target) * Tensor({2}, {1, 5})));
      optimizer->step();
    }
    return distance(detach(w), target);
  };
  auto start = [] { return Params{parameter("w", {0, 0})}; };
  CHECK(descend(std::make_unique<SGD>(start(), Real(0.05))) < 1e-3);
  CHECK(descend(std::make_unique<SGD>(start(), Real(0.02), Real(0.9))) < 1e-3);
  CHECK(descend(std::make_unique<Adam>(start(), Real(0.1))) < 1e-3);
}

TEST_CASE("optimisers and clipping: the same bits for 1 to 4 threads") {
  steps_on_threads("Adam", [](auto p) { return Adam(p, Real(0.01), Real(0.1)); });
  steps_on_threads("AdamW", [](auto p) { return AdamW(p, Real(0.01)); });
  steps_on_threads("SGD", [](auto p) { return SGD(p, Real(0.01), Real(0.9), true, Real(0.1)); });
}

TEST_CASE("Adam: a number's update does not depend on where it stands") {
  Random random(10);
  Tensor w = random_tensor({37}, random), g = random_tensor({37}, random);
  auto updated = [](const Tensor& from, const Tensor& gradient) {
    Tensor leaf = requires_grad(raw::map(from, [](Real v) { return v; }));
    leaf.node->grad = gradient;
    Adam({{"w", leaf}}, Real(0.01)).step();
    return leaf.values();
  };
  auto whole = updated(w, g);
  for (int i = 0; i < 37; i++) {
    CHECK(updated(raw::slice(w, 0, i, i + 1), raw::slice(g, 0, i, i + 1))[0] == whole[i]);
  }
}

TEST_CASE("clip_grad_norm: scales in place only what nobody else holds") {
  std::vector<Parameter> params = parameters_with_gradients();
  Tensor held = grad(params[1].tensor);
  std::vector<Real> before = held.values();
  const Real* own = params[3].tensor.node->grad.data();
  double norm = clip_grad_norm(params, 1);
  CHECK(norm > 100);
  CHECK(held.values() == before);
  CHECK(params[3].tensor.node->grad.data() == own);
  CHECK(std::abs(clip_grad_norm(params, 10) - 1) < tol(1e-12, 1e-6));
}

TEST_CASE("Optimizer: a step with a limit is clip_grad_norm and a step, bit by bit") {
  auto check_same = [](auto make) {
    std::vector<Parameter> params = parameters_with_gradients();
    std::vector<Parameter> apart = parameters_with_gradients();
    const std::vector<Real> before = grad(params[3].tensor).values();
    auto joint = make(params), plain = make(apart);
    for (double limit : {0.5, 3.0, 1e6}) {
      for (std::size_t i = 0; i < params.size(); i++) {     // those apart were scaled
        if (grad(params[i].tensor)) apart[i].tensor.node->grad = grad(params[i].tensor);
      }
      CHECK(joint.step(limit) == clip_grad_norm(apart, limit));
      plain.step();
    }
    for (std::size_t i = 0; i < params.size(); i++)
      CHECK(same_bits(params[i].tensor, apart[i].tensor));
    CHECK(grad(params[3].tensor).values() == before);
  };
  check_same([](auto& p) { return SGD(p, Real(0.1), Real(0.9), true, Real(0.01)); });
  check_same([](auto& p) { return Adam(p, Real(0.1), Real(0.01)); });
  check_same([](auto& p) { return AdamW(p, Real(0.1)); });
  std::vector<Parameter> params = parameters_with_gradients();
  SGD sgd(params, 1);
  CHECK(error_of([&] { sgd.step(-1); }).starts_with("clip_grad_norm: the limit -1"));
  CHECK(sgd.steps == 0);
}

TEST_CASE("Optimizer: without parameters it is an Error that says where they come from") {
  struct Forgotten : Module { Linear dense{2, 2}; } module;
  const std::string said = "optimizer: there is no parameter to learn; a module names its layers "
                           "and tensors in fields()";
  CHECK(error_of([&] { Adam(named_parameters(module), 1); }) == said);
  CHECK(error_of([&] { SGD({}, 1); }) == said);
  CHECK(error_of([&] { save(module, "nowhere"); }) ==
        "save: there is no parameter to save; a module names its layers and tensors in fields()");
}

TEST_CASE("save, load: a model comes back whole, or not at all") {
  const Folder folder;
  const std::string path = folder.path + "/model.safetensors";
  manual_seed(1);
  Linear first(2, 3), second(2, 3), wider(2, 4), third(2, 3, false);
  save(first, path);
  load(second, path);
  CHECK(same_bits(first.weight, second.weight));
  CHECK(same_bits(first.bias, second.bias));
  const Tensor before = wider.weight;
  CHECK(error_of([&] { load(wider, path); }) ==
        path + ": does not fit the model: weight is (3, 2) in the file and (4, 2) in the model; "
        "bias is (3,) in the file and (4,) in the model");
  CHECK(error_of([&] { load(third, path); }) ==
        path + ": does not fit the model: unexpected bias");
  CHECK(error_of([&] { load(first, path + "x"); }).starts_with(path + "x: "));
  CHECK(error_of([&] { save(first, path + "/x"); }).starts_with(path));
  save(second, path);                           // over the old one, and nothing is left beside it
  CHECK(names_in(folder.path) == std::vector<std::string>{"model.safetensors"});
}
