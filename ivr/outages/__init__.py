"""The register of outages: where there is no power, why and until when."""
