"""How mail programs introduce a quote, a forwarded mail and a signature in Spanish, Portuguese and English.

Every pattern is matched against one line, or a few joined ones, of at most `visible.LONGEST_LINE` characters. Accents
are written as classes, because half of the programs lose them.
"""

from __future__ import annotations

import re


def _any(*alternatives: str) -> str:
    """One group that matches any of these."""
    return f"(?:{'|'.join(alternatives)})"


def _pattern(*parts: str) -> re.Pattern[str]:
    return re.compile("".join(parts), re.IGNORECASE)


# "… escribió:" at the end of a line, or "… escribió el 3 de marzo:". What stands before it is looked at apart.
WROTE = _pattern(
    r"(?:^|[\s>,\"”)])",
    _any(
        *("escribi[oó]", "escribi[oó] lo siguiente", "ha escrito", "escreveu", "escreveu o seguinte"),
        *("wrote", "has written", "writes", "a [ée]crit", "schrieb", "ha scritto"),
    ),
    r"(?:\s+(?:el|em|no dia|on|le|en)\s+.{4,80})?\s*:?\s*$",
)
# How such a line begins, where it is wrapped: a weekday or a date follows.
INTRODUCES = _pattern(
    r"^(?:on|el|em|en|le|am|op|den|a|no dia|na|dia|con fecha|con fecha de|data|fecha|il giorno)\b",
    _any(
        r"\D{0,40}\d",
        r"\s*(?:lun|mar|mi[eé]|jue|vie|s[aá]b|dom|seg|ter|qua|qui|sex|mon|tue|wed|thu|fri|sat|sun)",
    ),
)
# What makes it sure that a line speaks of a mail: an address, a time, a whole date.
DATED = _pattern(
    _any(
        "@",
        r"\b\d{1,2}[:.h]\d{2}\b",
        r"\b\d{4}\b",
        r"\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b",
        r"\b\d{1,2}\s+(?:de\s+)?(?:ene|feb|mar|abr|may|jun|jul|ago|set|sep|oct|nov|dic|jan|fev|mai|out|dez|apr|aug|dec)",
    )
)
# Without marks on the lines below it, only what no story tells is believed: "el 3 de marzo Ana me escribió:" is one.
STRONG = _pattern(
    r"^(?!.{0,200}\b(?:me|nos|le|les|te|lhe|to (?:me|us))\s+(?:escribi|escreveu|wrote))",
    r"(?=.{0,400}(?:@|\b\d{4}\b.{0,60}\b\d{1,2}[:.h]\d{2}\b|\b\d{1,2}[:.h]\d{2}\b))",
)

_ORIGINAL = _any(
    r"(?:mensaje|correo|e-?mail|mensagem)\s+(?:original|anterior|origem)",
    r"original\s+(?:message|e-?mail|appointment)",
    r"mensaje\s+de\s+origen",
    r"mensagem\s+de\s+origem",
    r"reply\s+message",
    r"respuesta\s+original",
)
_FORWARDED = _any(
    r"(?:mensaje|correo|e-?mail)\s+(?:reenviado|remitido)",
    r"(?:mensagem|e-?mail)\s+(?:encaminhad[ao]|reencaminhad[ao])",
    r"forwarded\s+(?:message|mail|e-?mail)",
    r"(?:begin|start\s+of)\s+forwarded\s+message",
    r"(?:inicio|comienzo)\s+del\s+mensaje\s+reenviado",
    r"in[ií]cio\s+da\s+mensagem\s+(?:re)?encaminhada",
)
_RULE = r"[-_=*~—–\s]{2,60}"
ORIGINAL = _pattern(rf"^{_RULE}{_ORIGINAL}\s*{_RULE}$")
FORWARDED = _pattern(rf"^(?:{_RULE}{_FORWARDED}[^a-z]{{0,60}}|{_FORWARDED}\s*(?:de\b.{{0,80}})?:)$")
# Outlook draws one of these above its block of headers.
RULE = _pattern(r"^[_\-=—–]{5,200}$")

_SENDER = _any("de", "from", "von", "da", "remitente", "remetente", "de parte de")
_OTHERS = {
    "sent": _any(
        *("enviado(?: el| em)?", "enviada(?: em| el)?", "enviadas?", "enviados", "sent", "date", "data", "fecha"),
        *("date sent", "gesendet", "datum"),
    ),
    "to": _any("para", "to", "an", "destinatario", "destinat[aá]rio"),
    "cc": _any("cc", r"c\.c\.", "con copia"),
    "subject": _any("asunto", "assunto", "subject", "betreff", "tema"),
}
SENDER_LINE = _pattern(rf"^\**\s*{_SENDER}\s*\**\s*:\s*\**\s*\S")
HEADER_LINES = {name: _pattern(rf"^\**\s*{labels}\s*\**\s*:\s*\**") for name, labels in _OTHERS.items()}
# The same block flattened into one line.
FLAT_HEADERS = _pattern(
    rf"^\**{_SENDER}\**\s*:.{{3,120}}?\**{_OTHERS['sent']}\**\s*:.{{3,120}}?\**{_OTHERS['to']}\**\s*:"
)

