r"""Text to tokens: numbers, signs, brackets, relations and words of plain text and LaTeX.

The scanner is one regular expression of alternatives that cannot backtrack over each other, so
its work is linear in the text. It decides nothing about meaning: a colon between digits, a date
or a version is ``opaque``, and whoever meets one gives up.

>>> [t.kind for t in scan(r"\frac{1}{2} \times 3 = 1.5")]
['frac', 'open', 'num', 'close', 'open', 'num', 'close', 'op', 'num', 'rel', 'num']
"""

import re
from typing import NamedTuple


class Token(NamedTuple):
    """One sign of the text."""

    kind: str
    """``num op open close rel word unit percent sup bang root frac newline ...``."""
    text: str
    """The sign in normal form: ``*`` for every way to write times, ``(`` for every bracket."""
    start: int
    """Where it stands in the text."""
    end: int


_LETTER = r"[^\W\d_⁰¹²³⁴⁵⁶⁷⁸⁹₀-₉½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞]"
_PATTERN = re.compile(
    r"""
      (?P<space>[ \t\r\f\v\u00a0\u2009\u202f\u200b]+ | \\[,;:!\ ] | ` | ~(?=\\)
        | \\(?:boxed|fbox|text|textbf|textit|mathrm|mathbf|mathit|textrm)[ ]?
          (?=\{[ ]{0,3}(?:\\?\$|[-+−])?[ ]?[.\d]) )
    | (?P<sup>[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,6})
    | (?P<vulgar>[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])
    | (?P<word>LETTER{2,}+(?:['’-]LETTER{2,}+ | ['’]LETTER | _[A-Za-z0-9]{1,20}+)*+
        | LETTER(?:_\{[A-Za-z0-9]{1,20}\} | _[A-Za-z0-9]{1,20}+)?+ )
    | (?P<newline>\n | \\\\(?:\[[\d.]{1,6}[a-z]{2}\])? | \\\[ | \\\] | \$\$
        | \\(?:begin|end)\{[A-Za-z]{1,12}\*?\} )
    | (?P<delim>\\\( | \\\))
    | (?P<opaque>\d{4}-\d\d-\d\d(?!\d) | \d{1,2}/\d{1,2}/\d{4}(?!\d) | \d++(?::\d++)++
        | \d++\.\d++\.\d[\d.]*+ | 0[xXbB][\dA-Fa-f]++ | \d++_ )
    | (?P<num>\d{1,3}(?:(?:,|\{,\})\d{3})++(?!\d)(?:\.\d++)? | \d++(?:\.\d++)? | \.\d++)
    | (?P<degree>\^[ ]?\{?[ ]?\\circ[ ]?\}? | °)
    | (?P<unit>\\(?:text|textbf|textit|textrm|mathrm|mathbf|mathit|mathsf|mbox|texttt|operatorname)
        [ ]?\{[^{}\n]{0,200}+\} )
    | (?P<command>\\[A-Za-z]++)
    | (?P<bar>={3,}+ | -{3,}+ | \*{3,}+)
    | (?P<arrow>=+> | -+> | <-+>? | <=> | [→⇒⟹⟶↔⇔↦∴∵] )
    | (?P<mark><< | >>)
    | (?P<rel>== | != | <= | >= | := | [=≈≃≅≠<>≤≥≡~⩽⩾])
    | (?P<op>\*\* | // | [-+−–*×·⋅∙∗/÷∕^])
    | (?P<open>\\?[({\[])
    | (?P<close>\\?[)}\]])
    | (?P<percent>\\?%)
    | (?P<currency>\\?\$ | [€£¥₹¢])
    | (?P<root>√)
    | (?P<dots>\.{2,}+ | …)
    | (?P<bang>!)
    | (?P<question>\?)
    | (?P<amp>&)
    | (?P<punct>[.,;:"“”'’‘—#])
    | (?P<other>.)
    """.replace("LETTER", _LETTER),
    re.VERBOSE | re.DOTALL,
)

_SIGNS = {
    "×": "*", "·": "*", "⋅": "*", "∙": "*", "∗": "*", "÷": "/", "∕": "/", "−": "-",
    "**": "^", "==": "=", "≃": "≈", "≅": "≈", "~": "≈", "!=": "≠", "<=": "≤", ">=": "≥",
    "⩽": "≤", "⩾": "≥",
}  # fmt: skip

