"""Webhook signatures: Standard Webhooks, as Replicate sends them."""

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from mediagen.errors.refusals import InvalidSignature
from mediagen.replicate.webhook_signatures import TOLERANCE_SECONDS, sign, verify

# Published in Replicate's documentation.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, TIMESTAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
SENT_AT = datetime.fromtimestamp(int(TIMESTAMP), UTC)
OTHER = "whsec_" + base64.b64encode(b"another secret of 24 byt").decode()


def headers(message_id: str = ID, timestamp: str = TIMESTAMP, signature: str = SIGNATURE) -> dict[str, str]:
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signature}


def holds(
    given_headers: Mapping[str, str],
    body: bytes = BODY,
    secrets: Sequence[str] = (SECRET,),
    now: datetime = SENT_AT,
) -> bool:
    try:
        verify(given_headers, body, secrets, now)
    except InvalidSignature as refusal:
        assert refusal.status == 401
        return False
    return True


def flips(text: bytes) -> list[bytes]:
    """Yield every text that differs in one bit."""
    return [
        text[:at] + bytes([text[at] ^ 1 << bit]) + text[at + 1 :] for at in range(len(text)) for bit in range(8)
    ]  # fmt: skip


def test_the_published_vector_holds() -> None:
    assert f"v1,{sign(SECRET, ID, TIMESTAMP, BODY)}" == SIGNATURE
    assert holds(headers())


def test_a_body_changed_by_one_bit_is_refused() -> None:
    assert not any(holds(headers(), body) for body in flips(BODY))


def test_an_id_changed_by_one_bit_is_refused() -> None:
    assert not any(holds(headers(message_id.decode("latin-1"))) for message_id in flips(ID.encode()))


def test_a_signature_changed_by_one_bit_is_refused() -> None:
    assert not any(holds(headers(signature=changed.decode("latin-1"))) for changed in flips(SIGNATURE.encode()))


def test_a_timestamp_changed_by_one_bit_is_refused_even_when_it_is_recent() -> None:
    for changed in flips(TIMESTAMP.encode()):
        text = changed.decode("latin-1")
        is_number = text.isascii() and text.isdecimal()
        assert not holds(headers(timestamp=text), now=datetime.fromtimestamp(int(text), UTC) if is_number else SENT_AT)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, True), (TOLERANCE_SECONDS, True), (-TOLERANCE_SECONDS, True)]
    + [(seconds, False) for seconds in (300.001, -300.001, 301, -301, 86_400, -86_400)],
)
def test_a_webhook_is_taken_within_five_minutes_of_its_signing(seconds: float, expected: bool) -> None:
    assert TOLERANCE_SECONDS == 300
    assert holds(headers(), now=SENT_AT + timedelta(seconds=seconds)) is expected


@pytest.mark.parametrize(
    "timestamp",
    ["", " 1614265330", "1614265330 ", "+1614265330", "1614265330.0", "١٦١٤٢٦٥٣٣٠", "-1", "0x1", "9" * 13, "9" * 5000],
)
def test_a_timestamp_that_is_no_plain_number_is_refused(timestamp: str) -> None:
    assert not holds(headers(timestamp=timestamp, signature=f"v1,{sign(SECRET, ID, timestamp, BODY)}"))


@pytest.mark.parametrize(
    "timestamp", ["1_614_265_330", "\uff11614265330", "1614265330\n", "1614265330\t", "²", "1e9", "①"]
)
def test_a_timestamp_that_only_some_parsers_take_for_a_number_is_refused(timestamp: str) -> None:
    assert not holds(headers(timestamp=timestamp, signature=f"v1,{sign(SECRET, ID, timestamp, BODY)}"))


@pytest.mark.parametrize(("timestamp", "expected"), [("001614265330", True), ("0001614265330", False)])
def test_a_number_of_more_than_twelve_digits_is_not_read(timestamp: str, expected: bool) -> None:
    assert holds(headers(timestamp=timestamp, signature=f"v1,{sign(SECRET, ID, timestamp, BODY)}")) is expected


@pytest.mark.parametrize(("seconds", "expected"), [(-301, False), (-300, True), (300, True), (301, False)])
def test_the_five_minutes_hold_for_the_time_that_was_signed_too(seconds: int, expected: bool) -> None:
    timestamp = str(int(TIMESTAMP) + seconds)
    assert holds(headers(timestamp=timestamp, signature=f"v1,{sign(SECRET, ID, timestamp, BODY)}")) is expected


