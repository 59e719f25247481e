"""Words that mark quotes, forwards and signatures, by language. Data only, all in lower case."""

# Verbs in the line above a quote: "On <date>, <name> wrote:".
WROTE = (
    *("wrote", "writes", "schrieb", "geschrieben", "skrev", "skriver", "kirjoitti", "schreef", "geschreven"),
    *("написал", "написала", "пишет", "писал", "написав", "пише", "napisał", "pisze", "napsal", "napsala", "írta"),
    *("a écrit", "escribió", "escreveu", "ha scritto", "scrisse", "yazdı", "yazmış", "写道", "書きました", "님이 작성"),
)
# How such a line begins, in languages where the verb may stand on the next line.
ATTRIBUTION_STARTS = (
    *(
        "on ",
        "am ",
        "den ",
        "le ",
        "el ",
        "il ",
        "op ",
        "em ",
        "dnia ",
        "w dniu ",
        "dne ",
        "på ",
        "в ",
        "at ",
        "il giorno ",
    ),
    *("пн", "вт", "ср", "чт", "пт", "сб", "вс", "mån", "tis", "ons", "tors", "fre", "lör", "sön", "lun", "mar", "mer"),
    *("jeu", "ven", "sam", "dim", "mo", "di", "mi", "do", "fr", "sa", "so", "ma", "wo", "vr", "za", "zo"),
)
# The line above a quoted mail, between dashes or underscores, or alone with a colon.
ORIGINAL = (
    *("original message", "reply message", "ursprüngliche nachricht", "originalnachricht", "original-nachricht"),
    *("ursprungligt meddelande", "originalmeddelande", "исходное сообщение", "message d'origine", "message original"),
    *("mensaje original", "messaggio originale", "oorspronkelijk bericht", "origineel bericht", "mensagem original"),
    *("oprindelig meddelelse", "opprinnelig melding", "alkuperäinen viesti", "wiadomość oryginalna"),
    *("oryginalna wiadomość", "původní zpráva", "eredeti üzenet", "özgün ileti", "оригінальне повідомлення"),
)
# The line above a forwarded mail.
FORWARDED = (
    *("forwarded message", "begin forwarded message", "weitergeleitete nachricht", "vidarebefordrat meddelande"),
    *("anfang der weitergeleiteten nachricht", "пересылаемое сообщение", "пересланное сообщение"),
    *("message transféré", "début du message réexpédié", "mensaje reenviado", "messaggio inoltrato"),
    *("inizio messaggio inoltrato", "doorgestuurd bericht", "mensagem encaminhada", "videresendt meddelelse"),
    *("videresendt melding", "välitetty viesti", "przekazana wiadomość", "wiadomość przekazana", "přeposlaná zpráva"),
    *("továbbított üzenet", "переслане повідомлення", "iletilmiş ileti", "yönlendirilen ileti"),
)
# Field names of the block that Outlook and others put above the quoted mail: the first line, and the others.
FROM_LABELS = frozenset(
    (
        *(
            "from",
            "von",
            "från",
            "от",
            "de",
            "da",
            "van",
            "fra",
            "lähettäjä",
            "od",
            "feladó",
            "kimden",
            "gönderen",
            "від",
        ),
        *("від", "发件人", "差出人", "보낸사람"),
    )
)
OTHER_LABELS = frozenset(
    (
        *("sent", "date", "to", "cc", "subject", "reply-to", "gesendet", "datum", "an", "betreff", "skickat", "till"),
        *("ämne", "kopia", "отправлено", "дата", "кому", "копия", "тема", "envoyé", "à", "objet", "enviado", "fecha"),
        *("para", "asunto", "inviato", "data", "a", "oggetto", "verzonden", "aan", "onderwerp", "assunto", "sendt"),
        *("til", "emne", "dato", "lähetetty", "vastaanottaja", "aihe", "wysłano", "wysłane", "do", "temat", "odesláno"),
        *("komu", "předmět", "elküldve", "címzett", "tárgy", "gönderildi", "kime", "konu", "надіслано"),
        *("发送时间", "收件人", "主题", "送信日時", "宛先", "件名"),
    )
)
COLONS = (":", "：")
# How lines begin that phones and webmail put under a mail.
SIGNATURE_STARTS = (
    *("sent from my ", "sent from mail for windows", "sent from outlook", "sent from yahoo", "sent from proton"),
    *("sent with proton", "get outlook for ", "von meinem iphone gesendet", "von meinem ipad gesendet"),
    *("gesendet von meinem ", "gesendet von mail", "gesendet mit der ", "diese nachricht wurde von meinem android"),
    *("outlook für ", "skickat från min ", "skickades från ", "hämta outlook för ", "skickat från e-post för windows"),
    *("отправлено с iphone", "отправлено с моего ", "отправлено из ", "envoyé de mon ", "envoyé depuis mon "),
    *("télécharger outlook ", "obtenir outlook pour ", "enviado desde mi ", "obtener outlook ", "inviato da iphone"),
    *("inviato dal mio ", "scarica outlook ", "ottieni outlook per ", "verzonden vanaf mijn ", "verstuurd vanaf mijn "),
    *("outlook voor ", "download outlook voor ", "enviado do meu ", "obter o outlook ", "sendt fra min ", "wysłane z "),
    *("lähetetty iphonesta", "odesláno z ", "iphone'umdan gönderildi", "надіслано з "),
)
