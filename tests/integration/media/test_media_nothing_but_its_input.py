"""ffmpeg reads nothing but its input, whatever the input names: inotify watches a folder of forbidden files."""

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import imageio_ffmpeg
import pytest

from integration.media.conftest import run
from integration.media.opened import Opened, watched
from mediagen.media.derivatives import make_derivatives
from mediagen.media.errors import FfmpegFailed
from mediagen.media.ffmpeg import input_arguments, run_ffmpeg
from mediagen.media.inspect import Inspection, inspect_media
from mediagen.media.types import AAC, FLAC, GIF, JPEG, MOV, MP3, OGG, PNG, WAV, WEBM, WEBP, MediaType, type_of

READERS = [PNG, JPEG, GIF, WEBP, MOV, WEBM, WAV, MP3, FLAC, OGG, AAC]
# References that ffmpeg would open without limits: its own list formats, and protocols within a name.
LISTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n",
    "hls by file:": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n",
    "hls of a key": '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{secret}"\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n',
    "hls of a map": '#EXTM3U\n#EXT-X-MAP:URI="{secret}"\n#EXTINF:1,\nsecret.ts\n#EXT-X-ENDLIST\n',
    "hls by concat:": "#EXTM3U\n#EXTINF:1,\nconcat:{secret}|{secret}\n#EXT-X-ENDLIST\n",
    "hls by subfile:": "#EXTM3U\n#EXTINF:1,\nsubfile,,start,0,end,64,,:{secret}\n#EXT-X-ENDLIST\n",
    "hls by crypto:": "#EXTM3U\n#EXTINF:1,\ncrypto+file:{secret}\n#EXT-X-ENDLIST\n",
    "hls by data:": "#EXTM3U\n#EXTINF:1,\ndata:,{secret}\n#EXT-X-ENDLIST\n",
    "concat": "ffconcat version 1.0\nfile '{secret}'\n",
    "concat, relative": "ffconcat version 1.0\nfile 'secret.ts'\n",
    "dash": '<?xml version="1.0"?><MPD type="static"><Period><AdaptationSet mimeType="video/mp4">'
    '<Representation id="1"><BaseURL>{secret}</BaseURL></Representation></AdaptationSet></Period></MPD>',
    "sdp": "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns={secret}\r\nc=IN IP4 127.0.0.1\r\nm=audio 9 RTP/AVP 0\r\n",
    "cue": 'FILE "{secret}" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n',
    "ass": "[Script Info]\nScriptType: v4.00+\n[Fonts]\nfontname: {secret}\n",
    "svg": '<svg xmlns="http://www.w3.org/2000/svg"><image href="file://{secret}"/></svg>',
    "pattern": "{secret}%d",
}
DISGUISES = [
    b"",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    b"GIF89a",
    b"\xff\xd8\xff\xe0",
    b"RIFF\x24\0\0\0WEBPVP8 ",
    b"ID3\x04\0\0\0\0\0\0",
]


@pytest.fixture
def secret(samples: Path, tmp_path: Path) -> Path:
    """Put a file that any demuxer would accept into a folder of its own."""
    folder = tmp_path / "private"
    folder.mkdir()
    run("-i", str(samples / "a.mp4"), "-c", "copy", str(folder / "secret.ts"))
    return folder / "secret.ts"


@pytest.fixture
def opened(secret: Path) -> Iterator[Opened]:
    with watched(secret.parent) as reader:
        yield reader


def look_at(path: Path, media_type: MediaType, folder: Path) -> list[Path]:
    """Process an output completely; return the results."""
    with suppress(FfmpegFailed):
        inspect_media(path, media_type, timeout_seconds=30)
    made = make_derivatives(path, Inspection(media_type), folder, timeout_seconds=30, on_failure=lambda _: None)
    return [file.path for file in made]


def test_the_watch_sees_what_an_ffmpeg_without_our_bounds_opens(secret: Path, opened: Opened, tmp_path: Path) -> None:
    playlist = tmp_path / "list.m3u8"
    playlist.write_text(LISTS["hls"].format(secret=secret))
    unbound = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-i", str(playlist), "-f", "null", "-"]
    subprocess.run(unbound, check=False, capture_output=True)
    assert opened() == {"secret.ts"}


