"""The Azure-ML-compatible API: ARM's JSON on one side, the local workspace's facets on the other.

With it the stock azure-ai-ml SDK runs against this machine. It keeps no state of its own, and
nothing of it is imported until somebody asks for it (``POST /v1/arm``). How to add a noun:
docs/developer/arm.md. From the wire inwards:

    server, connection    TLS on loopback, over `http.wire`; bodies stream, names keep their case
    dispatch              who calls (`tokens`), which operation (`route`, `table`), errors
    nouns/                one module per noun: ``ROUTES`` and translation, no state
    message, resource, paging, lro, errors, scope    what nouns are written with
    context               what a handler gets: facets, addresses, derived keys
    operations            what Azure's specification knows, served or not
"""
