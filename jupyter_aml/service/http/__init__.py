"""The HTTP face of the service: one generic handler over `model.api.ROUTES`.

It speaks HTTP/1.1 with httptools on plain asyncio. A request costs the event loop about 40 µs
there, 160 to 280 µs with tornado, whose import alone takes 50 to 80 ms of the service's start.
`wire` and `listening` serve the compatible API (`service.arm`) too.
"""
