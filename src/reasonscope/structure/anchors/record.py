"""What is known of a step's importance: a row of table ``anchors``."""

from dataclasses import dataclass

TABLE = "anchors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """One step of one trace, with its importances.

    All importances are positive where keeping the step helps. None: unknown, for want of
    rollouts, of answers that can be compared, or of a measure of likeness.
    """

    trace_id: str
    step: int
    """Its number, from 0."""

    accuracy_resampled: float | None = None
    """Share of right answers with the steps before it kept, among rollouts with a known answer."""
    accuracy_kept: float | None = None
    """The same with the step kept too."""
    importance: float | None = None
    """The difference of the two; by how much keeping the step helps (M2)."""
    low: float | None = None
    """Lower end of its 95 % interval."""
    high: float | None = None
    bound_low: float | None = None
    """The least that the importance can be, whatever cut and unparsable rollouts would answer."""
    bound_high: float | None = None
    """The most that it can be."""
    p: float | None = None
    """How often chance alone sets the accuracies so far apart."""
    q: float | None = None
    """The same corrected for the number of steps of the trace."""
    anchor: bool | None = None
    """Whether it is called an anchor (:func:`intervals.anchors`)."""
    beyond_position: float | None = None
    """Importance above that of the steps around it (:func:`position.beyond_position`)."""

    counterfactual: float | None = None
    """Importance against rollouts whose step means something else (M3)."""
    counterfactual_low: float | None = None
    counterfactual_high: float | None = None
    counterfactual_p: float | None = None

    forced: float | None = None
    """Importance where the answer is asked for at once (M4)."""
    forced_low: float | None = None
    forced_high: float | None = None
    forced_p: float | None = None

    distance: float | None = None
    """How far the step moves the answers: Jensen and Shannon's divergence in bits, corrected for
    chance (:mod:`distances`); 0 on average where it moves nothing."""
    distance_low: float | None = None
    distance_high: float | None = None
    distance_p: float | None = None
    counterfactual_distance: float | None = None
    """The same against rollouts whose step means something else."""
    counterfactual_distance_p: float | None = None
    forced_distance: float | None = None
    """The same where the answer is asked for at once."""
    forced_distance_p: float | None = None

    rollouts: int = 0
    """Rollouts that were started before the step (arm resample)."""
    reached: int = 0
    """All that had the steps before it, those of earlier starts included."""
    stayed: int = 0
    """Of those reached, how many repeated the step to the letter; they inform the next step."""
    alike: int | None = None
    """Of those started here, how many wrote it in other words; None: likeness was not measured."""
    different: int | None = None
    """Of those started here, how many wrote something else."""
    cut: int = 0
    """Of those started here, how many were cut at the limit."""
    unparsable: int = 0
    """Of those started here, how many ended without an answer that could be compared."""
    failed: int = 0
    """Requests of any arm at this prefix that came back with an error."""
    tokens: int = 0
    """Tokens sampled in all arms at this prefix."""
