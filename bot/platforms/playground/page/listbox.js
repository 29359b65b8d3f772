// A combobox's list: options under an input, marked with the arrows while the focus stays in the input (ARIA 1.2).

import { el } from "./dom.js";

/** The list `list` of the input `input`. `taken(option)` is told which option was chosen. */
export class Listbox {
  #options = [];
  #marked = -1;

  constructor(input, list, taken) {
    this.input = input;
    this.list = list;
    this.taken = taken;
    list.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the input
    list.addEventListener("click", (event) => {
      const row = event.target.closest("[role=option]");
      if (row) this.taken(this.#options[Number(row.dataset.at)]);
    });
  }

  get isOpen() {
    return !this.list.hidden;
  }

  get marked() {
    return this.isOpen ? (this.#options[this.#marked] ?? null) : null;
  }

  get size() {
    return this.isOpen ? this.#options.length : 0;
  }

  /** Show these options, each `{title, detail, note}`; the first is marked if `marks`. */
  show(options, marks) {
    this.#options = options;
    this.list.replaceChildren(
      ...options.map((each, at) =>
        el(
          "li",
          { role: "option", id: `${this.list.id}-${at}`, "data-at": at, "aria-selected": "false" },
          el("span.option-title", {}, each.title),
          each.detail ? el("span.option-detail", {}, each.detail) : null,
          each.note ? el("span.option-note", {}, each.note) : null,
        ),
      ),
    );
    this.list.hidden = options.length === 0;
    this.list.scrollTop = 0;
    this.input.setAttribute("aria-expanded", String(this.isOpen));
    this.#mark(marks && options.length ? 0 : -1);
  }

  close() {
    this.show([], false);
  }

  /** Mark the next (1) or previous (-1) option, around the ends. */
  step(by) {
    const count = this.#options.length;
    this.#mark(this.#marked < 0 && by < 0 ? count - 1 : (this.#marked + by + count) % count);
  }

  #mark(at) {
    this.#marked = at;
    for (const [each, row] of [...this.list.children].entries()) {
      row.setAttribute("aria-selected", String(each === at));
      if (each === at) row.scrollIntoView({ block: "nearest" });
    }
    if (at < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `${this.list.id}-${at}`);
  }
}
