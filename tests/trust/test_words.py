"""The back office speaks both languages, in the same words' places."""

import re

from hustings.trust.office import pages


def test_both_catalogues_hold_the_same_sentences_and_values() -> None:
    english, welsh = pages.words()["en"], pages.words()["cy"]
    assert english.keys() == welsh.keys()
    for key, sentence in english.items():
        assert set(re.findall(r"\{(\w+)\}", sentence)) == set(re.findall(r"\{(\w+)\}", welsh[key])), key


def test_nothing_is_said_twice_the_same_in_both_languages_by_mistake() -> None:
    """A sentence left untranslated shows as an equal pair; names and symbols are short."""
    english, welsh = pages.words()["en"], pages.words()["cy"]
    same = [key for key, sentence in english.items() if len(sentence.split()) > 2 and welsh[key] == sentence]
    assert not same
