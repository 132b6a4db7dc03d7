"""Command lines: every word arrives as it was, through the real shell where there is one."""

from __future__ import annotations

import shlex
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.pure import Modules, read

MODULES = Modules()

WORDS = [
    "/Applications/Auto cull/bin/python",
    "it's",
    '"quoted"',
    "$HOME `id` $(id)",
    "a;b|c&d>e",
    "back\\slash\\",
    "Müller",
    "",
    "*",
]


def line(words: list[str], windows: bool) -> str:
    """The command line of words that can be passed on."""
    answer = read(MODULES["ShellQuote"].command(words[0].encode(), MODULES.table(words[1:]), windows))
    assert isinstance(answer, str), answer
    return answer


@pytest.mark.skipif(sys.platform == "win32", reason="this is the other systems' shell")
def test_real_shell_passes_every_word_on() -> None:
    """Spaces, quotes, variables and commands are unchanged."""
    code = "import sys; print('\\x00'.join(sys.argv[1:]), end='')"
    done = subprocess.run(
        line([sys.executable, "-c", code, *WORDS], windows=False), shell=True, capture_output=True, check=True
    )
    assert done.stdout.decode().split("\x00") == WORDS


@given(
    st.lists(
        st.text(st.characters(blacklist_characters="\x00\r\n", blacklist_categories=("Cs",))), min_size=1
    )
)
def test_any_word_stays_one_word(words: list[str]) -> None:
    """A POSIX shell parses the line into the original words."""
    assert shlex.split(line(words, windows=False)) == words


def windows_words(text: str) -> list[str]:
    """Take a line apart as cmd does (the outer quotes go), and then as a Windows program does."""
    assert text.startswith('"')
    assert text.endswith('"')
    words, word, quoted, slashes = [], "", False, 0
    for character in text[1:-1] + " ":
        if character == "\\":
            slashes += 1
            continue
        if character == '"':
            word += "\\" * (slashes // 2)
            if slashes % 2:
                word += '"'
            else:
                quoted = not quoted
            slashes = 0
            continue
        word += "\\" * slashes
        slashes = 0
        if character == " " and not quoted:
            words.append(word)
            word = ""
        else:
            word += character
    return words


def test_windows_line_keeps_spaces_and_trailing_backslashes() -> None:
    """cmd removes the outermost quotes; a backslash at the end must not escape a quote."""
    words = [
        "C:\\Program Files\\Autocull\\pythonw.exe",
        "-m",
        "autocull",
        "start",
        "C:\\Ünder the\\",
        "a&b^c",
    ]
    command = line(words, windows=True)
    assert command.startswith('""C:\\Program Files')
    assert windows_words(command) == words


@pytest.mark.parametrize(
    ("word", "windows"),
    [("a\nb", False), ("a\rb", True), ("a\x00b", False), ('say "hi"', True), ("C:\\%PATH%\\x.exe", True)],
)
def test_word_that_the_shell_cannot_pass_on_is_refused(word: str, windows: bool) -> None:
    """No start is better than another program's start; the reason names the word."""
    value, why = read(MODULES["ShellQuote"].command(b"python", MODULES.table([word]), windows))
    assert value is None
    assert word in why


def test_single_percent_sign_is_allowed() -> None:
    """A folder may be called 100 %: cmd keeps a single sign."""
    assert windows_words(line(["python", "C:\\100%\\a"], windows=True))[1] == "C:\\100%\\a"
