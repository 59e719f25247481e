"""What a mail reports on other mails, whatever form it has: parts made for machines, else words for people."""

from collections.abc import Sequence
from dataclasses import replace

from mailgateway.model.message import DeliveryReport
from mailgateway.parsers.bounce import Notice, bounce_reports, is_mail_system
from mailgateway.parsers.contents import Content
from mailgateway.parsers.mime import Mime
from mailgateway.parsers.report import (
    NO_ORIGINAL,
    Original,
    delivery_reports,
    feedback_reports,
    original_in,
    receipts,
)

_STATUS = ("message/delivery-status", "message/global-delivery-status")
_FEEDBACK = ("message/feedback-report",)
_DISPOSITION = ("message/disposition-notification", "message/global-disposition-notification")
_ORIGINAL = (
    *("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "text/rfc822-header"),
    *("message/rfc822-headers", "text/rfc822"),
)
_FILES = ("text/plain", "application/octet-stream", "message/partial")
_HEADER_BYTES = 64 * 1024


def mail_reports(mime: Mime, contents: Sequence[Content], notice: Notice) -> tuple[DeliveryReport, ...]:
    """Return what a mail reports, one value for each recipient; () where it is no report.

    Parts of reports are believed in a multipart/report or from a mail system: people forward and attach them too.

    Args:
        mime: The mail.
        contents: Of its leaves.
        notice: Its words; the original in it is still to be found.
    """
    report_type = mime.parameters.get("report-type", "").lower() if mime.content_type == "multipart/report" else ""
    is_report = mime.content_type == "multipart/report"
    if not (is_report or notice.failed_recipients or is_mail_system(notice.sender, notice.return_path)):
        return ()
    original = _original(contents)
    status, feedback = _whole(contents, _STATUS), _whole(contents, _FEEDBACK)
    if feedback:
        return feedback_reports(feedback, original)
    found = delivery_reports(status, original)
    if found or report_type == "disposition-notification":
        return found or receipts(_whole(contents, _DISPOSITION))
    is_delivery = report_type == "delivery-status"
    return bounce_reports(replace(notice, original=original, is_report=is_delivery))


def _original(contents: Sequence[Content]) -> Original:
    """Return what the returned mail says: the part of it that came back, else a file that begins as a mail does."""
    part = _whole(contents, _ORIGINAL)
    if part:
        return original_in(part[:_HEADER_BYTES])
    files = (each for each in contents if each.leaf.content_type in _FILES and (each.leaf.file_name or not each.text))
    found = (original_in(file.whole[:_HEADER_BYTES]) for file in files)
    return next((each for each in found if each.message_id), NO_ORIGINAL)


def _whole(contents: Sequence[Content], types: tuple[str, ...]) -> bytes:
    return next((content.whole for content in contents if content.leaf.content_type in types), b"")
