"use strict";
(() => {
  const sheet = document.querySelector(".sheet");
  const cards = [...sheet.children];
  const words = new Map(cards.map((card) => [card, (card.dataset.name + " " + card.querySelector(".summary").textContent).toLowerCase()]));
  const large = document.getElementById("large");
  const text = document.getElementById("text");
  const filters = { verdict: "", reason: "", series: "" };
  let shown = cards;
  let current = null;

  // --- filter and order
  const fits = (card, search) =>
    (!filters.verdict || card.dataset.verdict === filters.verdict) &&
    (!filters.series || card.dataset.series === filters.series) &&
    (!filters.reason || card.dataset.reasons.split(" ").includes(filters.reason)) &&
    search.every((word) => words.get(card).includes(word));

  const choose = () => {
    const search = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = [];
    for (const card of sheet.children) {
      card.hidden = !fits(card, search);
      if (!card.hidden) shown.push(card);
    }
    document.getElementById("none").hidden = shown.length > 0 || cards.length === 0;
    document.getElementById("shown").textContent = shown.length === cards.length ? "" : `${shown.length} of ${cards.length} shown`;
    for (const kind of ["verdict", "reason"]) {
      for (const button of document.querySelectorAll(`.tools [data-${kind}]`)) {
        button.setAttribute("aria-pressed", String(button.dataset[kind] === filters[kind]));
      }
    }
  };

  // A series is placed at its first frame, and starts with its best frame.
  const seriesStarts = new Map();
  for (const card of cards) {
    const series = card.dataset.series;
    if (series && !seriesStarts.has(series)) seriesStarts.set(series, Number(card.id.slice(1)));
  }
  const seriesStart = (card) => seriesStarts.get(card.dataset.series) ?? Number(card.id.slice(1));

  const names = new Intl.Collator(undefined, { numeric: true });
  const orders = {
    shoot: (a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)),
    name: (a, b) => names.compare(a.dataset.name, b.dataset.name) || orders.shoot(a, b),
    series: (a, b) => seriesStart(a) - seriesStart(b) || a.dataset.rank - b.dataset.rank || orders.shoot(a, b),
    best: (a, b) => b.dataset.score - a.dataset.score || orders.shoot(a, b),
    worst: (a, b) => a.dataset.score - b.dataset.score || orders.shoot(a, b),
  };
  const sort = (name) => {
    sheet.append(...[...cards].sort(orders[name]));
    choose();
  };

  const filter = (kind, value) => {
    filters[kind] = filters[kind] === value ? "" : value;
    choose();
  };
  const order = document.getElementById("sort");
  const allSeries = document.getElementById("all-series");
  const showSeries = (series) => {
    filters.series = filters.series === series ? "" : series;
    if (allSeries) allSeries.hidden = !filters.series;
    order.value = filters.series ? "series" : order.value;
    sort(order.value);
  };
  const layer = (name) => {
    const button = document.querySelector(`[data-layer=${name}]`);
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    document.body.classList.toggle(name === "map" ? "map" : "bare", name === "map" ? on : !on);
  };

  // --- keyboard navigation
  const go = (card) => {
    if (!card) return;
    card.querySelector(".open").focus({ preventScroll: true });
    const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)").matches;
    card.scrollIntoView({ block: "nearest", behavior: reducedMotion ? "auto" : "smooth" });
  };
  const columns = () => getComputedStyle(sheet).gridTemplateColumns.split(" ").length;
  const steps = { ArrowLeft: () => -1, ArrowRight: () => 1, ArrowUp: () => -columns(), ArrowDown: columns };
  const move = (key) => {
    const index = shown.indexOf(document.activeElement.closest(".card"));
    if (index < 0) go(shown[0]);
    else go(shown[Math.max(0, Math.min(shown.length - 1, index + steps[key]()))]);
  };

  // --- the large view
  const enlarge = (card) => {
    current = card;
    const frame = card.querySelector(".frame").cloneNode(true);
    large.querySelector(".picture").replaceChildren(frame);
    const original = card.dataset.original;
    if (original) {
      const full = new Image(); // shown once it is decoded; the photo may have been moved
      full.src = original;
      full.decode().then(() => frame.querySelector("img")?.setAttribute("src", original), () => {});
    }
    large.querySelector(".detail").replaceChildren(card.querySelector("template").content.cloneNode(true));
    large.setAttribute("aria-label", card.dataset.name);
    document.getElementById("position").textContent = `${shown.indexOf(card) + 1} of ${shown.length}`;
    if (!large.open) large.showModal();
  };
  const turn = (by) => {
    const next = shown[shown.indexOf(current) + by];
    if (next) enlarge(next);
  };

  // --- events
  sheet.addEventListener("click", (event) => {
    const open = event.target.closest(".open");
    const sibling = event.target.closest(".sibling");
    if (open) enlarge(open.closest(".card"));
    else if (sibling) showSeries(sibling.dataset.showSeries);
  });
  document.querySelector(".tools").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button === allSeries) showSeries(filters.series);
    else if (button.dataset.layer) layer(button.dataset.layer);
    else if (button.dataset.reason) filter("reason", button.dataset.reason);
    else filter("verdict", button.dataset.verdict);
  });
  document.querySelector(".tools").addEventListener("submit", (event) => event.preventDefault());
  text.addEventListener("input", choose);
  order.addEventListener("change", (event) => sort(event.target.value));
  document.getElementById("size").addEventListener("input", (event) => {
    document.documentElement.style.setProperty("--card", `${event.target.value}px`);
  });
  large.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.turn) turn(Number(button.dataset.turn));
    else if (button && "close" in button.dataset) large.close();
  });
  large.addEventListener("close", () => go(current));

  const reset = () => {
    filters.verdict = filters.reason = filters.series = text.value = "";
    if (allSeries) allSeries.hidden = true;
    choose();
  };
  const only = (verdict) => {
    filters.verdict = "";
    filter("verdict", verdict);
  };
  const keys = {
    0: reset,
    1: () => only("keep"),
    2: () => only("reject"),
    3: () => only("cannot_tell"),
    4: () => only("unreadable"),
    b: () => layer("faces"),
    f: () => layer("map"),
    s: () => {
      const series = document.activeElement.closest(".card")?.dataset.series;
      if (series || filters.series) showSeries(series ?? filters.series);
    },
    "/": () => text.focus(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, select")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key in steps && large.open) turn(Math.sign(steps[key]()));
    else if (key in steps) move(key);
    else if (key in keys && (!large.open || "bf".includes(key))) keys[key]();
    else return;
    event.preventDefault();
  });
  choose();
})();
