"""Figures of the dialler for Prometheus; labels are names of the code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ivr.campaigns.model import Disposition

Count = Callable[[], int]


class CampaignMetrics:
    """What is counted."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._ordered = Counter(
            "ivr_campaign_calls_ordered", "Calls of campaigns that were ordered.", registry=registry
        )
        ended = Counter(
            "ivr_campaign_attempts",
            "Attempts of campaigns that have ended.",
            ["disposition"],
            registry=registry,
        )
        self._ended = {each: ended.labels(each.value) for each in Disposition}
        self._paused = Counter(
            "ivr_campaign_self_pauses", "Campaigns that paused themselves.", registry=registry
        )

    def ordered(self) -> None:
        """A call was ordered."""
        self._ordered.inc()

    def ended(self, disposition: Disposition) -> None:
        """An attempt has ended."""
        self._ended[disposition].inc()

    def paused(self) -> None:
        """A campaign has paused itself."""
        self._paused.inc()

    def watch(self, stages: Callable[[], Mapping[str, int]], running: Count, unwritten: Count) -> None:
        """Ask these whenever somebody reads the figures."""
        self._registry.register(_Gauges(stages, running, unwritten))


class _Gauges(Collector):
    def __init__(self, stages: Callable[[], Mapping[str, int]], running: Count, unwritten: Count) -> None:
        self._stages = stages
        self._running = running
        self._unwritten = unwritten

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """As Prometheus' client asks for them."""
        calls = GaugeMetricFamily("ivr_campaign_calls", "Calls of campaigns under way.", labels=["stage"])
        for stage, count in self._stages().items():
            calls.add_metric((stage,), count)
        yield calls
        yield GaugeMetricFamily("ivr_campaigns_running", "Campaigns that dial.", self._running())
        yield GaugeMetricFamily(
            "ivr_campaign_unwritten", "Attempts with news that are not written yet.", self._unwritten()
        )
