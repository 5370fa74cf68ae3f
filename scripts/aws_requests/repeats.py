"""ASGI wrapper that gives the answer of an SDK's first attempt to its later attempts.

An SDK sends all attempts of one call with the same `amz-sdk-invocation-id`. If the answer of a successful attempt is
lost on the way, the second attempt must not create a second resource, nor fail because the first one exists.
https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field

from aws_requests.asgi import REPEAT, App, Message, Receive, Send

# Terraform sends some 6,000 requests in all, a dozen at a time. An attempt follows the one before within seconds.
REMEMBERED = 1000
LARGEST_ANSWER = 1024 * 1024
READING = ("GET", "HEAD")

type Answer = list[Message]


@dataclass
class Repeats:
    """The wrapper, with the answers of the latest calls by their invocation id."""

    app: App
    answers: OrderedDict[bytes, asyncio.Future[Answer | None]] = field(default_factory=OrderedDict)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        call = dict(scope["headers"]).get(b"amz-sdk-invocation-id") if scope["type"] == "http" else None
        if not call or scope["method"] in READING:
            await self.app(scope, receive, send)
            return
        if answer := await self._earlier(call):
            scope[REPEAT] = True
            await _read_to_the_end(receive)
            for message in answer:
                await send(message)
            return
        await self._first(call, scope, receive, send)

    async def _earlier(self, call: bytes) -> Answer | None:
        """Wait for the earlier attempts; return the answer of one that succeeded."""
        while pending := self.answers.get(call):
            if answer := await asyncio.shield(pending):
                return answer
            if self.answers.get(call) is pending:
                return None
        return None

    async def _first(self, call: bytes, scope: Message, receive: Receive, send: Send) -> None:
        answer: Answer = []

        async def remember(message: Message) -> None:
            answer.append(message)
            await send(message)

        pending = self.answers[call] = asyncio.get_running_loop().create_future()
        self.answers.move_to_end(call)
        try:
            await self.app(scope, receive, remember)
        finally:
            pending.set_result(answer if _repeatable(answer) else None)
            while len(self.answers) > REMEMBERED:
                self.answers.popitem(last=False)


def _repeatable(answer: Answer) -> bool:
    """Return whether an answer is complete, a success, and small enough to keep.

    An SDK repeats a throttled or failed attempt in order to have the call carried out.
    """
    if not answer or answer[0]["status"] >= 300 or answer[-1].get("more_body"):
        return False
    return sum(len(message.get("body", b"")) for message in answer) <= LARGEST_ANSWER


async def _read_to_the_end(receive: Receive) -> None:
    while (await receive()).get("more_body"):
        pass
