"""SMS by SMPP (Short Message Peer to Peer, version 3.4, issue 1.2): the side of the sender."""
