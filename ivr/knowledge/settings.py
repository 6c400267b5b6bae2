"""Settings of the knowledge base: where it is, how sure is sure, what an article has to keep to."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ArticleRules(_Settings):
    """What lint asks of an article."""

    spoken_seconds: float = Field(
        default=30.0, gt=0, description="Longest spoken answer, estimated by its words, seconds."
    )
    words_per_second: float = Field(
        default=2.2, gt=0, description="Pace of the voice for the estimate, words per second."
    )
    spoken_characters: int = Field(default=600, ge=1, description="Longest spoken answer, characters.")
    phrases: int = Field(default=25, ge=1, description="Fewest phrases of callers per topic.")


class TopicSettings(_Settings):
    """The recognition of topics: how sure it is before it goes on, confidences from 0 to 1."""

    least: float = Field(
        default=0.20, ge=0, le=1, description="Least confidence of a topic; below it is none of them."
    )
    sure: float = Field(
        default=0.60,
        ge=0,
        le=1,
        description="Confidence from which a topic is taken; below it the caller is asked: this or that?",
    )
    urgent: float = Field(
        default=0.20, ge=0, le=1, description="Confidence that is enough for an urgent topic: danger to life."
    )
    most_phrases: int = Field(
        default=6000,
        ge=100,
        description="Most phrases that topics are learned from; memory and time grow with its square.",
    )
    other_segment: float = Field(
        default=0.5, ge=0, le=1, description="Factor for topics of the other segment than the caller's."
    )


class KnowledgeSettings(_Settings):
    """The knowledge base (`kb/`)."""

    folder: Path = Field(default=Path("kb"), description="Folder of articles, topics, synonyms and offices.")
    memory_folder: Path | None = Field(
        default=None,
        description="Folder where what takes seconds to learn of the base is kept between starts, a few MB; "
        "default: `knowledge` in the data folder.",
    )
    rules: ArticleRules = Field(default=ArticleRules(), description="What lint asks of an article.")
    recognition: TopicSettings = Field(
        default=TopicSettings(), description="How sure the recognition of topics has to be."
    )
    results: int = Field(default=5, ge=1, le=100, description="Most articles that a search returns.")
    similar_percent: float = Field(
        default=75.0,
        ge=0,
        le=100,
        description="Similarity from which two misses count as one question, percent.",
    )
