// A form: a dialog that asks for what a command still lacks. It stays open until it is answered or closed.

import { ICONS, el, icon } from "./dom.js";
import { Listbox } from "./listbox.js";
import { word } from "./words.js";

const PAUSE = 120;
const MOST_RADIOS = 5;

export class FormSheet {
  #form = null;
  #on = null;
  #back = null;

  /** `fill(frame)` sends the answers and resolves to the next form or null; `suggest(frame)` resolves to choices. */
  constructor(fill, suggest) {
    this.fill = fill;
    this.suggest = suggest;
    this.sheet = document.getElementById("form-sheet");
    this.sheet.addEventListener("close", () => this.#back?.isConnected && this.#back.focus());
    this.sheet.addEventListener("click", (event) => event.target === this.sheet && this.sheet.close());
  }

  /** Open the form; `on` is the entry whose button asked for it. */
  open(form, on = null) {
    this.#form = form;
    this.#on = on;
    if (!this.sheet.open) this.#back = document.activeElement;
    const body = el(
      "form.sheet-body",
      { novalidate: true, autocomplete: "off" },
      el("h2", { id: "form-title" }, form.title),
      el("p.sheet-command", { "aria-hidden": "true" }, `/${form.command}`),
      form.text ? el("p.sheet-text", { role: "alert" }, form.text.map((each) => each.text).join("")) : null,
      form.fields.map((each) => this.#field(each)),
      el(
        "div.sheet-foot",
        {},
        el("button.button", { type: "button", onclick: () => this.sheet.close() }, word("Cancel")),
        el("button.button.primary", { type: "submit" }, word("Send")),
      ),
    );
    body.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send(body);
    });
    body.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) body.requestSubmit();
    });
    const close = { type: "button", "aria-label": word("Close the form"), onclick: () => this.sheet.close() };
    this.sheet.replaceChildren(body, el("button.icon-button.sheet-close", close, icon(...ICONS.close)));
    if (!this.sheet.open) this.sheet.showModal();
    (body.querySelector("[aria-invalid]") ?? body.querySelector("input, textarea, select, button.primary")).focus();
  }

  async #send(body) {
    const submit = body.querySelector("[type=submit]");
    if (submit.disabled) return;
    submit.disabled = true;
    body.setAttribute("aria-busy", "true");
    const frame = { command: this.#form.command, values: this.#values(body), given: this.#form.given, on: this.#on };
    const next = await this.fill(frame);
    submit.disabled = false;
    body.removeAttribute("aria-busy");
    if (next === "failed") return;
    if (next) this.open(next, this.#on);
    else this.sheet.close();
  }

  #values(body) {
    const values = {};
    for (const each of this.#form.fields) {
      const [control] = body.querySelectorAll(`[name="${each.name}"]`);
      if (control.type === "checkbox") {
        if (control.checked) values[each.name] = "yes";
        else if (each.required || each.value !== null) values[each.name] = "no";
      } else if (control.type === "radio") {
        values[each.name] = body.querySelector(`[name="${each.name}"]:checked`)?.value ?? "";
      } else if (control.dataset.makes && control.value === control.dataset.shown) values[each.name] = control.dataset.makes;
      else values[each.name] = control.value;
    }
    return values;
  }

  #field(each) {
    const id = `field-${each.name}`;
    const about = each.error ? { "aria-invalid": "true", "aria-describedby": `${id}-error` } : {};
    const error = each.error ? el("p.field-error", { id: `${id}-error` }, each.error) : null;
    const needed = each.required ? el("span.required", { "aria-hidden": "true" }, "*") : null;
    // What is just asked for is not called optional in the same breath.
    const mark = needed ?? (each.error ? null : el("span.optional", {}, word("optional")));
    const common = { id, name: each.name, required: each.required, ...about };
    if (each.kind === "choice" && each.required && each.choices.length <= MOST_RADIOS) {
      const options = each.choices.map((choice) => this.#radio(each, choice, about));
      return el("fieldset.field", {}, el("legend", {}, each.label, mark), el("div.radios", {}, options), error);
    }
    if (each.kind === "yes_no") {
      const box = el("input", { type: "checkbox", ...common, required: null, checked: each.value === "yes" });
      return el("div.field", {}, el("label.check", {}, box, el("span", {}, each.label)), error);
    }
    const control = this.#control(each, common);
    return el("div.field", {}, el("label", { for: id }, each.label, mark), control, error);
  }

  #radio(each, choice, about) {
    const box = el("input", { type: "radio", name: each.name, value: choice.value, checked: choice.value === each.value, ...about });
    return el("label.check", {}, box, el("span", {}, choice.label));
  }

  #control(each, common) {
    const isText = each.kind === "text" || each.kind === "long";
    const limits = isText ? { maxlength: each.max ?? 3000 } : { min: each.min, max: each.max };
    if (each.kind === "long") return el("textarea", { ...common, ...limits, rows: 4 }, each.value ?? "");
    if (each.kind === "choice") {
      const none = each.required && each.value ? [] : [el("option", { value: "" }, "—")];
      const known = each.choices.map(({ value, label }) => el("option", { value, selected: value === each.value }, label));
      return el("select", common, none, known);
    }
    const type = { whole: "number", date: "date", time: "time" }[each.kind] ?? "text";
    const input = el("input", { type, ...common, ...limits, value: each.value });
    return each.suggests ? this.#suggesting(each, input) : input;
  }

  #suggesting(each, input) {
    const list = el("ul.listbox", { id: `${input.id}-list`, role: "listbox", "aria-label": each.label, hidden: true });
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", list.id);
    let timer = null;
    let asked = 0;
    /** Close the list, and let no answer that is still on its way open it again. */
    const close = () => {
      clearTimeout(timer);
      asked += 1;
      box.close();
    };
    const box = new Listbox(input, list, (option) => {
      input.value = input.dataset.shown = option.title;
      input.dataset.makes = option.makes;
      close();
    });
    const look = async () => {
      const mine = (asked += 1);
      const given = { ...this.#form.given, ...this.#values(input.form) };
      const choices = await this.suggest({ command: this.#form.command, argument: each.name, typed: input.value, given });
      if (mine !== asked || document.activeElement !== input) return;
      const options = choices.map(({ value, label }) => ({ title: label, detail: label === value ? "" : value, makes: value }));
      box.show(options, false);
      list.scrollIntoView({ block: "nearest" });
    };
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(look, PAUSE);
    };
    input.addEventListener("input", soon);
    input.addEventListener("click", soon);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (box.isOpen) box.step(event.key === "ArrowDown" ? 1 : -1);
        else look();
        event.preventDefault();
      } else if (event.key === "Escape" && box.isOpen) {
        close();
        event.preventDefault(); // the dialog stays
      } else if ((event.key === "Enter" || event.key === "Tab") && box.marked) {
        if (event.key === "Enter") event.preventDefault();
        box.taken(box.marked);
      }
    });
    return el("div.suggesting", {}, input, list);
  }
}
