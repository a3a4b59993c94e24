"""The data work: a library of plain values that knows no messages, users or projects."""