_PHONES = _any(
    *("iphone", "ipad", "ipod", "android", "samsung", "galaxy", "huawei", "honor", "xiaomi", "redmi", "poco"),
    *("motorola", "moto", "nokia", "lg", "sony", "xperia", "blackberry", "smartphone", "oppo", "vivo"),
    *("celular", "m[oó]vil", "tel[eé]fono", "telem[oó]vel", "dispositivo", "aparelho", "mobile", "phone", "tablet"),
    *("windows", "outlook", "yahoo", "correo", "e-?mail", "gmail", "mail", "claro", "entel", "movistar", "tim"),
)
_FROM_A = _any(
    *("desde", "do", "da", "de", "por", "pelo", "pela", "v[ií]a", "from", "con", "com", "using", "by"),
    *("a partir do", "atrav[eé]s do"),
)
MOBILE = _pattern(
    "^",
    _any(
        rf"(?:enviado|enviada|mandado|escrito|sent|envoy[ée])\s+{_FROM_A}\s+"
        rf"(?:mi|meu|minha|my|un|um|el|o|a|the)?\s*{_PHONES}\b.{{0,120}}",
        r"(?:obtener|obtenga|obt[eé]n|descargar?|obter|obtenha|baixe|get)\s+(?:el\s+|o\s+)?"
        r"(?:outlook|bluemail|yahoo|aquamail)\b.{0,120}",
        r"(?:yahoo mail|correo yahoo|bluemail|protonmail|proton mail)\s*[:\-–].{0,120}",
        r"(?:libre de virus|sin virus|livre de v[ií]rus|virus-free|no virus found)\b.{0,120}",
        r"(?:sent|enviado) (?:with|con) .{0,80}(?:mail|correo).{0,40}",
    ),
    "$",
)
DELIMITER = _pattern(r"^(?:--|—|––)\s?$")

_THIS_MAIL = _any(
    *("este", "el presente", "esta", "la presente", "a presente", "o presente", "this", "the information in this"),
    r"la informaci[oó]n (?:contenida )?(?:en|de) este",
    r"as informa[cç][oõ]es contidas n?est[ea]",
)
_MAIL = _any(
    *("mensaje", "correo", "e-?mail", "mensagem", "message", "transmission", "electronic"),
    *("comunicaci[oó]n", "comunica[cç][aã]o"),
)
DISCLAIMER = _pattern(
    r"^[*_\s\"“(]{0,20}",
    _any(
        r"aviso\s+(?:legal|de\s+(?:confidencialidad|confidencialidade|privacidad))",
        r"confidencialidad\s*:",
        *("nota de confidencialidad", "cl[aá]usula de confidencialidad"),
        r"confidentiality\s+(?:notice|note)",
        r"disclaimer\s*:",
        "legal notice",
        rf"{_THIS_MAIL}\s+{_MAIL}\b.{{0,160}}(?:confidencia|confidential|privileg|destinatari|intended|exclusiv)",
        *("antes de (?:imprimir|imprimi-l)", "please consider the environment", "no imprima este"),
        *("piense en el medio ambiente", "pense no meio ambiente", "(?:por favor,? )?considere el medio ambiente"),
    ),
)

CLOSING = _pattern(
    r"^(?:muchas gracias y\s+|gracias y\s+|(?:muito\s+)?obrigad[oa] e\s+)?",
    _any(
        *("saludos?(?: cordiales| atentos)?", "un saludo(?: cordial)?", "cordiales saludos", "atentamente", "atte"),
        *("cordialmente", "un abrazo", "abra[cç]os?", "abs", "atenciosamente", "att", "cumprimentos", "grat[oa]"),
        *("sauda[cç][oõ]es", r"(?:best|kind|warm)?\s?regards", "sincerely", "yours (?:truly|sincerely|faithfully)"),
        *("cheers", "best", "(?:muchas )?gracias", "(?:muito )?obrigad[oa]", "thanks", "thank you"),
    ),
    r"\s*[,.;!:]{0,2}$",
)
# A line of a business card; and what makes a line worth keeping wherever it stands.
CONTACT = _pattern(
    _any(
        "@",
        "https?://",
        r"www\.",
        r"\b(?:tel|tel[eé]f|tel[eé]fono|telefone|fono|cel|celular|m[oó]vil|phone|mobile|fax|whats ?app|anexo|ramal)\b"
        r"\s*[.:]?\s*\+?[\d(]",
        r"\+\d{1,3}[\s\d()-]{6,}",
        r"\s\|\s",
    )
)
BUSINESS = _pattern(
    _any(
        r"\b(?:pedido|orden|order|reclamo|queja|factura|boleta|contrato|ticket|caso|c[oó]digo|protocolo|compra|invoice)\b",
        r"\b(?:dni|ruc|cpf|cnpj|rut|nota fiscal|booking|reserva)\b",
        r"n[°ºo]\.?\s?\d",
        r"#\s?\d",
    )
)
