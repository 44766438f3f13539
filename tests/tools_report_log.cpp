// What is read of a log, and what is not: cut off, doubled by a resumption, or no log at all.
#include "tests/close.h"
#include "tests/xml.h"
#include "tools/app/report/report.h"

using namespace babelgrad;
using namespace babelgrad::report;

namespace {

std::string step(int n, double loss, double elapsed) {
  return join("{\"step\":", n, ",\"epoch\":1,\"loss\":", loss, ",\"lr\":0.001,\"grad_norm\":0.5,",
              "\"tok_per_s\":1000.0,\"elapsed\":", elapsed, "}\n");
}

std::string epoch(int n, int number, double valid_loss, double elapsed) {
  return join("{\"step\":", n, ",\"epoch\":", number, ",\"train_loss\":2.5,\"valid_loss\":",
              valid_loss, ",\"tok_per_s\":1000,\"elapsed\":", elapsed, "}\n");
}

std::vector<std::int64_t> steps_of(const RunLog& log) {
  std::vector<std::int64_t> all;
  for (const LogLine& line : log.steps) all.push_back(line.step);
  return all;
}

}  // namespace

TEST_CASE("run log: one call, every number as it was written") {
  const RunLog log = read_log(
      "{\"step\":100,\"epoch\":1,\"loss\":4.25,\"lr\":0.001,\"grad_norm\":0.75,\"tok_per_s\":900,"
      "\"elapsed\":2}\n"
      "{\"step\":100,\"epoch\":1,\"train_loss\":5.5,\"train_ppl\":244.7,\"valid_loss\":3.5,"
      "\"valid_bleu\":12.5,\"tok_per_s\":1000,\"elapsed\":4}\n"
      "{\"step\":200,\"epoch\":2,\"train_loss\":3.5,\"valid_loss\":3.5,\"valid_bleu\":11,"
      "\"tok_per_s\":1100,\"elapsed\":10}\n");
  REQUIRE((log.steps.size() == 1 && log.epochs.size() == 2));
  CHECK((log.steps[0].loss == 4.25 && log.steps[0].lr == 0.001 && log.steps[0].grad_norm == 0.75));
  CHECK((log.epochs[1].train_loss == 3.5 && log.epochs[0].valid_bleu == 12.5));
  CHECK(log.best_by_loss() == &log.epochs[0]);  // the first of equals, as train keeps it
  CHECK(log.best_by_bleu() == &log.epochs[0]);
  CHECK((log.calls == 1 && log.seconds == 10 && log.tokens == 11000 && log.speed() == 1100));
  CHECK((log.lines == 3 && log.skipped == 0 && log.replaced == 0));
  CHECK(log_remarks(log).empty());
}

TEST_CASE("run log: of updates that were done twice the later lines hold, times add up") {
  const RunLog log = read_log(step(100, 5, 10) + step(200, 4, 20) + epoch(200, 1, 3, 22) +
                              step(300, 3, 30) + step(400, 2, 40) +       // killed in epoch 2
                              step(300, 2.75, 7) + step(400, 2.25, 15) + epoch(400, 2, 2, 16));
  CHECK(steps_of(log) == std::vector<std::int64_t>{100, 200, 300, 400});
  CHECK((log.steps[2].loss == 2.75 && log.steps[3].loss == 2.25 && log.epochs.size() == 2));
  CHECK((log.replaced == 2 && log.calls == 2 && log.seconds == 56 && log.tokens == 56000));
  CHECK(count(log_remarks(log).at(1), "2 lines") == 1);

  // From the very beginning: an epoch that ends where a line of its last step stands.
  const RunLog again = read_log(step(100, 5, 1) + epoch(100, 1, 3, 2) + step(100, 5, 1) +
                                epoch(100, 1, 2.5, 2));
  CHECK((again.steps.size() == 1 && again.epochs.size() == 1 && again.replaced == 2));
  CHECK(again.epochs[0].valid_loss == 2.5);
  CHECK((again.calls == 2 && again.seconds == 4));
}

TEST_CASE("run log: calls without a line in common are told apart by the clock or by settings") {
  CHECK(read_log(step(100, 5, 10) + step(200, 4, 5)).calls == 2);
  CHECK(read_log(step(100, 5, 10) + step(200, 4, 15)).calls == 1);
  const std::string settings = settings_line({{"lr", "0.1"}}, {{"compiler", "g++"}}) + "\n";
  const RunLog log = read_log(settings + step(100, 5, 10) + settings + step(200, 4, 15) + settings);
  CHECK((log.calls == 2 && log.seconds == 25 && log.lines == 5 && log.skipped == 0));
  CHECK(log.options == NamedValues{{"lr", "0.1"}});
  CHECK(log.environment == NamedValues{{"compiler", "g++"}});
}

TEST_CASE("run log: the mean of epochs is a line of the log, and of those made again the last") {
  const std::string mean =
      "{\"step\":42,\"average\":3,\"valid_loss\":6.5,\"valid_ppl\":665.1,\"valid_bleu\":0.25,"
      "\"tok_per_s\":1000,\"elapsed\":5}\n";
  const RunLog log = read_log(epoch(42, 6, 6.25, 4) + mean);
  REQUIRE((log.means.size() == 1 && log.epochs.size() == 1));
  CHECK((log.means[0].step == 42 && log.means[0].epochs == 3));
  CHECK((log.means[0].valid_loss == 6.5 && log.means[0].valid_bleu == 0.25));
  CHECK((log.skipped == 0 && log.replaced == 0 && log.seconds == 5));
  CHECK(log_remarks(log).empty());
  CHECK(log.best_by_loss()->valid_loss == 6.25);               // of epochs only

  const RunLog again = read_log(epoch(42, 6, 6.25, 4) + mean + mean + epoch(49, 7, 6, 2) +
                                "{\"step\":49,\"average\":4}\n");
  REQUIRE(again.means.size() == 2);
  CHECK((again.means[1].step == 49 && again.means[1].epochs == 4 && again.epochs.size() == 2));
  CHECK(std::isnan(again.means[1].valid_loss));
  CHECK(read_log(epoch(42, 6, 6.25, 4) + mean + step(40, 5, 1)).means.empty());
  CHECK(read_log("{\"step\":42,\"average\":0}\n{\"step\":42,\"average\":\"3\"}\n").skipped == 2);
}

