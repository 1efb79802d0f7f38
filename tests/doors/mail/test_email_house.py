"""Mail in a whole house: a mail becomes a case, the answer stays in the thread, bounces and outages cost nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from tests.conftest import SetClock, worker_of
from tests.doors.mail.mail_server import PASSWORD, Dovecot, Inbox, MailServer
from voc.cases import queries
from voc.cases.answer import answer
from voc.cases.resolve import resolve
from voc.core.errors import Invalid
from voc.core.ids import new_id
from voc.core.settings import Settings
from voc.core.vocabulary import CaseState, Door, MessageState, ObligationState, ReceiptState, RoleName, Stance, Via
from voc.db.migrate import downgrade, upgrade
from voc.delivery.compose import NO_DOMAIN
from voc.intake.arrive import arrive
from voc.intake.channels import add_channel, change_channel
from voc.intake.fetch import fetch_soon
from voc.intake.replay import replay
from voc.model import (
    Attachment,
    Case,
    CaseEvent,
    Channel,
    Feedback,
    Message,
    Obligation,
    Receipt,
    Work,
    metadata,
)
from voc.pipeline.verify import verify
from voc.runtime import Runtime
from voc.runtime.instance import open_instance
from voc.security import users
from voc.security.access import Actor

ANGRY = "Esto es una estafa: pagué hace un mes, nadie contesta y los voy a denunciar."


def letter(number: int = 1, text: str = ANGRY, **headers: str) -> bytes:
    """A mail of Ana's; `In_Reply_To` is In-Reply-To."""
    given = {
        "From": "Ana Quispe <ana@example.pe>",
        "To": "ayuda@aurora.example",
        "Subject": "Mi pedido",
        "Message_ID": f"<carta-{number}@example.pe>",
        "Date": "Wed, 4 Mar 2026 09:00:00 -0500",
        "Content_Type": "text/plain; charset=utf-8",
        **headers,
    }
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in given.items()]
    return "\r\n".join([*lines, "", text, ""]).encode()


@dataclass
class Shop:
    """A house that reads a mailbox, and what can be seen of it."""

    runtime: Runtime
    dovecot: Dovecot
    user: str
    taken: Inbox
    channel_id: UUID
    agent: Actor
    options: dict[str, Any]

    def put(self, *mails: bytes, folder: str = "INBOX") -> None:
        """Mails arrive."""
        self.dovecot.put(self.user, *mails, folder=folder)

    def round(self) -> None:
        """Two minutes later, everything that is due is done."""
        self.runtime.clock.forward(minutes=2)  # type: ignore[attr-defined]
        with self.runtime.db.writing() as session:
            for channel in session.scalars(select(Channel).where(Channel.kind == "email")).all():
                fetch_soon(session, channel.id, now=self.runtime.clock())
        worker_of(self.runtime)()

    def all(self, model: Any) -> list[Any]:
        """Every row, oldest first."""
        with self.runtime.db.reading() as session:
            return list(session.scalars(select(model).order_by(model.id)))

    def channel(self) -> Channel:
        """The mailbox as it stands."""
        (found,) = (item for item in self.all(Channel) if item.id == self.channel_id)
        return found

    def answer(self, text: str, to: UUID | None = None) -> Message:
        """An agent answers the only case; `to` chooses whom."""
        (case,) = self.all(Case)
        with self.runtime.db.writing() as session:
            message_id = answer(
                session, case.id, actor=self.agent, version=case.version, text=text, now=self.runtime.clock(),
                domain=NO_DOMAIN, to=to,
            )  # fmt: skip
        worker_of(self.runtime)()
        return next(item for item in self.all(Message) if item.id == message_id)


