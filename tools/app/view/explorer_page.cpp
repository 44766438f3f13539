// The sections of the page: a kind of attention with its words and maps, and the hypotheses.
#include <cmath>

#include "data/text.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/view/explorer.h"
#include "tools/app/view/heatmap.h"

namespace babelgrad {
namespace {

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
  return {"Cross-attention",
          "Before each word of the translation is written, the decoder looks at the source.",
          "translation", "source"};
}

bool is_mark(const std::string& word) { return word == bos_token || word == eos_token; }

std::string line_html(const Tokens& words, const char* side, const char* name) {
  std::string out = join("<div class=\"line\"><span class=\"side\">", name,
                         "</span>\n<p class=\"words ", side, "\">");
  for (std::size_t i = 0; i < words.size(); i++)
    out += join(i ? "\n" : "", "<span class=\"word", is_mark(words[i]) ? " mark" : "",
                "\"><bdi>", escape_markup(words[i]), "</bdi></span>");
  return out + "</p></div>\n";
}

std::string view_name(int layer, int head) {
  return join("layer ", layer + 1, head < 0 ? ", mean of heads" : join(", head ", head + 1));
}

std::string small_html(const Weights& weights, int layer, int head) {
  return join("<td><span class=\"pick\" role=\"img\" aria-label=\"", view_name(layer, head), "\">",
              small_map_svg(weights), "</span></td>");
}

std::string heads_html(const AttentionMaps& maps) {
  const int heads = int(maps.weights[0].size());
  std::string out = "<figure class=\"heads\">\n<figcaption>Every layer and head</figcaption>\n"
                    "<div class=\"scroll\">\n<table>\n<thead><tr><td></td>";
  if (heads > 1) out += "<th scope=\"col\">mean</th>";
  for (int h = 0; h < heads; h++) out += join("<th scope=\"col\">head ", h + 1, "</th>");
  out += "</tr></thead>\n<tbody>\n";
  for (int l = 0; l < int(maps.weights.size()); l++) {
    out += join("<tr><th scope=\"row\">layer ", l + 1, "</th>");
    if (heads > 1) out += small_html(mean_of_heads(maps.weights[l]), l, -1);
    for (int h = 0; h < heads; h++) out += small_html(maps.weights[l][h], l, h);
    out += "</tr>\n";
  }
  return out + "</tbody>\n</table>\n</div>\n</figure>\n";
}

std::string legend_html(bool gold) {
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

std::string number(double x, int digits) {
  if (!std::isfinite(x)) return "not a number";
  const std::string size = std::abs(x) < 1e6 ? fixed(std::abs(x), digits) : human(std::abs(x));
  return x < 0 ? "−" + size : size;
}

std::string share(double p) { return p < 0.00005 ? "&lt; 0.0001" : number(p, 4); }

std::string hypothesis_html(const Exploration& shown, int rank) {
  const ShownHypothesis& h = shown.hypotheses[rank];
  const bool same = h.words == shown.tgt;
  return join("<tr", same ? " class=\"shown\"" : "", "><td class=\"rank\">", rank + 1,
              "</td><td class=\"text\"><bdi>",
              escape_markup(detokenize(h.words, shown.tgt_language)), "</bdi>",
              same ? " <span class=\"note\">shown above</span>" : "", "</td><td class=\"figure\">",
              number(h.score, 4), "</td><td class=\"figure\">", number(h.log_prob, 3),
              "</td><td class=\"figure\">", share(std::exp(h.log_prob)),
              "</td><td class=\"figure\">", h.words.size(), "</td><td>",
              h.finished ? "finished" : "cut", "</td></tr>\n");
}

}  // namespace

std::string panel_title(const std::string& kind) { return kind_of(kind).title; }

std::string panel_html(const Exploration& shown, const AttentionMaps& maps) {
  const Kind kind = kind_of(maps.kind);
  const bool cross = maps.kind == "cross";
  const std::vector<Link> gold = cross ? shown.gold : std::vector<Link>{};
  const auto& heads = maps.weights[shown.layer];
  const bool mean = shown.head < 0 && heads.size() > 1;
  const Weights first = mean ? mean_of_heads(heads) : heads[std::max(shown.head, 0)];
  return join("<section class=\"panel\" id=\"", maps.kind, "\">\n<h2>", kind.title,
              "</h2>\n<p class=\"lead\">", kind.lead, "</p>\n<div class=\"pair\">\n",
              line_html(maps.columns, "keys", kind.columns),
              line_html(maps.rows, "queries", kind.rows),
              "</div>\n<p class=\"readout\"></p>\n<div class=\"views\">\n",
              "<figure class=\"large\">\n<figcaption class=\"view\">",
              view_name(shown.layer, mean ? -1 : std::max(shown.head, 0)),
              "</figcaption>\n<div class=\"scroll\">\n", large_map_svg(maps, first, gold),
              "</div>\n", legend_html(!gold.empty()), "</figure>\n", heads_html(maps),
              "</div>\n</section>\n");
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

}  // namespace babelgrad
