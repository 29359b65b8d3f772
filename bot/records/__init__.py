"""Everything remembered: tables, the engines with their one writer, and verbs in community words.

A verb is a plain function of a sync `Connection` and plain values, entered by `await records.read(verb, …)` or
`await records.write(verb, …)`, so that nothing can wait for the network inside a transaction.
"""
