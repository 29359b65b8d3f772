// The stream of the room: entries in order, days between them, and where the reader is in it.

import { article, bubble } from "./draw.js";
import { el } from "./dom.js";
import { dayText } from "./time.js";
import { word } from "./words.js";

const NEAR = 80; // pixels from the newest entry within which a reader counts as being there
const MARGIN = 8; // pixels left free above an entry that begins at the top of the view

export class Stream {
  #entries = new Map();
  #reader = null;
  #channel = "";
  #follows = true; // the reader is at the newest entry, or on the way there
  #resting = 0; // where the newest entry was shown from
  #away = 0; // how far from there the reader was last

  constructor(act) {
    this.act = act;
    this.log = document.getElementById("stream");
    this.jump = document.getElementById("jump");
    this.jump.addEventListener("click", () => this.#showNewest());
    this.log.addEventListener("scroll", () => {
      const away = Math.abs(this.log.scrollTop - this.#resting);
      if (away < NEAR || this.#isAtEnd()) this.#follows = true;
      else if (away > this.#away) this.#follows = false;
      this.#away = away;
      if (this.#follows) this.jump.hidden = true;
    });
  }

  /** Show a room from the start: its name changes, nothing is read out. */
  open(channel, reader, entries) {
    const isSame = this.#channel === channel && this.#reader?.id === reader.id;
    const isNews = [...this.#entries.keys()].at(-1) !== entries.at(-1)?.id;
    const stays = isSame && !(this.#follows && isNews);
    this.#channel = channel;
    this.#reader = reader;
    this.#entries = new Map(entries.map((each) => [each.id, each]));
    this.log.setAttribute("aria-busy", "true");
    this.log.setAttribute("aria-label", word("Messages in #{channel}", { channel }));
    this.log.classList.remove("live");
    const at = this.log.scrollTop;
    this.log.replaceChildren();
    for (const each of entries) this.#append(each);
    if (!entries.length) this.log.append(empty(channel));
    if (stays) this.log.scrollTop = at;
    else this.#showNewest("instant");
    requestAnimationFrame(() => {
      this.log.classList.add("live");
      this.log.setAttribute("aria-busy", "false");
    });
  }

  /** A new entry, or one that has changed. One's own answer is always brought into sight; a post only to those at the end. */
  put(entry) {
    if (!this.#reader) return; // the room comes with all that is in it
    const shown = this.#find(entry.id);
    this.#entries.set(entry.id, entry);
    if (shown) {
      const wasAtEnd = this.#isAtEnd();
      const made = this.#replace(shown, entry);
      if (entry.private) this.#reveal(made);
      else if (wasAtEnd) this.log.scrollTop = this.log.scrollHeight;
      return;
    }
    this.log.querySelector(".empty")?.remove();
    const made = this.#append(entry);
    if (entry.private || this.#follows) this.#showNewest("smooth", made);
    else this.jump.hidden = false;
  }

  /** An entry was taken back or dismissed. */
  remove(id) {
    const shown = this.#find(id);
    if (!shown) return;
    const hadFocus = shown.contains(document.activeElement);
    this.#entries.delete(id);
    const before = shown.previousElementSibling;
    shown.remove();
    if (before?.matches(".day") && !before.nextElementSibling?.matches(".entry")) before.remove();
    if (!this.#entries.size) this.log.replaceChildren(empty(this.#channel));
    if (hadFocus) document.getElementById("bar").focus();
  }

  /** A line that `reader` just sent, perhaps before the room is open; call the result when it is answered. */
  pending(text, reader) {
    const dots = el("p.thinking", {}, el("span"), el("span"), el("span"), el("span.sr", {}, word("Milepost is thinking")));
    const shown = el("div.entry.pending", { "aria-hidden": "true" }, bubble(text, reader), dots);
    this.log.querySelector(".empty")?.remove();
    this.log.append(shown);
    this.#showNewest();
    return () => {
      shown.remove();
      if (!this.log.children.length) this.log.append(empty(this.#channel));
    };
  }

  /** The end of the room; or, where the newest entry is taller than the view, its beginning. */
  #showNewest(behavior = "smooth", newest = this.log.lastElementChild) {
    this.jump.hidden = true;
    this.#follows = true;
    const day = newest.previousElementSibling?.matches(".day") ? newest.previousElementSibling : newest;
    const end = this.log.scrollHeight - this.log.clientHeight;
    this.#resting = Math.min(day.offsetTop - this.log.offsetTop - MARGIN, end);
    this.#away = Math.abs(this.log.scrollTop - this.#resting);
    this.log.scrollTo({ top: this.#resting, behavior: still() ? "instant" : behavior });
  }

  #reveal(shown) {
    const block = shown.offsetHeight > this.log.clientHeight ? "start" : "nearest";
    shown.scrollIntoView({ block, behavior: still() ? "instant" : "smooth" });
  }

  #append(entry) {
    const pending = this.log.querySelector(".pending");
    const add = (made) => (pending ? pending.before(made) : this.log.append(made));
    const day = dayText(entry.at, this.#reader);
    const days = this.log.querySelectorAll(".day");
    if (days[days.length - 1]?.dataset.day !== day) add(el("p.day", { "data-day": day }, el("span", {}, day)));
    const made = article(entry, this.#reader, this.act);
    add(made);
    return made;
  }

  #replace(shown, entry) {
    const held = shown.contains(document.activeElement) ? document.activeElement : null;
    const made = article(entry, this.#reader, this.act);
    shown.replaceWith(made);
    if (shown.querySelector(".neutral:not([hidden])")) made.querySelector(".tools button").click();
    made.classList.add("changed");
    if (held) successor(held, made).focus({ preventScroll: true });
    return made;
  }

  #find(id) {
    return document.getElementById(`entry-${id}`);
  }

  #isAtEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR;
  }
}

function still() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/**
 * What takes the focus of `held` in the entry's new drawing: the button with the same line, else the card. Never another
 * button: that would be pressed by whoever strikes the key twice.
 */
function successor(held, made) {
  const same = [...made.querySelectorAll("[data-line]")].find((each) => each.dataset.line === held.dataset.line);
  if (same) return same;
  const card = made.querySelector(".card");
  card.tabIndex = -1;
  card.role = "group";
  card.ariaLabel = card.querySelector("h3, .text")?.textContent ?? "Milepost";
  return card;
}

function empty(channel) {
  return el(
    "div.empty",
    {},
    el("img", { src: "/icon.svg", alt: "", width: 56, height: 56 }),
    el("p.empty-title", {}, word("Nothing in #{channel} yet", { channel })),
    el("p", {}, word("Press slash for the list of commands.")),
  );
}
