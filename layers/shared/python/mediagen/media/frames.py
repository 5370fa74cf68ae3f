"""Recognise MP3 and AAC streams, which have no signature: several frames must follow one another exactly."""

from collections.abc import Callable
from typing import BinaryIO

# Two bytes of a frame header happen by chance in any file; three chained headers do not.
_FRAMES = 3
_HEADER_BYTES = 7
_MAX_PADDING = 64 * 1024  # zeros some writers leave after their ID3 tag
_END_MARKS = (b"TAG", b"APETAGE", b"LYRICSB")

_BITRATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)  # kbit/s, MPEG 1 layer III
_BITRATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)  # MPEG 2 and 2.5
# By version bits.
_SAMPLE_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_FREE, _BAD, _RESERVED = 0, 15, 3

# A frame header that holds: its length, and what must be the same in every frame of the stream.
type Frame = tuple[int, object]


def is_mp3(file: BinaryIO, start: int) -> bool:
    """Say whether MPEG layer III frames begin at `start`."""
    return _chained(file, _skip_padding(file, start), _mp3_frame)


def is_aac(file: BinaryIO, start: int) -> bool:
    """Say whether ADTS frames begin at `start`."""
    return _chained(file, start, _adts_frame)


def _skip_padding(file: BinaryIO, start: int) -> int:
    if start == 0:
        return 0
    file.seek(start)
    padding = file.read(_MAX_PADDING)
    return start + len(padding) - len(padding.lstrip(b"\x00"))


def _chained(file: BinaryIO, start: int, read_frame: Callable[[bytes], Frame | None]) -> bool:
    seen: set[object] = set()
    for number in range(_FRAMES):
        file.seek(start)
        header = file.read(_HEADER_BYTES)
        if number and (not header or header.startswith(_END_MARKS)):
            return True  # a whole, very short stream
        frame = read_frame(header) if len(header) == _HEADER_BYTES else None
        if frame is None:
            return False
        start += frame[0]
        seen.add(frame[1])
    return len(seen) == 1


def _mp3_frame(header: bytes) -> Frame | None:
    """Read an ISO/IEC 11172-3 header: 11 sync bits, version, layer, bit rate, sampling rate, padding."""
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    bitrate, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if header[0] != 0xFF or header[1] < 0xE0 or layer != 1 or version not in _SAMPLE_RATES:
        return None
    if bitrate in (_FREE, _BAD) or rate == _RESERVED:
        return None
    samples_per_bit, rates = (144, _BITRATES_1) if version == 3 else (72, _BITRATES_2)
    length = samples_per_bit * rates[bitrate] * 1000 // _SAMPLE_RATES[version][rate] + padding
    return length, (version, rate)


def _adts_frame(header: bytes) -> Frame | None:
    """Read an ISO/IEC 13818-7 header: 12 sync bits, layer 0, profile, sampling rate, 13 bits of length."""
    rate = header[2] >> 2 & 0xF
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    if header[0] != 0xFF or header[1] & 0xF6 != 0xF0 or rate > 12 or length < _HEADER_BYTES:
        return None
    return length, (header[1] >> 3 & 1, header[2] >> 6, rate)
