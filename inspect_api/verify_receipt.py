"""`inspect-api verify-receipt`: what was filed, and when, checked with two files and a public key."""

import base64
import sys
from pathlib import Path

import click
import msgspec

from sync.receipt import receipt_holds


class _Line(msgspec.Struct, frozen=True):
    op_id: str
    digest: str
    code: str


class _Receipt(msgspec.Struct, frozen=True):
    key_id: str
    received_at: str
    sig: str


class _Answer(msgspec.Struct, frozen=True):
    outcomes: list[_Line]
    receipt: _Receipt


class _Key(msgspec.Struct, frozen=True):
    key_id: str
    public_key: str


class _Hello(msgspec.Struct, frozen=True):
    origin: str
    keys: list[_Key]


@click.command(name="verify-receipt")
@click.argument("answer", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("hello", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--origin", help="The origin at that time, where it is not that of HELLO any more.")
def verify_receipt(answer: Path, hello: Path, origin: str | None) -> None:
    """Check the receipt in ANSWER (the JSON of a push's answer) with the keys in HELLO (that of /hello)."""
    try:
        filed = msgspec.json.decode(answer.read_bytes(), type=_Answer)
        server = msgspec.json.decode(hello.read_bytes(), type=_Hello)
    except msgspec.DecodeError as error:
        raise click.ClickException(str(error)) from None
    receipt = filed.receipt
    key = next((key for key in server.keys if key.key_id == receipt.key_id), None)
    if key is None:
        raise click.ClickException(f"{hello} lists no key {receipt.key_id}")
    signed_as = origin or server.origin
    try:
        public_key = base64.b64decode(key.public_key)
        holds = receipt_holds(public_key, receipt.sig, signed_as, receipt.received_at, filed.outcomes)
    except ValueError:  # of the key; a signature that is none does not hold
        raise click.ClickException(f"{hello}: the key {receipt.key_id} is none") from None
    if not holds:
        click.echo("The receipt does NOT hold: something in it was changed, or the origin is another one.")
        sys.exit(1)
    click.echo(f"The receipt holds. Signed as {signed_as} by key {receipt.key_id} at {receipt.received_at}:")
    for line in filed.outcomes:
        click.echo(f"  {line.op_id}  {line.code:<12} sha256 {line.digest}")
