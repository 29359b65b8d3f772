// What is being typed in the command bar: the same command lines that the server reads (bot/chat/line.py), read here
// only to offer completions. What is sent is read again there.

const QUOTES = '"\u201c\u201d';
const TOKEN = new RegExp(`(?:(\\w+):)?(?:[${QUOTES}]((?:[^${QUOTES}\\\\]|\\\\.)*)([${QUOTES}]?)|(\\S*))`, "suy");
const PLAIN = new RegExp(`^[^\\s${QUOTES}\\\\]+$`);

/**
 * Where the typist is: `{stage: "none"}`, `{stage: "command", typed}`, or
 * `{stage: "argument", command, given, argument, typed, start}` where `start` is where the value being typed begins
 * (its `name:` included) and `argument` is null if a new one could begin there.
 */
export function place(text, commands) {
  if (!text.startsWith("/")) return { stage: "none" };
  const body = text.slice(1);
  const command = longest(body, commands);
  if (!command || !/\s/.test(body.slice(command.name.length))) {
    return { stage: "command", typed: body.trimStart().toLowerCase() };
  }
  return { stage: "argument", command, ...argument(text, 1 + command.name.length, command) };
}

function longest(body, commands) {
  const words = body.toLowerCase().split(/\s+/);
  for (let count = Math.min(3, words.length); count > 0; count--) {
    const name = words.slice(0, count).join(" ");
    const found = commands.find((each) => each.name === name);
    if (found && body.toLowerCase().startsWith(name)) return found;
  }
  return null;
}

function argument(text, from, command) {
  const known = new Map(command.parameters.map((each) => [each.name, each]));
  const first = command.parameters[0] ?? null;
  const given = {};
  const bare = [];
  let bareStart = null;
  let last = null;
  for (let position = from; position < text.length; ) {
    if (/\s/.test(text[position])) {
      position++;
      continue;
    }
    TOKEN.lastIndex = position;
    const found = TOKEN.exec(text);
    const named = found[1] ? known.get(found[1].toLowerCase()) : undefined;
    const quoted = found[2] !== undefined;
    const value = quoted ? found[2].replace(/\\(.)/gsu, "$1") : found[4];
    const end = position + Math.max(found[0].length, 1);
    const open = end === text.length && (!quoted || !found[3]);
    if (named) {
      given[named.name] = value;
      last = open ? { argument: named, typed: value, start: position } : null;
    } else {
      bareStart ??= position;
      bare.push(text.slice(position, end));
      const word = { word: text.slice(position, end), wordStart: position };
      last = open ? { argument: first, typed: bare.join(" "), start: bareStart, ...word } : null;
    }
    position = end;
  }
  if (bare.length && first && !(first.name in given)) given[first.name] = bare.join(" ");
  if (last) return { given, ...last };
  const free = first && !(first.name in given) ? first : null;
  return { given, argument: free, typed: "", start: text.length, word: "", wordStart: text.length };
}

/** `name:value`, quoted where the value needs it. */
export function written(name, value) {
  return `${name}:${PLAIN.test(value) ? value : `"${value.replace(new RegExp(`[${QUOTES}\\\\]`, "gu"), "\\$&")}"`}`;
}

/** Commands whose name or description fits what was typed: beginnings of the name first. */
export function matching(typed, commands) {
  const wanted = typed.trim().replace(/\s+/g, " ");
  const score = (each) => {
    if (each.name.startsWith(wanted)) return 0;
    if (each.name.split(" ").some((word) => word.startsWith(wanted))) return 1;
    return each.name.includes(wanted) || (wanted.length > 2 && each.description.toLowerCase().includes(wanted)) ? 2 : 9;
  };
  return commands
    .map((each) => [score(each), each])
    .filter(([points]) => points < 9)
    .sort(([a, x], [b, y]) => a - b || x.name.localeCompare(y.name))
    .map(([, each]) => each);
}
