"""Languages that clips and captions may be in: BCP 47 codes and their own names."""

NAMES = {
    "ar": "العربية", "bg": "Български", "bn": "বাংলা", "br": "Brezhoneg", "ca": "Català", "cs": "Čeština",
    "cy": "Cymraeg", "da": "Dansk", "de": "Deutsch", "el": "Ελληνικά", "en": "English", "es": "Español",
    "et": "Eesti", "eu": "Euskara", "fa": "فارسی", "fi": "Suomi", "fr": "Français", "ga": "Gaeilge",
    "gd": "Gàidhlig", "gl": "Galego", "gu": "ગુજરાતી", "gv": "Gaelg", "he": "עברית", "hi": "हिन्दी",
    "hr": "Hrvatski", "hu": "Magyar", "hy": "Հայերեն", "id": "Bahasa Indonesia", "is": "Íslenska",
    "it": "Italiano", "ja": "日本語", "ka": "ქართული", "ko": "한국어", "ku": "Kurdî", "kw": "Kernewek",
    "lb": "Lëtzebuergesch", "lt": "Lietuvių", "lv": "Latviešu", "mk": "Македонски", "mt": "Malti",
    "nb": "Norsk bokmål", "nl": "Nederlands", "nn": "Norsk nynorsk", "pa": "ਪੰਜਾਬੀ", "pl": "Polski",
    "ps": "پښتو", "pt": "Português", "rm": "Rumantsch", "ro": "Română", "ru": "Русский", "se": "Davvisámegiella",
    "sk": "Slovenčina", "sl": "Slovenščina", "so": "Soomaali", "sq": "Shqip", "sr": "Српски", "sv": "Svenska",
    "sw": "Kiswahili", "ta": "தமிழ்", "te": "తెలుగు", "th": "ไทย", "tl": "Tagalog", "tr": "Türkçe",
    "uk": "Українська", "ur": "اردو", "vi": "Tiếng Việt", "yi": "ייִדיש", "zh": "中文",
    # No speech, or none that matters: music, pictures, signing without words.
    "zxx": "—", "bfi": "British Sign Language", "isg": "Irish Sign Language",
}  # fmt: skip


def name_of(code: str) -> str:
    """A language's own name; the code itself when it is not in the list."""
    return NAMES.get(code, code)
