"""Which fault acts now: rules given over the control API, and markers written in a prompt.

A marker is `[[fault:NAME option=value …]]`, for example `[[fault:429 retry_after=2 times=1]]`.
"""

import json
import re
import shlex
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import unquote

from replicate_simulator.fault_names import ANSWERS, FAULTS, LENGTHS, SHORT_STATUSES

_MARKER = re.compile(r"\[\[fault:(.+?)\]\]", re.DOTALL)
_LINKS = ("data:", "http://", "https://")
_FILTERS = ("on", "model", "marker", "times")


@dataclass
class Rule:
    """A fault that acts on a route, optionally for one model, one text in the input, a number of times."""

    fault: str
    options: dict[str, Any]
    on: str
    model: str | None = None
    marker: str | None = None
    times: int | None = None

    def matches(self, facts: "Facts") -> bool:
        return (
            self.on == facts.on
            and self.times != 0
            and self.model in (None, facts.model)
            and (self.marker is None or self.marker in facts.text)
        )


@dataclass(frozen=True)
class Facts:
    """Facts that a rule can match: the route, the model, the text of the input, the caller's job."""

    on: str
    model: str | None = None
    text: str = ""
    job: str | None = None


def make_rule(entry: Mapping[str, Any]) -> Rule:
    """Return the rule {"fault": …, "on": …, "model": …, "marker": …, "times": …, option: value}."""
    given = dict(entry)
    name = str(given.pop("fault", ""))
    filters = {key: given.pop(key) for key in _FILTERS if key in given}
    if name in SHORT_STATUSES:
        name, given = "status", {"status": int(name)} | given
    fault = FAULTS.get(name)
    if fault is None:
        raise ValueError(f"unknown fault {name!r}; known: {', '.join(sorted((*FAULTS, *SHORT_STATUSES)))}")
    _check_options(name, given, fault.options)
    filters.setdefault("on", fault.on[0])
    if filters["on"] not in fault.on:
        raise ValueError(f"fault {name!r} acts on {', '.join(fault.on)}, not on {filters['on']!r}")
    if not isinstance(filters.get("times", 0), int):
        raise ValueError("times must be a whole number")
    return Rule(name, {**fault.options, **given}, **filters)


def _check_options(name: str, given: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    for option, value in given.items():
        if option not in known:
            raise ValueError(f"fault {name!r} has no option {option!r}; known: {', '.join(known) or 'none'}")
        expected = type(known[option])
        number = isinstance(value, int | float) and expected in (int, float)
        if known[option] is not None and not number and not isinstance(value, expected):
            raise ValueError(f"option {option!r} of fault {name!r} must be of type {expected.__name__}")
    if given.get("length", "honest") not in LENGTHS:
        raise ValueError(f"length is one of {', '.join(LENGTHS)}")


def rules_in(text: str) -> list[Rule]:
    """Return the rules that markers in a text stand for; ValueError when a marker is not understood."""
    return [make_rule(_marker_entry(marker)) for marker in _MARKER.findall(text)]


def _marker_entry(marker: str) -> dict[str, Any]:
    name, *words = shlex.split(marker)
    pairs = (word.partition("=") for word in words)
    return {"fault": name} | {key: _plain(value) for key, _, value in pairs}


def _plain(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


def text_of(given_input: Mapping[str, Any]) -> str:
    """Return all strings of an input, which may contain markers; of a link only its unquoted fragment."""
    return "\n".join(_text(value) for value in given_input.values() if isinstance(value, str))


def _text(value: str) -> str:
    return unquote(value.partition("#")[2]) if value.startswith(_LINKS) else value


class Faults:
    """The active rules; `times` limits a rule, and limits a marker's rule for each job (or text)."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._used: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def add(self, rules: list[Rule]) -> None:
        with self._lock:
            self._rules.extend(rules)

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()
            self._used.clear()

    def listed(self) -> list[dict[str, Any]]:
        """Return the rules as JSON; `times` is the number of remaining uses."""
        with self._lock:
            return [asdict(rule) for rule in self._rules]

    def for_answer(self, facts: Facts) -> Rule | None:
        """Return the fault of the answer itself, and count its use."""
        with self._lock:
            return next((rule for rule in self._matching(facts, answers=True)), None)

    def for_prediction(self, facts: Facts) -> dict[str, dict[str, Any]]:
        """Return the faults of a new prediction: options by name. Counts their use."""
        with self._lock:
            return {rule.fault: rule.options for rule in self._matching(facts, answers=False)}

    def _matching(self, facts: Facts, *, answers: bool) -> Iterator[Rule]:
        for rule in self._rules:
            if (rule.fault in ANSWERS) is answers and rule.matches(facts):
                if rule.times is not None:
                    rule.times -= 1
                yield rule
        for marker in _MARKER.findall(facts.text):
            rule = make_rule(_marker_entry(marker))
            if (rule.fault in ANSWERS) is answers and rule.matches(facts) and self._left(rule, marker, facts):
                yield rule

    def _left(self, rule: Rule, marker: str, facts: Facts) -> bool:
        key = (facts.job or facts.text, marker)
        self._used[key] += 1
        return rule.times is None or self._used[key] <= rule.times
