#include "tools/report/report_style.h"

namespace lrcn {

std::string_view report_style() {
  return R"css(
:root {
  color-scheme: light dark;
  --page: #f6f5f1; --card: #ffffff; --ink: #1c1b19; --soft: #66635b; --line: #e0ddd4;
  --training: #8a8fa3; --validation: #1f5fbf; --right: #1c7446; --wrong: #ad3325;
  --right-tint: #e2f1e8; --wrong-tint: #f8e5e1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #141412; --card: #1e1e1b; --ink: #ecebe5; --soft: #a5a297; --line: #35342f;
    --training: #868b9e; --validation: #7fb0ff; --right: #66cf97; --wrong: #ff9283;
    --right-tint: #1b3326; --wrong-tint: #3d211d;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
main { max-width: 70rem; margin: 0 auto; padding: clamp(1.25rem, 4vw, 3.5rem) clamp(1rem, 4vw, 2.5rem) 4rem; }
h1 { font-size: clamp(1.7rem, 4.5vw, 2.6rem); line-height: 1.12; letter-spacing: -.022em; margin: 0 0 .4rem;
  text-wrap: balance; }
h2 { font-size: 1.2rem; letter-spacing: -.01em; margin: 3rem 0 1rem; }
.subtitle { color: var(--soft); margin: 0; max-width: 46rem; }
.headline { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 1px;
  margin: 2rem 0 0; background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
  overflow: hidden; }
.headline div { padding: .9rem 1.1rem; box-shadow: 0 0 0 1px var(--line); }
.headline dt { color: var(--soft); font-size: .82rem; }
.headline dd { margin: .1rem 0 0; font-size: 1.55rem; line-height: 1.2; font-weight: 600;
  letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 23rem), 1fr)); gap: 1rem; }
.chart { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
  padding: .9rem .9rem .5rem; }
.chart figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .2rem 1rem;
  font-weight: 600; font-size: .95rem; padding: 0 .2rem .5rem; }
.chart svg { display: block; width: 100%; height: auto; }
.legend { display: flex; gap: 1rem; font-weight: 400; font-size: .85rem; color: var(--soft); }
.key::before { content: ""; display: inline-block; width: 1rem; height: .18rem; border-radius: 1px;
  margin-right: .4rem; vertical-align: .25em; background: currentColor; }
.key.training::before { background: var(--training); }
.key.validation::before { background: var(--validation); }
.grid { stroke: var(--line); stroke-width: 1; }
.tick { fill: var(--soft); font-size: 11.5px; font-variant-numeric: tabular-nums; }
.curve { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
.curve.training { stroke: var(--training); stroke-width: 1.3; }
.curve.validation { stroke: var(--validation); }
.dot.training { fill: var(--training); } .dot.validation { fill: var(--validation); }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); gap: 0 3rem; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; font-weight: 400; padding: .42rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th { color: var(--soft); padding-right: 1.5rem; }
td { text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: break-word; }
.filter { display: flex; flex-wrap: wrap; gap: .4rem; margin: 0 0 1rem; padding: 0; border: 0; }
.filter label { cursor: pointer; padding: .25rem .85rem; border: 1px solid var(--line); border-radius: 2rem;
  background: var(--card); font-size: .9rem; }
.filter input { position: absolute; opacity: 0; pointer-events: none; }
.filter label:has(:checked) { background: var(--ink); color: var(--page); border-color: var(--ink); }
.filter label:has(:focus-visible) { outline: 2px solid var(--validation); outline-offset: 2px; }
section:has(#only-right:checked) .picture.wrong, section:has(#only-wrong:checked) .picture.right { display: none; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15.5rem), 1fr)); gap: 1rem;
  align-items: start; }
.picture { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; overflow: hidden; }
.picture img, .picture .lost { display: block; width: 100%; height: auto; aspect-ratio: 4 / 3; object-fit: contain;
  background: color-mix(in srgb, var(--ink) 6%, var(--card)); }
.picture img.small { image-rendering: pixelated; aspect-ratio: 1; }
.lost { display: grid; place-items: center; color: var(--soft); font-size: .85rem; }
.picture figcaption { padding: .8rem 1rem .9rem; }
.picture .says { margin: 0 0 .6rem; line-height: 1.4; font-weight: 500; }
.badge { display: inline-block; font-size: .78rem; font-weight: 600; padding: .05rem .55rem; border-radius: 1rem; }
.right .badge { color: var(--right); background: var(--right-tint); }
.wrong .badge { color: var(--wrong); background: var(--wrong-tint); }
.picture details { margin-top: .5rem; font-size: .88rem; color: var(--soft); }
summary { cursor: pointer; }
.picture ul { margin: .35rem 0 0; padding-left: 1.1rem; }
.picture .name { font-size: .78rem; color: var(--soft); float: right; max-width: 60%; overflow: hidden;
  text-overflow: ellipsis; white-space: nowrap; padding-top: .1rem; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem 1.2rem;
  overflow-x: auto; font: .84rem/1.55 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
.note { color: var(--soft); font-size: .9rem; max-width: 46rem; }
footer { margin-top: 3.5rem; color: var(--soft); font-size: .85rem; }
@media print { body { background: none; } .filter { display: none; } .picture { break-inside: avoid; } }
)css";
}

}  // namespace lrcn
