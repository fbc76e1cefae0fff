"""Names of people that the generated stories use; no two share an initial."""

PEOPLE = (
    "Alice", "Bob", "Claire", "Dave", "Eve", "Fred", "Gertrude", "Helga", "Igor", "Jamie",
    "Karl", "Lola", "Mira", "Noah", "Olga", "Peter", "Quentin", "Rosa", "Sam", "Tara",
)  # fmt: skip
