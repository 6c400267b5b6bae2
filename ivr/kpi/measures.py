"""What is counted of a call and of a talk: names of columns, all whole numbers.

Durations are microseconds (`_us`), as exact as instants; everything else counts, or is 0 or 1. So sums are
exact in any order, and the calls behind a figure are the rows whose column is not 0.
"""

from __future__ import annotations

from collections.abc import Mapping

Counted = dict[str, int]
"""Measures that are not 0."""

CALL_SUMS: Mapping[str, str] = {
    "incoming": "came in and was not blocked",
    "blocked": "turned away, the number is blocked",
    "served": "the robot completed what the caller wanted",
    "answered": "a person took it, and the robot had not completed it",
    "talked": "a person took it, whatever the robot did",
    "lost": "ended before either, without a promise to call that is owed or kept",
    "lost_literal": "ended before a person answered, whatever the robot did",
    "lost_in_robot": "lost before any queue",
    "lost_in_queue": "lost while it waited",
    "lost_at_ring": "lost while an operator's telephone rang",
    "lost_track": "ended while nobody watched",
    "short_abandon": "lost after a wait that was too short for anybody to answer",
    "callback_promised": "a call was promised",
    "callback_kept": "the promise is kept",
    "callback_broken": "the promise is broken or has run out",
    "callback_accepted": "neither served nor answered, but the promise is owed or kept",
    "waited": "entered a queue, and the wait has ended",
    "wait_us": "the first wait",
    "queue_answered": "the first wait ended with an answer",
    "answer_us": "the first wait, of those that ended with an answer",
    "answered_in_sl": "answered out of a queue within the time of the service level",
    "abandoned": "lost out of a queue",
    "abandoned_in_sl": "the same within the time of the service level",
    "robot_took": "the robot served the caller first",
    "contained": "the robot completed it, and no person talked",
    "transfers": "how often a person handed the call on",
    "transferred": "handed on at least once",
    "requeued": "how often the caller came back to a queue",
    "summed_up": "a finished wrap-up tells whether the operator answered alone",
    "alone": "and everybody who talked did",
    "repeat_base": "served or answered, of a known topic and client",
    "repeated": "of these: the same client called again on the topic within the days that count",
    "first_contact": "of these: he did not",
    "surveyed": "the caller answered the survey",
    "score": "his score, 1 to 5",
    "score_high": "the score is 4 or 5",
    "conversation": "was picked up, so that there is something to record",
    "recorded": "has a recording, or had one until its term was over",
    "recording_excused": "has none, with a reason",
    "recording_unexplained": "has neither",
    "called_out": "we called the client",
    "reached": "and reached him",
}

CALL_MAXIMA: Mapping[str, str] = {"longest_wait_us": "the longest wait of the call"}

TALK_SUMS: Mapping[str, str] = {
    "talks": "a person talked with a caller who came in",
    "talk_us": "without hold",
    "hold_us": "on hold",
    "held": "there was a hold",
    "conversation_us": "talk and hold, as the caller lives through it",
    "wrapped": "the work after the talk is known",
    "wrapup_us": "work after the talk",
    "handling_us": "talk, hold and wrap-up",
    "readings": "meter readings were taken",
    "readings_us": "conversation of these",
    "general": "nothing personal was asked",
    "general_us": "conversation of these",
    "personal": "personal data were spoken of",
    "personal_us": "conversation of these",
    "corporate": "the caller is a company",
    "corporate_us": "conversation of these",
    "searched": "the operator identified the client",
    "search_us": "from the answer to that",
    "handed_on": "ended with a transfer",
    "out_talks": "a person talked with a client whom we called",
    "out_talk_us": "conversation of these",
}

TALK_MAXIMA: Mapping[str, str] = {
    "longest_us": "the longest conversation",
    "corporate_longest_us": "the longest conversation with a company",
}

CALL_MEASURES = (*CALL_SUMS, *CALL_MAXIMA)
TALK_MEASURES = (*TALK_SUMS, *TALK_MAXIMA)
