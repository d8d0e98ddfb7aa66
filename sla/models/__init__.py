from sla.models.breaches import Breach, BreachStep, StepKind, StepState, WorkflowStep
from sla.models.clocks import LIVE, Clock, ClockState, Terms
from sla.models.events import SlaEvent
from sla.models.policies import Policy, PolicySet, SetState, Target, Unit

__all__ = [
    "LIVE",
    "Breach",
    "BreachStep",
    "Clock",
    "ClockState",
    "Policy",
    "PolicySet",
    "SetState",
    "SlaEvent",
    "StepKind",
    "StepState",
    "Target",
    "Terms",
    "Unit",
    "WorkflowStep",
]
