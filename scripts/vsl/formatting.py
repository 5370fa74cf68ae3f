"""Format documents of the API as lines for people."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from common.tables import table

type Document = Mapping[str, Any]


def job(document: Document) -> list[str]:
    """Show a job's status."""
    what = f"{document.get('mediaType')} by {document.get('modelId')}"
    head = f"{document.get('jobId')}  {document.get('status')}  {what}"
    facts = [("created", moment(document.get("createdAt"))), ("started", moment(document.get("startedAt")))]
    facts += [("completed", moment(document.get("completedAt"))), ("cost", dollars(document.get("cost")))]
    if document.get("progress"):
        facts.append(("progress", f"{document['progress'].get('percent')} % (by {document['progress'].get('source')})"))
    if document.get("stale"):
        facts.append(("stale", "the service's database is unavailable: the job may have progressed"))
    error = document.get("error")
    if error:
        again = "; vsl retry may help" if error.get("retryable") else ""
        facts.append(("error", f"{error.get('code')}: {error.get('message')}{again}"))
    facts += [("left out", left_out(each)) for each in document.get("leftOut") or []]
    lines = [head, *(f"  {name:9} {value}" for name, value in facts if value)]
    return [*lines, *(f"  {line}" for line in outputs(document.get("outputs") or []))]


def left_out(document: Document) -> str:
    """Show which files of the model's result were not stored, and why."""
    first, count = int(document["position"]), int(document["count"])
    which = f"output {first}" if count == 1 else f"outputs {first} to {first + count - 1}"
    return f"{which}: {document.get('code')}: {document.get('message')}"


def outputs(found: Sequence[Document]) -> list[str]:
    """Show a job's files with their links."""
    return table(
        [(str(each.get("kind")), size(each.get("bytes")), shape(each), str(each.get("url"))) for each in found]
    )


def files(saved: Sequence[Document]) -> list[str]:
    """Show the saved files, and the problems of the others."""
    return table([(each["path"], size(each.get("bytes")), each.get("problem", "ok")) for each in saved])


def accepted(document: Document) -> list[str]:
    """Show an accepted job, and the command that waits for it."""
    estimate = f"about {document.get('estimatedTime')} s, {dollars(document.get('estimatedCost'))}"
    return [f"{document['jobId']}  {document.get('status')}  ({estimate})", f"  vsl status {document['jobId']} --wait"]


def jobs(found: Sequence[Document]) -> list[str]:
    """Show a list of jobs."""
    if not found:
        return ["No jobs."]
    rows = [
        (
            str(each["jobId"]),
            str(each.get("status")),
            str(each.get("mediaType")),
            str(each.get("modelId")),
            moment(each.get("createdAt")),
            dollars(each.get("cost")),
            str((each.get("error") or {}).get("code") or ""),
        )
        for each in found
    ]
    return table([("job", "status", "type", "model", "created", "cost", "error"), *rows])


def models(found: Sequence[Document]) -> list[str]:
    """Show the models with their cost and time."""
    rows = [
        (
            str(each.get("mediaType")),
            str(each.get("modelId")),
            dollars(each.get("estimatedCost")),
            f"{each.get('estimatedTime')} s",
        )
        for each in found
    ]
    return table([("type", "model", "cost", "time"), *rows]) if rows else ["No models."]


def model(document: Document) -> list[str]:
    """Show a model's parameters and an example command."""
    schema = document.get("inputSchema") or {}
    required = schema.get("required") or ()
    rows = [
        (name, _kind(definition), "required" if name in required else _default(definition), _limits(definition))
        for name, definition in (schema.get("properties") or {}).items()
    ]
    return [*models([document]), "", *table([("param", "type", "", "allowed"), *rows]), "", f"  {command(document)}"]


def command(document: Document) -> str:
    """Write the model's example as a command."""
    params = (document.get("example") or {}).get("params") or {}
    given = "".join(f" --param {_quoted(f'{name}={_argument(value)}')}" for name, value in params.items())
    return f"vsl generate {document.get('mediaType')} --model {document.get('modelId')}{given} --wait"


def batch(document: Document) -> list[str]:
    """Show the result of each request of a batch."""
    return [str(document.get("batchId")), *table([_batch_row(result) for result in document.get("results") or ()])]


def _batch_row(result: Document) -> tuple[str, str, str]:
    error = result.get("error")
    if error:
        return str(result.get("index")), "refused", f"{error.get('code')}: {error.get('detail')}"
    return str(result.get("index")), str(result.get("status")), str(result.get("jobId"))


def moment(text: Any) -> str:
    """Format a timestamp to the second."""
    return str(text)[:19].replace("T", " ") if text else ""


def dollars(amount: Any) -> str:
    """Format an amount; unknown amounts are empty."""
    return f"${amount:.4f}".rstrip("0").rstrip(".") if isinstance(amount, int | float) else ""


def size(count: Any) -> str:
    """Format a file size."""
    return f"{count:,} bytes" if isinstance(count, int) else ""


def shape(output: Document) -> str:
    """Format a file's pixels and duration, if it has them."""
    pixels = f"{output['width']}x{output['height']}" if output.get("width") else ""
    seconds = f"{output['durationSeconds']:.1f} s" if output.get("durationSeconds") else ""
    return " ".join(filter(None, (pixels, seconds)))


def _kind(definition: Document) -> str:
    kinds = definition.get("type") or "any"
    return kinds if isinstance(kinds, str) else "any"


def _default(definition: Document) -> str:
    return f"default {json.dumps(definition['default'])}" if "default" in definition else ""


def _limits(definition: Document) -> str:
    if definition.get("enum"):
        return ", ".join(map(str, definition["enum"]))
    names = {"minimum": "at least", "maximum": "at most", "maxLength": "at most (characters)"}
    return ", ".join(f"{text} {definition[name]}" for name, text in names.items() if name in definition)


def _argument(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _quoted(argument: str) -> str:
    plain = all(letter.isalnum() or letter in "=-_.,:/" for letter in argument)
    return argument if plain else "'" + argument.replace("'", "'\\''") + "'"


def usage(document: Document) -> list[str]:
    """Show usage by day and model, the total, the budget and the running jobs."""
    rows = [_usage_row(str(day.get("day") or ""), day) for day in document.get("usage") or document.get("days") or ()]
    total = document.get("totals")
    sum_of_all = [_usage_row("total", total)] if isinstance(total, Mapping) else []
    span = f"{moment(document.get('from'))} to {moment(document.get('to'))}"
    shown = table([("day", "type", "model", "jobs", "cost", "seconds"), *rows, *sum_of_all])
    return [span, *shown, *_parts("budget", document.get("budget")), *_parts("running", document.get("running"))]


def _usage_row(name: str, counted: Document) -> tuple[str, ...]:
    seconds = counted.get("seconds")
    shown = f"{seconds:.1f}" if isinstance(seconds, int | float) else ""
    of = (str(counted.get("mediaType") or ""), str(counted.get("modelId") or ""))
    return name, *of, str(counted.get("jobs", "")), dollars(counted.get("cost")), shown


def _parts(name: str, parts: Any) -> list[str]:
    """Show the numbers of the budget or of the running jobs on one line; a float is an amount in dollars."""
    if not isinstance(parts, Mapping):
        return []
    shown = ((part, dollars(value) if isinstance(value, float) else value) for part, value in parts.items())
    return [f"{name}: {', '.join(f'{part} {value}' for part, value in shown if value is not None)}"]
