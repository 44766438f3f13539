// The page from its head down: title, each kind of attention, hypotheses, data, script.
#include "tools/app/view/explorer.h"

#include <algorithm>
#include <cmath>

#include "data/text.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/view/heatmap.h"
#include "tools/app/view/page.h"

namespace babelgrad {
namespace {

void check_maps(const Exploration& shown, const AttentionMaps& maps) {
  const int layers = int(maps.weights.size());
  const bool occluded = maps.kind == "occlusion";            // has neither layers nor heads
  check(occluded || (shown.layer >= 0 && shown.layer < layers), "explorer: layer ",
        shown.layer + 1, " of ", layers);
  for (const auto& heads : maps.weights) {
    check(!heads.empty() && (occluded || shown.head < int(heads.size())), "explorer: head ",
          shown.head + 1, " of ", heads.size());
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

struct Kind {                                   // what a section says about itself
  const char *title, *lead, *rows, *columns;
};

Kind kind_of(const std::string& kind) {
  if (kind == "encoder")
    return {"Encoder self-attention",
            "Every word of the source looks at all of them, itself included.", "looking",
            "looked at"};
  if (kind == "decoder")
    return {"Decoder self-attention",
            "Before a word is written, the words read so far are looked at; those to come are"
            " hidden.",
            "written", "read so far"};
  if (kind == "occlusion")
    return {"Occlusion",
            "Each source word is hidden in turn: what share of its probability does each word of"
            " the translation lose, given the words before it?",
            "translation", "source, hidden"};
  return {"Cross-attention",
          "Before each word of the translation is written, the decoder looks at the source.",
          "translation", "source"};
}

std::string header_html(const Exploration& shown) {
  const char* whose = shown.given ? "The translation was given." : "The model’s own translation.";
  return "<header>\n<p class=\"kicker\">Attention, word by word</p>\n<h1><bdi>" +
         escape_markup(detokenize(shown.src, shown.src_language)) +
         "</bdi></h1>\n<p class=\"translation\"><bdi>" +
         escape_markup(detokenize(shown.tgt, shown.tgt_language)) +
         "</bdi></p>\n<p class=\"facts\">" +
         escape_markup(shown.facts) + ". " + whose + "</p>\n</header>\n";
}

// Links to the sections; the script turns them into tabs.
std::string kinds_of_attention(const Exploration& shown) {
  if (shown.maps.size() < 2) return "";
  std::string out = "<nav class=\"tabs\" aria-label=\"Kinds of attention\">\n";
  for (const AttentionMaps& maps : shown.maps) {
    out += join("<a id=\"tab-", maps.kind, "\" href=\"#", maps.kind, "\">",
                kind_of(maps.kind).title, "</a>\n");
  }
  return out + "</nav>\n";
}

bool is_mark(const std::string& word) { return word == bos_token || word == eos_token; }

std::string words_line(const Tokens& words, const char* side, const char* name) {
  std::string out = join("<div class=\"line\"><span class=\"side\">", name,
                         "</span>\n<p class=\"words ", side, "\">");
  for (std::size_t i = 0; i < words.size(); i++)
    out += join(i ? "\n" : "", "<span class=\"word", is_mark(words[i]) ? " mark" : "",
                "\"><bdi>", escape_markup(words[i]), "</bdi></span>");
  return out + "</p></div>\n";
}

bool only_one(const AttentionMaps& maps) {
  return maps.weights.size() == 1 && maps.weights[0].size() == 1;
}

std::string name_of(const AttentionMaps& maps, int layer, int head) {
  return only_one(maps) ? "one layer, one head" : AttentionView{layer, head}.name();
}

std::string small_html(const AttentionMaps& maps, const Weights& weights, int layer, int head) {
  return join("<td><span class=\"pick\" role=\"img\" aria-label=\"",
              name_of(maps, layer, head), "\">",
              small_map_element(weights), "</span></td>");
}

std::string heads_html(const AttentionMaps& maps) {
  const int heads = int(maps.weights[0].size());
  std::string out = join("<figure class=\"heads\"", only_one(maps) ? " hidden=\"hidden\"" : "",
                         ">\n<figcaption>Every layer and head</figcaption>\n"
                         "<div class=\"scroll\">\n<table>\n<thead><tr><td></td>");
  if (heads > 1) out += "<th scope=\"col\">mean</th>";
  for (int h = 0; h < heads; h++) out += join("<th scope=\"col\">head ", h + 1, "</th>");
  out += "</tr></thead>\n<tbody>\n";
  for (int l = 0; l < int(maps.weights.size()); l++) {
    out += join("<tr><th scope=\"row\">layer ", l + 1, "</th>");
    if (heads > 1) out += small_html(maps, mean_of_heads(maps.weights[l]), l, -1);
    for (int h = 0; h < heads; h++) out += small_html(maps, maps.weights[l][h], l, h);
    out += "</tr>\n";
  }
  return out + "</tbody>\n</table>\n</div>\n</figure>\n";
}

std::string shades_html(bool gold) {
  std::string out = "<p class=\"legend\"><span>0</span> <svg class=\"ramp\" width=\"132\""
                    " height=\"10\" viewBox=\"0 0 33 1\" preserveAspectRatio=\"none\""
                    " aria-hidden=\"true\">";
  for (int k = 0; k <= shades; k++)
    out += join("<rect class=\"w", k, "\" x=\"", k, "\" width=\"1.1\" height=\"1\"/>");
  out += "</svg> <span>1</span>";
  if (gold)
    out += "<span class=\"key\"><svg width=\"16\" height=\"16\" aria-hidden=\"true\"><rect"
           " class=\"gold sure\" x=\"2\" y=\"2\" width=\"12\" height=\"12\"/></svg> gold</span>"
           "<span class=\"key\"><svg width=\"16\" height=\"16\" aria-hidden=\"true\"><rect"
           " class=\"gold possible\" x=\"2\" y=\"2\" width=\"12\" height=\"12\"/></svg>"
           " possible</span>";
  return out + "</p>\n";
}

std::string figure_number(double x, int digits) {
  if (!std::isfinite(x)) return "not a number";
  const std::string size = std::abs(x) < 1e6 ? fixed(std::abs(x), digits) : human(std::abs(x));
  return x < 0 ? "−" + size : size;
}

std::string share(double p) { return p < 0.00005 ? "&lt; 0.0001" : figure_number(p, 4); }

std::string hypothesis_html(const Exploration& shown, int rank) {
  const ShownHypothesis& h = shown.hypotheses[rank];
  const bool same = h.words == shown.tgt;
  return join("<tr", same ? " class=\"shown\"" : "", "><td class=\"rank\">", rank + 1,
              "</td><td class=\"text\"><bdi>",
              escape_markup(detokenize(h.words, shown.tgt_language)), "</bdi>",
              same ? " <span class=\"note\">shown above</span>" : "", "</td><td class=\"figure\">",
              figure_number(h.score, 4), "</td><td class=\"figure\">", figure_number(h.log_prob, 3),
              "</td><td class=\"figure\">", share(std::exp(h.log_prob)),
              "</td><td class=\"figure\">", h.words.size(), "</td><td>",
              h.finished ? "finished" : "cut", "</td></tr>\n");
}

std::string panel_html(const Exploration& shown, const AttentionMaps& maps) {
  const Kind kind = kind_of(maps.kind);
  const bool occluded = maps.kind == "occlusion";
  const bool linked = occluded || maps.kind == "cross";
  const std::vector<Link> gold = linked ? shown.gold : std::vector<Link>{};
  const int layer = occluded ? 0 : shown.layer, head = occluded ? 0 : std::max(shown.head, 0);
  const auto& heads = maps.weights[layer];
  const bool mean = shown.head < 0 && heads.size() > 1;
  const Weights first = mean ? mean_of_heads(heads) : heads[head];
  return join("<section class=\"panel\" id=\"", maps.kind, "\">\n<h2>", kind.title,
              "</h2>\n<p class=\"lead\">", kind.lead, "</p>\n<div class=\"pair\">\n",
              words_line(maps.columns, "keys", kind.columns),
              words_line(maps.rows, "queries", kind.rows),
              "</div>\n<p class=\"readout\"></p>\n<div class=\"views\">\n",
              "<figure class=\"large\">\n<figcaption class=\"view\">",
              occluded ? "probability lost"
                       : name_of(maps, shown.layer, mean ? -1 : std::max(shown.head, 0)),
              "</figcaption>\n<div class=\"scroll\">\n",
              heatmap_element({first, maps.rows, maps.columns, "", gold}), "</div>\n",
              shades_html(!gold.empty()), "</figure>\n", occluded ? "" : heads_html(maps),
              "</div>\n</section>\n");
}

// In as few digits as a float needs.
Json floats(double x) { return float(x); }
template <class T>
Json floats(const std::vector<T>& items) {
  Json all = Json::array();
  for (const T& item : items) all.push_back(floats(item));
  return all;
}

constexpr std::string_view without_attention =
    "<section class=\"none\">\n<h2>No attention</h2>\n<p>This model has none. Its encoder folds the"
    " whole sentence into one vector of fixed size, and its decoder writes every word of the"
    " translation from that vector: there are no weights to look at, only what it depends on."
    " Train <code>--model attention</code> or <code>--model transformer</code> to see words look"
    " at one another.</p>\n</section>\n";

}  // namespace

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
  Json maps = Json::array(), gold = Json::array(), hypotheses = Json::array();
  for (const AttentionMaps& it : shown.maps)
    maps.push_back(Json::object({{"kind", it.kind}, {"weights", floats(it.weights)}}));
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

std::string hypotheses_html(const Exploration& shown) {
  std::string out = "<section id=\"hypotheses\">\n<h2>What the beam found</h2>\n<p class=\"lead\">";
  out += join("The likeliest translations, by a beam of ", shown.beam,
              "; those that ended come first. Score: log P / length<sup>", fixed(shown.alpha, 2),
              "</sup>.</p>\n<div class=\"scroll\">\n<table class=\"hypotheses\">\n<thead><tr>"
              "<th scope=\"col\">rank</th><th scope=\"col\">translation</th>"
              "<th scope=\"col\" class=\"figure\">score</th>"
              "<th scope=\"col\" class=\"figure\">log P</th>"
              "<th scope=\"col\" class=\"figure\">P</th>"
              "<th scope=\"col\" class=\"figure\">length</th><th scope=\"col\">end</th>"
              "</tr></thead>\n<tbody>\n");
  for (int rank = 0; rank < int(shown.hypotheses.size()); rank++)
    out += hypothesis_html(shown, rank);
  return out + "</tbody>\n</table>\n</div>\n</section>\n";
}

std::string explorer_page(const Exploration& shown) {
  check_exploration(shown);
  std::string out = page_head("Attention: " + detokenize(shown.src, shown.src_language),
                              {page_css}, &explorer_js);
  out += "<body>\n<main>\n" + header_html(shown) + kinds_of_attention(shown);
  for (const AttentionMaps& maps : shown.maps) out += panel_html(shown, maps);
  const auto attends = [](const AttentionMaps& maps) { return maps.kind != "occlusion"; };
  if (std::ranges::none_of(shown.maps, attends)) out += without_attention;
  out += hypotheses_html(shown);
  return join(out, "</main>\n<script type=\"application/json\" id=\"data\">",
              script_json(explorer_data(shown)), "</script>\n<script>", explorer_js.text,
              "</script>\n</body>\n</html>\n");
}

}  // namespace babelgrad
