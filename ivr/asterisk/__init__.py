"""The only room that speaks Asterisk's protocols: FastAGI, AMI, configuration."""
