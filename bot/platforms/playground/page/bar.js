// The command bar: a line is typed with the list of commands, hints for their arguments, and values as one types.

import { announce, el } from "./dom.js";
import { matching, place, written } from "./line.js";
import { Listbox } from "./listbox.js";
import { word } from "./words.js";

const PAUSE = 120; // milliseconds of rest before the server is asked for suggestions
const REMEMBERED = 30;

export class Bar {
  #commands = [];
  #sent = JSON.parse(sessionStorage.getItem("milepost.sent") ?? "[]");
  #back = -1;
  #timer = null;
  #asking = 0;

  /** `say(text)` sends a line, `suggest(frame)` resolves to choices. */
  constructor(say, suggest) {
    this.say = say;
    this.suggest = suggest;
    this.input = document.getElementById("bar");
    this.send = document.getElementById("send");
    this.hints = document.getElementById("hints");
    this.hint = document.getElementById("bar-hint");
    this.list = new Listbox(this.input, document.getElementById("bar-list"), (option) => this.#take(option));
    this.input.addEventListener("input", () => this.#typed());
    this.input.addEventListener("click", () => this.#typed());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.input.addEventListener("blur", () => this.list.close());
    document.getElementById("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  /** The commands that the persona may run here. */
  know(commands) {
    this.#commands = commands;
    if (document.activeElement === this.input && this.input.value) this.#typed();
    else this.#hint();
  }

  /** Put a line into the bar, ready to be sent or changed. */
  fill(text) {
    this.input.value = text;
    this.input.focus();
    this.input.setSelectionRange(text.length, text.length);
    this.#typed();
  }

  /** Put a line that could not be sent back, unless another one is being written. */
  giveBack(text) {
    if (this.input.value) return;
    this.fill(text);
    this.list.close();
  }

  #key(event) {
    if (event.isComposing) return; // an input method is still writing a syllable
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (event.altKey) return;
      const by = event.key === "ArrowDown" ? 1 : -1;
      if (this.list.isOpen && this.#back < 0) this.list.step(by);
      else if (this.#back >= 0 || (by < 0 && !this.input.value)) this.#recall(-by);
      else this.#typed();
      event.preventDefault();
    } else if (event.key === "Escape" && this.list.isOpen) {
      this.list.close();
      event.preventDefault();
    } else if (event.key === "Tab" && !event.shiftKey && this.list.size) {
      if (!this.list.marked) this.list.step(1);
      this.#take(this.list.marked);
      event.preventDefault();
    } else if (event.key === "Enter" && this.list.marked && !this.#isComplete(this.list.marked)) {
      this.#take(this.list.marked);
      event.preventDefault();
    }
  }

  #isComplete(option) {
    return option.makes.trim() === this.input.value.trim().toLowerCase();
  }

  #submit() {
    const text = this.input.value.trim();
    if (!text) return;
    this.#sent = [text, ...this.#sent.filter((each) => each !== text)].slice(0, REMEMBERED);
    sessionStorage.setItem("milepost.sent", JSON.stringify(this.#sent));
    this.input.value = "";
    this.#typed();
    this.say(text);
  }

  #recall(by) {
    const to = Math.min(this.#back + by, this.#sent.length - 1);
    this.input.value = this.#sent[to] ?? "";
    this.#typed();
    this.list.close();
    this.#back = Math.max(to, -1);
  }

  #take(option) {
    this.input.value = option.makes;
    this.input.focus();
    this.input.setSelectionRange(option.makes.length, option.makes.length);
    this.#typed();
  }

  #typed() {
    this.#back = -1;
    this.send.disabled = !this.input.value.trim();
    clearTimeout(this.#timer);
    this.#asking++;
    const where = place(this.input.value, this.#commands);
    this.#hint(where);
    if (where.stage === "none") return this.list.close();
    if (where.stage === "command") return this.#offer(matching(where.typed, this.#commands).map(commandOption), true);
    const fixed = this.#fixed(where);
    if (!where.argument?.suggests) return this.#offer(fixed, false);
    if (!this.list.isOpen) this.#offer(fixed, false);
    this.#timer = setTimeout(() => this.#live(where, fixed, this.#asking), PAUSE);
  }

  async #live(where, fixed, asking) {
    const { command, argument, typed, given } = where;
    const choices = await this.suggest({ command: command.name, argument: argument.name, typed, given });
    if (asking !== this.#asking || document.activeElement !== this.input) return;
    this.#offer([...choices.map((each) => this.#valueOption(where, each)), ...fixed], false);
  }

  #offer(options, marks) {
    if (document.activeElement !== this.input) return;
    this.list.show(options, marks);
    if (options.length) announce(options.length === 1 ? word("1 option.") : word("{n} options.", { n: options.length }));
  }

  /** What needs no server: a choice's values, yes and no, and the names of arguments not given yet. */
  #fixed(where) {
    const { argument, typed } = where;
    const wanted = typed.toLowerCase();
    const known = argument?.kind === "yes_no" ? [{ value: "yes", label: word("yes") }, { value: "no", label: word("no") }] : (argument?.choices ?? []);
    const fits = known.filter((each) => each.value.toLowerCase().startsWith(wanted) || each.label.toLowerCase().startsWith(wanted));
    const names = where.word === undefined ? [] : this.#names(where);
    return [...fits.map((each) => this.#valueOption(where, each)), ...names];
  }

  #names({ command, given, argument, word, wordStart }) {
    const [first] = command.parameters;
    return command.parameters
      .filter((each) => !(each.name in given) && each !== first && each !== argument && each.name.startsWith(word.toLowerCase()))
      .map((each) => ({
        title: `${each.name}:`,
        detail: each.label,
        note: kindOf(each),
        makes: `${this.input.value.slice(0, wordStart)}${each.name}:`,
      }));
  }

  #valueOption({ start, argument }, choice) {
    const makes = `${this.input.value.slice(0, start)}${written(argument.name, choice.value)} `;
    const isSame = choice.label === choice.value;
    return { title: choice.label, detail: isSame ? "" : choice.value, note: argument.name, makes };
  }

  #hint(where = place(this.input.value, this.#commands)) {
    const command = where.stage === "argument" ? where.command : this.#exact(where);
    this.hints.hidden = !command;
    if (!command) {
      this.hints.replaceChildren();
      this.hint.textContent = word("Press slash for the list of commands.");
      return;
    }
    const said = command.parameters.map((each) => `${each.name}, ${word(each.required ? "required" : "optional")}, ${each.label}`);
    this.hint.textContent = `${command.description} ${said.join(". ")}`;
    this.hints.replaceChildren(
      el("p.hint-text", {}, el("strong", {}, `/${command.name}`), ` ${command.description}`),
      el("ul.hint-chips", { "aria-label": word("Arguments") }, command.parameters.map((each) => this.#chip(each, where))),
    );
  }

  #exact(where) {
    return where.stage === "command" ? this.#commands.find((each) => each.name === where.typed.trim()) : null;
  }

  #chip(each, where) {
    const isGiven = each.name in (where.given ?? {});
    const isNow = where.argument?.name === each.name;
    const chip = el(
      "button",
      { type: "button", tabindex: -1, title: each.label, "data-given": String(isGiven && !isNow), "data-now": String(isNow) },
      el("span.hint-name", {}, each.name),
      el("span.hint-kind", {}, each.required ? `${kindOf(each)} · ${word("required")}` : kindOf(each)),
    );
    chip.addEventListener("mousedown", (event) => event.preventDefault());
    chip.addEventListener("click", () => !isGiven && this.fill(`${this.input.value.trimEnd()} ${each.name}:`));
    return el("li", {}, chip);
  }
}

function commandOption(command) {
  const needs = command.parameters.map((each) => (each.required ? each.name : `[${each.name}]`)).join(" ");
  const makes = `/${command.name}${command.parameters.length ? " " : ""}`;
  return { title: `/${command.name}`, detail: command.description, note: needs, makes };
}

const KINDS = { text: "text", long: "text", whole: "number", yes_no: "yes or no", date: "YYYY-MM-DD", time: "HH:MM" };

function kindOf(parameter) {
  if (parameter.kind === "choice") {
    const shown = parameter.choices.slice(0, 3).map((each) => each.value);
    return shown.join(" | ") + (parameter.choices.length > 3 ? "…" : "");
  }
  const { min, max } = parameter;
  return parameter.kind === "whole" && min !== null && max !== null ? `${min}–${max}` : word(KINDS[parameter.kind] ?? "text");
}