_COMMANDS = {
    "frac": ("frac", "frac"), "dfrac": ("frac", "frac"), "tfrac": ("frac", "frac"),
    "cfrac": ("frac", "frac"), "binom": ("binom", "binom"), "dbinom": ("binom", "binom"),
    "tbinom": ("binom", "binom"),
    "sqrt": ("root", "root"), "times": ("op", "*"), "cdot": ("op", "*"), "ast": ("op", "*"),
    "div": ("op", "/"), "lfloor": ("open", "⌊"), "rfloor": ("close", "⌋"),
    "lceil": ("open", "⌈"), "rceil": ("close", "⌉"), "lbrace": ("open", "("),
    "rbrace": ("close", ")"), "lbrack": ("open", "("), "rbrack": ("close", ")"),
    "approx": ("rel", "≈"), "simeq": ("rel", "≈"), "sim": ("rel", "≈"), "cong": ("rel", "≡"),
    "approxeq": ("rel", "≈"), "doteq": ("rel", "≈"), "equiv": ("rel", "≡"),
    "neq": ("rel", "≠"), "ne": ("rel", "≠"), "le": ("rel", "≤"), "leq": ("rel", "≤"),
    "ge": ("rel", "≥"), "geq": ("rel", "≥"), "lt": ("rel", "<"), "gt": ("rel", ">"),
    "leqslant": ("rel", "≤"), "geqslant": ("rel", "≥"),
    "ldots": ("dots", "..."), "cdots": ("dots", "..."), "dots": ("dots", "..."),
    "dotsb": ("dots", "..."), "dotsc": ("dots", "..."),
    "implies": ("arrow", "→"), "Rightarrow": ("arrow", "→"), "rightarrow": ("arrow", "→"),
    "to": ("arrow", "→"), "Longrightarrow": ("arrow", "→"), "longrightarrow": ("arrow", "→"),
    "iff": ("arrow", "→"), "Leftrightarrow": ("arrow", "→"), "therefore": ("arrow", "→"),
    "quad": ("punct", ";"), "qquad": ("punct", ";"), "newline": ("newline", "\n"),
    "pi": ("pi", "π"),
}  # fmt: skip


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SILENT = _listed(
    "left right bigl bigr Bigl Bigr big Big bigg Bigg biggl biggr displaystyle textstyle "
    "limits boxed fbox mathrm mathbf textbf text mathit textrm"
)

_BRACKETS = {"(": "(", "[": "(", "{": "{", ")": ")", "]": ")", "}": "}"}


def _token(match: re.Match[str]) -> Token | None:
    kind = match.lastgroup or "other"
    text = match.group()
    if kind == "command":
        if text[1:] in _SILENT:
            return None
        kind, text = _COMMANDS.get(text[1:], ("command", text))
    elif kind in ("open", "close"):
        # \( and \) never come here (they delimit formulas); \{ is a bracket, { a LaTeX group.
        text = _BRACKETS[text[-1]] if len(text) == 1 else _BRACKETS[text[-1]].translate(_PLAIN)
    elif kind in ("op", "rel"):
        text = _SIGNS.get(text, text)
    elif kind == "unit":
        text = text[text.index("{") + 1 : -1]
    elif kind == "degree":
        kind, text = "unit", "degrees"
    elif kind == "vulgar":
        kind = "num"
    elif kind == "word" and "_" in text:
        text = text.translate(_NO_BRACES)
    elif kind == "word" and text == "π":
        kind = "pi"
    return Token(kind, text, match.start(), match.end())


_NO_BRACES = str.maketrans("", "", "{}")
_PLAIN = str.maketrans("{}", "()")


_new = tuple.__new__


def scan(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """The tokens of ``text[start:end]``, with positions in ``text``; white space is dropped."""
    stop = len(text) if end is None else end
    found: list[Token] = []
    for match in _PATTERN.finditer(text, start, stop):
        kind = match.lastgroup
        if kind == "space" or kind == "amp":
            continue
        sign = match.group()
        if kind == "num" or kind == "punct" or (kind == "word" and sign.isascii()):
            # The common ones need no normal form; a tuple made so skips a call.
            plain = sign if "_" not in sign else sign.translate(_NO_BRACES)
            found.append(_new(Token, (kind, plain, *match.span())))
            continue
        token = _token(match)
        if token is not None:
            found.append(token)
    return found
