"""The patterns of lines that programs write, one row each."""

import re

_TIME = r"[0-2]?\d:[0-5]\d:[0-5]\d(?:[.,]\d{1,9}+)?+"
_DATE = r"(?:\d{4}[-/.]\d\d[-/.]\d\d|\d\d[-/.]\d\d[-/.]\d{2,4}|\d\d[-/][A-Z][a-z]{2}[-/]\d{4})"
_ZONE = r"(?: ?(?:Z|UTC|GMT|CES?T|[+-]\d\d:?\d\d))?+"
_STAMP = rf"[\[(]?{_DATE}(?:T|[ :,]{{1,2}}){_TIME}{_ZONE}[\])]?+[:,]?+"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mai|Okt|Dez|Maj|Mär)"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_LEVEL = (
    r"(?:EMERG|ALERT|CRIT|CRITICAL|FATAL|SEVERE|ERROR|ERR|WARN|WARNING|NOTICE|INFO|INF|DEBUG|DBG|DBUG|TRACE|VERBOSE|LOG"
    r"|PANIC|STATEMENT|DETAIL|HINT|FINE|FINER|FINEST|CONFIG)"
)
_LOWER_LEVEL = r"(?:emerg|alert|crit|critical|fatal|error|err|warn|warning|notice|info|debug|trace)"
_THROWN = r"(?:(?<=Error)|(?<=Exception)|(?<=Throwable)|(?<=Failure)|(?<=Interrupt)|(?<=Warning)|(?<=Exit))"
_MARKUP = r"(?i:p|br|b|i|u|em|strong|span|div|font|a|li|ul|ol|h[1-6]|blockquote)"  # People's words stand in these
_TAG = rf"(?!/?{_MARKUP}\b)/?[A-Za-z][\w.-]*+(?::[A-Za-z][\w.-]*+)?+"
_COMMAND = (
    r"(?:systemctl|service|journalctl|docker|docker-compose|podman|kubectl|helm|curl|wget|git|apt|apt-get|yum|dnf|zypper"
    r"|pip|pip3|npm|yarn|cargo|doveadm|doveconf|postconf|postqueue|postsuper|postmap|grep|egrep|zgrep|awk|sed|cat|tail"
    r"|head|less|ls|ll|cd|ssh|scp|rsync|openssl|mysql|mysqldump|psql|pg_dump|ping|dig|nslookup|host|ip|ifconfig|netstat"
    r"|ss|ps|top|df|du|free|mount|umount|lsblk|dmesg|chmod|chown|mkdir|rm|cp|mv|tar|unzip|find|echo|export|sudo|su|make"
    r"|python|python3|node|java|php|perl|ruby|bash|sh|vi|vim|nano|crontab|iptables|nft|ufw|nginx|apachectl|swapoff)"
)
_TECHNICAL = (
    r"(?:Received|Return-Path|Message-I[Dd]|MIME-Version|Mime-Version|Content-Type|Content-Transfer-Encoding"
    r"|Content-Disposition|Content-Language|Content-Length|DKIM-Signature|Authentication-Results|Received-SPF"
    r"|Delivered-To|Envelope-To|ARC-[\w-]{1,40}|X-[\w-]{1,60}|In-Reply-To|References|User-Agent|List-[\w-]{1,30}"
    r"|Thread-(?:Topic|Index)|Final-Recipient|Original-Recipient|Diagnostic-Code|Remote-MTA|Reporting-MTA|Arrival-Date"
    r"|Auto-Submitted|Set-Cookie|Cache-Control|ETag|Strict-Transport-Security|Transfer-Encoding|WWW-Authenticate)"
)

# What a line may begin with before its log line begins: a list's number, a line number, a file's or container's name.
LABEL = re.compile(r"(?:\(?\d{1,6}[.):]\)?|[-*\u2022>|])[ \t]*+|[\w.-]{1,40}+[ \t]*+\|[ \t]++")

