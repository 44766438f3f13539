// The site's one style sheet. Two measures rule it: code is 100 columns, prose about 60 letters.
#include "tools/page/site.h"

namespace babelgrad::page {

const char* const site_style = R"css(:root {
  color-scheme: light dark;
  --paper: #fdfcf9; --tint: #f6f3ec; --mark: #fbecb5; --line: #e4dfd6; --faint: #d8d1c4;
  --ink: #24221f; --quiet: #75706a; --link: #2b5876;
  --keyword: #7d3c63; --string: #4d6b2f; --number: #8a5212; --comment: #6d7480;
  --text: Charter, "Bitstream Charter", "Iowan Old Style", "Palatino Linotype", Palatino, Georgia,
    "DejaVu Serif", serif;
  --mono: ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #191a1c; --tint: #1f2023; --mark: #4d4524; --line: #35363a; --faint: #45464b;
    --ink: #d6d2ca; --quiet: #918c84; --link: #8fb8d8;
    --keyword: #d09bb9; --string: #a9c284; --number: #dcae76; --comment: #8b93a0;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.6 var(--text); }
a { color: var(--link); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; text-underline-offset: .15em; }
code, pre { font-family: var(--mono); font-variant-ligatures: none; }
code { font-size: .84em; overflow-wrap: break-word; }
:target { background: var(--mark); scroll-margin-top: 30vh; }

header { display: flex; flex-wrap: wrap; gap: .2rem 2rem; align-items: baseline;
  padding: .8rem 2rem;
  border-bottom: 1px solid var(--line); font-size: .9375rem; }
header nav { display: flex; flex: 1; flex-wrap: wrap; gap: .2rem 2rem;
  justify-content: space-between; }
header ul { display: flex; flex-wrap: wrap; gap: 0 1.1rem; margin: 0; padding: 0;
  list-style: none; }
header li a { color: var(--quiet); }
header a[aria-current], header .home { color: var(--ink); }
header .home { font-weight: bold; }

main { padding: 3rem 2rem 2rem; }
h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; }
h1 { margin: 0 0 1.2rem; font-size: 2.1rem; font-weight: normal; }
h2 { margin: 2.6rem 0 .8rem; font-size: 1.4rem; font-weight: normal; }
h3 { margin: 2rem 0 .6rem; font-size: 1.1rem; }

.text { max-width: 56rem; margin: 0 auto; }
.text > p, .text > ul, .text > ol, .text > blockquote { max-width: 42rem; hyphens: auto; }
.text pre { margin: 1.2rem 0; padding: .8rem 1rem; overflow-x: auto; background: var(--tint);
  border-radius: 3px; font-size: .79rem; line-height: 1.55; }
.text li > p { margin: .4rem 0; }
.text img { max-width: 100%; }
blockquote { margin: 1rem 0; padding-left: 1rem; border-left: 3px solid var(--line);
  color: var(--quiet); }
hr { margin: 2rem 0; border: 0; border-top: 1px solid var(--line); }
.table { overflow-x: auto; margin: 1.4rem 0; }
table { border-collapse: collapse; font-size: .9375rem; line-height: 1.45;
  font-variant-numeric: lining-nums tabular-nums; }
th, td { padding: .35rem 1.2rem .35rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); }
th { font-weight: normal; font-style: italic; color: var(--quiet);
  border-bottom-color: var(--quiet); }
th.right, td.right { text-align: right; }
td.right { white-space: nowrap; }
th.center, td.center { text-align: center; }

dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.6rem; margin: 1rem 0;
  line-height: 1.5; }
dd { margin: 0; }
.files dt { font: .84rem/1.75 var(--mono); }
.toc dd { font: .8rem/1.9 var(--mono); word-spacing: .6em; }
.definitions ul { columns: 2 24rem; column-gap: 2.5rem; margin: 0; padding: 0; list-style: none;
  font-size: .9rem; line-height: 1.5; }
.definitions li { break-inside: avoid; padding-left: 1.2rem; text-indent: -1.2rem; }
.definitions .at { margin-left: .5rem; font-size: .84em; }
.letters { word-spacing: .4em; }

