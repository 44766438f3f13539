// The whole algorithm in one file: a tensor, its derivatives, a Transformer, Adam, and a small language to translate.
//     g++ -std=c++20 -O2 tools/whole.cpp -o whole && ./whole
// It reads from top to bottom and takes the plain way everywhere: one sentence at a time, matrices only, every number a
// double. The heading of each part says which folder of the library does the same for batches, in any shape, and fast.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <valarray>
#include <vector>

namespace whole {
// ---- 1. A tensor: here a matrix, row by row (tensor/: any number of axes, views, vector units, threads) -------------
using Numbers = std::valarray<double>;          // + − * / and exp, sqrt of all elements at once, and their sum()
struct Matrix {
  int rows, cols;
  Numbers numbers;
  Matrix(int rows, int cols, double fill = 0) : rows(rows), cols(cols), numbers(fill, rows * cols) {}
  double& operator()(int i, int j) { return numbers[i * cols + j]; }
  double operator()(int i, int j) const { return numbers[i * cols + j]; }
  Numbers row(int i) const { return numbers[std::slice(i * cols, cols, 1)]; }
  void set_row(int i, const Numbers& x) { numbers[std::slice(i * cols, cols, 1)] = x; }
};
Matrix operator*(const Matrix& A, const Matrix& B) {                     // the product (m, k) (k, n) -> (m, n)
  Matrix C(A.rows, B.cols);
  for (int i = 0; i < A.rows; i++)
    for (int k = 0; k < A.cols; k++)
      for (int j = 0; j < B.cols; j++) C(i, j) += A(i, k) * B(k, j);
  return C;
}
Matrix operator*(Matrix A, double factor) { return A.numbers *= factor, A; }
void operator+=(Matrix& A, const Matrix& B) { A.numbers += B.numbers; }
Matrix transposed(const Matrix& A) {
  Matrix T(A.cols, A.rows);
  for (int i = 0; i < A.rows; i++)
    for (int j = 0; j < A.cols; j++) T(j, i) = A(i, j);
  return T;
}

// ---- 2. Derivatives (autograd/: 70 operations, each checked against finite differences) -----------------------------
// An operation's value, its inputs, and a function that takes dL/dvalue and adds dL/dinput to each input's gradient.
struct Node {
  Matrix value, grad;
  std::vector<std::shared_ptr<Node>> inputs;
  std::function<void(const Matrix&)> hand_back;
  long birth;                                   // inputs are born before what is computed from them
};
using Tensor = std::shared_ptr<Node>;
Tensor record(const Matrix& value, std::vector<Tensor> inputs = {}, std::function<void(const Matrix&)> hand_back = {}) {
  static long births = 0;
  return std::make_shared<Node>(Node{value, Matrix(value.rows, value.cols), inputs, hand_back, births++});
}
// Adds to the gradient of everything that the loss was computed from. The latest-born node comes first: all that depend
// on it were born later and have had their turn, so its gradient is complete.
void backward(const Tensor& loss) {
  loss->grad = Matrix(1, 1, 1);
  std::map<long, Tensor> pending = {{loss->birth, loss}};
  while (!pending.empty()) {
    Tensor node = pending.extract(std::prev(pending.end())).mapped();
    if (node->hand_back) node->hand_back(node->grad);
    for (const Tensor& input : node->inputs) pending[input->birth] = input;
  }
}
Tensor matmul(const Tensor& A, const Tensor& B) {                        // C = A B: dA = dC Bᵀ, dB = Aᵀ dC
  return record(A->value * B->value, {A, B}, [=](const Matrix& dC) {
    A->grad += dC * transposed(B->value);
    B->grad += transposed(A->value) * dC;
  });
}
Tensor scores(const Tensor& Q, const Tensor& K) {                     // S = Q Kᵀ / √d: dQ = dS K / √d, dK = dSᵀ Q / √d
  const double factor = 1 / std::sqrt(Q->value.cols);
  return record(Q->value * transposed(K->value) * factor, {Q, K}, [=](const Matrix& dS) {
    Q->grad += dS * K->value * factor;
    K->grad += transposed(dS) * Q->value * factor;
  });
}
Tensor add(const Tensor& A, const Tensor& B) {                           // dA = dB = dY
  Matrix Y = A->value;
  Y += B->value;
  return record(Y, {A, B}, [=](const Matrix& dY) { A->grad += dY, B->grad += dY; });
}
Tensor relu(const Tensor& X) {                                           // max(x, 0): dx = dy where x > 0, else 0
  Matrix Y = X->value;
  Y.numbers[Y.numbers < 0.0] = 0;
  return record(Y, {X}, [=](Matrix dX) {
    dX.numbers[Y.numbers == 0.0] = 0;
    X->grad += dX;
  });
}
// Scores, row by row, become weights that sum to 1: p_j = exp(s_j) / Σ exp(s), so ds_j = p_j (dp_j − Σ dp p). Under the
// causal mask row i sees scores 0 .. i only, and its other weights are 0.
Tensor softmax(const Tensor& S, bool causal) {
  Matrix P = S->value;
  for (int i = 0; i < P.rows; i++) {
    for (int j = i + 1; causal && j < P.cols; j++) P(i, j) = -INFINITY;
    const Numbers p = std::exp(P.row(i) - P.row(i).max());               // exp(s − the largest) cannot overflow
    P.set_row(i, p / p.sum());
  }
  return record(P, {S}, [=](Matrix dP) {
    for (int i = 0; i < P.rows; i++) {
      const Numbers p = P.row(i), dp = dP.row(i);
      dP.set_row(i, p * (dp - (dp * p).sum()));
    }
    S->grad += dP;
  });
}
// Each row to mean 0 and variance 1: h = (x − mean) / σ, so dx = (dh − mean(dh) − h mean(dh h)) / σ.
Tensor layer_norm(const Tensor& X) {
  Matrix H = X->value;
  Numbers sigma(H.rows);
  for (int i = 0; i < H.rows; i++) {
    const Numbers centred = H.row(i) - H.row(i).sum() / H.cols;
    sigma[i] = std::sqrt((centred * centred).sum() / H.cols + 1e-5);
    H.set_row(i, centred / sigma[i]);
  }
  return record(H, {X}, [=](Matrix dX) {
    for (int i = 0; i < H.rows; i++) {
      const Numbers h = H.row(i), dh = dX.row(i);
      dX.set_row(i, (dh - dh.sum() / H.cols - h * ((dh * h).sum() / H.cols)) / sigma[i]);
    }
    X->grad += dX;
  });
}
Matrix one_hot(const std::vector<int>& ids, int words) {                 // times a table: the rows of these words
  Matrix Y(int(ids.size()), words);
  for (int i = 0; i < Y.rows; i++) Y(i, ids[i]) = 1;
  return Y;
}
// How much the right words surprise the model: the mean of −ln p(target). dlogits = (p − one_hot(target)) / words.
Tensor cross_entropy(const Tensor& logits, const std::vector<int>& targets) {
  const Matrix P = softmax(logits, false)->value, right = one_hot(targets, P.cols);
  const double loss = -(right.numbers * std::log(P.numbers)).sum() / P.rows;
  return record(Matrix(1, 1, loss), {logits}, [=](const Matrix& dloss) {
    logits->grad.numbers += dloss(0, 0) / P.rows * (P.numbers - right.numbers);
  });
}

// ---- 3. Parameters and Adam (nn/: layers with names and biases, recurrent ones, schedules, clipping) ----------------
std::mt19937 dice(3);                                                    // gives the same numbers on every machine
double uniform() { return dice() / 4294967296.0; }                       // from 0 to 1
std::vector<Tensor> parameters;                                          // all that is learnt, in order of birth
Tensor parameter(int rows, int cols, double bound) {                     // begins anywhere from −bound to bound
  Matrix W(rows, cols);
  for (double& w : W.numbers) w = bound * (2 * uniform() - 1);
  return parameters.emplace_back(record(W));
}
Tensor weight(int in, int out) { return parameter(in, out, 1 / std::sqrt(in)); }
// Steps of m / √v, with running means m of the gradient and v of its square. Both begin at 0, which makes the first
// ones too small: they are divided by 1 − βᵗ. Then the gradients are 0 again.
struct Adam {
  double rate = 0.001, beta1 = 0.9, beta2 = 0.999;
  int t = 0;
  std::vector<Numbers> m, v;
  Adam() { for (const Tensor& w : parameters) m.push_back(w->grad.numbers), v.push_back(w->grad.numbers); }
  void step() {
    t++;
    for (std::size_t i = 0; i < parameters.size(); i++) {
      Numbers &w = parameters[i]->value.numbers, &g = parameters[i]->grad.numbers;
      m[i] = beta1 * m[i] + (1 - beta1) * g;
      v[i] = beta2 * v[i] + (1 - beta2) * g * g;
      w -= rate * m[i] / (1 - std::pow(beta1, t)) / (std::sqrt(v[i] / (1 - std::pow(beta2, t))) + 1e-8);
      g = 0;
    }
  }
};

// ---- 4. The Transformer (models/: line for line with the book; heads, dropout, a cache of keys and values) ---------
// Queries are compared with keys, and fetch a mean of the values: softmax(Q Kᵀ / √d) V, by one head.
struct Attention {
  Tensor W_q, W_k, W_v, W_o, weights;                                    // weights (queries, keys): of the last call
  explicit Attention(int d) : W_q(weight(d, d)), W_k(weight(d, d)), W_v(weight(d, d)), W_o(weight(d, d)) {}
  Tensor operator()(const Tensor& asking, const Tensor& asked, bool causal) {
    Tensor Q = matmul(asking, W_q), K = matmul(asked, W_k), V = matmul(asked, W_v);
    weights = softmax(scores(Q, K), causal);
    return matmul(matmul(weights, V), W_o);
  }
};
Tensor feed_forward(const Tensor& X, const Tensor& W_1, const Tensor& W_2) {        // at every position the same
  return matmul(relu(matmul(X, W_1)), W_2);
}
Tensor add_norm(const Tensor& X, const Tensor& FX) { return layer_norm(add(X, FX)); }
struct Transformer {                                                     // an encoder and a decoder of one block each
  Tensor source, target;                                                 // a vector of d numbers for each word
  Attention self1, self2, cross;
  Tensor W_1, W_2, W_3, W_4, dense;
  Transformer(int words, int d, int hidden)
      : source(parameter(words, d, 1 / std::sqrt(d))), target(parameter(words, d, 1 / std::sqrt(d))), self1(d),
        self2(d), cross(d), W_1(weight(d, hidden)), W_2(weight(hidden, d)), W_3(weight(d, hidden)),
        W_4(weight(hidden, d)), dense(weight(d, words)) {}
  // Attention knows no order, so position i adds sines and cosines of i / 10000^(2j/d) to its word's vector.
  Tensor embed(const Tensor& table, const std::vector<int>& ids) const {
    const int d = table->value.cols;
    Matrix P(int(ids.size()), d);
    for (int i = 0; i < P.rows; i++)
      for (int j = 0; j < d; j += 2) {
        P(i, j) = std::sin(i / std::pow(10000, double(j) / d));
        P(i, j + 1) = std::cos(i / std::pow(10000, double(j) / d));
      }
    return add(matmul(record(one_hot(ids, table->value.rows) * std::sqrt(d)), table), record(P));
  }
  Tensor encode(const std::vector<int>& ids) {                           // a vector for each word, made from all words
    Tensor X = embed(source, ids), Y = add_norm(X, self1(X, X, false));
    return add_norm(Y, feed_forward(Y, W_1, W_2));
  }
  Tensor decode(const Tensor& encoded, const std::vector<int>& ids) {    // logits of the word that follows each of ids
    Tensor X = embed(target, ids), Y = add_norm(X, self2(X, X, true));   // sees the words so far
    Tensor Z = add_norm(Y, cross(Y, encoded, false));                    // and the whole source
    return matmul(add_norm(Z, feed_forward(Z, W_3, W_4)), dense);
  }
};

// ---- 5. A language (data/: a grammar with gold alignments, files, subwords, BLEU) -----------------------------------
// French order differs: adjectives follow the noun, "the king 's horse" is turned round, and "him" precedes the verb.
struct Pair { std::string english, french; };
Pair operator+(const Pair& a, const Pair& b) { return {a.english + " " + b.english, a.french + " " + b.french}; }
using Pairs = std::vector<Pair>;
const Pairs nouns = {{"dog", "chien"}, {"cat", "chat"}, {"king", "roi"}, {"horse", "cheval"}, {"wolf", "loup"}};
const Pairs adjectives = {{"black", "noir"}, {"green", "vert"}, {"white", "blanc"}, {"heavy", "lourd"}};
const Pairs resting = {{"sleeps", "dort"}, {"falls", "tombe"}, {"waits", "attend"}};
const Pairs acting = {{"sees", "voit"}, {"finds", "trouve"}, {"takes", "prend"}};
Pair pick(const Pairs& pairs) { return pairs[std::size_t(uniform() * double(pairs.size()))]; }
Pair make_phrase() {
  const Pair the = {"the", "le"}, noun = pick(nouns), owner = pick(nouns), adjective = pick(adjectives);
  const int kind = int(uniform() * 3);
  if (kind == 0) return the + noun;
  if (kind == 1) return the + Pair{adjective.english + " " + noun.english, noun.french + " " + adjective.french};
  return the + Pair{owner.english + " 's " + noun.english, noun.french + " du " + owner.french};
}
Pair make_sentence() {
  const Pair stop = {".", "."}, subject = make_phrase(), verb = pick(acting);
  const int kind = int(uniform() * 3);
  if (kind == 0) return subject + pick(resting) + stop;
  if (kind == 1) return subject + Pair{verb.english + " him", "le " + verb.french} + stop;
  return subject + verb + make_phrase() + stop;
}
std::vector<std::string> vocabulary = {"<end>"};                         // of both languages; 0 begins and ends
std::vector<int> ids(const std::string& sentence) {                      // a new word gets the next number
  std::istringstream in(sentence);
  std::vector<int> found;
  for (std::string word; in >> word;) {
    found.push_back(int(std::ranges::find(vocabulary, word) - vocabulary.begin()));
    if (found.back() == int(vocabulary.size())) vocabulary.push_back(word);
  }
  return found;
}

// ---- 6. Learning and translating (tools/app/: the program) ----------------------------------------------------------
// The decoder reads <end> and the right words, and is asked for the word that follows each. Adds to the gradients.
double learn(Transformer& model, const Pair& pair) {
  std::vector<int> read = ids("<end> " + pair.french), asked = ids(pair.french + " <end>");
  Tensor loss = cross_entropy(model.decode(model.encode(ids(pair.english)), read), asked);
  backward(loss);
  return loss->value(0, 0);
}
// Word by word, the likeliest each time, until <end>. What was looked at is left in model.cross.weights.
std::vector<int> translate(Transformer& model, const std::string& english) {
  Tensor encoded = model.encode(ids(english));
  std::vector<int> french = {0};
  for (int word = -1; word != 0 && french.size() < 20; french.push_back(word)) {
    const Matrix logits = model.decode(encoded, french)->value;
    const Numbers last = logits.row(logits.rows - 1);
    word = int(std::max_element(begin(last), end(last)) - begin(last));
  }
  return {french.begin() + 1, french.end() - 1};
}

}  // namespace whole
#ifndef DOCTEST_LIBRARY_INCLUDED                // the tests read this file, too, and have a main of their own
int main() {
  using namespace whole;
  for (int i = 0; i < 1000; i++) ids(make_sentence().english), ids(make_sentence().french);   // all words get a number
  Transformer model(int(vocabulary.size()), 32, 64);
  const Pair unseen = {"the king 's horse sees the black dog .", "le cheval du roi voit le chien noir ."};
  Adam adam;
  for (int step = 1; step <= 500; step++) {
    double loss = 0;
    for (int i = 0; i < 8; i++) {
      const Pair pair = make_sentence();
      if (pair.english != unseen.english) loss += learn(model, pair) / 8;
    }
    adam.rate = 0.006 * (1 - step / 501.0);                              // falls to nothing, so the model settles
    adam.step();
    if (step % 100 == 0) std::printf("step %d: loss %.3f\n", step, loss);
  }
  const std::vector<int> english = ids(unseen.english), french = translate(model, unseen.english);
  std::printf("\n%8s", "");
  for (int word : english) std::printf("%7s", vocabulary[word].c_str());
  for (int i = 0; i < int(french.size()); i++) {                         // each French word, and where it looked
    std::printf("\n%8s", vocabulary[french[i]].c_str());
    for (int j = 0; j < int(english.size()); j++) std::printf("%7.2f", model.cross.weights->value(i, j));
  }
  std::printf("\n%s\n", french == ids(unseen.french) ? "right" : "wrong");
}
#endif