def test_a_secret_changed_by_one_bit_does_not_verify() -> None:
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    changed = ["whsec_" + base64.b64encode(flipped).decode() for flipped in flips(key)]
    assert not holds(headers(), secrets=changed)
    assert holds(headers(), secrets=[*changed, SECRET])


def test_a_boundary_moved_within_what_was_signed_is_refused() -> None:
    signed = f"{ID}.{TIMESTAMP}.".encode() + BODY
    for at in range(1, len(signed)):
        message_id, _, rest = signed.partition(b"." + TIMESTAMP.encode()[:at] + b".")
        assert not rest or (message_id, rest) == (ID.encode(), BODY)
    assert not holds(headers(f"{ID}.{TIMESTAMP}"))
    assert not holds(headers(ID[:-1]), ID[-1:].encode() + BODY)
    assert not holds(headers(), b"." + BODY)


def test_during_a_rotation_either_secret_signs_and_afterwards_only_the_new_one() -> None:
    ours = {secret: f"v1,{sign(secret, ID, TIMESTAMP, BODY)}" for secret in (SECRET, OTHER)}
    for signature in (*ours.values(), " ".join(ours.values())):
        assert holds(headers(signature=signature), secrets=[OTHER, SECRET])
    assert not holds(headers(signature=ours[SECRET]), secrets=[OTHER])
    assert holds(headers(signature=" ".join(ours.values())), secrets=[OTHER])


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_or_empty_header_is_refused(missing: str) -> None:
    assert not holds({name: value for name, value in headers().items() if name != missing})
    assert not holds(headers() | {missing: ""})


@pytest.mark.parametrize("secrets", [[SECRET], [SECRET, OTHER], [OTHER, SECRET], [OTHER, OTHER, SECRET]])
def test_any_of_several_secrets_may_have_signed(secrets: list[str]) -> None:
    assert holds(headers(), secrets=secrets)


@pytest.mark.parametrize("secrets", [[], [OTHER], [OTHER, OTHER]])
def test_without_the_right_secret_nothing_holds(secrets: list[str]) -> None:
    assert not holds(headers(), secrets=secrets)


@pytest.mark.parametrize(
    "signature",
    [
        f"v1,AAAA {SIGNATURE}",
        f"{SIGNATURE} v1,AAAA",
        f"v1a,xyz v2,abc {SIGNATURE}",
        f"  {SIGNATURE}  ",
        f"v1,é {SIGNATURE}",
    ],
)
def test_one_right_signature_among_several_is_enough(signature: str) -> None:
    assert holds(headers(signature=signature))


@pytest.mark.parametrize("entry", ["v1a,", "v2,", "V1,", "v1:", "v1", "", ",", "v11,"])
def test_a_signature_of_another_version_does_not_count(entry: str) -> None:
    assert not holds(headers(signature=SIGNATURE.replace("v1,", entry)))


@pytest.mark.parametrize("secret", ["whsec_", "", "whsec_not base64!", "whsec_é", "whsec_A", SECRET + "!"])
def test_an_unusable_secret_of_ours_is_not_called_a_bad_signature(secret: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        verify(headers(), BODY, [secret], SENT_AT)
    assert secret.removeprefix("whsec_") in ("", "A") or secret not in str(caught.value)


@given(st.binary(min_size=1, max_size=64), st.text(min_size=1), st.integers(0, 10**10), st.text())
def test_the_reference_implementation_signs_the_same(key: bytes, message_id: str, seconds: int, body: str) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    body = body.encode(errors="replace").decode()
    message_id = message_id.encode(errors="replace").decode()
    theirs = Webhook(secret).sign(message_id, datetime.fromtimestamp(seconds, UTC), body)
    assert f"v1,{sign(secret, message_id, str(seconds), body.encode())}" == theirs
    moment = datetime.fromtimestamp(seconds, UTC)
    assert holds(headers(message_id, str(seconds), theirs), body.encode(), [secret], moment)


def test_the_reference_implementation_takes_what_we_sign() -> None:
    now = datetime.now(UTC)
    stamp = str(int(now.timestamp()))
    signed = headers(timestamp=stamp, signature=f"v1,{sign(SECRET, ID, stamp, BODY)}")
    assert Webhook(SECRET).verify(BODY.decode(), signed) == {"test": 2432232314}


@given(st.text(), st.text(max_size=20), st.text())
def test_no_header_makes_the_check_fail(message_id: str, timestamp: str, signature: str) -> None:
    texts = [text.encode(errors="replace").decode() for text in (message_id, timestamp, signature)]
    assert not holds(headers(*texts))
