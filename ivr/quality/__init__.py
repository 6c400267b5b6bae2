"""What was said in conversations: transcripts, marks for review, evaluations by supervisors."""
