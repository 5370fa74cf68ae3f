"""Tell what a file is that is kept as an attachment: by its bytes, and by its name if the bytes leave that open."""

import codecs
import json
import re
from contextlib import suppress
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from mediagen.media.errors import OutputRefused
from mediagen.media.types import MediaType, type_of

_HEAD_BYTES = 4096
_LARGEST_JSON = 8 * 1024 * 1024  # parsed to be sure; a longer one is kept as text
_TS_PACKET = 188


def _attached(content_type: str, extension: str) -> MediaType:
    return MediaType(None, content_type, extension, is_attachment=True)


BMP = MediaType("image", "image/bmp", "bmp", "bmp_pipe", is_attachment=True)
TIFF = MediaType("image", "image/tiff", "tif", "tiff_pipe", is_attachment=True)
AVI = MediaType("video", "video/x-msvideo", "avi", "avi", is_attachment=True)
OGV = MediaType("video", "video/ogg", "ogv", "ogg", is_attachment=True)
RF64 = MediaType("audio", "audio/wav", "wav", "wav", is_attachment=True)
W64 = MediaType("audio", "audio/x-w64", "w64", "w64", is_attachment=True)
AIFF = MediaType("audio", "audio/aiff", "aif", "aiff", is_attachment=True)
TS = _attached("video/mp2t", "ts")  # ffmpeg 7.0.2 (static) crashes on every transport stream that names its service
HEIC, JPEG2000 = _attached("image/heic", "heic"), _attached("image/jp2", "jp2")
SVG, PDF = _attached("image/svg+xml", "svg"), _attached("application/pdf", "pdf")
GLB, MIDI = _attached("model/gltf-binary", "glb"), _attached("audio/midi", "mid")
ZIP, GZIP = _attached("application/zip", "zip"), _attached("application/gzip", "gz")
JSON, TEXT = _attached("application/json", "json"), _attached("text/plain; charset=utf-8", "txt")
XML, HTML = _attached("application/xml", "xml"), _attached("text/html; charset=utf-8", "html")
PLY, UNKNOWN = _attached("application/octet-stream", "ply"), _attached("application/octet-stream", "bin")

_SIGNATURES = (
    (b"glTF\x01\x00\x00\x00", GLB),
    (b"glTF\x02\x00\x00\x00", GLB),
    (b"ply\n", PLY),
    (b"ply\r\n", PLY),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),  # an empty archive
    (b"\x1f\x8b\x08", GZIP),
    (b"%PDF-", PDF),
    (b"MThd\x00\x00\x00\x06", MIDI),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"RF64", RF64),
    (b"BW64", RF64),
    (b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00", W64),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", JPEG2000),
)
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_BMP_HEADERS = {12, 16, 40, 52, 56, 64, 108, 124}  # bytes of the header behind the first 14

# What comes before the first element of a document: the byte order mark, declarations, comments.
_PROLOG = re.compile(r"\ufeff?(?:\s+|<\?xml.*?\?>|<!--.*?-->)*", re.DOTALL | re.IGNORECASE)
_SVG = re.compile(r"(?:<!doctype\s+svg\b.*?>\s*)?<(?:[\w-]+:)?svg[\s/>]|<!doctype\s+svg\b", re.DOTALL | re.IGNORECASE)
# Fewer elements than browsers go by (https://mimesniff.spec.whatwg.org): a text that begins with <b> is worth keeping.
_HTML = re.compile(r"<!doctype\s+html|<(?:html|head|title|meta|body|script|h1)[\s/>]", re.IGNORECASE)
_HTML_NAMES = {"html", "htm", "xhtml"}
_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
# Formats without a signature of their own, or within another one. The content type is not taken from the name.
_NAMES = {
    "3mf", "csv", "dae", "fbx", "gltf", "md", "mtl", "npy", "npz", "obj", "ply", "safetensors", "splat", "srt", "stl",
    "tsv", "usd", "usda", "usdz", "vtt", "webvtt", "yaml",
}  # fmt: skip


def file_type_of(path: Path, reference: str) -> MediaType:
    """Return the type of any file. Raises OutputRefused for an empty file and for a web page in the place of a file."""
    found = type_of(path)
    if found is not None:
        return found
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head:
        raise OutputRefused("output_not_media", "the file is empty")
    found = _by_signature(head) or _text(path, head, reference) or UNKNOWN
    return _named(found, reference)


def _by_signature(head: bytes) -> MediaType | None:
    for signature, found in _SIGNATURES:
        if head.startswith(signature):
            return found
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return HEIC
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return AVI
    if head.startswith(b"FORM") and head[8:12] in (b"AIFF", b"AIFC"):
        return AIFF
    if head.startswith(b"OggS\x00\x02") and b"\x80theora" in head[:64]:
        return OGV
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return BMP
    packets = head[::_TS_PACKET][:4]
    return TS if len(packets) == 4 and set(packets) == {0x47} else None


def _text(path: Path, head: bytes, reference: str) -> MediaType | None:
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)  # the last character may be cut
    except UnicodeDecodeError:
        return None
    if _NOT_TEXT.search(text):
        return None
    start = _PROLOG.match(text)
    body = text[start.end() :] if start else text
    if _SVG.match(body):
        return SVG
    if _HTML.match(body):
        return _page(reference)
    if text.lstrip("\ufeff \t\r\n").startswith("<?xml"):
        return XML
    return JSON if body[:1] in ("{", "[") and _is_json(path) else TEXT


def _page(reference: str) -> MediaType:
    """Return HTML if the model says that it made a page; otherwise it is an error page of the file host."""
    if reference[:14].lower() == "data:text/html" or _extension(reference) in _HTML_NAMES:
        return HTML
    raise OutputRefused("output_not_media", "a web page in the place of a file")


def _is_json(path: Path) -> bool:
    if path.stat().st_size > _LARGEST_JSON:
        return False
    with suppress(ValueError, RecursionError):
        json.loads(path.read_bytes())
        return True
    return False


def _named(found: MediaType, reference: str) -> MediaType:
    extension = _extension(reference)
    if found not in (UNKNOWN, TEXT, JSON, ZIP) or extension not in _NAMES:
        return found
    return _attached(found.content_type, extension)


def _extension(reference: str) -> str:
    if reference[:5].lower() == "data:":
        return ""
    return PurePosixPath(urlsplit(reference).path).suffix[1:].lower()