@pytest.mark.parametrize("content", LISTS.values(), ids=LISTS)
def test_a_list_that_names_a_local_file_has_no_type_and_is_opened_by_no_reader(
    secret: Path, opened: Opened, tmp_path: Path, content: str
) -> None:
    hostile = secret.parent.parent / "output"
    hostile.write_text(content.format(secret=secret))
    assert type_of(hostile) is None

    def is_refused(reader: MediaType) -> bool:
        with pytest.raises(FfmpegFailed, match="rejected"):
            inspect_media(hostile, reader, timeout_seconds=30)
        return True

    with ThreadPoolExecutor() as pool:  # a failing ffmpeg takes half a second
        assert all(pool.map(is_refused, READERS))
    assert opened() == set()


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_list_behind_the_first_bytes_of_media_opens_nothing(
    secret: Path, opened: Opened, tmp_path: Path, disguise: bytes
) -> None:
    def made_of(name: str) -> list[Path]:
        hostile = tmp_path / name / "output"
        hostile.parent.mkdir()
        hostile.write_bytes(disguise + b"\n" + LISTS[name].format(secret=secret).encode())
        media_type = type_of(hostile)
        return look_at(hostile, media_type, hostile.parent) if media_type else []

    with ThreadPoolExecutor() as pool:
        assert not any(pool.map(made_of, LISTS))
    assert opened() == set()


def test_a_reader_of_lists_opens_nothing_more_even_if_it_were_asked(
    secret: Path, opened: Opened, tmp_path: Path
) -> None:
    """Show the second line of defence: even if a list were taken for media, only the list itself would be opened."""
    playlist = tmp_path / "list.m3u8"
    playlist.write_text(LISTS["hls"].format(secret=secret))
    arguments = input_arguments(MediaType("video", "application/vnd.apple.mpegurl", "m3u8", "hls"))
    with pytest.raises(FfmpegFailed):
        run_ffmpeg([*arguments, "-f", "null", "-"], timeout_seconds=30, source=playlist)
    assert opened() == set()


def box(kind: bytes, content: bytes) -> bytes:
    return (len(content) + 8).to_bytes(4) + kind + content


def alias(target: Path) -> bytes:
    """Write an alias record, QuickTime's reference to another file (Inside Macintosh, Files 9: version 2, tag 18)."""
    name = str(target).encode()
    told = b"\0\x12" + len(name).to_bytes(2) + name + b"\0" * (len(name) % 2) + b"\xff\xff\0\0"
    return bytes(4) + (150 + len(told)).to_bytes(2) + b"\0\x02" + bytes(142) + told


def test_a_film_that_says_its_pictures_are_in_another_file_does_not_get_them(
    samples: Path, secret: Path, opened: Opened, tmp_path: Path
) -> None:
    film = (samples / "a.mov").read_bytes()
    entry = box(b"alis", bytes(4) + alias(secret))
    reference = box(b"dref", bytes(4) + (1).to_bytes(4) + entry)
    own = film.index(b"dref") - 4
    size = int.from_bytes(film[own : own + 4])
    hostile = tmp_path / "output"
    hostile.write_bytes(_grown(film, own, len(reference) - size)[:own] + reference + film[own + size :])
    assert type_of(hostile) == MOV
    look_at(hostile, MOV, tmp_path)
    assert opened() == set()


def test_a_film_that_is_only_a_reference_to_another_opens_nothing(secret: Path, opened: Opened, tmp_path: Path) -> None:
    name = f"file://{secret}\0".encode()
    reference = box(b"rdrf", bytes(4) + b"url " + len(name).to_bytes(4) + name)
    hostile = tmp_path / "output"
    hostile.write_bytes(
        box(b"ftyp", b"qt  " + bytes(4) + b"qt  ") + box(b"moov", box(b"rmra", box(b"rmda", reference)))
    )
    assert type_of(hostile) == MOV
    assert look_at(hostile, MOV, tmp_path) == []
    assert opened() == set()


def test_subtitles_and_attachments_of_a_film_open_nothing(
    samples: Path, secret: Path, opened: Opened, tmp_path: Path
) -> None:
    subtitles, hostile = tmp_path / "subtitles.ass", tmp_path / "output"
    dialogue = "[Events]\nFormat: Layer, Start, End, Text\nDialogue: 0,0:00:00.00,0:00:02.00,{text}\n"
    subtitles.write_text(LISTS["ass"].format(secret=secret) + dialogue.format(text=f"{{\\fn{secret}}}hello"))
    streams = ("-i", str(samples / "a.mkv"), "-i", str(subtitles), "-map", "0", "-map", "1", "-c", "copy")
    attached = ("-attach", str(subtitles), "-metadata:s:t", f"filename={secret}", "-metadata:s:t", "mimetype=font/ttf")
    run(*streams, *attached, "-f", "matroska", str(hostile))
    media_type = type_of(hostile)
    assert media_type is not None
    made = look_at(hostile, media_type, tmp_path)
    assert [path.name for path in made] == ["thumbnail.jpg", "preview.gif"]
    assert opened() == set()


def _grown(film: bytes, inside: int, by: int) -> bytes:
    """Enlarge every box around a position by the size of the inserted box."""
    start, end, content = 0, len(film), bytearray(film)
    while start + 8 <= end:
        size = int.from_bytes(film[start : start + 4])
        if start < inside < start + size:
            content[start : start + 4] = (size + by).to_bytes(4)
            start, end = start + 8, start + size
        else:
            start += size or end
    return bytes(content)
