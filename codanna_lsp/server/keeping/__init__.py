"""Behind the answers: loading, runs, saves, upkeep, and what users are told of it."""
