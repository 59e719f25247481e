"""Where a mail can be cut into several matters: the items of lists, headings, what is counted off, and topic shifts.

Whether it is cut is for rules to say. What a program wrote (code, logs, traces, tables of output, mail headers) holds
no items.
"""

from mailgateway.triage.split.pieces import piece_text, text_without
from mailgateway.triage.split.segments import segments

__all__ = ["piece_text", "segments", "text_without"]
