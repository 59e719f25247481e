"""The whole product on one machine in ten seconds: `python -m mailgateway.demo`.

Needs the extra `demo` (pymap and aiosmtpd). Nothing here is imported by the program itself.
"""
