"use strict";
// Draws cards and large views from their data.
const drawing = (() => {
  const SVG = document.querySelector(".symbols").namespaceURI;

  const fill = (element, attributes, contents) => {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...contents.flat().filter((each) => each !== null && each !== ""));
    return element;
  };
  const html = (tag, attributes = {}, ...contents) => fill(document.createElement(tag), attributes, contents);
  const svg = (tag, attributes = {}, ...contents) => fill(document.createElementNS(SVG, tag), attributes, contents);
  const listing = (tag, name, items) => (items.length ? html(tag, { class: name }, items) : null);

  const read = (card) => JSON.parse(card.querySelector("script").textContent);

  const outline = (group, { kind, words, box: [x, y, width, height] }, textX, textY, radius) =>
    svg("g", { class: `${group} ${kind}` },
      svg("rect", { x, y, width, height, rx: radius }),
      svg("text", { x: textX, y: textY }, words));
  const subject = (data) => outline("subject", data, data.box[0] + 6, data.box[1] + data.box[3] - 8, 0);
  const face = (data) => {
    const [x, y, , height] = data.box;
    return outline("face", data, x, y > 40 ? y - 10 : y + height + 30, 8);
  };
  const overlay = ({ size: [width, height], tiles, subject: area, faces }) =>
    svg("svg", { class: "over", viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
      tiles ? svg("image", { class: "tiles", width, height, preserveAspectRatio: "none", href: tiles }) : null,
      area ? subject(area) : null,
      faces.map(face));

  const frame = (card, data) => {
    const { thumbnail, verdict } = card.dataset;
    const blank = verdict === "unreadable" ? "No picture" : "No thumbnail";
    return html("span", { class: "frame" }, thumbnail
      ? [html("img", { src: thumbnail, alt: data.about, decoding: "async" }), overlay(data)]
      : html("span", { class: "blank" }, blank));
  };

  const marks = ({ verdict, sign, label, flag, rating }) =>
    html("p", { class: "marks" },
      html("span", { class: "verdict" },
        html("span", { class: "sign", "aria-hidden": "true" }, sign), verdict),
      flag ? svg("svg", { class: "icon", role: "img", "aria-label": flag > 0 ? "Flag: picked" : "Flag: rejected" },
        svg("use", { href: flag > 0 ? "#picked" : "#rejected" })) : null,
      label === "none" ? null : html("span", { class: `label ${label}` }, label),
      rating ? html("span", { class: "stars", role: "img", "aria-label": `${rating} of 5 stars` },
        "★".repeat(rating), html("i", {}, "☆".repeat(5 - rating))) : null);

  const gauge = ([name, percent]) =>
    html("span", {}, `${name} `,
      svg("svg", { viewBox: "0 0 100 4", preserveAspectRatio: "none", role: "img", "aria-label": `${percent} %` },
        svg("rect", { class: "rail", width: 100, height: 4 }), svg("rect", { width: percent, height: 4 })));

  const series = (card, { words, about, best }) =>
    html("p", { class: "series" },
      html("button", {
        type: "button", class: best ? "sibling best" : "sibling",
        "data-show-series": card.dataset.series, title: `${about}. Click to see the series side by side.`,
      }, words));

  const draw = (card) => {
    if (card.childElementCount > 1) return;
    const data = read(card);
    const { name, score, verdict } = card.dataset;
    card.append(
      html("button", { type: "button", class: "open", "aria-label": `${data.about}. Open large.` }, frame(card, data)),
      html("div", { class: "summary" },
        html("p", { class: "name" }, html("b", { title: data.files }, name),
          verdict === "unreadable" ? null : html("span", { class: "score", title: "Score" }, (100 * score).toFixed(0))),
        marks(data),
        data.sibling ? series(card, data.sibling) : null,
        listing("p", "gauges", data.gauges.map(gauge)),
        listing("ul", "why", data.reasons.map(([reason]) => html("li", {}, reason))),
        html("p", { class: "facts" }, data.facts)));
  };
  const empty = (card) => card.replaceChildren(card.querySelector("script"));

  const scoreRow = ({ name, outcome, outcome_words: verdict, number, words, bar, limits }) =>
    html("div", { class: outcome },
      html("dt", {}, name),
      html("dd", {},
        bar === undefined ? html("i") : svg("svg", { viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
          svg("rect", { width: bar, height: 6 }),
          limits.map(([kind, x]) => svg("rect", { class: kind, x, width: 1, height: 6 }))),
        html("span", {}, number)),
      html("dd", { class: "so" }, verdict ? [html("b", {}, verdict), " "] : [], words));
  const labelRow = ({ answer, chance, name, about }) =>
    html("li", { class: answer }, html("b", {}, `${chance} %`), ` ${name} `, html("i", {}, about));

  const details = (card) => {
    const data = read(card);
    const { name, verdict } = card.dataset;
    return [
      html("h2", {}, name),
      html("p", { class: "where" }, data.folder),
      data.files === name ? null : html("p", { class: "where" }, data.files),
      html("div", { class: verdict }, marks(data)),
      html("p", { class: "facts" }, data.facts),
      listing("ul", "why", data.reasons.map(([reason, advice]) =>
        html("li", {}, html("b", {}, reason), advice ? [html("br"), advice] : []))),
      listing("ul", "people", data.faces.map(({ kind, words }, index) =>
        html("li", { class: kind }, `Face ${index + 1}: ${words}`))),
      data.scores.length ? html("h3", {}, "Every score and its limits") : null,
      listing("dl", "bars", data.scores.map(scoreRow)),
      data.labels.length ? html("h3", {}, "The five likeliest labels") : null,
      listing("ol", "labels", data.labels.map(labelRow)),
    ].filter(Boolean);
  };

  // Texts to search in, without those of the large view.
  const searchable = (card) => {
    const { verdict, label, sibling, reasons, facts } = read(card);
    return [card.dataset.name, verdict, label, sibling?.words, ...reasons.map(([reason]) => reason), facts].join(" ").toLowerCase();
  };

  return { details, draw, empty, frame: (card) => frame(card, read(card)), searchable };
})();
