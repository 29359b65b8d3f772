"""Milepost under fire: its senders are killed and frozen at every moment, over platforms that lose what they are told.

The platforms on loopback live in the test's own process, which survives, so what they show at the end is the truth. A
process that is killed loses nothing that it gave to the kernel: a power cut is beyond what these tests can show.
"""
