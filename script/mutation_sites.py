"""Where one operator or constant of Swift code can be changed, for script/mutate."""

import re
from dataclasses import dataclass

# swift-format puts a space on each side of a binary operator, and none beside the < of generics.
OPERATORS = {
    "+": ["-"], "-": ["+"], "&+": ["&-"], "&-": ["&+"], "+=": ["-="], "-=": ["+="], "*": ["+"], "/": ["*"],
    "<": ["<="], "<=": ["<"], ">": [">="], ">=": [">"], "==": ["!="], "!=": ["=="],
    "&&": ["||"], "||": ["&&"], "<<": [">>"], ">>": ["<<"],
}
WORDS = {"true": ["false"], "false": ["true"], "min": ["max"], "max": ["min"]}
OPERATOR = re.compile(r"(?<=[\s])(\+=|-=|&\+|&-|<=|>=|==|!=|&&|\|\||<<|>>|[-+*/<>])(?=\s)")
WORD = re.compile(r"\b(?:true|false)\b|(?<![\w.])(?:min|max)(?=\()")
# Whole numbers, but neither $0, nor .0 of a tuple, nor a part of a name or of a number with a point.
NUMBER = re.compile(r"(?<![\w.$])\d[\d_]*(?![\w.]|\.\d)")
NEGATION = re.compile(r"(?<=[\s(\[,])!(?=[\w.(])")
# What breaks the contract of a caller is not tested by its results; declarations of generics are no code.
SKIPPED_CALL = re.compile(r"\b(?:precondition|preconditionFailure|assert|assertionFailure|fatalError)\(")
SKIPPED_LINE = re.compile(r"^\s*(?:@\w|#|import |(?:public |private |fileprivate )?(?:typealias|associatedtype|extension) )")
GENERIC_WHERE = re.compile(r"\bwhere [A-Z][\w.]* (?:==|:) [A-Z]")


@dataclass(frozen=True)
class Site:
    """One change: the characters from start to end become something else."""

    start: int
    end: int
    old: str
    new: str


def blank(text, start, end):
    """Text with spaces from start to end, except for line breaks."""
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def end_of_call(text, opening):
    """The place after the parenthesis that closes the one at a place."""
    depth = 0
    for place in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place + 1
    return len(text)


def end_of_string(text, start):
    """The place after a string literal, of one line or of several, with any number of #."""
    hashes = len(text[start:]) - len(text[start:].lstrip("#"))
    quote = '"""' if text.startswith('"""', start + hashes) else '"'
    place = start + hashes + len(quote)
    close, escape = quote + "#" * hashes, "\\" + "#" * hashes
    while place < len(text):
        if text.startswith(close, place):
            return place + len(close)
        if text.startswith(escape + "(", place):
            place = end_of_interpolation(text, place + len(escape))
        elif text.startswith(escape, place):
            place += len(escape) + 1
        else:
            place += 1
    return len(text)


def end_of_interpolation(text, opening):
    depth, place = 0, opening
    while place < len(text):
        if text[place] == '"':
            place = end_of_string(text, place)
            continue
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        place += 1
        if depth == 0:
            return place
    return len(text)


def code_only(text):
    """The text with spaces in the place of comments, strings, preconditions and declarations of generics."""
    place, depth = 0, 0
    while place < len(text):
        if text.startswith("//", place):
            end = text.find("\n", place)
            end = len(text) if end < 0 else end
        elif text.startswith("/*", place):
            end, depth = place + 2, 1
            while depth and end < len(text):
                depth += 1 if text.startswith("/*", end) else -1 if text.startswith("*/", end) else 0
                end += 2 if text[end:end + 2] in ("/*", "*/") else 1
        elif re.match(r'#*"', text[place:place + 8]):
            end = end_of_string(text, place)
        else:
            place += 1
            continue
        text = blank(text, place, end)
        place = end
    for call in SKIPPED_CALL.finditer(text):
        text = blank(text, call.start(), end_of_call(text, call.end() - 1))
    start = 0
    for line in text.splitlines(keepends=True):
        where = GENERIC_WHERE.search(line)
        if SKIPPED_LINE.match(line):
            text = blank(text, start, start + len(line))
        elif where:
            text = blank(text, start + where.start(), start + len(line))
        start += len(line)
    return text


def sites(text):
    """All changes of a file, in its order."""
    code, found = code_only(text), []
    for match in OPERATOR.finditer(code):
        found += [Site(match.start(), match.end(), match[0], new) for new in OPERATORS[match[0]]]
    for match in WORD.finditer(code):
        found += [Site(match.start(), match.end(), match[0], new) for new in WORDS[match[0]]]
    for match in NUMBER.finditer(code):
        value = int(match[0].replace("_", ""))
        found.append(Site(match.start(), match.end(), match[0], "0" if value == 1 else str(value + 1)))
    for match in NEGATION.finditer(code):
        found.append(Site(match.start(), match.end(), "!", ""))
    return sorted(found, key=lambda site: site.start)
