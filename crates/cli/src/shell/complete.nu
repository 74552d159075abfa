# Completion of assumerole. `complete` of the program does the work.

def "nu-complete assumerole" [words: list<string>] {
    ^assumerole complete --shell nu -- ...$words | from json
}

@complete "nu-complete assumerole"
extern assumerole [...args: string]
