"""The state machine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediagen.jobs.state import MOVES, Status, is_final_at_replicate, sources

Q, S, P, C, F, X = Status
ALLOWED = {(Q, S), (S, P), (S, Q), (P, C), (Q, F), (S, F), (P, F), (Q, X), (S, X), (P, X)}
STATES = st.sampled_from(Status)


@pytest.mark.parametrize("source", Status)
@pytest.mark.parametrize("target", Status)
def test_only_the_moves_of_the_design_are_allowed(source: Status, target: Status) -> None:
    assert (source in sources(target)) == ((source, target) in ALLOWED)


@given(st.lists(STATES, max_size=30))
def test_no_transition_leaves_a_terminal_state(targets: list[Status]) -> None:
    state, ended_as = Status.QUEUED, None
    for target in targets:
        if state in sources(target):
            state = target
        ended_as = ended_as or (state if state.is_final else None)
    assert ended_as in (None, state)


@given(STATES)
def test_every_state_can_be_reached_and_every_open_one_can_end(state: Status) -> None:
    assert state is Status.QUEUED or sources(state)
    assert state.is_final or {F, X} <= MOVES[state]


@given(STATES)
def test_nothing_moves_to_itself(state: Status) -> None:
    assert state not in sources(state)


def test_three_states_are_final() -> None:
    assert {state for state in Status if state.is_final} == {C, F, X}


def test_a_status_is_written_as_the_api_names_it() -> None:
    assert [str(state) for state in Status] == [
        "queued", "submitting", "processing", "completed", "failed", "canceled",
    ]  # fmt: skip


@pytest.mark.parametrize("status", ["succeeded", "failed", "canceled", "aborted"])
def test_four_of_replicates_states_are_final(status: str) -> None:
    assert is_final_at_replicate(status)


@pytest.mark.parametrize("status", ["starting", "processing", "", None, "SUCCEEDED", 1])
def test_every_other_state_of_replicate_is_not_final(status: object) -> None:
    assert not is_final_at_replicate(status)
