"""URLs of an existing PostgreSQL and Redis. They are ephemeral in Terraform, so each run needs them again."""

from collections.abc import Iterator, Mapping

from deploy.environment import Environment

# Ephemeral variable -> an example for the error message.
URLS = {
    "database_url": "postgresql://user@host:5432/database",
    "owner_database_url": "postgresql://owner@host:5432/database",
    "redis_url": "rediss://host:6379/0",
}


def given(environ: Mapping[str, str]) -> list[str]:
    """Return the URLs that are set; an empty variable counts as unset."""
    return [name for name in URLS if environ.get(f"TF_VAR_{name}")]


def without_empty(environ: Mapping[str, str]) -> dict[str, str]:
    """Drop empty variables, because Terraform treats an empty variable as set."""
    return {name: value for name, value in environ.items() if value or name.removeprefix("TF_VAR_") not in URLS}


def unfit(environment: Environment, environ: Mapping[str, str]) -> Iterator[str]:
    """Yield a problem for each URL that is needed and missing, or set and not used."""
    own = {"database_url": environment.own_database, "redis_url": environment.own_cache}
    kinds = {"database_url": ("database", "PostgreSQL"), "redis_url": ("cache", "Redis")}
    here = given(environ)
    for name, (setting, title) in kinds.items():
        if own[name] and name not in here:
            yield (
                f"{environment.name} brings its own {title} ({setting} = null), so each plan, apply and destroy needs "
                f"its address: export TF_VAR_{name}={URLS[name]}"
            )
        if not own[name] and name in here:
            yield (
                f"{environment.name} creates its {title}: unset TF_VAR_{name}, "
                f"or set {setting} = null in {environment.values}"
            )


def changed_since(planned: list[str], environ: Mapping[str, str]) -> Iterator[str]:
    """Yield a problem for each URL that differs from the plan's; Terraform's own error is much longer."""
    here = given(environ)
    for name in URLS:
        if name in planned and name not in here:
            yield f"the plan was made with TF_VAR_{name}, which is in no plan: export it again"
        if name in here and name not in planned:
            yield f"the plan was made without TF_VAR_{name}: unset it, or plan again"
