"""The verbs about promises: the only writers of clocks and breaches."""
