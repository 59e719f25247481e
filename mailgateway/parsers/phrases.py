"""Words that mark quotes, forwards and signatures, by language. Data only; later they come from files."""

# What stands between the date or name and the quoted text: "On <date>, <name> wrote:".
WROTE = (
    "wrote:", "writes:", "wrote :", "schrieb:", "schrieb am", "geschrieben:", "skrev:", "skrev följande:", "skriver:",
    "написал:", "написала:", "написал(а):", "пишет:", "писал:", "писал(а):", "a écrit :", "a écrit:", "escribió:",
    "ha scritto:", "scrisse:", "schreef:", "schreef het volgende:", "het volgende geschreven:", "escreveu:", "kirjoitti:",
    "napisał:", "napisał(a):", "napisała:", "pisze:", "napsal:", "napsal(a):", "írta:", "ezt írta:", "yazdı:", "şunları yazdı:",
    "написав:", "написала:", "пише:", "写道：", "写道:", "のメール:", "님이 작성:", "wrote the following:",
)  # fmt: skip
# How such a line may begin, where the phrase comes later or on the next line.
ATTRIBUTION_STARTS = (
    "on ", "am ", "den ", "le ", "el ", "il ", "op ", "em ", "dnia ", "dne ", "w dniu ", "på ", "в ", "пн", "вт", "ср",
    "чт", "пт", "сб", "вс", "at ", "ons ", "tor ", "mån ", "tis ", "fre ", "lör ", "sön ",
)  # fmt: skip
# The line above a quoted or forwarded mail, between dashes or alone.
ORIGINAL = (
    "original message", "ursprüngliche nachricht", "originalnachricht", "ursprungligt meddelande", "originalmeddelande",
    "исходное сообщение", "message d'origine", "message original", "mensaje original", "messaggio originale",
    "oorspronkelijk bericht", "origineel bericht", "mensagem original", "oprindelig meddelelse", "opprinnelig melding",
    "alkuperäinen viesti", "wiadomość oryginalna", "oryginalna wiadomość", "původní zpráva", "eredeti üzenet",
    "özgün ileti", "оригінальне повідомлення", "reply message", "original-nachricht",
)  # fmt: skip
FORWARDED = (
    "forwarded message", "weitergeleitete nachricht", "vidarebefordrat meddelande", "пересылаемое сообщение",
    "пересланное сообщение", "message transféré", "mensaje reenviado", "messaggio inoltrato", "doorgestuurd bericht",
    "mensagem encaminhada", "videresendt meddelelse", "videresendt melding", "välitetty viesti",
    "przekazana wiadomość", "wiadomość przekazana", "přeposlaná zpráva", "továbbított üzenet", "begin forwarded message",
    "anfang der weitergeleiteten nachricht", "début du message réexpédié", "inizio messaggio inoltrato",
    "forwarded by", "vidarebefordrat brev",
)  # fmt: skip
# Field names of the block that Outlook and others put above the quoted mail.
FROM_LABELS = (
    "from", "von", "från", "от", "de", "da", "van", "fra", "lähettäjä", "od", "feladó", "kimden", "gönderen", "від", "发件人", "差出人", "보낸 사람",
)  # fmt: skip
OTHER_LABELS = (
    "sent", "date", "to", "cc", "subject", "gesendet", "datum", "an", "betreff", "skickat", "till", "ämne", "kopia",
    "отправлено", "дата", "кому", "копия", "тема", "envoyé", "à", "objet", "enviado", "fecha", "para", "asunto",
    "inviato", "data", "a", "oggetto", "verzonden", "aan", "onderwerp", "assunto", "sendt", "til", "emne", "dato",
    "lähetetty", "vastaanottaja", "aihe", "wysłano", "wysłane", "do", "temat", "odesláno", "komu", "předmět", "elküldve",
    "címzett", "tárgy", "gönderildi", "kime", "konu", "надіслано", "发送时间", "收件人", "主题", "送信日時", "宛先", "件名", "reply-to",
)  # fmt: skip
# Lines that phones and webmail put under a mail, as the beginning of the line in lower case.
SIGNATURE_STARTS = (
    "sent from my ", "sent from mail for windows", "sent from outlook", "sent from yahoo", "sent from proton",
    "get outlook for ", "sent with proton", "von meinem iphone gesendet", "von meinem ipad gesendet",
    "gesendet von meinem ", "gesendet von mail", "gesendet mit der ", "diese nachricht wurde von meinem android",
    "skickat från min ", "skickades från ", "hämta outlook för ", "skickat från e-post för windows",
    "отправлено с iphone", "отправлено с моего ", "отправлено из ", "envoyé de mon ", "envoyé depuis ",
    "télécharger outlook ", "enviado desde mi ", "enviado desde ", "obtener outlook ", "inviato da iphone",
    "inviato dal mio ", "inviato da ", "scarica outlook ", "verzonden vanaf mijn ", "verstuurd vanaf mijn ",
    "outlook voor ", "download outlook ", "outlook für ", "enviado do meu ", "sendt fra min ", "lähetetty ",
    "wysłane z ", "odesláno z ", "iphone'umdan gönderildi", "надіслано з ",
)  # fmt: skip
