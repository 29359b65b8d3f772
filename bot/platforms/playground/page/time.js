// Instants, shown in the zone and the language of the persona who reads.

import { el } from "./dom.js";

const formats = new Map();

function format(reader, options) {
  const key = `${reader.id} ${JSON.stringify(options)}`;
  if (!formats.has(key)) {
    const locale = reader.locale === "en" ? "en-GB" : reader.locale;
    formats.set(key, new Intl.DateTimeFormat(locale, { timeZone: reader.zone, ...options }));
  }
  return formats.get(key);
}

const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const DAY = { weekday: "long", day: "numeric", month: "long", year: "numeric" };
const SHORT_DAY = { weekday: "short", day: "numeric", month: "short", year: "numeric" };

/** `09:00` */
export function clockText(at, reader) {
  return format(reader, CLOCK).format(new Date(at));
}

/** `Monday 7 December 2026` */
export function dayText(at, reader) {
  return format(reader, DAY).format(new Date(at));
}

/** `Mon 7 Dec 2026` */
export function shortDayText(at, reader) {
  return format(reader, SHORT_DAY).format(new Date(at));
}

/** The hour of an entry; the whole of it on hover. */
export function hour(at, reader) {
  const text = clockText(at, reader);
  return el("time.hour", { datetime: at, title: `${dayText(at, reader)}, ${text} (${reader.zone})` }, text);
}

/** An instant in a message. `fallback` is the server's text, which names the zone that the message was written for. */
export function full(at, reader, fallback) {
  const text = format(reader, { ...SHORT_DAY, ...CLOCK }).format(new Date(at));
  return el("time.moment", { datetime: at, title: `${reader.zone} · ${fallback}` }, text);
}
