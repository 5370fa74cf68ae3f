"""What ffmpeg does not do by itself to show a picture as a browser does: turn it, lay it on white, map HDR to SDR."""

import re
from dataclasses import dataclass

# Transfer functions of HDR10 and HLG (ITU-R BT.2100), as ffmpeg names them.
_HDR = ("smpte2084", "arib-std-b67")
_VIDEO = re.compile(r"^  Stream #0:\d+.*?: Video: (\w+)(?! \(attached pic\)).*$", re.MULTILINE)
_ALPHA_FORMAT = re.compile(r", (?:yuva\d|gbrap|rgba|bgra|argb|abgr|ya8|ya16|pal8)")
_ALPHA_TAG = re.compile(r"^\s+alpha_mode\s*: 1$", re.MULTILINE)
# ffmpeg's own decoders drop the second stream that holds the transparency of VP8 and VP9.
_ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
# White at 203 candela (ITU-R BT.2408); mobius leaves what is no brighter than that nearly as it is.
_TONE_MAP = (
    "zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,tonemap=mobius:desat=0,zscale=t=bt709:m=gbr:r=pc,"
    "format=gbrp"
)
# JPEG and GIF previews have no transparency.
_ON_WHITE = (
    "format=rgba,split[front][back];[back]drawbox=color=white:replace=1:t=fill[white];[white][front]overlay=format=rgb"
)


@dataclass(frozen=True, slots=True)
class Look:
    """How a file has to be decoded and shown; `orientation` as in EXIF, 1 to 8."""

    orientation: int = 1
    is_hdr: bool = False
    has_alpha: bool = False
    decoder: str | None = None

    def filters(self) -> list[str]:
        """List the filters for a picture that is turned upright and has its final size."""
        return [_TONE_MAP] * self.is_hdr + [_ON_WHITE] * self.has_alpha


def read_look(report: str, orientation: int) -> Look:
    """Read from ffmpeg's report of an input how its pictures have to be shown."""
    described = report.partition("\nOutput #0")[0]
    stream = _VIDEO.search(described)
    if stream is None:
        return Look(orientation)
    decoder = _ALPHA_DECODERS.get(stream[1]) if _ALPHA_TAG.search(described) else None
    has_alpha = decoder is not None or _ALPHA_FORMAT.search(stream[0]) is not None
    return Look(orientation, any(name in stream[0] for name in _HDR), has_alpha, decoder)
