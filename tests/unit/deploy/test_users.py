"""A key is made for the intended user."""

from typing import Any

import pytest

from common.deployer import Deployer
from common.problems import SetupProblem
from deploy.access import user_of_name


class Functions(Deployer):
    """manage_access with some users."""

    def __init__(self, *names: str, problem: str = "") -> None:
        self.users = [{"userId": str(number), "name": name} for number, name in enumerate(names)]
        self.problem = problem

    def manage_access(self, action: str, **fields: Any) -> Any:
        if self.problem:
            raise SetupProblem(self.problem)
        if action == "list":
            return {"users": self.users}
        assert action == "create-user"
        return {"userId": f"new {fields['name']}"}


def test_a_user_of_that_name_is_found() -> None:
    assert user_of_name(Functions("alice", "bob"), "bob") == ("1", False)


def test_a_new_name_is_a_new_user() -> None:
    assert user_of_name(Functions("alice"), "Alice") == ("new Alice", True)


def test_a_name_that_two_have_is_refused() -> None:
    with pytest.raises(SetupProblem, match="2 users have the name alice"):
        user_of_name(Functions("alice", "alice"), "alice")


def test_a_database_without_tables_is_reported_with_the_required_step() -> None:
    with pytest.raises(SetupProblem, match="the database has no tables yet: run make migrate first"):
        user_of_name(Functions(problem='manage-access failed: 42P01 relation "users" does not exist'), "alice")


def test_any_other_problem_is_reported_unchanged() -> None:
    with pytest.raises(SetupProblem, match="manage-access failed: no"):
        user_of_name(Functions(problem="manage-access failed: no"), "alice")
