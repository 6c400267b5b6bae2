"""The register of outages: where there is no electricity, why, and until when."""
