// The stops of a tour one at a time: by buttons, arrow keys, or the address. Without this script
// they stand on one page.
"use strict";
{
  const main = document.querySelector("main");
  const stops = [...main.querySelectorAll(".stop")];
  const before = [...main.children].filter((e) => e.tagName !== "H1" && !stops.includes(e));
  const bar = document.createElement("nav");
  bar.className = "stops";
  bar.setAttribute("aria-label", "Stops");
  const button = (text, action) => {
    const b = document.createElement("button");
    b.textContent = text;
    b.addEventListener("click", action);
    return b;
  };
  const where = document.createElement("span");
  where.setAttribute("aria-live", "polite");
  let at = 0, all = false;

  function show() {
    stops.forEach((stop, i) => { stop.hidden = !all && i !== at; });
    before.forEach((e) => { e.hidden = !all && at > 0; });
    where.textContent = all ? `${stops.length} stops` : `${at + 1} of ${stops.length}`;
    back.disabled = all || at === 0;
    on.disabled = all || at === stops.length - 1;
    whole.textContent = all ? "one by one" : "all stops";
  }
  function go(to) {
    if (all || to < 0 || to >= stops.length) return;
    at = to;
    history.replaceState(null, "", "#" + stops[at].firstElementChild.id);
    show();
    window.scrollTo(0, 0);
  }
  function addressed() {
    const id = decodeURIComponent(location.hash.slice(1));
    const found = stops.findIndex((stop) => stop.firstElementChild.id === id);
    if (found >= 0) at = found;
    show();
  }
  const back = button("← previous", () => go(at - 1));
  const on = button("next →", () => go(at + 1));
  const whole = button("", () => { all = !all; show(); });
  bar.append(back, where, on, whole);
  main.append(bar);
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.key === "ArrowLeft") go(at - 1);
    if (event.key === "ArrowRight") go(at + 1);
  });
  window.addEventListener("hashchange", addressed);
  addressed();
}