TEST_CASE("run log: lines that are none are skipped and counted, wherever they are cut off") {
  const std::string bad[] = {"", "no JSON", "[]", "3", "{}", "{\"step\":1}", "{\"loss\":1}",
                             "{\"step\":-1,\"loss\":1}", "{\"step\":1.5,\"loss\":1}",
                             "{\"step\":1,\"loss\":\"1\"}", "{\"step\":1,\"loss\":1,\"lr\":[]}",
                             "{\"step\":1,\"train_loss\":true}", "{\"config\":3}",
                             "{\"step\":1,\"loss\":1,\"elapsed\":\"x\"}", "\xFF\xFE", "{\"config\":"
                             "{\"lr\":1}}", std::string(500, '['), std::string("\0\0", 2)};
  std::string text = step(100, 5, 1);
  for (const std::string& line : bad) text += line + "\n";
  const RunLog log = read_log(text + step(200, 4, 2));
  CHECK(steps_of(log) == std::vector<std::int64_t>{100, 200});
  CHECK((log.skipped == std::ssize(bad) && log.first_skipped == 2 && log.replaced == 0));
  CHECK((log.calls == 1 && log.seconds == 2));

  const std::string whole = step(100, 5, 1) + epoch(100, 1, 3, 2);
  for (std::size_t n = 0; n < whole.size(); n++) {
    const RunLog part = read_log(whole.substr(0, n));
    CHECK(part.steps.size() == (n + 1 >= step(100, 5, 1).size()));
    CHECK(part.epochs.size() == (n + 1 == whole.size()));
    CHECK(Index(part.steps.size() + part.epochs.size()) + part.skipped == part.lines);
  }
}

TEST_CASE("run log: numbers that are none leave gaps, largest steps no overflow") {
  const RunLog log = read_log("{\"step\":9223372036854775807,\"loss\":null}\n"
                              "{\"step\":9223372036854775807,\"train_loss\":null}\n");
  REQUIRE((log.steps.size() == 1 && log.epochs.size() == 1));
  CHECK(std::isnan(log.steps[0].loss));
  CHECK((!log.best_by_loss() && !log.best_by_bleu() && std::isnan(log.speed())));
  CHECK(curves(log).empty());
}

TEST_CASE("curves: the points are the log's, and each number has its figure") {
  const RunLog log = read_log(step(100, 5, 1) + epoch(150, 1, 3, 2) + step(200, 4, 3));
  const std::vector<Chart> charts = curves(log);
  REQUIRE(charts.size() == 4);                  // no BLEU was measured
  REQUIRE(charts[0].series.size() == 3);
  CHECK(charts[0].series[0].x == std::vector<double>{150});
  CHECK(charts[0].series[0].y == std::vector<double>{3});
  CHECK(charts[0].series[1].y == std::vector<double>{2.5});
  CHECK(charts[0].series[2].x == std::vector<double>{100, 200});
  CHECK(charts[0].series[2].y == std::vector<double>{5, 4});
  CHECK(charts[1].series[0].y == std::vector<double>{0.001, 0.001});
  CHECK(charts[2].series[0].y == std::vector<double>{0.5, 0.5});
  CHECK(charts[3].series[0].y == std::vector<double>{1000, 1000});
  CHECK(charts[0].note == "");
  RunLog smoothed = log;
  smoothed.options = {{"label-smoothing", "0.1"}};
  CHECK(charts[0].series[1].name == "training, mean of the epoch");
  CHECK(curves(smoothed)[0].series[1].name == "training (smoothed), mean of the epoch");
  const RunLog scored = read_log("{\"step\":7,\"train_loss\":1,\"valid_bleu\":31.25}\n");
  REQUIRE(curves(scored).size() == 2);
  CHECK(curves(scored)[1].series[0].y == std::vector<double>{31.25});
}

TEST_CASE("curves: of a long log one line in so many, the last always, and the figure says so") {
  std::string text;
  for (int i = 1; i <= 2500; i++) text += step(100 * i, 5, i);
  const Chart loss = curves(read_log(text)).at(0);
  REQUIRE(loss.series.size() == 1);
  CHECK(loss.series[0].x.size() == 834);        // 2500 / 3, rounded up
  CHECK((loss.series[0].x.front() == 100 && loss.series[0].x.back() == 250000));
  CHECK(loss.note == "Of the long curves one logged number in 3.");
}

TEST_CASE("log_remarks: what is odd about a log is said, nothing of a plain one") {
  CHECK(log_remarks(read_log("")).at(0).starts_with("The log is empty"));
  const auto remarks = log_remarks(read_log("x\n\n"));
  REQUIRE(remarks.size() == 2);
  CHECK(remarks[0].starts_with("The log has no line"));
  CHECK(remarks[1] == "Skipped, being no lines of a log: 2 of 2, the first of them line 1.");
}
