"""``model package``: a model as a folder that runs elsewhere, with nothing of ours installed there.

`making.make` is the way in. Everything else is a step of it: what goes into the folder (`content`,
`texts`, `edge`, `onnx_export`), and the proof that it works (`clean`, `proof`).
"""
