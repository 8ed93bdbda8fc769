"""How long starts take: learnt from this person's own, told with an honest interval.

``usual`` knows the arithmetic, ``past`` keeps what was seen, ``stages`` cuts a start into its
parts, ``answer`` says it, ``alternative`` finds a place where it would go sooner. None of them
knows an engine; nothing is sent anywhere.
"""
