// The page as a whole: head and policy, title, sections, data, script.
#include "tools/app/view/explorer.h"

#include <algorithm>
#include <cmath>

#include "data/text.h"
#include "tools/app/view/heatmap.h"
#include "tools/app/view/sha256.h"

namespace babelgrad {
namespace {

void check_maps(const Exploration& shown, const AttentionMaps& maps) {
  const int layers = int(maps.weights.size());
  check(shown.layer >= 0 && shown.layer < layers, "explorer: layer ", shown.layer + 1, " of ",
        layers);
  for (const auto& heads : maps.weights) {
    check(!heads.empty() && shown.head < int(heads.size()), "explorer: head ", shown.head + 1,
          " of ", heads.size());
    for (const Weights& weights : heads) {
      bool fits = weights.size() == maps.rows.size();
      for (const auto& row : weights) fits &= row.size() == maps.columns.size();
      check(fits, "explorer: ", maps.kind, " weights do not fit ", maps.rows.size(), " x ",
            maps.columns.size(), " words");
    }
  }
}

void check_exploration(const Exploration& shown) {
  constexpr std::size_t most = 1'000'000;
  std::size_t count = 0;
  for (const AttentionMaps& maps : shown.maps) {
    check_maps(shown, maps);
    for (const auto& heads : maps.weights)
      count += heads.size() * maps.rows.size() * maps.columns.size();
  }
  check(count <= most, "explorer: ", count, " weights, and a page carries ", most,
        "; take a shorter sentence");
  for (const Link& link : shown.gold)
    check(link.src >= 0 && link.src < int(shown.src.size()) && link.tgt >= 0 &&
              link.tgt < int(shown.tgt.size()),
          "explorer: gold link ", link.src, "-", link.tgt, " is outside ", shown.src.size(),
          " source and ", shown.tgt.size(), " target words");
}

std::string head(const Exploration& shown, const std::string& style) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src " +
         csp_hash(style) + "; script-src " + csp_hash(explorer_script()) +
         "; base-uri 'none'; form-action 'none'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n"
         "<meta name=\"generator\" content=\"babelgrad\">\n<title>" +
         escape_markup(join("Attention: ", detokenize(shown.src, shown.src_language))) +
         "</title>\n<style>" + style +
         "</style>\n</head>\n";
}

std::string title(const Exploration& shown) {
  const char* whose = shown.given ? "The translation was given." : "The model’s own translation.";
  return "<header>\n<p class=\"kicker\">Attention, word by word</p>\n<h1><bdi>" +
         escape_markup(detokenize(shown.src, shown.src_language)) +
         "</bdi></h1>\n<p class=\"translation\"><bdi>" +
         escape_markup(detokenize(shown.tgt, shown.tgt_language)) +
         "</bdi></p>\n<p class=\"facts\">" +
         escape_markup(shown.facts) + ". " + whose + "</p>\n</header>\n";
}

// Links to the sections; the script turns them into tabs.
std::string contents(const Exploration& shown) {
  if (shown.maps.size() < 2) return "";
  std::string out = "<nav class=\"tabs\" aria-label=\"Kinds of attention\">\n";
  for (const AttentionMaps& maps : shown.maps) {
    out += join("<a id=\"tab-", maps.kind, "\" href=\"#", maps.kind, "\">", panel_title(maps.kind),
                "</a>\n");
  }
  return out + "</nav>\n";
}

constexpr std::string_view without_attention =
    "<section class=\"none\">\n<h2>No attention</h2>\n<p>This model has none. Its encoder folds the"
    " whole sentence into one vector of fixed size, and its decoder writes every word of the"
    " translation from that vector: there are no weights to look at. Train <code>--model"
    " attention</code> or <code>--model transformer</code> to see words look at one"
    " another.</p>\n</section>\n";

}  // namespace

int shade_of(double weight) {
  return std::isnan(weight) ? 0 : int(std::lround(std::clamp(weight, 0.0, 1.0) * shades));
}

Weights mean_of_heads(const std::vector<Weights>& heads) {
  Weights mean = heads.at(0);
  for (std::size_t i = 0; i < mean.size(); i++) {
    for (std::size_t j = 0; j < mean[i].size(); j++) {
      double sum = 0;
      for (const Weights& weights : heads) sum += weights[i][j];
      mean[i][j] = sum / double(heads.size());
    }
  }
  return mean;
}

Json explorer_data(const Exploration& shown) {
  Json maps = Json::array();
  for (const AttentionMaps& kind : shown.maps) {
    Json layers = Json::array();
    for (const auto& heads : kind.weights) {
      Json layer = Json::array();
      for (const Weights& weights : heads) {
        Json rows = Json::array();
        for (const auto& row : weights) rows.push_back(std::vector<float>(row.begin(), row.end()));
        layer.push_back(rows);
      }
      layers.push_back(layer);
    }
    maps.push_back(Json::object({{"kind", kind.kind}, {"weights", layers}}));
  }
  Json gold = Json::array(), hypotheses = Json::array();
  for (const Link& link : shown.gold)
    gold.push_back(Json::object({{"src", link.src}, {"tgt", link.tgt}, {"sure", link.sure}}));
  for (const ShownHypothesis& h : shown.hypotheses)
    hypotheses.push_back(Json::object({{"score", h.score},
                                       {"log_prob", h.log_prob},
                                       {"length", h.words.size()}}));
  return Json::object({{"layer", shown.layer},
                       {"head", shown.head},
                       {"maps", maps},
                       {"gold", gold},
                       {"hypotheses", hypotheses}});
}

std::string script_json(const Json& json) {
  std::string out;
  each_code_point(write_json(json, Json::unlimited), [&](int c, std::string_view bytes) {
    switch (c) {
    case '<': out += "\\u003c"; break;
    case '>': out += "\\u003e"; break;
    case '&': out += "\\u0026"; break;
    case 0x2028: out += "\\u2028"; break;
    case 0x2029: out += "\\u2029"; break;
    default: out += bytes;
    }
  });
  return out;
}

std::string explorer_page(const Exploration& shown) {
  check_exploration(shown);
  std::string out = head(shown, explorer_style());
  out += "<body>\n<main>\n" + title(shown) + contents(shown);
  for (const AttentionMaps& maps : shown.maps) out += panel_html(shown, maps);
  if (shown.maps.empty()) out += without_attention;
  out += hypotheses_html(shown);
  out += "</main>\n<script type=\"application/json\" id=\"data\">";
  out += script_json(explorer_data(shown));
  out += "</script>\n<script>";
  out += explorer_script();
  return out + "</script>\n</body>\n</html>\n";
}

}  // namespace babelgrad
