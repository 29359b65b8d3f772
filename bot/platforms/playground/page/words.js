// The page's own words, in the language of the persona. What Milepost says comes from the server in its own language.

const KOREAN = {
  "Skip to the command bar": "명령 입력줄로 건너뛰기",
  Playground: "체험 공간",
  "Switch to the light theme": "밝은 테마로 바꾸기",
  "Switch to the dark theme": "어두운 테마로 바꾸기",
  "Open the sidebar": "사이드바 열기",
  "Close the sidebar": "사이드바 닫기",
  Channels: "채널",
  " unread: ": " 읽지 않음: ",
  "Act as": "누구로 볼까요",
  member: "멤버",
  facilitator: "진행자",
  Clock: "시계",
  "Move the clock forward": "시계를 앞으로 돌리기",
  "Move the clock 1 hour forward": "시계를 1시간 앞으로 돌리기",
  "Move the clock 1 day forward": "시계를 하루 앞으로 돌리기",
  "Move the clock 1 week forward": "시계를 1주 앞으로 돌리기",
  "+1 hour": "+1시간",
  "+1 day": "+1일",
  "+1 week": "+1주",
  "Moving…": "움직이는 중…",
  "The clock is moving.": "시계가 움직이고 있어요.",
  "It is {day}, {time}.": "지금은 {day} {time}이에요.",
  "Connecting…": "연결하는 중…",
  Connected: "연결됨",
  "Reconnecting…": "다시 연결하는 중…",
  "Milepost is not connected. It will be back in a moment.": "Milepost와 연결되어 있지 않아요. 곧 돌아와요.",
  "The connection was lost. If it does not show below, please send it again.":
    "연결이 끊겼어요. 아래에 보이지 않으면 다시 보내 주세요.",
  Shortcuts: "단축키",

  "What to try": "해 볼 것",
  "Welcome!": "반가워요!",
  Try: "",
  ", then": ",",
  "for this week’s tasks. Move the clock and watch the next milestone arrive.":
    "순서로 보내면 이번 주 할 일이 나와요. 시계를 돌리면 다음 마일스톤이 도착해요.",
  "Dismiss the tip": "도움말 닫기",
  "New messages": "새 메시지",
  "Messages in #{channel}": "#{channel}의 메시지",
  "Nothing in #{channel} yet": "#{channel}에 아직 아무것도 없어요",
  "Milepost is thinking": "Milepost가 생각하는 중",
  "in a thread": "스레드",
  "(edited)": "(수정됨)",
  "Notifies ": "알림: ",
  "Thread: ": "스레드: ",
  "Only you can see this": "나에게만 보여요",
  Dismiss: "닫기",
  "Neutral message": "중립 메시지",
  "The neutral message as JSON": "JSON으로 본 중립 메시지",
  Copy: "복사",
  Copied: "복사됨",

  "Send a command": "명령 보내기",
  "Commands and values": "명령과 값",
  "Command bar": "명령 입력줄",
  "Type / for commands, as {name}": "{name}: /를 누르면 명령이 나와요",
  "Press slash for the list of commands.": "슬래시를 누르면 명령 목록이 나와요.",
  "1 option.": "선택지 1개.",
  "{n} options.": "선택지 {n}개.",
  Arguments: "인자",
  required: "필수",
  optional: "선택",
  text: "글",
  number: "숫자",
  "yes or no": "예 또는 아니요",
  yes: "예",
  no: "아니요",
  commands: "명령",
  complete: "완성",
  send: "보내기",
  "last line": "지난 줄",
  Send: "보내기",
  Cancel: "취소",
  "Close the form": "양식 닫기",

  "Keyboard shortcuts": "키보드 단축키",
  "Go to the command bar and list the commands": "명령 입력줄로 가서 명령 보기",
  "Walk through commands and values; in an empty bar, earlier lines": "명령과 값 고르기. 빈 줄에서는 지난 줄",
  "Take the marked value": "고른 값 넣기",
  "Take the marked command, or send the line": "고른 명령 넣기, 또는 줄 보내기",
  "Close a list, a form or this help": "목록, 양식, 도움말 닫기",
  "Previous or next channel": "이전 채널, 다음 채널",
  "Act as Ada, Minjun or Grace": "Ada, Minjun, Grace로 보기",
  "This help": "이 도움말",
  "Ada, Minjun and Grace are made up. Everything you do here stays on this computer.":
    "Ada, Minjun, Grace는 지어낸 사람이에요. 여기서 하는 일은 모두 이 컴퓨터에만 남아요.",
  Close: "닫기",
};
const DICTIONARIES = { ko: KOREAN };

let dictionary = {};

/** The page's word for `english`, its `{slots}` filled. A language or a word that is not here stays English. */
export function word(english, slots = {}) {
  return (dictionary[english] ?? english).replace(/\{(\w+)\}/g, (_, name) => slots[name]);
}

/**
 * Speak the language of `locale` from now on: `lang` says so, and what stands on the page is said again. That is the text
 * of each `[data-say]` and the name of each `[data-say-label]`; the English is kept in the attribute.
 */
export function speak(locale) {
  dictionary = DICTIONARIES[locale] ?? {};
  document.documentElement.lang = locale in DICTIONARIES ? locale : "en";
  for (const each of document.querySelectorAll("[data-say]")) each.textContent = word((each.dataset.say ||= each.textContent));
  for (const each of document.querySelectorAll("[data-say-label]")) {
    each.ariaLabel = word((each.dataset.sayLabel ||= each.ariaLabel));
  }
}
