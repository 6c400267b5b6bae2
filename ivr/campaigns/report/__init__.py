"""What a campaign has come to: figures while it goes, and the report with the evidence of every attempt."""
