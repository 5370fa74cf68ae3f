"""The tests' models: those of the simulator, one of them without a schema, and some that do not exist."""

from typing import Any

FLUX = "black-forest-labs/flux-schnell"
VIDEO = "stability-ai/stable-video-diffusion"
AUDIO = "meta/musicgen"
AUDIO_VERSION = "671ac645ce5e552cc63a54a2bbff63fcf798043055d2dac5fc9e36a837eedcfb"

FLUX_SCHEMA = {
    "type": "object",
    "required": ["prompt"],
    "properties": {
        "prompt": {"type": "string", "minLength": 1, "maxLength": 2000},
        "num_outputs": {"type": "integer", "minimum": 1, "maximum": 4},
        "output_format": {"enum": ["webp", "jpg", "png"]},
        "seed": {"type": "integer"},
    },
}

MODELS: dict[str, dict[str, dict[str, Any]]] = {
    "video": {
        "stability-video": {
            "version": VIDEO,
            "pricing": 0.05,
            "estimatedTime": 60,
            "supportedParams": ["input_image", "motion_bucket_id", "frames_per_second"],
            "inputSchema": {
                "required": ["input_image"],
                "properties": {"input_image": {"type": "string", "format": "uri"}},
            },
            "defaults": {"frames_per_second": 14},
        }
    },
    "image": {
        "flux-schnell": {"version": FLUX, "pricing": 0.003, "estimatedTime": 5, "inputSchema": FLUX_SCHEMA},
        "flux-plain": {"version": FLUX, "pricing": 0.003, "supportedParams": ["prompt", "num_outputs", "seed"]},
        "vanished": {"version": "nobody/nothing", "supportedParams": ["prompt"]},
    },
    "audio": {
        "musicgen": {
            "version": f"{AUDIO}:{AUDIO_VERSION}",
            "pricing": 0.021,
            "estimatedTime": 20,
            "supportedParams": ["prompt", "duration", "output_format"],
            "defaults": {"duration": 1},
        }
    },
}
