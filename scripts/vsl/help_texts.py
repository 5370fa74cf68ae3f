"""Texts of --help besides the options."""

from vsl.exits import Exit
from vsl.session import KEY, URL

DESCRIPTION = "Generate video, images and audio: a client of the media API."
EPILOG = f"""\
environment:
  {URL}   the URL of the API
  {KEY}   your API key (not an argument, because other users of the machine can see those)

exit codes:
{"\n".join(f"  {int(code):<4} {code.meaning}" for code in Exit)}

With --json, standard output is one JSON document: the API's answer, or {{"error": {{"code", "detail", …}}}}.
Messages and progress go to standard error, progress only to a terminal.

examples:
  vsl models
  vsl generate image --model flux-schnell --prompt 'a lighthouse at dawn' --wait --save out/
  vsl generate video --model stability-video --param frames_per_second=24 --params-file input.json --wait
  vsl status JOB --wait --save out/
  vsl jobs --status failed --after 2026-11-01 --all --json
"""
EXAMPLES = {
    "generate": """\
values of --param:
  fps=24  loop=true  seed=null  sizes=[1,2]     numbers, booleans, null and JSON keep their type
  prompt=a lighthouse                           anything else is text
  --text seed=24   or   --param 'seed="24"'     text that looks like a number or JSON

examples:
  vsl generate image --model flux-schnell --prompt 'a lighthouse at dawn' --param aspect_ratio=16:9 --wait --save out/
  vsl generate audio --model musicgen --prompt 'calm piano' --json | jq -r .jobId
  echo '{"input_image": "https://example.com/boat.png"}' | vsl generate video --model stability-video --params-file -
""",
    "status": "examples:\n  vsl status JOB\n  vsl status JOB --wait --save out/\n",
    "jobs": "examples:\n  vsl jobs --status failed --after 2026-11-01\n  vsl jobs --all --json\n",
    "models": "examples:\n  vsl models --type image\n  vsl models flux-schnell\n",
    "usage": "examples:\n  vsl usage --from 2026-11-01 --to 2026-12-01\n",
    "batch": """\
The file holds a JSON array of requests, an object with "requests", or one request per line, each as in the API:
  {"mediaType": "image", "modelId": "flux-schnell", "prompt": "a lighthouse at dawn"}
""",
}
