"""The sub-commands of `ivr`, one module each; `ivr.cli` names them."""
