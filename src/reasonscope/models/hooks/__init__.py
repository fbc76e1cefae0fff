"""Reading and editing what passes the sites of a model; the only place that registers hooks."""

from reasonscope.models.hooks.eager import eager_attention
from reasonscope.models.hooks.editing import EditNeverMade, Made, editing
from reasonscope.models.hooks.edits import Add, Change, Edit, ProjectOut, Replace, Zero
from reasonscope.models.hooks.places import At, Everywhere, From, Marked, Places
from reasonscope.models.hooks.reading import Readings, read, reading
from reasonscope.models.hooks.verified import layout_of

__all__ = [
    "Add",
    "At",
    "Change",
    "Edit",
    "EditNeverMade",
    "Everywhere",
    "From",
    "Made",
    "Marked",
    "Places",
    "ProjectOut",
    "Readings",
    "Replace",
    "Zero",
    "eager_attention",
    "editing",
    "layout_of",
    "read",
    "reading",
]