.source { max-width: 84rem; margin: 0 auto; }
.source h1 { font-size: 1.9rem; margin-bottom: .8rem; }
.folder { color: var(--quiet); }
.lead { max-width: 42rem; font-size: 1.125rem; line-height: 1.55; }
.lead p { margin: 0 0 .6rem; }
.contents { margin: 1rem 0 0; padding: 0; font-size: .9rem; line-height: 1.6; }
ul.contents { display: flex; flex-wrap: wrap; gap: 0 1.2rem; max-width: 56rem; list-style: none;
  font: .8rem/1.8 var(--mono); }
details.contents ul { margin: .4rem 0 0; padding-left: 1.2rem; max-width: 42rem; }
summary { color: var(--quiet); cursor: pointer; }
.rows { margin-top: 2rem; border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); }
.row { display: grid; grid-template-columns: minmax(14rem, 1fr) minmax(0, 54.5rem); }
.prose { padding: .15rem 1.8rem .9rem 0; font-size: .9375rem; line-height: 1.5; hyphens: auto;
  overflow-wrap: break-word; }
.silent .prose { padding: 0; }
.prose p { margin: 0 0 .5rem; }
.prose h2 { margin: 1rem 0 .6rem; font-size: 1.05rem; font-style: italic; text-wrap: wrap; }
.prose pre, .lead pre { margin: 0 0 .5rem; font-size: .72rem; line-height: 1.5;
  white-space: pre-wrap; }
.lead pre { font-size: .8rem; }
pre .cl { display: block; padding-left: 6ch; text-indent: -6ch; }
.note { font-size: .8125rem; line-height: 1.4; color: var(--quiet); hyphens: manual; }
.code { margin: 0; padding: .15rem 0; overflow-x: auto; background: var(--tint);
  font-size: .8125rem; line-height: 1.5; }
.code.whole { padding: .6rem 0; }
.l { display: block; min-width: max-content; padding-right: 1rem; }
.n { display: inline-block; width: 3.2rem; padding-right: 1.1rem; text-align: right;
  color: var(--quiet); opacity: .6; user-select: none; }
.bare .n { opacity: 0; }
.l:hover .n, .l:target .n { opacity: 1; }
pre a { color: inherit; text-underline-offset: .25em; text-decoration-color: var(--faint); }
pre:hover a, pre a:not(.d) { text-decoration: underline var(--faint); }
@media (hover: none) { pre a { text-decoration: underline var(--faint); } }
pre a:hover { color: var(--link); text-decoration: underline currentColor; }
pre a.n { text-decoration: none; }
.k { color: var(--keyword); } .s { color: var(--string); } .p { color: var(--keyword); }
.m { color: var(--number); }
.c { color: var(--comment); }

footer { max-width: 84rem; margin: 0 auto; padding: 1rem 2rem 3rem; }
footer nav { display: flex; justify-content: space-between; gap: 2rem; }
.prev::before { content: "← "; } .next::after { content: " →"; } .next { margin-left: auto;
  text-align: right; }

@media (max-width: 72rem) {
  header, main, footer { padding-left: 1.1rem; padding-right: 1.1rem; }
  main { padding-top: 1.8rem; }
  .row { grid-template-columns: minmax(0, 1fr); }
  .prose { padding: .9rem 0 .6rem; max-width: 42rem; }
  .code { margin: 0 -1.1rem; }
  .n { width: 2.6rem; padding-right: .8rem; }
  td:not(.right):nth-child(n+4) { min-width: 14rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .7rem; }
  h1 { font-size: 1.6rem; overflow-wrap: break-word; }
}
@media print {
  :root { --paper: #fff; --ink: #000; --tint: #fff; --link: #000; --line: #999; --quiet: #444;
    --mark: #fff; }
  body { font-size: 10pt; }
  header, footer, .contents, .letters { display: none; }
  main { padding: 0; }
  .row { grid-template-columns: minmax(0, 1fr); }
  .prose { break-after: avoid; padding: .6rem 0 .2rem; max-width: 36rem; }
  .code, .text pre { font-size: 7.5pt; overflow: visible; white-space: pre-wrap; }
  .l { min-width: 0; break-inside: avoid; }
}
)css";

}  // namespace babelgrad::page
