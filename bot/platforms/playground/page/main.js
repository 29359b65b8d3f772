// Puts the page together: who one is, where one looks, and what happens on the line.

import { Bar } from "./bar.js";
import { toast } from "./dom.js";
import { FormSheet } from "./form.js";
import { Clock, channels, drawer, lineState, personas, theme } from "./side.js";
import { Stream } from "./stream.js";
import { Wire } from "./wire.js";
import { speak, word } from "./words.js";

const at = (id) => document.getElementById(id);

// In the tab, so that two tabs can be two people; and over a reload, so that one goes on as who one was.
const seat = {
  persona: sessionStorage.getItem("milepost.persona"),
  channel: sessionStorage.getItem("milepost.channel"),
};
let world = { personas: [], channels: [] };
let markChannels = () => {};
const unread = new Map();
const pressed = new Set(); // what is on its way, also when its button is drawn anew meanwhile

const wire = new Wire(heard, lineState);
const stream = new Stream({ press, dismiss });
const bar = new Bar(say, suggest);
const sheet = new FormSheet(fill, suggest);
const clock = new Clock((by) => ask({ type: "move", by }));
const closeDrawer = drawer();
theme();
tip();

/** Ask, and tell the person if it cannot be done; null then. */
async function ask(frame) {
  try {
    return await wire.ask(frame);
  } catch (problem) {
    toast(problem.message);
    return null;
  }
}

function heard(frame) {
  if (frame.type === "hello") return welcome(frame);
  if (frame.type === "clock") return clock.set(frame);
  if (frame.type === "commands") return bar.know(frame.commands);
  if (frame.type === "gone" && frame.channel === seat.channel) return stream.remove(frame.id);
  if (frame.type === "entry") {
    if (frame.channel === seat.channel) return stream.put(frame.entry);
    if (!frame.entry.edited) unread.set(frame.channel, (unread.get(frame.channel) ?? 0) + 1);
    markChannels(seat.channel, unread);
  }
}

function welcome(frame) {
  world = frame;
  if (!world.personas.some((each) => each.id === seat.persona)) seat.persona = world.personas[0].id;
  if (!world.channels.some((each) => each.id === seat.channel)) seat.channel = world.channels[0].id;
  markChannels = channels(world.channels, (id) => {
    enter(seat.persona, id);
    closeDrawer();
  });
  personas(world.personas, seat.persona, (id) => enter(id, seat.channel));
  clock.read(reader());
  clock.set(frame.clock);
  enter(seat.persona, seat.channel);
}

function reader() {
  return world.personas.find((each) => each.id === seat.persona);
}

async function enter(persona, channel) {
  Object.assign(seat, { persona, channel });
  sessionStorage.setItem("milepost.persona", persona);
  sessionStorage.setItem("milepost.channel", channel);
  speak(reader().locale);
  unread.delete(channel);
  markChannels(channel, unread);
  clock.read(reader());
  at("room-name").textContent = `#${channel}`;
  at("room-topic").textContent = world.channels.find((each) => each.id === channel).topic;
  at("bar").placeholder = word("Type / for commands, as {name}", { name: reader().name });
  const room = await ask({ type: "enter", persona, channel });
  if (room && room.persona === seat.persona && room.channel === seat.channel) stream.open(channel, reader(), room.entries);
}

async function say(text) {
  const answered = reader() ? stream.pending(text, reader()) : () => {}; // before the server's first word one is nobody
  const reply = await ask({ type: "say", text });
  answered();
  if (!reply) bar.giveBack(text);
  if (reply?.type === "form") sheet.open(reply.form);
}

async function press(line, on, button) {
  const press = `${on} ${line}`;
  if (pressed.has(press)) return;
  pressed.add(press);
  button.setAttribute("aria-busy", "true");
  const reply = await ask({ type: "press", line, on });
  button.removeAttribute("aria-busy");
  pressed.delete(press);
  if (reply?.type === "form") sheet.open(reply.form, on);
}

async function fill(frame) {
  const reply = await ask({ type: "fill", ...frame });
  if (!reply) return "failed";
  return reply.type === "form" ? reply.form : null;
}

async function suggest(frame) {
  const reply = await ask({ type: "suggest", ...frame });
  return reply?.choices ?? [];
}

function dismiss(id) {
  ask({ type: "dismiss", id });
}

function tip() {
  const shown = at("tip");
  shown.hidden = localStorage.getItem("milepost.tip") === "seen";
  for (const each of shown.querySelectorAll("[data-line]")) each.addEventListener("click", () => bar.fill(each.dataset.line));
  at("tip-close").addEventListener("click", () => {
    localStorage.setItem("milepost.tip", "seen");
    shown.hidden = true;
    at("bar").focus();
  });
}

at("help").addEventListener("click", () => at("help-sheet").showModal());

document.addEventListener("keydown", (event) => {
  // A key that is held presses once: what has the focus by then may stand for something else.
  if (event.repeat && event.key === "Enter" && event.target.matches("button, input")) event.preventDefault();
  const isTyping = event.target.matches("input:not([type=radio], [type=checkbox]), textarea, select");
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) return void closeDrawer();
  if (document.querySelector("dialog[open]")) return;
  if (event.altKey && !event.ctrlKey && /^[1-9]$/.test(event.key)) return pick(event, Number(event.key) - 1);
  if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    const here = world.channels.findIndex((each) => each.id === seat.channel);
    const to = world.channels[here + (event.key === "ArrowDown" ? 1 : -1)];
    event.preventDefault();
    if (to) enter(seat.persona, to.id);
    return;
  }
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    event.preventDefault();
    bar.fill("/");
  } else if (event.key === "?") at("help-sheet").showModal();
});

function pick(event, which) {
  const radio = document.querySelectorAll("[name=persona]")[which];
  if (!radio) return;
  event.preventDefault();
  radio.click();
}
