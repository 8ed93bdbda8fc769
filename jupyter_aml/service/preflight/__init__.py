"""What can be known before a job is sent: what its source needs, what travels, what is wrong.

``source`` reads imports, ``folder`` measures what would travel, ``problems`` turns refusals into
problems with a fix to click. Pure but for the folder, and bounded in time: a person is typing.
"""
