// Elements, made in one call. Text always goes in as text, never as markup.

/** An element: `el("p.note", {hidden: true, onclick: f, "aria-label": "x"}, "text", child, null)`. */
export function el(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const made = document.createElement(name);
  if (classes.length) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((each) => each !== null && each !== undefined));
  return made;
}

/** A small icon of strokes, for the eye only. */
export function icon(...paths) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const d of paths) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

export const ICONS = {
  eye: ["M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z", "M12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6z"],
  code: ["M8.5 7 3.5 12l5 5", "M15.5 7l5 5-5 5"],
  copy: ["M9 9h10v11H9z", "M15 9V4H5v11h4"],
  close: ["M6 6l12 12", "M18 6 6 18"],
  out: ["M13 5h6v6", "M19 5l-9 9", "M17 14v5H5V7h5"],
  thread: ["M4 5h16v11H11l-4 4v-4H4z"],
  bell: ["M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15z", "M10 20.5h4"],
};

/** Tell a screen reader, once. */
export function announce(text) {
  document.getElementById("status").textContent = text;
}

/** Show an error for a while; it is read out at once. */
export function toast(text) {
  const box = document.getElementById("toasts");
  const shown = el("p.toast", {}, text);
  box.hidePopover();
  box.showPopover(); // again, so that it lies above a dialog opened since
  box.append(shown);
  setTimeout(() => {
    shown.remove();
    if (!box.children.length) box.hidePopover();
  }, 6000);
}

/** The link if it is a web address, else null. */
export function webAddress(link) {
  return typeof link === "string" && /^https?:\/\//i.test(link) ? link : null;
}
