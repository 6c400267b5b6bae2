"""The language as pydantic models: what a file may say, with the text of it already parsed.

`values` are the small things, `turns` what is asked of a caller, `states` one class for each verb, `files`
the files themselves: flows, the prompt catalogue, calendars.
"""
