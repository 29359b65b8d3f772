// Draws one entry: a post or a private reply, from the frames that the server sends.

import { ICONS, announce, el, icon, webAddress } from "./dom.js";
import { full, hour } from "./time.js";
import { word } from "./words.js";

const LONG = 60; // characters of a fact beyond which it gets a row of its own

/** The entry as an `<article>`. `reader` is the persona; `act` has `press(line, on, button)` and `dismiss(id)`. */
export function article(entry, reader, act) {
  const bodyId = `body-${entry.id}`;
  const neutral = el("div.neutral", { id: `json-${entry.id}`, hidden: true });
  const card = el(
    "div.card",
    { id: bodyId, lang: entry.locale },
    entry.under ? el("p.card-under", {}, icon(...ICONS.thread), word("in a thread")) : null,
    entry.drawn.title ? el("h3", {}, line(entry.drawn.title, reader)) : null,
    parts(entry, reader, act),
    entry.drawn.buttons.length ? el("div.presses", {}, entry.drawn.buttons.map((each) => press(each, entry, act))) : null,
  );
  return el(
    entry.private ? "article.entry.private" : "article.entry",
    { id: `entry-${entry.id}`, "aria-labelledby": `from-${entry.id}` },
    entry.said ? said(entry, reader) : null,
    el(
      "div.message",
      {},
      el("img.avatar", { src: "/icon.svg", alt: "", width: 36, height: 36 }),
      el(
        "div.message-main",
        {},
        head(entry, reader),
        card,
        neutral,
        foot(entry),
        entry.private ? onlyYou(entry, act) : null,
      ),
      tools(entry, neutral),
    ),
  );
}

/** The line that a persona sent, on its way or answered. */
export function bubble(text, reader, at = null) {
  return el(
    "div.said",
    {},
    el("span.avatar.letter", { "data-persona": reader.id, "aria-hidden": "true" }, reader.name[0]),
    el(
      "div.said-main",
      {},
      el("p.from", {}, el("strong", {}, reader.name), at ? hour(at, reader) : null),
      el("p.said-text", {}, text),
    ),
  );
}

function said(entry, reader) {
  return bubble(entry.said, reader, entry.at);
}

function head(entry, reader) {
  return el(
    "p.from",
    { id: `from-${entry.id}` },
    el("strong", {}, "Milepost"),
    el("span.badge", {}, "APP"),
    hour(entry.at, reader),
    entry.edited ? el("span.edited", {}, word("(edited)")) : null,
  );
}

function foot(entry) {
  const notified = entry.notify ?? [];
  if (!notified.length && !entry.thread) return null;
  return el(
    "div.foot",
    {},
    notified.length
      ? el("p.chip.bell", {}, icon(...ICONS.bell), el("span.sr", {}, word("Notifies ")), notified.map((name) => signed("@", name)).join(" "))
      : null,
    entry.thread
      ? el("p.chip.thread", { lang: entry.locale }, icon(...ICONS.thread), el("span.sr", {}, word("Thread: ")), entry.thread)
      : null,
  );
}

function onlyYou(entry, act) {
  return el(
    "p.only-you",
    {},
    icon(...ICONS.eye),
    word("Only you can see this"),
    el("span", { "aria-hidden": "true" }, "·"),
    el("button.link-button", { type: "button", onclick: () => act.dismiss(entry.id) }, word("Dismiss")),
  );
}

function parts(entry, reader, act) {
  const drawn = [];
  let list = null;
  for (const each of entry.drawn.parts) {
    if (each.kind !== "item") list = null;
    if (each.kind === "text") drawn.push(el("p.text", {}, line(each.text, reader)));
    else if (each.kind === "facts") drawn.push(facts(each, reader));
    else if (each.kind === "picture") drawn.push(picture(each));
    else if (each.kind === "file") drawn.push(el("p", {}, el("a.button", { href: each.data, download: each.name }, each.name)));
    else {
      if (!list) drawn.push((list = el("ul.items")));
      list.append(item(each, entry, reader, act));
    }
  }
  return drawn;
}

