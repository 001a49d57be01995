"""What the steps say, in English and in Korean."""

from __future__ import annotations

from collections.abc import Mapping

from ..pages import Language
from .frames import Frame

__all__ = ["WORDS", "heading", "hint"]

WORDS: Mapping[Language, dict[str, str]] = {
    "en": {
        "title": "The chain rule, step by step",
        "drawing": "The graph of gates",
        "search": "Find a node",
        "found": "{count} found",
        "first": "First step",
        "back": "Back",
        "play": "Play",
        "pause": "Pause",
        "next": "Next step",
        "last": "Last step",
        "slider": "Step",
        "speed": "Speed",
        "larger": "Larger",
        "smaller": "Smaller",
        "fit": "The whole graph",
        "of": "Step {number} of {count}",
        "history": "What happens here",
        "hint": "Point at a gate or choose one to read what happens there. Keys: ← → step, space "
        "plays, Home and End.",
        "start": "Start: the numbers at the leaves",
        "forward": "Forward: the gate {gate} makes {name}",
        "seed": "Backward begins at the output {name}",
        "backward": "Backward: through the gate {gate} of {name}",
        "sum": "{name} is used more than once: its gradients add up",
        "update": "Update of {name} by gradient descent",
        "end": "The gradients at the leaves",
        "phase start": "start",
        "phase forward": "forward",
        "phase seed": "backward",
        "phase backward": "backward",
        "phase sum": "backward",
        "phase update": "update",
        "phase end": "result",
    },
    "ko": {
        "title": "단계별로 보는 오차역전파법",
        "drawing": "계산 그래프",
        "search": "노드 찾기",
        "found": "{count}개 찾음",
        "first": "처음으로",
        "back": "이전",
        "play": "재생",
        "pause": "일시 정지",
        "next": "다음",
        "last": "끝으로",
        "slider": "단계",
        "speed": "속도",
        "larger": "확대",
        "smaller": "축소",
        "fit": "전체 보기",
        "of": "{count}단계 중 {number}단계",
        "history": "이 노드에서 일어나는 일",
        "hint": "게이트를 가리키거나 선택하면 그곳에서 일어나는 일을 볼 수 있습니다. "
        "키: ← → 단계 이동, 스페이스 재생, Home과 End.",
        "start": "시작: 입력값과 매개변수",
        "forward": "순전파: {gate} 게이트에서 {name} 계산",
        "seed": "역전파 시작: 출력 {name}",
        "backward": "역전파: {name}의 {gate} 게이트",
        "sum": "여러 번 쓰인 {name}: 기울기를 모두 더합니다",
        "update": "경사하강법으로 {name} 갱신",
        "end": "구한 기울기",
        "phase start": "시작",
        "phase forward": "순전파",
        "phase seed": "역전파",
        "phase backward": "역전파",
        "phase sum": "역전파",
        "phase update": "갱신",
        "phase end": "결과",
    },
}

HINTS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "add": "An addition gate hands the gradient on as it is.",
        "sub": "A subtraction gate hands the gradient on, with the sign turned to its second "
        "operand.",
        "mul": "A multiplication gate multiplies the gradient by the other operand.",
        "div": "A division gate divides the gradient by its second operand.",
        "neg": "A negation gate turns the sign of the gradient.",
        "exp": "The slope of exp is its own result.",
        "log": "The slope of the logarithm is one over its operand.",
        "sigmoid": "The slope of the sigmoid is σ(1 − σ), at most 0.25.",
        "tanh": "The slope of tanh is one minus its result squared.",
        "relu": "ReLU lets the gradient through where its operand is positive.",
        "maximum": "A maximum gate sends the gradient to the larger operand.",
        "pow": "The slope of a power is the exponent times the power below.",
        "square": "The slope of a square is twice its operand.",
    },
    "ko": {
        "add": "덧셈 게이트는 기울기를 그대로 넘깁니다.",
        "sub": "뺄셈 게이트는 기울기를 그대로 넘기되, 두 번째 입력에는 부호를 바꿔 넘깁니다.",
        "mul": "곱셈 게이트는 상대방의 값을 곱해서 넘깁니다.",
        "div": "나눗셈 게이트는 기울기를 두 번째 입력으로 나눕니다.",
        "neg": "부호 게이트는 기울기의 부호를 바꿉니다.",
        "exp": "exp의 미분은 자기 자신의 출력입니다.",
        "log": "로그의 미분은 입력의 역수입니다.",
        "sigmoid": "시그모이드의 미분은 σ(1 − σ)이고, 최댓값은 0.25입니다.",
        "tanh": "tanh의 미분은 1 빼기 출력의 제곱입니다.",
        "relu": "ReLU는 입력이 양수일 때만 기울기를 통과시킵니다.",
        "maximum": "최댓값 게이트는 큰 쪽으로만 기울기를 보냅니다.",
        "pow": "거듭제곱의 미분은 지수와, 차수를 하나 낮춘 거듭제곱의 곱입니다.",
        "square": "제곱의 미분은 입력의 두 배입니다.",
    },
}
"""What a gate does with gradients, where there is a short rule to remember."""


def heading(frame: Frame, language: Language) -> str:
    """The line above a step's formulas."""
    text = WORDS[language][frame.phase]
    # One after the other: a name may have braces of its own.
    return "".join(
        {"{name}": frame.name, "{gate}": frame.gate}.get(part, part) for part in _parts(text)
    )


def _parts(text: str) -> list[str]:
    return text.replace("{", "\0{").replace("}", "}\0").split("\0")


def hint(frame: Frame, language: Language) -> str:
    """The rule of a gate on the way back, if there is one; else ""."""
    return HINTS[language].get(frame.gate, "") if frame.phase == "backward" else ""
