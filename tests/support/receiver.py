"""An SMTP server for the tests: keeps each mail as a file, and refuses some recipients as real servers do."""

import asyncio
import pathlib
import sys

from aiosmtpd.controller import Controller

REFUSALS = {
    "nobody": "550 5.1.1 <nobody@example.com> no such user here",
    "busy": "451 4.3.0 try again later",
    "relay": "554 5.7.1 relay access denied",
}


class Handler:
    def __init__(self, folder):
        self.folder, self.count = folder, 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        refusal = REFUSALS.get(address.split("@")[0])
        # What is no longer busy is told so by the test.
        if refusal and not (self.folder / "open").exists():
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        part = self.folder / ".part"
        part.write_bytes(envelope.content)
        part.rename(self.folder / f"{self.count:06}.eml")
        return "250 OK"


async def main():
    controller = Controller(Handler(pathlib.Path(sys.argv[1])), hostname="127.0.0.1", port=0)
    server = await asyncio.get_running_loop().create_server(controller.factory, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    # Ends when the test does, however it ends.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
