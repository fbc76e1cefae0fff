"""The words that matter around equations, each with what it does there."""

import re


def listed(words: str) -> frozenset[str]:
    """The words of a line, as a set."""
    return frozenset(words.split())


STOPS = listed(
    "and or so then is are was were be been has have had get gets got make makes made give "
    "gives which that because since if but when while where thus therefore hence now we he "
    "she it they you let more less fewer than remainder mod modulo plus minus times "
    "multiplied divided equals equal not no yes with would will should can could must unless "
    "until also hmm wait okay ok this these those there what how here either both instead "
    "actually maybe perhaps again first second third next finally total answer does do did as "
    "by into over greater larger smaller bigger becomes leaves leaving meaning giving totals "
    "yields means using adding"
)
"""Words that are no unit: they end an expression."""

UNSAFE_BEFORE = listed(
    "half third thirds quarter quarters fourth fourths fifth fifths sixth sixths eighth tenth "
    "twice double triple thrice square cube root times plus minus by over than from less more "
    "factorial log ln lg exp sin cos tan sec csc cot arcsin arccos arctan power mod modulo "
    "base gcd lcm max min floor ceil average mean median product percent percentage squared "
    "cubed choose negative sqrt det mult multiply divide version chapter page figure section "
    "exponent subtract add hundred thousand million billion dozen row rows order modulus abs "
    "between per lim binomial day step week month year question problem part case example "
    "option number grade level room line note equation method approach round column hour "
    "minute item phase team group multiplied divided subtracted added increased decreased "
    "reduced"
)
"""Words before an expression that change what it is worth."""

UNSAFE_AFTER = listed(
    "remainder rem r mod modulo percent times plus minus multiplied divided more less fewer "
    "squared cubed factorial base hundred thousand million billion trillion dozen over choose "
    "th st nd rd am pm o'clock and-a-half half halves thirds quarters fourths fifths sixths k "
    "m b bn something point or"
)
"""Words after an expression that change what it is worth."""

PARTS = listed("half third quarter fourth fifth sixth eighth tenth square cube root percent double")
"""Words whose "of" multiplies: half of, a third of."""

CLEAR_OF = listed("total sum result product value cost amount number")
"""Words whose "of" only names what follows."""

HYPOTHETICAL = listed(
    "if suppose supposing assume assuming whether say unless were would imagine pretend "
    "should might can't cannot couldn't isn't not neither want need needs require requires "
    "find such until when target"
)
"""Words right before an equation that make it a condition and not a claim."""

LEADS = listed(
    "let so then and thus therefore hence now that get have compute calculate since because "
    "means gives where but next finally first also is"
)
"""Words after which a variable stands for itself and is no part of a phrase."""

ABOUT = listed("about approximately roughly around nearly almost approx circa ~")
"""Words that make an equation approximate."""

FILLERS = listed(
    "a an the total of exactly just only still again also now simply indeed us you me him her "
    "them then be answer really actually in fact to equal"
)
"""Words that may stand between a relation in words and its number."""

SCALES = {"hundred": 100, "thousand": 1_000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
"""Number words that multiply the number before them."""

RELATION_WORDS = listed("is equals equal gives makes yields totals isn't be")
"""Words that can stand for an equals sign after an expression in words."""

LENIENT = re.compile(
    r"round|floor|ceil|approx|about|rough|nearest|whole|integer|truncat|estimat|quotient|remain"
    r"|almost|nearly|close|ignor|discard|up to|down to|at (?:least|most)|partial|fraction"
    r"|decimal|around|full|complete",
    re.IGNORECASE,
)
"""Words near an equation that say it was rounded on purpose."""

OTHER_ARITHMETIC = re.compile(
    r"\bbase[- ](?:\d|two|three|four|five|six|seven|eight|nine|ten|b\b|n\b)|\bbase_"
    r"|_\{?(?:2|8|16|b)\b"
    r"|\bbinary\b|\boctal\b|\bhexadecimal\b|\bmod(?:ulo|ulus|ular)?\b|\\pmod|\\bmod|\\equiv|≡"
    r"|\bcongruen|\bclock\b|o'clock|\bbitwise\b|\bxor\b|\bvectors?\b|\bmatri(?:x|ces)\b"
    r"|\bmidnight\b|\bnoon\b|\b[ap]\.?m\.?\b",
    re.IGNORECASE,
)
"""Signs that numbers here do not add as they usually do."""

NEW_OPERATIONS = re.compile(
    r"\boperat(?:ion|or)s?\b|\bdefined?\b|\bsymbol|\bpattern\b|\bcipher|\bcode\b|\bpuzzle\b"
    r"|\breplac|\bstands? for\b|\bdigit\b",
    re.IGNORECASE,
)
"""Signs in the question that its arithmetic has rules of its own."""
