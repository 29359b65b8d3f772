"""A small curriculum in which nothing is wrong, to be changed by one mistake at a time."""

GOOD = """\
schema: 1
id: paper-boats
version: "1.0.0"
languages: [en, ko]
title: Fold paper boats
title.ko: 종이배 접기
source: {title: The book of boats, title.ko: 종이배 책, author: Ada, license: MIT, url: "https://example.org/book"}
phases:
  - id: harbour
    title: In the harbour
    title.ko: 항구에서
    weeks: [2, 4]
    goals:
      - {id: fold, text: Fold a boat, text.ko: 배를 접는다}
    milestones:
      - id: first-boat
        title: The first boat
        title.ko: 첫 배
        weeks: 1
        tasks:
          - id: choose-paper
            text: Choose paper
            text.ko: 종이 고르기
            resources: [paper-guide]
          - id: fold-boats
            text: "Fold boats: three will do"
            text.ko: 배 접기
            hours: 3.5
            requires: [choose-paper]
            target: {count: [3, 5], unit: boats, unit.ko: 척}
            evidence: photo
            strategy: slowly
      - id: float
        title: On the water
        title.ko: 물 위에서
        weeks: [1, 2]
        tasks:
          - id: float-it
            text: Let it float
            text.ko: 띄우기
            optional: true
            when: If there is a pond
            when.ko: 연못이 있으면
resources:
  - id: paper-guide
    title: A guide to paper
    title.ko: 종이 안내
    url: https://example.org/paper
    kind: book
    phase: harbour
    tags: [paper]
    aliases: [sheet]
    aliases.ko: [종이]
  - id: a-pond
    title: The pond nearby
    title.ko: 가까운 연못
    kind: practice
    aliases: [water]
    aliases.ko: [물]
evidence_kinds:
  - {id: photo, title: A photo, title.ko: 사진}
strategies:
  - id: slowly
    title: Fold slowly
    title.ko: 천천히 접기
    steps: [Press the edge, Turn it over]
    steps.ko: [모서리를 누른다, 뒤집는다]
moved: {tasks: {pick-paper: take-paper, take-paper: choose-paper, sink: sink-it}}
retired: {tasks: [sink-it]}
questions:
  - {id: floated, text: "Did it float?", text.ko: "물에 떴나요?"}
"""


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, f"{old!r} is not unique in the example"
    return GOOD.replace(old, new)
