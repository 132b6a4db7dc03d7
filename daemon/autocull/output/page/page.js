(() => {
  const sheet = document.querySelector(".sheet");
  const cards = [...document.getElementById("cards").children];
  document.getElementById("cards").remove();
  const byId = new Map(cards.map((card) => [card.id, card]));
  let words = null; // texts by card, read at the first search
  const large = document.getElementById("large");
  const text = document.getElementById("text");
  const filters = { verdict: "", reason: "", series: "" };
  const order = document.getElementById("sort");
  const allSeries = document.getElementById("all-series");
  const verdictButtons = [...document.querySelectorAll(".tools [data-verdict]")];
  const reasonButtons = [...document.querySelectorAll(".tools [data-reason]")];
  const tools = document.querySelector(".tools");
  const inShoot = new Map(cards.map((card, index) => [card, index]));
  let ordered = cards;
  let shown = cards;
  let places = new Map(); // index in `shown` by card
  let sorted = "shoot";
  let current = null;
  let last = null; // the card that had the focus last; it may have left the page since

  // --- filter and order
  const fits = (card, search) =>
    (!filters.verdict || card.dataset.verdict === filters.verdict) &&
    (!filters.series || card.dataset.series === filters.series) &&
    (!filters.reason || card.dataset.reasons.split(" ").includes(filters.reason)) &&
    search.every((word) => words.get(card).includes(word));

  const choose = () => {
    const search = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (search.length && !words) words = new Map(cards.map((card) => [card, drawing.searchable(card)]));
    shown = ordered.filter((card) => fits(card, search));
    places = new Map(shown.map((card, index) => [card, index]));
    document.getElementById("none").hidden = shown.length > 0 || cards.length === 0;
    document.getElementById("shown").textContent = shown.length === cards.length ? "" : `${shown.length} of ${cards.length} shown`;
    for (const button of verdictButtons) button.setAttribute("aria-pressed", String(button.dataset.verdict === filters.verdict));
    for (const button of reasonButtons) button.setAttribute("aria-pressed", String(button.dataset.reason === filters.reason));
    if (allSeries) allSeries.hidden = !filters.series;
    saveState();
    place();
  };

  // The chips count the photos of the chosen verdict; a reason that none of them has is hidden.
  const countReasons = () => {
    const counts = new Map();
    for (const card of cards) {
      if (filters.verdict && card.dataset.verdict !== filters.verdict) continue;
      for (const code of card.dataset.reasons.split(" ")) counts.set(code, (counts.get(code) ?? 0) + 1);
    }
    if (!counts.has(filters.reason)) filters.reason = "";
    for (const button of reasonButtons) {
      button.hidden = !counts.has(button.dataset.reason);
      button.querySelector("b").textContent = counts.get(button.dataset.reason) ?? 0;
    }
  };

  // A series is placed at its first frame, and starts with its best frame.
  const seriesStarts = new Map();
  for (const card of cards) {
    const series = card.dataset.series;
    if (series && !seriesStarts.has(series)) seriesStarts.set(series, inShoot.get(card));
  }
  const seriesStart = (card) => seriesStarts.get(card.dataset.series) ?? inShoot.get(card);

  const names = new Intl.Collator(undefined, { numeric: true });
  const orders = {
    shoot: (a, b) => inShoot.get(a) - inShoot.get(b),
    name: (a, b) => names.compare(a.dataset.name, b.dataset.name) || orders.shoot(a, b),
    series: (a, b) => seriesStart(a) - seriesStart(b) || a.dataset.rank - b.dataset.rank || orders.shoot(a, b),
    best: (a, b) => b.dataset.score - a.dataset.score || orders.shoot(a, b),
    worst: (a, b) => a.dataset.score - b.dataset.score || orders.shoot(a, b),
  };
  const sort = (name) => {
    order.value = name;
    if (name !== sorted) ordered = [...cards].sort(orders[name]);
    sorted = name;
    choose();
  };

  const filter = (kind, value) => {
    filters[kind] = filters[kind] === value ? "" : value;
    if (kind === "verdict") countReasons();
    choose();
  };
  // A series side by side: from its best frame on; leaving it returns to the order and the photo before it.
  let before = null;
  const showSeries = (series, card) => {
    before ??= { order: sorted, card };
    filters.series = series;
    sort("series");
    go(shown[0], true);
  };
  const leaveSeries = () => {
    const { order: name, card } = before ?? { order: sorted, card: shown[0] };
    before = null;
    filters.series = "";
    sort(name);
    go(card);
  };

  // --- the state in the address
  const readState = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  const saveState = () => {
    const state = { ...filters, text: text.value, sort: sorted === "shoot" ? "" : sorted, photo: large.open ? current.id : "" };
    const hash = new URLSearchParams(Object.entries(state).filter(([, value]) => value)).toString();
    if (hash !== location.hash.slice(1)) history.replaceState(null, "", `#${hash}`);
  };
  const restoreState = () => {
    const state = readState();
    for (const kind of Object.keys(filters)) filters[kind] = state[kind] ?? "";
    text.value = state.text ?? "";
    before = null;
    countReasons();
    sort(Object.hasOwn(orders, state.sort) ? state.sort : "shoot");
    if (byId.has(state.photo)) enlarge(byId.get(state.photo));
    else if (large.open) large.close();
  };

  const layer = (name) => {
    const button = document.querySelector(`[data-layer=${name}]`);
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    document.body.classList.toggle(name === "map" ? "map" : "bare", name === "map" ? on : !on);
  };

  // --- the cards near the window; all rows are equally high, so that absent ones are a margin of known height
  const ROWS_AROUND = 3;
  let columns = 1;
  let rowHeight = 1;
  const place = () => {
    columns = getComputedStyle(sheet).gridTemplateColumns.split(" ").length;
    if (shown.length && !sheet.firstElementChild) show(shown.slice(0, 1));
    if (shown.length) rowHeight = sheet.firstElementChild.offsetHeight + parseFloat(getComputedStyle(sheet).rowGap);
    update();
  };
  const update = () => {
    const top = -sheet.getBoundingClientRect().top;
    showRows(Math.floor(top / rowHeight) - ROWS_AROUND, Math.ceil((top + innerHeight) / rowHeight) + ROWS_AROUND);
  };
  const showRows = (from, to) => {
    const rows = Math.ceil(shown.length / columns);
    const first = Math.max(0, Math.min(from, rows - 1));
    const end = Math.max(first, Math.min(to, rows));
    sheet.style.paddingTop = `${first * rowHeight}px`;
    sheet.style.paddingBottom = `${(rows - end) * rowHeight}px`;
    show(shown.slice(first * columns, end * columns));
  };
  const show = (wanted) => {
    const kept = new Set(wanted);
    for (const card of [...sheet.children]) {
      if (kept.has(card)) continue;
      card.remove();
      drawing.empty(card);
    }
    let next = sheet.firstElementChild;
    for (const card of wanted) {
      if (card === next) next = next.nextElementSibling;
      else sheet.insertBefore(card, next);
      drawing.draw(card);
      card.setAttribute("aria-posinset", places.get(card) + 1);
      card.setAttribute("aria-setsize", shown.length);
    }
  };

  // --- keyboard navigation
  const go = (card, atTop = false) => {
    if (!places.has(card)) return;
    const covered = getComputedStyle(tools).position === "sticky" ? tools.offsetHeight : 0;
    const top = sheet.getBoundingClientRect().top + Math.floor(places.get(card) / columns) * rowHeight;
    const above = top - covered - 10;
    const below = top + rowHeight - innerHeight;
    if (atTop || above < 0) scrollBy(0, above);
    else if (below > 0) scrollBy(0, below);
    update();
    card.querySelector(".open").focus({ preventScroll: true });
  };
  const steps = { ArrowLeft: () => -1, ArrowRight: () => 1, ArrowUp: () => -columns, ArrowDown: () => columns };
  const focused = () => document.activeElement.closest(".card") ?? last;
  const move = (key) => {
    const index = places.get(focused());
    if (index === undefined) go(shown[0]);
    else go(shown[Math.max(0, Math.min(shown.length - 1, index + steps[key]()))]);
  };

  // --- the large view
  const enlarge = (card) => {
    current = card;
    const frame = drawing.frame(card);
    large.querySelector(".picture").replaceChildren(frame);
    const original = card.dataset.original;
    if (original) {
      const full = new Image(); // shown once it is decoded; the photo may have been moved
      full.src = original;
      full.decode().then(() => frame.querySelector("img")?.setAttribute("src", original), () => {});
    }
    large.querySelector(".detail").replaceChildren(...drawing.details(card));
    large.setAttribute("aria-label", card.dataset.name);
    document.getElementById("position").textContent = `${(places.get(card) ?? 0) + 1} of ${shown.length}`;
    if (!large.open) large.showModal();
    saveState();
  };
  const turn = (by) => {
    const next = shown[places.get(current) + by];
    if (next) enlarge(next);
  };

  const toggleSeries = (card) => {
    if (filters.series) leaveSeries();
    else if (card?.dataset.series) showSeries(card.dataset.series, card);
  };

  // --- events
  addEventListener("scroll", update, { passive: true });
  addEventListener("resize", place);
  addEventListener("beforeprint", () => showRows(0, Infinity));
  addEventListener("afterprint", update);
  sheet.addEventListener("focusin", (event) => {
    last = event.target.closest(".card");
  });
  sheet.addEventListener("click", (event) => {
    const open = event.target.closest(".open");
    const sibling = event.target.closest(".sibling");
    if (open) enlarge(open.closest(".card"));
    else if (sibling) toggleSeries(sibling.closest(".card"));
  });
  tools.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button === allSeries) leaveSeries();
    else if (button.dataset.layer) layer(button.dataset.layer);
    else if (button.dataset.reason) filter("reason", button.dataset.reason);
    else filter("verdict", button.dataset.verdict);
  });
  tools.addEventListener("submit", (event) => event.preventDefault());
  text.addEventListener("input", choose);
  order.addEventListener("change", (event) => sort(event.target.value));
  document.getElementById("size").addEventListener("input", (event) => {
    document.documentElement.style.setProperty("--card", `${event.target.value}px`);
    place();
  });
  large.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.turn) turn(Number(button.dataset.turn));
    else if (button && "close" in button.dataset) large.close();
  });
  large.addEventListener("close", () => {
    saveState();
    go(current);
  });
  addEventListener("hashchange", () => {
    if (!location.hash || location.hash.includes("=")) restoreState(); // else a link to a part of the page
  });

  const reset = () => {
    filters.verdict = filters.reason = filters.series = text.value = "";
    countReasons();
    sort(before?.order ?? sorted);
    before = null;
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
    s: () => toggleSeries(focused()),
    Escape: () => filters.series && leaveSeries(),
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
  restoreState();
})();