# (what the first character may be: a letter "a", only an upper-case one "A" or another "z", a
# digit "0", anything else "#"; name; "family points", "!" where a
# person's words do not matter; pattern). The first that fits counts.
BY_START: tuple[tuple[str, str, str, str], ...] = (
    # Logs
    ("A", "syslog", "log 6!", rf"{_MONTH} [ \d]\d {_TIME} [\w.:-]++ [^\s:]{{1,60}}+: ?"),
    ("a", "syslog_local", "log 6!", rf"\w{{3,5}}\.? {{1,2}}\d{{1,2}} {_TIME} [\w.:-]++ [^\s:\[]{{1,60}}+\[\d++\]: "),
    ("A", "dovecot", "log 6!", rf"{_MONTH} [ \d]\d {_TIME} [\w-]++[(:]"),
    ("#", "syslog_number", "log 6!", rf"<\d{{1,3}}>(?:\d+ )?(?:{_MONTH} |{_DATE}T)"),
    ("0", "journal_iso", "log 6!", rf"{_DATE}T{_TIME}{_ZONE} [\w.-]++ [\w./@-]++(?:\[\d++\])?+: "),
    ("A", "journal_date", "log 6!", rf"{_DAY} {_DATE} {_TIME}{_ZONE} [\w.-]++ [\w./@-]++(?:\[\d++\])?+: "),
    (
        "#",
        "journal_mark",
        "log 6!",
        r"-- (?:Logs begin at|Journal begins at|Boot [0-9a-f]{32}|Reboot --|No entries --)",
    ),
    ("#", "kernel", "log 6!", r"\[ {0,6}\d{1,8}\.\d{6}\] "),
    ("a0", "access", "log 6!", r"[\w.:-]{3,60}+ \S{1,80}+ \S{1,80}+ \[\d\d/[A-Z][a-z]{2}/\d{4}:"),
    ("A", "klog", "log 6!", r"[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ [\w.-]++:\d+\]"),
    ("0", "exim_id", "log 6!", r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \w{6}-\w{6,11}-\w\w "),
    ("0", "postgres", "log 6!", rf"{_STAMP}(?: [A-Z]{{2,5}})? \[\d++(?:-\d++)?+\]"),
    ("0", "go_log", "log 6!", rf"{_STAMP} [\w/-]++\.(?:go|py|c|cpp|cc|rs|js|java):\d++:"),
    ("0#", "stamp_level", "log 6", rf"{_STAMP}[ \t]++(?:[^ \t]{{1,60}}+[ \t]++){{0,2}}[\[(<|]?[ \t]*+{_LEVEL}\b"),
    ("0#", "stamp_lower", "log 6", rf"{_STAMP}[ \t]++[\[(<|]{_LOWER_LEVEL}[\])>|]"),
    (
        "0#",
        "stamp_program",
        "log 6",
        rf"{_STAMP}[ \t]++(?:\[[^\]]{{1,60}}+\]|[\w./@-]++\[\d++\]:?|[\w.-]*+\d[\w.-]*+ [\w.-]++:)",
    ),
    ("#", "apache", "log 6!", rf"\[{_DAY} {_MONTH} \d\d {_TIME} \d{{4}}\] \["),
    ("z", "logfmt", "log 6!", r"(?:time|ts|level|t)=\S++ .{0,80}?\b(?:level|lvl|msg|time|ts)="),
    ("#", "json_log", "log 6!", r"\{\"(?:level|time|timestamp|@timestamp|ts|msg|severity|log)\" ?:"),
    ("A", "level_stamp", "log 6", rf"{_LEVEL}:?[ \t]++{_STAMP}"),
    ("#", "level_bracket", "log 3", rf"[\[(<](?:{_LEVEL}|{_LOWER_LEVEL})[\])>]"),
    ("A", "level", "log 3", rf"{_LEVEL}(?::| *\[| *-|  )"),
    ("0#", "time", "log 2", rf"(?:{_STAMP}|\[?{_TIME}\]?)(?=.{{0,200}}?(?:\[|\w=\S|\w_\w| /\w|0x[0-9a-f]))"),
    ("A", "date_time", "log 2", rf"{_MONTH} [ \d]?\d {_TIME} (?=\S)"),
    (
        "A",
        "win_fault",
        "log 6!",
        (
            r"(?:Faulting (?:application|module) (?:name|path)|Exception code: 0x"
            r"|Name der fehlerhaften Anwendung)"
        ),
    ),
    (
        "A",
        "ping",
        "log 6!",
        (
            r"(?:Reply from|Antwort von|Ответ от|Svar från"
            r"|Réponse de) [\w.:]++ ?: [\w\u0400-\u04ff]{4,20}[=\xa0 ]"
        ),
    ),
    ("0", "ping_unix", "log 6!", r"\d{2,5} bytes from \S+ ?.{0,80}?(?:icmp_)?seq="),
    (
        "0",
        "smtp_answer",
        "log 2",
        (
            r"[245]\d\d[ -](?:[245]\.\d{1,3}\.\d{1,3} |\S+ ESMTP|(?:PIPELINING|SIZE|STARTTLS|8BITMIME"
            r"|ENHANCEDSTATUSCODES|CHUNKING|AUTH|HELP|DSN|SMTPUTF8)\b)"
        ),
    ),
    ("A", "smtp_command", "log 2!", r"(?:EHLO|HELO|MAIL FROM:|RCPT TO:|STARTTLS|DATA|QUIT|RSET)(?: ?<| [\w.-]+$|$)"),
    # Stack traces
    ("A", "python_start", "trace 6!", r"Traceback \(most recent call last\):"),
    ("A", "python_file", "trace 6!", r"File \"[^\"]{1,300}+\", line \d++"),
    ("#", "python_marks", "trace 0!", r"[\^~ ]*\^[\^~ ]*$"),
    (
        "A",
        "python_during",
        "trace 6!",
        r"(?:During handling of the above exception|The above exception was the direct cause)",
    ),
    (
        "z",
        "java_at",
        "trace 6!",
        (
            r"at [\w.$/@<>-]{3,300}+\((?:[\w$-]+\.(?:java|kt|scala|groovy|clj)(?::\d+)?|Native Method"
            r"|Unknown Source|<generated>)\)"
        ),
    ),
    (
        "z",
        "js_at",
        "trace 6!",
        (
            r"at (?:async |new )?(?:[\w.$<>\[\]]{1,120}+ (?:\[as \w{1,80}\] )?)?"
            r"(?:\(?(?=[^\d\s(])\S{1,250}:\d{1,6}:\d{1,6}|\(?<anonymous>|\(native)\)?$"
        ),
    ),
    (
        "z",
        "csharp_at",
        "trace 6!",
        (
            r"(?:at|bei|vid|\u00e0|\u0432|en"
            r"|in) (?:[\w`<>+|]{1,80}+\.){1,12}+[\w`<>+|.]{1,80}+(?:\[[^\]]{1,60}\])?\([^()]{0,300}+\)(?: (?:in"
            r"|i|dans|\u0432) .{1,200}:|$)"
        ),
    ),
    (
        "#",
        "csharp_inner",
        "trace 6!",
        r"--- (?:End of|Ende der|Slut p\u00e5|Fin de la|\u041a\u043e\u043d\u0435\u0446) .{1,80}---",
    ),
    ("A", "caused_by", "trace 6!", rf"Caused by: [\w.$]++{_THROWN}"),
    ("A", "caused_by_loose", "trace 2", r"(?:Caused by|Suppressed): "),
    ("#", "java_more", "trace 6!", r"\.\.\. \d{1,5} (?:more|common frames omitted)$"),
    ("A", "java_thread", "trace 6!", r"Exception in thread \"[^\"]{1,100}+\" "),
    ("A", "unhandled", "trace 3!", r"Unhandled [Ee]xception[.:]"),
    ("z", "go_routine", "trace 6!", r"goroutine \d++ \[[^\]]{1,60}+\]:"),
    ("#", "go_signal", "trace 6!", r"\[signal SIG[A-Z]{2,8}"),
    ("a", "go_call", "trace 2!", r"[\w./*-]{3,200}+(?:\(\*?\w+\)[\w.]{0,100}+)?\((?:0x[0-9a-f]+|\{0x|\.\.\.|\)$)"),
    ("#", "go_file", "trace 6!", r"/[\w./@-]{3,250}?\.go:\d++(?: \+0x[0-9a-f]+)?$"),
    ("z", "go_created", "trace 6!", r"created by [\w./*()-]{3,200}+(?: in goroutine \d+)?$"),
    ("z", "panic", "trace 2", r"(?:panic|fatal error): \S"),
    ("a#", "ruby_frame", "trace 6!", r"(?:from )?[\w./@-]{1,250}?\.rb:\d++:in ['`]"),
    (
        "A",
        "php_fatal",
        "trace 6!",
        (
            r"(?:PHP )?(?:Fatal error|Parse error|Warning|Notice"
            r"|Deprecated): .{1,340}? in [/A-Z]\S++(?: on line \d|(?<=\d))"
        ),
    ),
    ("A", "php_fatal_open", "trace 6!", r"PHP (?:Fatal error|Parse error):  ?\S"),
    ("a", "stack_word", "trace 3!", r"(?:Stack trace|Call Trace|stack backtrace|Backtrace|StackTrace):?$"),
    (
        "#",
        "numbered_frame",
        "trace 6!",
        (
            r"#\d{1,4} +(?:0x[0-9a-f]+|/\S+\(\d+\)|\{main\}|\[internal function\]"
            r"|[\w:.~<>]+ ?\([^)]{0,200}\) at )"
        ),
    ),
    ("z", "php_thrown", "trace 6!", r"thrown in \S+ on line \d+"),
    ("z", "rust_panic", "trace 6!", r"thread '[^']{1,80}+' (?:\(\d+\) )?panicked at "),
    ("z", "rust_note", "trace 6!", r"note: (?:run with `RUST_BACKTRACE|Some details are omitted)"),
    ("0", "rust_frame", "trace 3!", r"\d{1,4}: +(?:0x[0-9a-f]+ - )?<?[\w<>]+(?:::|\.)[\w:<>{}#.]"),
    ("z", "rust_at", "trace 3!", r"at \.{0,2}/[\w./@-]{3,250}+:\d+(?::\d+)?$"),
    ("#", "glibc", "trace 6!", r"(?:\*\*\* (?:Error in|glibc|stack smashing)|={2,3}\d+={2,3} ?)"),
    ("#a", "object_frame", "trace 6!", r"[\w./-]{2,200}+\([\w.+]*+\+0x[0-9a-f]+\) ?\[0x[0-9a-f]+\]"),
    ("a", "kernel_frame", "trace 3!", r"(?:\? )?[\w.]++\+0x[0-9a-f]+/0x[0-9a-f]+"),
    ("#", "elixir", "trace 6!", r"(?:\*\* \([\w.]+Error\) |\([\w_]+ \d[\w.-]*\) [\w/]+\.exs?:\d+: )"),
    ("z", "node_internal", "trace 6!", r"node:internal/[\w/]+:\d+"),
    ("A", "node_version", "trace 3!", r"Node\.js v\d+\.\d+\.\d+$"),
    ("a", "thrown", "trace 1", rf"[A-Za-z_][\w.$]*+{_THROWN}(?::|$|\b[\s\[(])"),
    # Tables
    (
        "A",
        "df_head",
        "table 6!",
        (
            r"(?:Filesystem|Dateisystem|Filsystem|Sys\. de fichiers"
            r"|\u0424\u0430\u0439\u043b\u043e\u0432\u0430\u044f)[ \t]+\S.*%"
        ),
    ),
    ("A", "ps_head", "table 6!", r"(?:USER +PID|UID +PID|PID +(?:TTY|USER|PPID)|F +S +UID)\b"),
    (
        "A",
        "upper_head",
        "table 6",
        (
            r"(?:NAME(?:SPACE)?|CONTAINER ID|REPOSITORY|IMAGE ID|UNIT|DRIVER|REVISION|LAST SEEN|VOLUME NAME|PID)"
            r"(?:(?: {2,}|\t)[A-Z][A-Z ():%/-]{1,30}){2}"
        ),
    ),
    (
        "A",
        "net_head",
        "table 6!",
        (
            r"(?:Proto +Recv-Q|Netid +State|Kernel IP routing table|Active Internet connections"
            r"|Destination +Gateway)"
        ),
    ),
    ("z", "free_head", "table 6!", r"total +used +free +shared"),
    ("z", "top_head", "table 6!", r"top - \d\d:\d\d:\d\d up "),
    ("#z", "ls_row", "table 6!", r"[-dlcbps][r-][w-][xsS-][r-][w-][xsS-][r-][w-][xtT-][.+@]? +\d+ "),
    ("z", "ls_total", "table 1!", r"(?:total|insgesamt|\u0438\u0442\u043e\u0433\u043e|totalt) \d+[KMGT]?$"),
    ("#", "psql_rule", "table 6!", r"-+(?:\+-+)+$"),
    ("#", "mysql_box", "table 6!", r"\+-+(?:\+-+)*\+$"),
    ("#", "mysql_row", "table 0!", r"\| .*\|$"),
    ("#", "psql_end", "table 6!", r"\(\d+ rows?\)$"),
    ("0", "mysql_end", "table 6!", r"\d+ rows? in set"),
    ("#", "unit_head", "table 6!", r"[\u25cf\u25cb\u00d7*] [\w@.\\-]+\.(?:service|socket|timer|mount|target)(?: - |$)"),
    (
        "A",
        "unit_loaded",
        "table 6!",
        (
            r"(?:Loaded: (?:loaded|masked|not-found|error) ?\(|Active: (?:active|inactive|failed|activating"
            r"|deactivating) ?(?:\(|since))"
        ),
    ),
    ("A", "unit_field", "table 1!", r"(?:Main PID|Process|CGroup|Tasks|Memory|CPU|TriggeredBy|Drop-In|Docs): +\S"),
    ("0", "hop", "table 6!", r"\d{1,2} +(?:\* +\* +\*|(?:\S+ \([\d.:a-f]+\) +\d+\.\d+ ms)|(?:<?\d+ ms +){2})"),
    # Mail and HTTP headers
    ("A", "technical_header", "header 3!", rf"{_TECHNICAL}: ?\S"),
    (
        "A",
        "common_header",
        "header 1!",
        (
            r"(?:From|To|Cc|Subject|Date|Reply-To|Sender|Host|Accept(?:-[A-Z][a-z]+)?|Connection|Server"
            r"|Location|Vary|Authorization|Cookie|Last-Modified): ?\S"
        ),
    ),
    (
        "A#",
        "http_line",
        "header 6!",
        r"(?:[<>] )?(?:HTTP/[\d.]+ \d{3}\b|(?:GET|POST|PUT|DELETE|HEAD|PATCH|OPTIONS) \S+ HTTP/[\d.]+)",
    ),
    # Code, configuration, markup, shells
    (
        "#",
        "prompt",
        "code 6!",
        r"(?:\$ (?:sudo |\./)?[a-z/~.][\w./-]*+(?: |$)|# " + _COMMAND + r"(?: |$)"
        r"|\[[\w-]+@[\w.-]+ [^\]]{1,80}\][#$] |>>> \S|mysql> |sqlite> |MariaDB \[)",
    ),
    (
        "a",
        "host_prompt",
        "code 6!",
        (
            r"(?:[\w-]++@[\w.-]++:[^\s#$]{0,100}+[#$] ?|PS [A-Z]:\\[^>]{0,200}+>|[A-Z]:\\[^<>|?*\"]{0,200}+>"
            r"|\w++[=-][#>] |mysql> |sqlite> |redis [\w.:-]+> )"
        ),
    ),
    ("#", "shebang", "code 6!", r"#!/(?:usr|bin|opt)/"),
    ("z", "command", "code 2", rf"(?:sudo )?{_COMMAND} (?=.{{0,80}}?(?:(?<= )--?\w|/|\|))"),
    (
        "A",
        "sql",
        "code 6!",
        (
            r"(?:SELECT .{1,300}\bFROM\b|INSERT INTO \S+|UPDATE \S+ SET |DELETE FROM \S+|(?:CREATE|ALTER"
            r"|DROP) (?:UNIQUE )?(?:TABLE|INDEX|DATABASE|USER|VIEW|ROLE) |EXPLAIN (?:ANALYZE|SELECT)"
            r"|GRANT [A-Z, ]+ ON )"
        ),
    ),
    (
        "z",
        "sql_lower",
        "code 6",
        (
            r"(?:select .{1,300}\bfrom\b .{1,300};|update \S+ set \S+ ?=|insert into \S+ ?(?:\(|values)"
            r"|delete from \S+ where )"
        ),
    ),
    ("A", "sql_where", "code 2", r"(?:WHERE|AND|ON|SET|HAVING|VALUES) .{0,200}?(?:=|<|>|\bLIKE\b|\bIN \()"),
    (
        "A",
        "sql_more",
        "code 0",
        r"(?:FROM|WHERE|AND|OR|(?:LEFT |INNER |RIGHT )?JOIN|GROUP BY|ORDER BY|LIMIT|VALUES|SET|ON) \S",
    ),
    ("A", "sql_open", "code 4", r"SELECT (?=.{0,300}[,*])[\w.*(),` ]{1,300}$"),
    ("#", "xml_head", "code 6!", r"<(?:\?xml|!DOCTYPE|soap(?:env)?:|SOAP-ENV:)"),
    ("#", "xml", "code 3", rf"<{_TAG}(?:\s[^<>]{{0,300}}+)?/?>(?:$|<|[^<>]{{0,300}}+</[\w:.-]+>$)"),
    ("#", "xml_comment", "code 1", r"<!--.{0,380}-->$"),
    ("#", "json_line", "code 6!", r"[\[{]{1,3}+\s*+\"[^\"]{1,100}+\"\s*+:.*[\]}],?$"),
    ("#", "json_pair", "code 1!", r"\"[\w$@./ -]{1,80}+\"\s*+:\s*+(?:[\"{\[\d-]|true|false|null)"),
    ("#", "json_item", "code 0!", r"(?:\"[^\"]{0,200}+\"|-?\d+(?:\.\d+)?),?$"),
    ("#", "bracket", "code 2", r"[\[{]$"),
    ("#", "close", "code 3", r"[}\]]\)?[;,]?(?: (?:else|catch|finally)\b.*)?$"),
    ("#", "section", "code 4", r"\[[\w.:/ -]{1,60}+\]$"),
    (
        "a",
        "setting_snake",
        "code 4",
        r"(?=[a-z][a-z0-9.-]*_|[A-Z][A-Z0-9]*_[A-Z0-9_]+)[\w.-]{3,80}+ ?=(?!=) ?\S*",
    ),
    ("z", "setting_dotted", "code 3", r"[a-z][\w-]{0,40}+(?:\.[\w-]{1,40}+){1,8}=(?!=)\S"),
    ("z", "setting", "code 1", r"[a-z][\w-]{0,60}+ ?=(?!=) ?\S*"),
    ("#", "variable", "code 3", r"(?:\$|self\.|this\.)[\w>.\[\]'\"-]{1,80}+ ?[-+.]?= ?\S"),
    ("a", "export", "code 4", r"(?:export|set|SET|ENV|ARG) [A-Z_]{2,60}+=\S*"),
    (
        "z#",
        "python",
        "code 4",
        (
            r"(?:def \w+\(.*|class \w+(?:\(.*\))?:$|from [\w.]+ import [\w*(]|@\w+(?:\.\w+)*(?:\(.*\))?$"
            r"|async def )"
        ),
    ),
    (
        "z",
        "import",
        "code 2",
        r"(?:import [\w.{* ]+(?: from ['\"].*|;)?$|using [\w.]+;|package [\w.]+;?$|require\(|use [\w:]+;)",
    ),
    (
        "z",
        "function",
        "code 4",
        (
            r"(?:(?:public|private|protected|static|final|async|export|export default) .{0,200}[({;]$"
            r"|function \w*\(|func \w*\(|fn \w+\(|const \w+ ?=|let \w+ ?=|var \w+ ?=)"
        ),
    ),
    ("#", "include", "code 4!", r"#(?:include ?[<\"]|define [A-Z_]+|ifdef |ifndef |endif\b|pragma )"),
    ("a", "call_end", "code 3", r"[A-Za-z_][\w.]{1,80}+\((?:[^()]++|\([^()]*+\))*+\);$"),
    ("a", "call", "code 1", r"[A-Za-z_][\w.]{1,80}+\((?:[^()]++|\([^()]*+\))*+\)$"),
    (
        "z",
        "control",
        "code 0",
        (
            r"(?:return\b|raise |throw |try\b|else\b|elif |except\b|if .{1,200}:$|for .{1,200} in .{1,200}:$"
            r"|while .{1,200}:$|with .{1,200}:$|pass$|break;?$|continue;?$)"
        ),
    ),
    ("z", "shell_words", "code 3", r"(?:fi|done|esac|then|do)$|if \[\[? .*\]?; then$|for \w+ in .*; ?do$"),
    ("#", "comment", "code 0", r"(?:#|//|/\*|\*/|;)"),
    ("A", "dockerfile", "code 3", r"(?:FROM [\w./-]+:[\w.-]+|RUN |ENTRYPOINT |CMD \[|COPY \S+ \S+$|WORKDIR /)"),
    ("#", "diff_mark", "code 6!", r"(?:\+\+\+ [ab/]|--- a/|@@ -\d)"),
    ("z", "diff_head", "code 6!", r"(?:diff --git |index [0-9a-f]{7,40}\.\.[0-9a-f]{7,40})"),
    ("z", "yaml_firm", "code 6!", r"apiVersion: \S"),
    (
        "z",
        "yaml_mark",
        "code 3",
        (
            r"(?:image: [\w./-]+:[\w.-]+$|(?:services|volumes|containers|matchLabels|metadata|spec|restart"
            r"|restartPolicy|environment|handlers|roles|tasks):$|kind: [A-Z]\w+$)"
        ),
    ),
    ("#", "yaml_item", "code 1", r"- (?:name|hosts|image|job_name|targets|uses|run|alert|key|path|containerPort): \S"),
    ("z", "yaml_line", "code 0", r"[a-z][\w./-]{0,60}+:(?: \S{1,80}+(?: \S{1,80}+){0,2}+)?$"),
    (
        "a",
        "compiler",
        "code 3!",
        r"[\w/-]{1,120}+(?:\.[\w-]{1,30}+){1,4}:\d++(?::\d++)?: (?:fatal )?(?:error|warning|note):",
    ),
    ("a", "base64", "code 3!", r"(?=.{0,70}\d)(?=.{0,70}[A-Z])(?=.{0,70}[a-z])[A-Za-z0-9+/]{60,}+={0,2}$"),
    ("0", "hexdump", "code 3!", r"(?:0x)?[0-9a-f]{4,16}:? +(?:[0-9a-f]{2,4} +){4,16}"),
)

# (the last characters, name, "family points", pattern of the whole line without its indentation)
BY_END: tuple[tuple[str, str, str, str], ...] = (
    ("{", "open_brace", "code 3", r"[\w.$@#~*(\"'/<-][^{}]{0,390}+\{$"),
    ("(", "open_call", "code 2", r"[\w.]+\($"),
    (";", "statement", "code 3", r"[\w.$*>\[\]:-]{1,80}+(?: [\w.$*&]{1,60}+)? ?(?:=|\+=|-=|\().*;$"),
    (";", "directive", "code 0", r"[a-z_][\w-]*+(?: [^\s;]{1,120}+){0,8};$"),
    ("\\", "continued", "code 2", r"\S"),
)