@pytest.fixture
def shop(
    settings: Settings, clock: SetClock, dovecot: Dovecot, user: str, taken: Inbox, smtp: MailServer
) -> Iterator[Shop]:
    """A house with one mailbox."""
    wanted = replace(settings, private_addresses="127.0.0.1/32")
    runtime = open_instance(wanted, create=False, clock=clock)
    options = {
        "imap_host": "127.0.0.1",
        "imap_port": dovecot.port,
        "imap_security": "plain",
        "imap_user": user,
        "imap_password": PASSWORD,
        "smtp_host": "127.0.0.1",
        "smtp_port": smtp.port,
        "smtp_security": "plain",
        "from_address": "ayuda@aurora.example",
        "from_name": "Aurora",
    }
    with runtime.db.writing() as session:
        channel = add_channel(
            session, runtime.host, keys=runtime.keys, kind="email", name="Ayuda", slug="ayuda", options=options,
            now=clock(),
        )  # fmt: skip
        person = users.add(
            session, email="camila@aurora.example", name="Camila", role=RoleName.ADMIN, language="es", now=clock()
        )
        agent = Actor(person.id, RoleName.ADMIN, frozenset(), "Camila")
        channel_id = channel.id
    dovecot.put(user)
    yield Shop(runtime, dovecot, user, taken, channel_id, agent, options)
    runtime.close()


def sent(shop: Shop, number: int = -1) -> Any:
    """A mail that went out, as the customer's program reads it."""
    return message_from_bytes(shop.taken.mails[number], policy=policy.default)


def test_a_conversation_by_mail_is_one_case(shop: Shop) -> None:
    shop.put(letter(1))
    shop.round()
    (feedback,) = shop.all(Feedback)
    assert (feedback.text, feedback.subject, feedback.stance) == (ANGRY, "Mi pedido", Stance.DETRACTOR)

    message = shop.answer("Lo sentimos mucho, Ana. ¿Nos da su número de pedido?")
    # Without VOC_MAIL_FROM the id ends in the domain that the channel itself writes from.
    assert message.header_id == f"<{message.id.hex}@aurora.example>"
    assert (message.state, message.via) == (MessageState.SENT, Via.CHANNEL)
    mail = sent(shop)
    assert (mail["To"], mail["Subject"], mail["In-Reply-To"]) == (
        "ana@example.pe",
        "Re: Mi pedido",
        "<carta-1@example.pe>",
    )
    assert {item.state for item in shop.all(Obligation)} == {ObligationState.MET}

    above = "El mié, 4 mar 2026 a las 10:02, Aurora (<ayuda@aurora.example>) escribió:"
    quoted = f"Es el 4711.\r\n\r\n{above}\r\n> Lo sentimos"
    shop.put(letter(2, quoted, Subject="Re: Mi pedido", In_Reply_To=str(mail["Message-ID"])))
    # To her own mail, and from another address: the thread decides.
    shop.put(letter(3, "Y sigo esperando, pésimo.", From="ana@trabajo.example", References="<carta-1@example.pe>"))
    shop.round()
    said = shop.all(Feedback)
    assert [item.text for item in said] == [ANGRY, "Es el 4711.", "Y sigo esperando, pésimo."]
    (case,) = shop.all(Case)
    assert {item.case_id for item in said} == {case.id}

    second = shop.answer("Mañana llega.")
    assert second.state is MessageState.SENT
    assert sent(shop)["In-Reply-To"] in ("<carta-3@example.pe>", "<carta-2@example.pe>")
    assert str(mail["Message-ID"]) in sent(shop)["References"]


def test_a_bounce_undoes_what_the_answer_settled(shop: Shop) -> None:
    shop.put(letter(1))
    shop.round()
    message = shop.answer("Ya salió.")
    assert shop.all(Obligation)[0].state is ObligationState.MET
    shop.put(bounce(str(sent(shop)["Message-ID"])))
    shop.round()
    (message,) = shop.all(Message)
    assert message.state is MessageState.FAILED
    assert "there is no such address (5.1.1)" in (message.error or "")
    assert shop.all(Obligation)[0].state is ObligationState.OPEN
    assert [item.state for item in shop.all(Receipt)] == [ReceiptState.READ, ReceiptState.NOTICE]
    assert len(shop.all(Feedback)) == 1