function facts(part, reader) {
  return el(
    "dl.facts",
    {},
    part.facts.map((each) => {
      const isWide = part.facts.length === 1 || each.value.map((span) => span.text).join("").length > LONG;
      const label = el("dt", {}, line(each.label, reader));
      return el(isWide ? "div.wide" : "div", {}, label, el("dd", {}, line(each.value, reader)));
    }),
  );
}

/** As an image, an SVG runs nothing and fetches nothing. */
function picture(part) {
  return el("img.picture", { src: `data:image/svg+xml,${encodeURIComponent(part.svg)}`, alt: part.alt });
}

function item(part, entry, reader, act) {
  const link = webAddress(part.link);
  const title = line(part.title, reader);
  return el(
    "li.item",
    {},
    el(
      "div.item-main",
      {},
      el("p.item-title", {}, link ? anchor(link, title) : title),
      part.text ? el("p.item-text", {}, line(part.text, reader)) : null,
    ),
    part.button ? press(part.button, entry, act) : null,
  );
}

function press(drawn, entry, act) {
  const url = webAddress(drawn.url);
  if (url) return el("a.button", { href: url, target: "_blank", rel: "noopener noreferrer" }, drawn.label, icon(...ICONS.out));
  const button = el(
    "button.button",
    { type: "button", disabled: !drawn.line, "data-line": drawn.line, "data-style": drawn.style },
    drawn.label,
  );
  // The second half of a double click is for the button that was there at the first.
  button.addEventListener("click", (event) => event.detail > 1 || act.press(drawn.line, entry.id, button));
  return button;
}

function line(spans, reader) {
  return spans.map((each) => span(each, reader));
}

function span(each, reader) {
  let drawn = each.text;
  if (each.at) drawn = full(each.at, reader, each.text);
  else if (each.mention) {
    drawn = el("span.mention", {}, signed(each.mention === "place" ? "#" : "@", each.text));
  }
  if (each.code) drawn = el("code", {}, drawn);
  if (each.bold) drawn = el("strong", {}, drawn);
  const link = webAddress(each.link);
  return link ? anchor(link, drawn) : drawn;
}

function signed(sign, name) {
  return name.startsWith(sign) ? name : sign + name;
}

function anchor(link, ...children) {
  return el("a", { href: link, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

function tools(entry, neutral) {
  const toggle = el(
    "button.tool",
    { type: "button", "aria-expanded": "false", "aria-controls": neutral.id, title: word("The neutral message as JSON") },
    icon(...ICONS.code),
    "JSON",
  );
  toggle.addEventListener("click", () => {
    neutral.hidden = !neutral.hidden;
    toggle.setAttribute("aria-expanded", String(!neutral.hidden));
    if (!neutral.hidden && !neutral.firstChild) neutral.append(...json(entry.neutral));
    if (!neutral.hidden) neutral.scrollIntoView({ block: "nearest" });
  });
  return el("div.tools", {}, toggle);
}

function json(neutral) {
  const text = JSON.stringify(neutral, null, 2);
  const copy = el("button.tool", { type: "button" }, icon(...ICONS.copy), word("Copy"));
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    announce(word("Copied"));
    copy.lastChild.data = word("Copied");
    setTimeout(() => (copy.lastChild.data = word("Copy")), 1500);
  });
  return [
    el("div.neutral-head", {}, el("span", {}, word("Neutral message")), copy),
    el("pre", { tabindex: 0, role: "region", "aria-label": word("The neutral message as JSON") }, coloured(text)),
  ];
}

const JSON_TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null|-?\d[\d.eE+-]*)\b/g;

function coloured(text) {
  const drawn = [];
  let start = 0;
  for (const found of text.matchAll(JSON_TOKEN)) {
    drawn.push(text.slice(start, found.index));
    const kind = found[2] ? "key" : found[1] ? "string" : "literal";
    drawn.push(el(`span.json-${kind}`, {}, found[1] ?? found[0]), found[2] ?? "");
    start = found.index + found[0].length;
  }
  return [...drawn, text.slice(start)];
}
