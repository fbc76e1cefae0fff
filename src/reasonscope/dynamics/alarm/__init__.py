"""The reward-hack alarm: does the reward rise while right answers fall? (F10)."""

from reasonscope.dynamics.alarm.alarm_panel import panel
from reasonscope.dynamics.alarm.findings import conclude
from reasonscope.dynamics.alarm.planted import calibrate
from reasonscope.dynamics.alarm.watching import State, watch
from reasonscope.dynamics.recorded import TABLE, Recorded
from reasonscope.instrument import Instrument

INSTRUMENT = Instrument(
    name="alarm",
    title="Reward-hack alarm",
    row=Recorded,
    table=TABLE,
    examine=None,
    conclude=conclude,
    panel=panel,
    headlines=("alarm_step", "warning_step"),
    calibrate=calibrate,
)

__all__ = ["INSTRUMENT", "State", "watch"]