def test_a_bounce_of_somebody_else_reopens_nothing(shop: Shop) -> None:
    shop.put(letter(1))
    shop.round()
    shop.answer("Ya salió.")
    ours = str(sent(shop)["Message-ID"])
    shop.put(bounce(ours, "eva@example.pe"), bounce("<made-up@aurora.example>"))
    shop.round()
    assert shop.all(Message)[0].state is MessageState.SENT
    assert shop.all(Obligation)[0].state is ObligationState.MET
    strange, unknown = shop.all(Receipt)[1:]
    assert (strange.state, unknown.state) == (ReceiptState.ROBOT, ReceiptState.IGNORED)
    assert "does not speak of whom it was sent to" in (strange.reason or "")
    # In capitals and with the domain written otherwise it is the same address.
    shop.put(bounce(ours, "Ana@EXAMPLE.pe"))
    shop.round()
    assert shop.all(Message)[0].state is MessageState.FAILED


def test_what_became_of_an_answer_is_shown_on_its_case(shop: Shop) -> None:
    shop.put(letter(1))
    shop.round()
    shop.answer("Ya salió.")
    ours = str(sent(shop)["Message-ID"])
    for action, status in (("delivered", "2.0.0"), ("delivered", "2.0.0")):
        shop.put(bounce(ours).replace(b"failed", action.encode()).replace(b"5.1.1", status.encode()))
        shop.round()
    (message,) = shop.all(Message)
    assert message.state is MessageState.SENT
    assert message.delivered_at == shop.all(Receipt)[1].received_at
    assert message.read_at is None
    shop.put(receipt(ours))
    shop.round()
    (message,) = shop.all(Message)
    assert message.read_at == shop.all(Receipt)[3].received_at
    (case,) = shop.all(Case)
    with shop.runtime.db.reading() as session:
        (shown,) = queries.case_view(session, case.id, viewer=shop.agent).messages
    assert (shown.delivered_at, shown.read_at) == (message.delivered_at, message.read_at)
    assert shop.all(Obligation)[0].state is ObligationState.MET


def test_an_answer_to_one_keeps_no_promise_to_another(shop: Shop) -> None:
    shop.put(letter(1))
    shop.round()
    thread = {"References": "<carta-1@example.pe>", "Subject": "Re: Mi pedido"}
    shop.put(letter(2, f"A mí también me pasó. {ANGRY}", From="Eva <eva@otra.example>", **thread))
    shop.round()
    (case,) = shop.all(Case)
    first, second = shop.all(Feedback)
    assert (first.case_id, second.case_id) == (case.id, case.id)
    shop.answer("Ana, ya salió.")
    assert sent(shop)["To"] == "ana@example.pe"
    assert {item.feedback_id: item.state for item in shop.all(Obligation)} == {
        first.id: ObligationState.MET,
        second.id: ObligationState.OPEN,
    }
    with shop.runtime.db.reading() as session:
        view = queries.case_view(session, case.id, viewer=shop.agent)
    assert [(item.who, item.way.recipient, item.waiting) for item in view.replies] == [
        ("Ana Quispe", "ana@example.pe", False),
        ("Eva", "eva@otra.example", True),
    ]
    assert view.reply_first.key == second.id
    with pytest.raises(Invalid):
        shop.answer("A nadie.", to=new_id())
    shop.answer("Eva, la suya también.", to=second.id)
    assert sent(shop)["To"] == "eva@otra.example"
    assert {item.state for item in shop.all(Obligation)} == {ObligationState.MET}
    # The second answer comes back: Eva waits again, and Ana does not.
    shop.put(bounce(str(sent(shop)["Message-ID"]), "eva@otra.example"))
    shop.round()
    assert {item.feedback_id: item.state for item in shop.all(Obligation)} == {
        first.id: ObligationState.MET,
        second.id: ObligationState.OPEN,
    }
    assert verify(shop.runtime, now=shop.runtime.clock()).findings == ()


