"""reasonscope: the observatory for large reasoning models.

Every command of the command line is one of these functions:

- :func:`import_traces`, :func:`run`: make a :class:`Study`
- :func:`measure`: its findings
- :func:`find_anchors`, :func:`find_suppression`, :func:`find_receivers`: what decides a trace's
  answer, and what its model attends to
- :func:`write_report`: its page; :func:`timeline`: one trace in a notebook
- :func:`calibrate`, :func:`bench_first_error`: how far to trust the instruments

Names are loaded on first use, so that ``import reasonscope`` stays light.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reasonscope.anchoring import find_anchors
    from reasonscope.attending import find_receivers, find_suppression
    from reasonscope.bench.first_error import first_error_bench as bench_first_error
    from reasonscope.calibration import calibrate
    from reasonscope.findings import Finding
    from reasonscope.measuring import measure
    from reasonscope.reporting import timeline, write_report
    from reasonscope.running import run
    from reasonscope.stats import Estimate
    from reasonscope.traces.importing import import_traces
    from reasonscope.traces.schema import Case, Problem, Step, Trace, Verdict
    from reasonscope.traces.store import Study

__version__ = "0.1.0"

_HOMES = {
    "Case": ("reasonscope.traces.schema", "Case"),
    "Estimate": ("reasonscope.stats", "Estimate"),
    "Finding": ("reasonscope.findings", "Finding"),
    "Problem": ("reasonscope.traces.schema", "Problem"),
    "Step": ("reasonscope.traces.schema", "Step"),
    "Study": ("reasonscope.traces.store", "Study"),
    "Trace": ("reasonscope.traces.schema", "Trace"),
    "Verdict": ("reasonscope.traces.schema", "Verdict"),
    "bench_first_error": ("reasonscope.bench.first_error", "first_error_bench"),
    "calibrate": ("reasonscope.calibration", "calibrate"),
    "find_anchors": ("reasonscope.anchoring", "find_anchors"),
    "find_receivers": ("reasonscope.attending", "find_receivers"),
    "find_suppression": ("reasonscope.attending", "find_suppression"),
    "import_traces": ("reasonscope.traces.importing", "import_traces"),
    "measure": ("reasonscope.measuring", "measure"),
    "timeline": ("reasonscope.reporting", "timeline"),
    "write_report": ("reasonscope.reporting", "write_report"),
    "run": ("reasonscope.running", "run"),
}

__all__ = [
    "Case",
    "Estimate",
    "Finding",
    "Problem",
    "Step",
    "Study",
    "Trace",
    "Verdict",
    "bench_first_error",
    "calibrate",
    "find_anchors",
    "find_receivers",
    "find_suppression",
    "import_traces",
    "measure",
    "run",
    "timeline",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"reasonscope has no '{name}'; it has: {', '.join(__all__)}")
    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
