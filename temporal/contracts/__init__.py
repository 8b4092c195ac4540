"""What workflows ask of activities: names and types, without the code that touches the world. A module a subject.

A workflow calls a stub with ``workflow.execute_activity_method``; the implementation in
``activities`` subclasses the contract and decorates the same name again. A house test holds the two
together: an override without its decorator would silently be no activity.
"""
