"""The knowledge base for operators: search as one types, and articles with the text to read aloud."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel, Field

from ivr.access.model import Right
from ivr.knowledge.articles import Article, Segment
from ivr.knowledge.base import KnowledgeBase
from ivr.knowledge.offices import Office
from ivr.knowledge.telling import told
from ivr.web.api.route import Asked, Refused, Route

NO_ARTICLE = "Такой статьи нет. Поищите другими словами."
CLAUSE = "{profile}, {clause}"

_OF_OFFICES = "office."


class KbQuestion(BaseModel):
    """What is looked for."""

    q: str = Field(min_length=2, max_length=200)
    segment: Segment = Segment.ANY
    limit: int = Field(default=8, ge=1, le=30)


class ArticleFound(BaseModel):
    """An article in a list; `short` is what is read aloud."""

    id: str
    title: str
    short: str
    personal: bool
    topic: str


class ArticlesFound(BaseModel):
    """The best first."""

    articles: list[ArticleFound]


class OfficeTold(BaseModel):
    """An office; `hours` as it is said."""

    id: str
    title: str
    address: str
    phones: list[str]
    hours: str


class ArticleTold(ArticleFound):
    """A whole article; `full` is Markdown."""

    full: str
    sources: list[str]
    valid_to: date | None
    offices: list[OfficeTold]


@dataclass(frozen=True, slots=True)
class KnowledgeRoutes:
    """The calls of the API on the knowledge base; `profile` is the standard of the company."""

    knowledge: KnowledgeBase
    profile: str

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route(
                method="GET",
                path="/kb/search",
                title="Search the knowledge base",
                right=Right.WORK,
                run=self.search,
                query=KbQuestion,
                answer=ArticlesFound,
            ),
            Route(
                method="GET",
                path="/kb/articles/{id}",
                title="Show an article, or the one on a topic",
                right=Right.WORK,
                run=self.article,
                answer=ArticleTold,
            ),
        ]

    async def search(self, asked: Asked) -> ArticlesFound:
        """`GET /kb/search`."""
        wanted: KbQuestion = asked.query
        hits = await asyncio.to_thread(self.knowledge.search, wanted.q, wanted.segment, wanted.limit)
        return ArticlesFound(articles=[ArticleFound(**self._found(hit.article)) for hit in hits])

    async def article(self, asked: Asked) -> ArticleTold:
        """`GET /kb/articles/{id}`."""
        id_ = asked.path["id"]
        article = self.knowledge.articles.get(id_) or self.knowledge.article(id_)
        if article is None:
            raise Refused(404, "no-article", NO_ARTICLE)
        answer = article.answer(self.profile)
        return ArticleTold(
            **self._found(article),
            full=answer.full,
            sources=[CLAUSE.format(profile=each.profile, clause=each.clause) for each in answer.sources],
            valid_to=article.valid_to,
            offices=self._offices(article),
        )

    def _found(self, article: Article) -> dict[str, str | bool]:
        return {
            "id": article.id,
            "title": article.title,
            "short": article.answer(self.profile).spoken,
            "personal": article.personal,
            "topic": article.topic,
        }

    def _offices(self, article: Article) -> list[OfficeTold]:
        if not article.topic.startswith(_OF_OFFICES):
            return []
        return [_office(each, article.segment) for each in self.knowledge.offices(self.profile)]


def _office(office: Office, segment: str) -> OfficeTold:
    return OfficeTold(
        id=office.id,
        title=office.name,
        address=office.address,
        phones=list(office.phones),
        hours=told(office, segment),
    )