def test_an_older_version_kept_too_many_promises_and_the_upgrade_opens_them(shop: Shop) -> None:
    shop.put(letter(1))
    shop.round()
    shop.put(letter(2, ANGRY, From="Eva <eva@otra.example>", References="<carta-1@example.pe>"))
    shop.round()
    message = shop.answer("Ana, ya salió.")
    # As it was before: the answer counted for everybody, and the case was resolved.
    with shop.runtime.db.writing() as session:
        case = session.scalars(select(Case)).one()
        event = session.scalars(select(CaseEvent).where(CaseEvent.kind == "answered")).one()
        event.data = {name: value for name, value in event.data.items() if name != "others"}
        for obligation in session.scalars(select(Obligation)):
            obligation.state, obligation.met_at, obligation.message_id = (
                ObligationState.MET,
                message.sent_at,
                message.id,
            )
        session.flush()
        resolve(session, case.id, actor=shop.agent, version=case.version, now=shop.runtime.clock())
    assert verify(shop.runtime, now=shop.runtime.clock()).findings == ()
    downgrade(shop.runtime.db, metadata, revision="0003")
    upgrade(shop.runtime.db, metadata)
    with shop.runtime.db.writing() as session:
        session.execute(update(Work).where(Work.kind == "cases.reached").values(due_at=shop.runtime.clock()))
    shop.round()
    assert [item.state for item in shop.all(Obligation)] == [ObligationState.MET, ObligationState.OPEN]
    (case,) = shop.all(Case)
    assert case.state is CaseState.OPEN
    assert verify(shop.runtime, now=shop.runtime.clock()).findings == ()


def receipt(message_id: str) -> bytes:
    """A read receipt about our mail."""
    return (
        "From: Ana <ana@example.pe>\r\nTo: ayuda@aurora.example\r\nSubject: Leído: Re: Mi pedido\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n"
        "--b\r\n\r\nLeído.\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\n"
        f"Final-Recipient: rfc822; ana@example.pe\r\nOriginal-Message-ID: {message_id}\r\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\r\n\r\n--b--\r\n"
    ).encode()


def bounce(message_id: str, recipient: str = "ana@example.pe") -> bytes:
    """A delivery status notification about our mail."""
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.pe\r\nTo: ayuda@aurora.example\r\n"
        "Subject: No se puede entregar: Re: Mi pedido\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\n\r\nNo se pudo entregar.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.example.pe\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n\r\n--b--\r\n"
    ).encode()


def test_machines_open_no_case_and_settle_none(shop: Shop) -> None:
    shop.put(letter(1))
    shop.round()
    known = shop.all(Obligation)[0].state
    shop.put(
        letter(2, "Estoy de vacaciones.", Subject="Respuesta automática: Re: Mi pedido", Auto_Submitted="auto-replied"),
        letter(3, "Oferta", From="ventas@tienda.example", List_Id="<ofertas.tienda.example>"),
        letter(4, "Copia", From="ayuda@aurora.example"),
    )
    shop.round()
    assert [item.state for item in shop.all(Receipt)][1:] == [ReceiptState.ROBOT] * 3
    assert len(shop.all(Feedback)) == 1
    assert shop.all(Obligation)[0].state is known is ObligationState.OPEN


def test_one_mail_in_two_mailboxes_and_the_pipe_is_one_feedback(shop: Shop) -> None:
    other = {**shop.options, "imap_user": f"{shop.user}b"}
    with shop.runtime.db.writing() as session:
        second = add_channel(
            session, shop.runtime.host, keys=shop.runtime.keys, kind="email", name="Ventas", slug="ventas",
            options=other, now=shop.runtime.clock(),
        )  # fmt: skip
        second_id = second.id
    shop.put(letter(1))
    shop.dovecot.put(other["imap_user"], b"Received: by other\r\n" + letter(1))
    shop.round()
    arrive(
        shop.runtime.writer, shop.runtime.keys, door=Door.PIPE, channel_id=second_id, content_type="message/rfc822",
        body=b"From ana@example.pe Wed Mar  4\nDelivered-To: x\n" + letter(1).replace(b"\r\n", b"\n"),
        now=shop.runtime.clock(),
    )  # fmt: skip
    shop.round()
    assert len(shop.all(Receipt)) == 3
    assert len(shop.all(Feedback)) == 1
    # Another mail under the same id is another mail.
    shop.put(letter(1, "Otra cosa: gracias por nada."))
    shop.round()
    assert len(shop.all(Feedback)) == 2


