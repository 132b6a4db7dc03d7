"""No English sentence in a German Lightroom. Import with `from plugin.german import check_german`."""

from __future__ import annotations

import re

from plugin.host import Host

# Words of nearly every English sentence, which no German one has.
ENGLISH = {
    "the", "of", "and", "is", "are", "not", "cannot", "without", "with", "this", "that", "its", "it", "to",
    "be", "no", "there", "has", "than", "from", "for", "which",
}  # fmt: skip


def english_words(text: str) -> set[str]:
    """The English words of a text, without names of files and what is quoted."""
    plain = re.sub(r"„[^“]*“|\S+[./]\S+", " ", text)
    return ENGLISH & {word.lower() for word in re.findall(r"[A-Za-zÄÖÜäöüß']+", plain)}


def shown(host: Host) -> list[str]:
    """All that the host showed: dialogs with their buttons, bezels, and the bars as they are now."""
    words = [text for dialog in host.dialogs for text in [*dialog.texts, *dialog.buttons.values()]]
    bars = [str(each) for scope in host.progress_scopes for each in (scope.title, scope.caption) if each]
    return [*words, *host.bezels, *bars]


def check_german(host: Host) -> None:
    """Fail where something that was shown has English words."""
    english = {text: words for text in shown(host) if (words := english_words(text))}
    assert not english, english
