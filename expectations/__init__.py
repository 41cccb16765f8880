"""Great Expectations suites as code, and their validation: landing, scores, marts."""
