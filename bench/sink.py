"""An SMTP server that accepts everything and counts: `python -m bench.sink` prints its port, then each count asked for.

Small on purpose: the benchmark measures the gateway, not the sink, and both share two cores.
"""

import asyncio
import sys

GREETING = b"220 sink\r\n"
EHLO = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 100000000\r\n"


class Sink:
    """What was accepted."""

    def __init__(self) -> None:
        self.mails = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to one client until it leaves."""
        writer.write(GREETING)
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"QUIT":
                break
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                self.mails += 1
            writer.write(EHLO if word == b"EHLO" else b"250 ok\r\n")
        writer.close()


async def main() -> None:
    """Serve until standard input ends."""
    sink = Sink()
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0, limit=64 * 1024 * 1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(sink.mails, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