def test_what_cannot_be_read_waits_with_its_reason_and_the_mailbox_moves_on(shop: Shop) -> None:
    shop.put(b"\x00\xff" * 5000, letter(1), b"sin cabeceras ni nada\r\n", letter(2, "", Subject=""))
    shop.round()
    receipts = shop.all(Receipt)
    assert [item.state for item in receipts] == [
        ReceiptState.QUARANTINED,
        ReceiptState.READ,
        ReceiptState.QUARANTINED,
        ReceiptState.IGNORED,
    ]
    assert all("this mail cannot be read: this is no mail" in item.reason for item in (receipts[0], receipts[2]))
    assert receipts[2].body.strip() == b"sin cabeceras ni nada"
    with shop.runtime.db.writing() as session:
        replay(session, receipts[2].id, actor=shop.agent, now=shop.runtime.clock())
    shop.round()
    assert [item.state for item in shop.all(Receipt)][2] is ReceiptState.QUARANTINED
    assert len(shop.all(Feedback)) == 1


def test_a_wrong_password_is_said_and_mended(shop: Shop) -> None:
    change(shop, imap_password="falsch")
    shop.put(letter(1))
    shop.round()
    channel = shop.channel()
    assert channel.health == "failing"
    assert "refused user name or password" in (channel.health_text or "")
    assert PASSWORD not in str(channel.options) + str(channel.health_text)
    assert shop.all(Feedback) == []
    change(shop, imap_password=PASSWORD)
    shop.round()
    assert (shop.channel().health, len(shop.all(Feedback))) == ("ok", 1)


def change(shop: Shop, **options: Any) -> None:
    """Somebody changes the options of the channel."""
    with shop.runtime.db.writing() as session:
        change_channel(
            session, shop.runtime.host, shop.channel_id, name="Ayuda", options={**shop.options, **options},
            now=shop.runtime.clock(), actor=shop.agent, keys=shop.runtime.keys,
        )  # fmt: skip


def test_a_folder_made_anew_doubles_nothing(shop: Shop) -> None:
    change(shop, imap_folder="Reclamos")
    shop.put(letter(1), letter(2, "Muy malo todo."), folder="Reclamos")
    shop.round()
    with shop.dovecot.signed_in(shop.user) as client:
        client.delete("Reclamos")
    shop.put(letter(2, "Muy malo todo."), letter(3, "Nunca más."), folder="Reclamos")
    shop.round()
    assert [item.text for item in shop.all(Feedback)] == [ANGRY, "Muy malo todo.", "Nunca más."]
    assert shop.channel().health == "warning"
    assert "made anew" in (shop.channel().health_text or "")


def test_an_answer_whose_fate_is_unknown_is_sent_again_under_its_name(shop: Shop) -> None:
    shop.put(letter(1))
    shop.round()
    shop.taken.answers = ["vanish"]
    message = shop.answer("Ya salió.")
    assert message.state is not MessageState.SENT
    assert shop.all(Obligation)[0].state is ObligationState.OPEN
    shop.round()
    (message,) = shop.all(Message)
    assert message.state is MessageState.SENT
    first, second = shop.taken.mails
    assert message_from_bytes(first)["Message-ID"] == message_from_bytes(second)["Message-ID"] == message.header_id


def test_a_refused_answer_is_shown_and_settles_nothing(shop: Shop) -> None:
    shop.put(letter(1))
    shop.round()
    shop.taken.refused["ana@example.pe"] = "550 5.1.1 unknown"
    message = shop.answer("Ya salió.")
    assert message.state is MessageState.FAILED
    assert "refused the address" in (message.error or "")
    assert shop.all(Obligation)[0].state is ObligationState.OPEN


def test_files_come_along(shop: Shop) -> None:
    head = "Content-Type: image/jpeg; name=roto.jpg\r\nContent-Transfer-Encoding: base64\r\n"
    body = f"--b\r\n\r\nAdjunto la foto, llegó roto y nadie responde.\r\n--b\r\n{head}\r\n/9j/\r\n--b--\r\n"
    shop.put(letter(1, body, Content_Type="multipart/mixed; boundary=b"))
    shop.round()
    (file,) = shop.all(Attachment)
    assert (file.name, file.content_type, file.body) == ("roto.jpg", "image/jpeg", b"\xff\xd8\xff")
