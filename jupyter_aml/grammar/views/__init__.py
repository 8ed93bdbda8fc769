"""Things as people read them: tables, records and sentences, shared by verbs."""
