// The sidebar: channels, personas, the clock, and the state of the line.

import { announce, el } from "./dom.js";
import { clockText, dayText, shortDayText } from "./time.js";
import { word } from "./words.js";

const LANGUAGES = { en: "English", ko: "한국어" };
const STATES = { connecting: "Connecting…", connected: "Connected", lost: "Reconnecting…" };
const at = (id) => document.getElementById(id);

/** The channels; `enter(id)` goes into one. Call the result with the channel that is open and the unread ones. */
export function channels(known, enter) {
  const links = known.map((each) => {
    const hash = el("span.hash", { "aria-hidden": "true" }, "#");
    const button = el("button", { type: "button", "data-channel": each.id }, hash, el("span", {}, each.id));
    button.append(el("span.unread", { hidden: true }, el("span.sr", { "data-say": " unread: " }, word(" unread: ")), el("span.unread-count", {}, "0")));
    button.addEventListener("click", () => enter(each.id));
    return button;
  });
  at("channels").replaceChildren(...links.map((each) => el("li", {}, each)));
  return (open, unread) => {
    for (const each of links) {
      const count = unread.get(each.dataset.channel) ?? 0;
      if (each.dataset.channel === open) each.setAttribute("aria-current", "page");
      else each.removeAttribute("aria-current");
      each.querySelector(".unread").hidden = !count;
      each.querySelector(".unread-count").textContent = String(count);
    }
  };
}

/** The personas; `become(id)` acts as one. */
export function personas(known, chosen, become) {
  const rows = known.map((each) => {
    const radio = el("input", { type: "radio", name: "persona", value: each.id, checked: each.id === chosen });
    radio.addEventListener("change", () => become(each.id));
    return el(
      "label.persona",
      {},
      radio,
      el("span.avatar.letter", { "data-persona": each.id, "aria-hidden": "true" }, each.name[0]),
      el(
        "span.persona-main",
        {},
        el("span.persona-name", {}, each.name, el("span.role", { "data-role": each.role, "data-say": each.role }, word(each.role))),
        el("span.persona-zone", {}, `${LANGUAGES[each.locale] ?? each.locale} · ${each.zone.split("/").pop().replace("_", " ")}`),
      ),
    );
  });
  at("personas").replaceChildren(...rows);
}

/** The clock; `move(step)` resolves when it has arrived. */
export class Clock {
  #offset = 0;
  #now = null;
  #isMoving = false;
  #reader = null;

  constructor(move) {
    this.buttons = [...document.querySelectorAll("[data-by]")];
    for (const each of this.buttons) {
      each.addEventListener("click", () => this.#isMoving || move(each.dataset.by));
    }
    setInterval(() => this.#draw(), 1000);
  }

  /** The persona in whose zone it is shown. */
  read(reader) {
    this.#reader = reader;
    this.#draw();
  }

  /** What the server says the time is. */
  set({ now, moving }) {
    this.#now = Date.parse(now);
    this.#offset = this.#now - Date.now();
    if (this.#isMoving && !moving) announce(this.#arrival());
    if (!this.#isMoving && moving) announce(word("The clock is moving."));
    this.#isMoving = moving;
    at("clock").setAttribute("aria-busy", String(moving));
    // Not `disabled`: that would throw the focus of whoever pressed the button.
    for (const each of this.buttons) each.setAttribute("aria-disabled", String(moving));
    this.#draw();
  }

  #arrival() {
    return word("It is {day}, {time}.", { day: dayText(this.#now, this.#reader), time: clockText(this.#now, this.#reader) });
  }

  #draw() {
    if (this.#now === null || !this.#reader) return;
    const now = this.#isMoving ? this.#now : Date.now() + this.#offset;
    at("clock-time").textContent = clockText(now, this.#reader);
    at("clock-time").dateTime = new Date(now).toISOString();
    at("clock-day").textContent = shortDayText(now, this.#reader);
    at("clock-zone").textContent = this.#isMoving ? word("Moving…") : this.#reader.zone;
  }
}

/** Whether the server is there. */
export function lineState(state) {
  const shown = at("link-state");
  if (shown.dataset.state === "lost" && state === "connecting") return; // still the same trouble
  shown.dataset.state = state;
  shown.lastElementChild.dataset.say = STATES[state];
  shown.lastElementChild.textContent = word(STATES[state]);
  document.body.dataset.line = state;
}

/** On a narrow screen the sidebar slides in. Closing it gives the focus back. */
export function drawer() {
  const app = at("app");
  const isNarrow = matchMedia("(max-width: 760px)");
  const show = (isOpen) => {
    app.classList.toggle("side-shown", isOpen);
    at("side-open").setAttribute("aria-expanded", String(isOpen));
    at("backdrop").hidden = !isOpen;
    at("side").inert = isNarrow.matches && !isOpen;
    document.querySelector("main").inert = isNarrow.matches && isOpen;
  };
  at("side-open").addEventListener("click", () => {
    show(true);
    at("side-close").focus();
  });
  const close = () => {
    if (!app.classList.contains("side-shown")) return false;
    show(false);
    at("side-open").focus();
    return true;
  };
  at("side-close").addEventListener("click", close);
  at("backdrop").addEventListener("click", close);
  isNarrow.addEventListener("change", () => show(false));
  show(false);
  return close;
}

/** The theme: what the system says until a person chooses. */
export function theme() {
  const button = at("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const draw = () => {
    button.dataset.sayLabel = isDark() ? "Switch to the light theme" : "Switch to the dark theme";
    button.ariaLabel = word(button.dataset.sayLabel);
  };
  button.addEventListener("click", () => {
    const chosen = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = chosen;
    localStorage.setItem("milepost.theme", chosen);
    draw();
  });
  system.addEventListener("change", draw);
  draw();
}
