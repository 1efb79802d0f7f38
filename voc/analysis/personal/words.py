"""Words that say what the number beside them is: a phone, a document, an order, money.

They must stand right before it, with nothing but small words and signs between, so that nothing lies there that could
itself be masked; or in brackets right after it.
"""

from __future__ import annotations

import re

from voc.analysis.personal.marks import PHONE_COVER

PHONE, CODE = "phone", "code"

_UNACCENTED = str.maketrans("áàâãäéèêëíìîïóòôõöúùûüçñ", "aaaaaeeeeiiiiooooouuuucn")
_SAID = {
    PHONE: (
        "telefono telefonos telefone telefones tel telf tlf tfno telfs fono fonos fone fones celular celulares "
        "celu cel movil moviles telemovel whatsapp whatsap whats wsp wpp wa zap phone phones mobile cell call "
        "llamar llame llamen llameme llamenme llamarme llamame llamenos llamarnos marcar ligar ligue liguem "
        "ligarem contacto contato fax sms"
    ),
    CODE: (
        "pedido pedidos orden ordenes order orders ordem compra compras purchase guia guias tracking rastreo "
        "rastreio rastreamento seguimiento envio envios encomienda encomenda shipment parcel factura facturas "
        "fatura faturas boleta boletas boleto nota invoice invoices ticket tickets reserva reservas booking "
        "reservation codigo codigos code codes ean sku serie serial imei lote protocolo protocolos caso casos "
        "case cases reclamo reclamos folio folios contrato contratos contract referencia ref operacion "
        "transaccion transacao transaction modelo model version cupon cupom vuelo voo flight id producto produto "
        "product articulo artigo item"
    ),
    "rut": "rut r.u.t run",
    "cpf": "cpf c.p.f",
    "cnpj": "cnpj",
    "rfc": "rfc r.f.c",
    "dni": "dni d.n.i nif nie",
    "cuit": "cuit cuil c.u.i.t",
    "ruc": "ruc r.u.c",
    "nit": "nit n.i.t",
    "nif": "nif n.i.f contribuinte vat",
    # Without a check digit, by the word alone: DNI of Argentina and Peru, cédula, RG, passport.
    "any": "dni d.n.i documento documentos doc cedula cedulas cc c.c ci c.i rg passaporte pasaporte passport"
    " identificacion identificacao extranjeria",
}
_KINDS: dict[str, frozenset[str]] = {
    word: frozenset(kind for kind, words in _SAID.items() if word in words.split())
    for word in " ".join(_SAID.values()).split()
}
_SMALL_WORDS = (
    "n no nº nª nro num numero numeros number es e is sao son are de del da do la el o a os as los las mi mis meu "
    "minha my the al ao at on en em y and or ou u con com by para pra por fiscal tributario tributaria personal "
    "identidad identidade identity ciudadania cidadao contribuyente alternativo nuevo novo new me actual pago"
)
_SMALL = frozenset(_SMALL_WORDS.split())
_WINDOW = 64
_MOST_SMALL = 5
_BETWEEN = " \t\n:;=#.,(\"'*°-"
_TOKEN = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*|\d+|[^\w\s:;=#.,(\"'*°-]")
_AFTER = re.compile(r"\s?\(\s?(?:(?:es|é|is)\s)?(?:(?:mi|meu|my)\s)?([^\W\d_]+(?:\.[^\W\d_]+)*)\.?\s?\)")
_NOTHING: frozenset[str] = frozenset()

_MONEY_BEFORE = re.compile(r"(?:[$€£¥]|\bS/\.?|\b(?:cop|clp|mxn|pen|ars|brl|usd|eur|bs))\s?\Z", re.IGNORECASE)
_UNIT_AFTER = re.compile(
    r"\s?(?:[%€$£]|(?:pesos?|soles?|reais|real|euros?|d[oó]lares|dollars?|usd|eur|cop|clp|mxn|pen|ars|brl|mil|millones"
    r"|d[ií]as?|days?|horas?|hours?|minut\w{0,3}|min|hrs?|h|a[nñ]os?|years?|meses|months?|metros?|km|kg|cm"
    r"|cuadras?|veces|vezes|times|puntos?|pontos?|points?|unidades?|estrellas?|personas?|pessoas?|people)\b)",
    re.IGNORECASE,
)


def said_beside(text: str, start: int, end: int) -> frozenset[str]:
    """What the nearest word says about the number at this span: PHONE, CODE, names of documents; empty when nothing.

    A phone that is covered already says that "or 4567890" behind it is one more.
    """
    found = said_before(text, start)
    if not found:
        after = _AFTER.match(text, end, end + _WINDOW)
        if after:
            found = _KINDS.get(after[1].lower().translate(_UNACCENTED), _NOTHING)
    return found


def said_before(text: str, start: int) -> frozenset[str]:
    """The same, by what stands before it alone."""
    near = text[max(0, start - _WINDOW) : start].rstrip(_BETWEEN)
    if not near or near[-1].isdigit():
        return _NOTHING
    tokens = _TOKEN.findall(near)
    for token in tokens[: -_MOST_SMALL - 2 : -1]:
        if token == PHONE_COVER:
            return frozenset({PHONE})
        word = token.lower().translate(_UNACCENTED)
        if word in _KINDS:
            return _KINDS[word]
        if word not in _SMALL:
            return _NOTHING
    return _NOTHING


def is_amount(text: str, start: int, end: int) -> bool:
    """Whether a currency stands before the span, or a unit after it."""
    return bool(_MONEY_BEFORE.search(text[max(0, start - 8) : start]) or _UNIT_AFTER.match(text, end, end + 16))
