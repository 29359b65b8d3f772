// The one WebSocket: asks with a number, gets one answer that carries it, and hears what happens beside that.

import { word } from "./words.js";

const LONGEST_WAIT = 5000;

/** Connects and stays connected. `heard(frame)` gets what was not asked for; `changed(state)` gets the state of the line. */
export class Wire {
  #socket = null;
  #isUp = false; // from the server's hello on
  #asked = new Map();
  #number = 0;
  #wait = 300;
  #retry = null;

  constructor(heard, changed) {
    this.heard = heard;
    this.changed = changed;
    addEventListener("online", () => this.#again(0));
    this.#connect();
  }

  /** Send a frame; resolves to the frame that answers it. Rejects with words for people. */
  ask(frame) {
    if (!this.#isUp) {
      return Promise.reject(new Error(word("Milepost is not connected. It will be back in a moment.")));
    }
    const n = ++this.#number;
    return new Promise((resolve, reject) => {
      this.#asked.set(n, { resolve, reject });
      this.#socket.send(JSON.stringify({ ...frame, n }));
    });
  }

  #connect() {
    this.changed("connecting");
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`);
    this.#socket = socket;
    socket.addEventListener("message", (event) => this.#hear(JSON.parse(event.data)));
    socket.addEventListener("close", () => {
      this.#isUp = false;
      this.#fail(null, word("The connection was lost. If it does not show below, please send it again."));
      this.changed("lost");
      this.#again(this.#wait);
      this.#wait = Math.min(this.#wait * 1.6, LONGEST_WAIT);
    });
  }

  #again(wait) {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      if (this.#socket.readyState >= WebSocket.CLOSING) this.#connect();
    }, wait);
  }

  #hear(frame) {
    if (frame.type === "error") return this.#fail(frame.n, frame.text);
    if (frame.type === "hello") this.#greet();
    if (frame.n === undefined) return this.heard(frame);
    this.#asked.get(frame.n)?.resolve(frame);
    this.#asked.delete(frame.n);
  }

  #greet() {
    this.#isUp = true;
    this.#wait = 300;
    this.changed("connected");
  }

  #fail(n, text) {
    // An error without a number is about a frame too broken to have one: whoever waits must not wait for ever.
    const failed = n === null ? [...this.#asked.keys()] : [n];
    for (const each of failed) {
      this.#asked.get(each)?.reject(new Error(text));
      this.#asked.delete(each);
    }
  }
}
