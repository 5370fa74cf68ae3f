"""The URLs of a PostgreSQL and a Redis of one's own: Terraform keeps none of them, so each run is given them again."""

from collections.abc import Iterator, Mapping

from deploy.environment import Environment

# Ephemeral variable -> an example for who lacks it.
URLS = {
    "database_url": "postgresql://user@host:5432/database",
    "owner_database_url": "postgresql://owner@host:5432/database",
    "redis_url": "rediss://host:6379/0",
}


def given(environ: Mapping[str, str]) -> list[str]:
    """List the URLs there are; an empty variable is none."""
    return [name for name in URLS if environ.get(f"TF_VAR_{name}")]


def without_empty(environ: Mapping[str, str]) -> dict[str, str]:
    """Drop the empty ones: Terraform would take an empty variable for a given one."""
    return {name: value for name, value in environ.items() if value or name.removeprefix("TF_VAR_") not in URLS}


def unfit(environment: Environment, environ: Mapping[str, str]) -> Iterator[str]:
    """Tell of URLs that are needed and missing, or given and not wanted."""
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
    """Tell where the URLs are not the ones the plan was made with: Terraform refuses that in longer words."""
    here = given(environ)
    for name in URLS:
        if name in planned and name not in here:
            yield f"the plan was made with TF_VAR_{name}, which is in no plan: export it again"
        if name in here and name not in planned:
            yield f"the plan was made without TF_VAR_{name}: unset it, or plan again"
