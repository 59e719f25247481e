"""New words, quote, signature and disclaimer of a mail's text, and the answers to quoted questions."""

from mailgateway.parsers.reply.split import is_forward_mark, split_reply

__all__ = ["is_forward_mark", "split_reply"]
