"""Reports on paper, so to speak: text, JSON, CSV, XLSX, a printable page, and their delivery on time."""
