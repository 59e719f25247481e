"""The files of the rules: where admins keep them, where good ones are kept, and notes between processes.

Crash guarantee: whatever is written appears whole under its name or not at all; what begins with `.new-` is what a
crash left of something unfinished, and nobody's. A kept revision is never changed in its files and never deleted here.
"""

from mailgateway.adapters.rulefiles.folder import FolderSource
from mailgateway.adapters.rulefiles.git import GitSource
from mailgateway.adapters.rulefiles.inbox import RulesInbox
from mailgateway.adapters.rulefiles.kept import KeptRules
from mailgateway.adapters.rulefiles.notes import RulesNotes

__all__ = ["FolderSource", "GitSource", "KeptRules", "RulesInbox", "RulesNotes"]
