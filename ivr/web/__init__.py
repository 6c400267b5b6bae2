"""aiohttp: metrics, health, API and pages."""
