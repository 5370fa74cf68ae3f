import asyncio
from collections.abc import Sequence

from aws_requests.asgi import App, Message, Receive, Send
from aws_requests.repeats import LARGEST_ANSWER, REMEMBERED, Repeats


class Server:
    """An ASGI application that counts its calls and blocks each until released."""

    def __init__(self, *statuses: int, body: bytes = b"made") -> None:
        self.statuses = list(statuses)
        self.body = body
        self.calls = 0
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        status = self.statuses[min(self.calls, len(self.statuses) - 1)]
        self.calls += 1
        number = self.calls
        await self.may_go_on.wait()
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": self.body + str(number).encode(), "more_body": False})


async def attempt(app: App, call: str = "call", method: str = "POST") -> tuple[int, bytes]:
    headers = [(b"amz-sdk-invocation-id", call.encode())] if call else []
    answer: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        answer.append(message)

    await app({"type": "http", "method": method, "headers": headers}, receive, send)
    return answer[0]["status"], answer[1]["body"]


def answers(server: Server, calls: Sequence[str], method: str = "POST") -> list[tuple[int, bytes]]:
    async def one_after_the_other() -> list[tuple[int, bytes]]:
        app = Repeats(server)
        return [await attempt(app, call, method) for call in calls]

    return asyncio.run(one_after_the_other())


def test_a_second_attempt_gets_the_answer_of_the_first() -> None:
    server = Server(201)
    assert answers(server, ["a", "a", "a"]) == [(201, b"made1")] * 3
    assert server.calls == 1


def test_another_call_is_carried_out() -> None:
    assert answers(Server(201), ["a", "b", "", ""]) == [
        (201, b"made1"),
        (201, b"made2"),
        (201, b"made3"),
        (201, b"made4"),
    ]


def test_an_attempt_after_a_failed_one_is_carried_out() -> None:
    assert answers(Server(500, 400, 201), ["a"] * 4) == [
        (500, b"made1"),
        (400, b"made2"),
        (201, b"made3"),
        (201, b"made3"),
    ]


def test_reading_is_repeated() -> None:
    assert answers(Server(200), ["a", "a"], "GET") == [(200, b"made1"), (200, b"made2")]


def test_an_answer_too_large_to_keep_is_made_again() -> None:
    server = Server(200, body=b"x" * LARGEST_ANSWER)
    answers(server, ["a", "a"])
    assert server.calls == 2


def test_the_oldest_calls_are_forgotten() -> None:
    server = Server(200)
    answers(server, ["a", *(str(number) for number in range(REMEMBERED)), "a"])
    assert server.calls == REMEMBERED + 2


def test_an_attempt_waits_for_the_one_that_is_under_way() -> None:
    async def side_by_side(server: Server) -> list[tuple[int, bytes]]:
        server.may_go_on.clear()
        app = Repeats(server)
        attempts = [asyncio.create_task(attempt(app)) for _ in range(3)]
        await asyncio.sleep(0.01)
        assert server.calls == 1
        server.may_go_on.set()
        return await asyncio.gather(*attempts)

    assert asyncio.run(side_by_side(Server(201))) == [(201, b"made1")] * 3
    assert asyncio.run(side_by_side(Server(500, 201))) == [(500, b"made1"), (201, b"made2"), (201, b"made2")]
