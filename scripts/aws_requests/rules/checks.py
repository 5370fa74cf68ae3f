"""Decorators that make a rule of a function; its name is file.function, its source a page of AWS."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aws_requests.request import Finding, Request

type Parameters = Mapping[str, Any]
type Problem = tuple[Request, str]


@dataclass(frozen=True)
class Check:
    """A rule (`aws_requests.request.Rule`) that knows its name and its source."""

    name: str
    source: str
    problems: Callable[[Sequence[Request]], Iterable[Problem]]

    def __call__(self, recording: Sequence[Request]) -> Iterator[Finding]:
        for request, message in self.problems(recording):
            yield Finding(self.name, request, message, self.source)


def each_request(*names: str, source: str) -> Callable[[Callable[[Parameters], Iterable[str]]], Check]:
    """Make a rule of a function over the parameters of one request of the named operations."""

    def decorate(function: Callable[[Parameters], Iterable[str]]) -> Check:
        def problems(recording: Sequence[Request]) -> Iterator[Problem]:
            for request in recording:
                if request.name in names:
                    yield from _read(function, request)

        return Check(_rule_name(function), source, problems)

    return decorate


def whole_recording(*, source: str) -> Callable[[Callable[[Sequence[Request]], Iterable[Problem]]], Check]:
    """Make a rule of a function that joins several requests."""

    def decorate(function: Callable[[Sequence[Request]], Iterable[Problem]]) -> Check:
        return Check(_rule_name(function), source, function)

    return decorate


def _read(function: Callable[[Parameters], Iterable[str]], request: Request) -> Iterator[Problem]:
    """Yield the problems. A member of the wrong type, which the models report as well, stops no other rule."""
    try:
        yield from [(request, message) for message in function(request.parameters)]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        yield request, f"a member is missing or of the wrong type: {type(error).__name__}"


def _rule_name(function: Callable[..., object]) -> str:
    """Return the file and the function: `functions.environment_size`."""
    return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
